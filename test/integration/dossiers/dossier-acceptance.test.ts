import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AUDITOR, DOSSIER_TABLES, DossierGateway, LEADER, OPERATOR, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { NOW, codeNumber, dossierInput, stepInput } from '../../support/dossier-inputs.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PARTY } from '../../support/scripted-party.js';

let test: TestDatabase;
let gateway: DossierGateway;
const CODE = dossierInput().code;

const count = async (table: string): Promise<number> =>
  Number((await test.database.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count);
const deliveries = async (): Promise<string[]> =>
  (await test.database.query<{ text: string }>(`SELECT operation || ' ' || lane AS text FROM deliveries ORDER BY position`)).rows.map((row) => row.text);

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${DOSSIER_TABLES}`);
  gateway = new DossierGateway(test.database);
});

describe('upsertDossiers', () => {
  it.each([OPERATOR, AUDITOR, LEADER])('is refused to $role, and stores nothing', async (caller) => {
    const answer = await gateway.upsert('key-1', [dossierInput()], caller);
    expect(answer.errors[0]?.message).toContain('may not');
    expect(await count('dossiers')).toBe(0);
  });

  it('stores the dossier, its steps and what is owed for them, and rings once', async () => {
    const steps = Array.from({ length: 12 }, (_, minute) => stepInput({ status: minute === 0 ? 'RECEIVED' : 'PROCESSING', processedAt: new Date(Date.UTC(2026, 2, 15, 2, minute)) }));
    const { data, errors } = await gateway.upsert('key-1', [dossierInput({ steps })]);
    expect(errors).toEqual([]);
    expect(data.upsertDossiers).toMatchObject({ __typename: 'DossiersAnswered', items: [{ __typename: 'DossierAccepted', dossierCode: CODE, version: 1, unchanged: false }] });
    expect((data.upsertDossiers?.items as { stepIds: string[]; deliveryIds: string[] }[])[0]).toMatchObject({ stepIds: { length: 12 }, deliveryIds: { length: 3 } });
    expect(await deliveries()).toEqual([`upsert-dossier ${CODE}`, `append-steps ${CODE}`, `append-steps ${CODE}`]);
    expect(gateway.rings).toEqual([PARTY]);
  });

  it('answers per item: one bad item harms no other', async () => {
    const { data } = await gateway.upsert('key-1', [
      dossierInput({ code: codeNumber(3) }), dossierInput({ code: codeNumber(2), owner: { ...dossierInput().owner, idNumber: '000000001' } }), dossierInput({ code: codeNumber(1) }),
    ]);
    expect(data.upsertDossiers?.items).toMatchObject([
      { __typename: 'DossierAccepted', index: 0 },
      { __typename: 'InputRejected', index: 1, dossierCode: codeNumber(2), problems: [{ field: 'dossiers[1].owner.idNumber', code: 'PLACEHOLDER_ID' }] },
      { __typename: 'DossierAccepted', index: 2 },
    ]);
    expect(await count('dossiers')).toBe(2);
  });

  it('moves a dossier on, refuses an illegal move with the legal list, and sends nothing for the same content', async () => {
    await gateway.upsert('key-1');
    const moved = await gateway.upsert('key-2', [dossierInput({ status: 'PROCESSING' })]);
    expect(moved.data.upsertDossiers?.items).toMatchObject([{ version: 2, unchanged: false }]);
    const refused = await gateway.upsert('key-3', [dossierInput({ status: 'RESULT_RETURNED' })]);
    expect(refused.data.upsertDossiers).toMatchObject({ items: [{ __typename: 'StatusMoveRefused', from: 'PROCESSING', to: 'RESULT_RETURNED', allowed: ['PROCESSING', 'SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED', 'WITHDRAWN', 'STOPPED', 'COMPLETED'] }] });
    const same = await gateway.upsert('key-4', [dossierInput({ status: 'PROCESSING' })]);
    expect(same.data.upsertDossiers?.items).toMatchObject([{ version: 2, unchanged: true, deliveryIds: [] }]);
    expect(await deliveries()).toEqual([`upsert-dossier ${CODE}`, `upsert-dossier ${CODE}`]);
  });

  it('does not take another client\'s dossier code', async () => {
    await gateway.upsert('key-1');
    const answer = await gateway.upsert('key-1', [dossierInput({ status: 'PROCESSING' })], OTHER_PORTAL);
    expect(answer.data.upsertDossiers?.items).toMatchObject([{ __typename: 'InputRejected', problems: [{ code: 'DOSSIER_CODE_TAKEN' }] }]);
    expect(await count('dossier_versions')).toBe(1);
  });

  it('refuses an empty call and one of more than 100', async () => {
    expect((await gateway.upsert('key-1', [])).errors).toHaveLength(1);
    expect((await gateway.upsert('key-1', Array.from({ length: 101 }, (_, n) => dossierInput({ code: codeNumber(n) })))).errors).toHaveLength(1);
  });

  it('keeps no person and no file in the clear', async () => {
    await gateway.upsert('key-1', [dossierInput({ steps: [stepInput()], note: 'Gọi cho bà Canary' })]);
    const rows = await Promise.all(DOSSIER_TABLES.split(', ').map((table) => test.database.query<{ text: string }>(`SELECT t::text AS text FROM ${table} t`)));
    const everything = rows.flatMap((result) => result.rows.map((row) => row.text)).join('\n');
    for (const personal of ['Nguyễn Văn Thử', '037203004567', '0912345678', 'to-khai', 'Trần Thị Mẫu', 'Canary', 'khai sinh cho con']) expect(everything).not.toContain(personal);
    expect(everything).toContain('Hộ tịch');
  });

  it('lets twenty simultaneous changes of one dossier in one after the other, each against the last', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => gateway.upsert(`key-${String(n)}`, [dossierInput({ note: `lần ${String(n)}` })])));
    const versions = answers.map(({ data }) => (data.upsertDossiers?.items as { version: number }[])[0]?.version);
    expect(versions.sort((left = 0, right = 0) => left - right)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('does not lock two batches against each other, whatever their order', async () => {
    const codes = Array.from({ length: 10 }, (_, n) => codeNumber(n));
    const batches = await Promise.all(Array.from({ length: 6 }, (_, n) =>
      gateway.upsert(`key-${String(n)}`, (n % 2 === 0 ? codes : [...codes].reverse()).map((code) => dossierInput({ code, note: `lượt ${String(n)}` })))));
    expect(batches.flatMap((batch) => batch.errors)).toEqual([]);
    expect(await count('dossier_versions')).toBe(60);
  });
});

describe('idempotency keys', () => {
  it('give the original answer to the same content, also after the dossier moved on', async () => {
    const first = await gateway.upsert('key-1', [dossierInput({ steps: [stepInput()] })]);
    await gateway.upsert('key-2', [dossierInput({ status: 'PROCESSING' })]);
    expect(await gateway.upsert('key-1', [dossierInput({ steps: [stepInput()] })])).toEqual(first);
    expect(first.data.upsertDossiers?.keyExpiresAt).not.toBeNull();
    expect(await count('dossier_versions')).toBe(2);
    expect(await count('dossier_steps')).toBe(1);
  });

  it('conflict with other content and with another operation, and have no effect', async () => {
    await gateway.upsert('key-1');
    expect((await gateway.upsert('key-1', [dossierInput({ note: 'khác' })])).data.upsertDossiers).toEqual({ __typename: 'IdempotencyConflict', key: 'key-1' });
    expect((await gateway.append('key-1', [stepInput()])).data.appendSteps).toEqual({ __typename: 'IdempotencyConflict', key: 'key-1' });
    expect(await count('dossier_versions')).toBe(1);
    expect(await count('dossier_steps')).toBe(0);
  });

  it('belong to their client', async () => {
    await gateway.upsert('key-1');
    const other = await gateway.upsert('key-1', [dossierInput({ code: codeNumber(9) })], OTHER_PORTAL);
    expect(other.data.upsertDossiers?.items).toMatchObject([{ version: 1 }]);
  });

  it('let exactly one of twenty simultaneous calls through, and give all the same answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.upsert('key-1', [dossierInput({ steps: [stepInput()] })])));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.errors).toEqual([]);
    expect([await count('dossier_versions'), await count('dossier_steps'), await count('deliveries')]).toEqual([1, 1, 2]);
    expect(gateway.rings).toHaveLength(1);
  });

  it('keep the answer of a call in which every item was refused', async () => {
    const refused = await gateway.upsert('key-1', [dossierInput({ agencyCode: 'H56' })]);
    expect(refused.data.upsertDossiers).toMatchObject({ items: [{ __typename: 'InputRejected' }] });
    expect(await gateway.upsert('key-1', [dossierInput({ agencyCode: 'H56' })])).toEqual(refused);
    expect((await gateway.upsert('key-1')).data.upsertDossiers).toEqual({ __typename: 'IdempotencyConflict', key: 'key-1' });
    expect((await gateway.upsert('key-2')).data.upsertDossiers?.items).toMatchObject([{ __typename: 'DossierAccepted' }]);
    expect([await count('dossiers'), await count('idempotency_keys')]).toEqual([1, 2]);
    expect(gateway.rings).toHaveLength(1);
  });

  it('keep the refusal of every step, also when it has become legal meanwhile', async () => {
    await gateway.upsert('key-1', [dossierInput({ steps: [stepInput({ status: 'RECEIVED' })] })]);
    const illegal = [stepInput({ status: 'RESULT_RETURNED' })];
    const refused = await gateway.append('key-2', illegal);
    expect(refused.data.appendSteps).toMatchObject({ deliveryIds: [], items: [{ __typename: 'StatusMoveRefused' }] });
    await gateway.append('key-3', [stepInput({ status: 'PROCESSING' }), stepInput({ status: 'COMPLETED' })]);
    expect(await gateway.append('key-2', illegal)).toEqual(refused);
    expect((await gateway.append('key-2', [stepInput({ status: 'PROCESSING' })])).data.appendSteps).toEqual({ __typename: 'IdempotencyConflict', key: 'key-2' });
    expect((await gateway.append('key-4', illegal)).data.appendSteps?.items).toMatchObject([{ __typename: 'StepAccepted' }]);
  });

  it('keep one refusal for many calls at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => gateway.upsert('key-1', [dossierInput({ agencyCode: 'H56' })])));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect([await count('idempotency_keys'), await count('dossiers')]).toEqual([1, 0]);
  });

  it('are free again after they expired, and are pruned', async () => {
    const short = new DossierGateway(test.database, { idempotencyKeepMs: 0 });
    await short.upsert('key-1');
    expect((await short.upsert('key-1', [dossierInput({ note: 'khác' })])).data.upsertDossiers?.items).toMatchObject([{ version: 2 }]);
    await gateway.upsert('key-2', [dossierInput({ note: 'giữ' })]);
    expect(await gateway.dossiers.prune()).toBe(1);
    expect(await count('idempotency_keys')).toBe(1);
  });
});

describe('appendSteps', () => {
  it.each([OPERATOR, AUDITOR, LEADER])('is refused to $role', async (caller) => {
    await gateway.upsert('key-1');
    expect((await gateway.append('key-2', [stepInput()], { caller })).errors).toHaveLength(1);
    expect(await count('dossier_steps')).toBe(0);
  });

  it('finds no dossier that is not there, is no code, or is another client\'s', async () => {
    await gateway.upsert('key-1');
    for (const [code, caller] of [[codeNumber(8), PORTAL], ['x\u0000\ud800', PORTAL], [CODE, OTHER_PORTAL]] as const) {
      expect((await gateway.append('key-2', [stepInput()], { code, caller })).data.appendSteps?.__typename).toBe('DossierNotFound');
    }
  });

  it('answers per step and goes on from the last one stored', async () => {
    await gateway.upsert('key-1', [dossierInput({ steps: [stepInput()] })]);
    const { data } = await gateway.append('key-2', [
      stepInput({ status: 'PROCESSING', processedAt: new Date('2026-03-15T01:59:59Z') }), stepInput({ status: 'PROCESSING' }),
      stepInput({ status: 'SUBMITTED' }), stepInput({ status: 'COMPLETED', officialName: 'a\u0007' }), stepInput({ status: 'COMPLETED' }),
    ]);
    expect(data.appendSteps).toMatchObject({ deliveryIds: { length: 1 }, items: [
      { __typename: 'InputRejected', problems: [{ field: 'steps[0].processedAt', code: 'STEP_BEFORE_PREVIOUS' }] }, { __typename: 'StepAccepted', index: 1 },
      { __typename: 'StatusMoveRefused', from: 'PROCESSING', to: 'SUBMITTED' }, { __typename: 'InputRejected', problems: [{ code: 'CONTROL_CHARACTER' }] }, { __typename: 'StepAccepted', index: 4 },
    ] });
    const { rows } = await test.database.query('SELECT revision, version, last_step_status, quality_flags FROM dossiers');
    expect(rows).toEqual([{ revision: 2, version: 1, last_step_status: 'COMPLETED', quality_flags: ['STATUS_DIFFERS_FROM_LAST_STEP'] }]);
  });

  it('repeats its answer under the same key', async () => {
    await gateway.upsert('key-1');
    const first = await gateway.append('key-2', [stepInput()]);
    expect(await gateway.append('key-2', [stepInput()])).toEqual(first);
    expect(await count('dossier_steps')).toBe(1);
  });
});

describe('reportNationalDossierStatus', () => {
  const report = (over: object = {}) => ({ nationalCode: 'G22.1-260315-1', dossierCode: CODE, status: 'RECEIVED', content: 'Đã tiếp nhận', processedAt: NOW, ...over });
  const send = (key: string, over: object = {}, caller = PORTAL) => gateway.call(caller,
    `mutation ($key: IdempotencyKey!, $report: StatusReportInput!) { reportNationalDossierStatus(idempotencyKey: $key, report: $report) {
       __typename ... on StatusReportAccepted { reportId deliveryId } ... on InputRejected { problems { field code } } ... on StatusMoveRefused { from to } ... on IdempotencyConflict { key } } }`,
    { key, report: report(over) });

  it('is refused to an operator', async () => {
    expect((await send('key-1', {}, OPERATOR)).errors).toHaveLength(1);
  });

  it('stores a report and its delivery, once a key, and judges the next against it', async () => {
    const first = await send('key-1');
    expect(first.data.reportNationalDossierStatus?.__typename).toBe('StatusReportAccepted');
    expect(await send('key-1')).toEqual(first);
    expect((await send('key-1', { content: 'khác' })).data.reportNationalDossierStatus?.__typename).toBe('IdempotencyConflict');
    expect((await send('key-2', { status: 'SUBMITTED' })).data.reportNationalDossierStatus).toEqual({ __typename: 'StatusMoveRefused', from: 'RECEIVED', to: 'SUBMITTED' });
    expect((await send('key-2b', { status: 'PROCESSING' })).data.reportNationalDossierStatus?.__typename).toBe('StatusReportAccepted');
    // Legal by now; the key keeps what was answered.
    expect((await send('key-2', { status: 'SUBMITTED' })).data.reportNationalDossierStatus?.__typename).toBe('StatusMoveRefused');
    expect((await send('key-2', { status: 'PROCESSING' })).data.reportNationalDossierStatus?.__typename).toBe('IdempotencyConflict');
    expect((await send('key-3', { status: 'COMPLETED' }, OTHER_PORTAL)).data.reportNationalDossierStatus).toMatchObject({ problems: [{ code: 'DOSSIER_CODE_TAKEN' }] });
    expect(await deliveries()).toEqual([`report-status ${CODE}`, `report-status ${CODE}`]);
  });
});
