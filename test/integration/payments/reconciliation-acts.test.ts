import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import type { Caller } from '../../../src/access/caller.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { dayAfter } from '../../../src/payments/reconciliation-day.js';
import { createReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import type { ReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import type { StatementLine, StatementReader } from '../../../src/payments/statement-reader-port.js';
import { AUDITOR, DossierGateway, LEADER, OPERATOR, PORTAL } from '../../support/dossier-gateway.js';
import { AMOUNT_VND, PaymentDesk, bank } from '../../support/payment-desk.js';
import { FIELD_KEY } from '../../support/payment-gateway.js';

/** Half past midnight of 16 March in Vietnam: the 15th has just ended. */
const NOW = new Date('2026-03-15T17:30:00Z');
const GATEWAYS = [bank(), bank({ party: 'till' })];
const HEADER = 'kind,reference,transaction,amount_vnd,state,time';

let desk: PaymentDesk;
let module: ReconciliationModule;
let schema: DossierGateway;
let day = '2026-01-01';

/** A gateway whose file names orders otherwise: one name a line. */
const ownForm = (known: ReadonlyMap<string, string>): StatementReader => ({
  read: (bytes) => ({ kind: 'read', lines: Buffer.from(bytes).toString().split('\n').map((name, index): StatementLine => ({ line: index + 1, kind: 'PAYMENT', reference: name === '' ? null : name, gatewayTransaction: `X${String(index)}`, amountVnd: AMOUNT_VND, state: 'paid', at: null })) }),
  references: (_client, names) => Promise.resolve(new Map([...known].filter(([name]) => names.includes(name)))),
});
const moduleOf = (readers: ReadonlyMap<string, StatementReader> = new Map()): ReconciliationModule => createReconciliationModule({
  database: desk.database, gateways: GATEWAYS, payments: desk.module(GATEWAYS), now: () => NOW, logger: pino({ level: 'silent' }), readers,
  agencies: createAgencyModule({ database: desk.database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: FIELD_KEY, keepHours: 1 } }),
  settings: { fingerprintKey: FIELD_KEY, keepHours: 1, atMinutes: null, askConcurrency: 2 },
});
const fileOf = (...lines: readonly string[]): Buffer => Buffer.from([HEADER, ...lines.map((line) => `${line},${day} 12:00:00`)].join('\n'));
const importFile = (content: Buffer, { call = desk.call(), replacesEarlier = false, by = module, on = day } = {}) => by.service.importStatement(call, { gateway: 'bank', day: on, content, replacesEarlier });
const resultOf = async <Result>(answer: Promise<{ readonly kind: 'done'; readonly result: Result } | { readonly kind: 'conflict' | 'refused' }>): Promise<Result> => {
  const found = await answer;
  if (found.kind !== 'done') throw new Error(JSON.stringify(found));
  return found.result;
};
const carryOut = (runId: string) => module.runner.runNext(new AbortController().signal, runId);
const firstOf = async (runId: string) => (await module.queries.differences({ runId }, { first: 1, after: null })).rows[0];
/** A run that leaves one difference to a person. */
const withDifference = async (number: string): Promise<{ readonly runId: string; readonly id: string }> => {
  const { runId } = await resultOf(importFile(fileOf(`PAYMENT,OG0000000000000,${number},7000,DISPUTED`)));
  await carryOut(runId);
  return { runId, id: (await firstOf(runId))?.id ?? '' };
};
const audit = (gateway = 'bank') => desk.rows(`reconciliation/${gateway}/${day}`, 'SELECT actor, role, action, reason, detail FROM operator_actions WHERE target = $1 ORDER BY id');
const by = (action: string, detail: object) => ({ actor: 'an', role: 'operator', action, reason: 'vì sao', detail });
const runs = () => desk.rows(day, 'SELECT id FROM reconciliation_runs WHERE day = $1');
const ask = async (caller: Caller, source: string, variables: object = {}): Promise<unknown> => {
  const { data, errors } = await schema.call(caller, source, variables);
  return errors.length > 0 ? errors.map(({ message }) => message) : Object.values(data)[0];
};

beforeAll(async () => {
  desk = await PaymentDesk.open();
  module = moduleOf();
  schema = new DossierGateway(desk.database, { also: { sdl: ['payment.graphql', 'reconciliation.graphql'], resolvers: () => [...desk.module(GATEWAYS).resolvers, module.resolvers] } });
});
afterAll(() => desk.close());
beforeEach(() => {
  day = dayAfter(day, 3);
});

describe('a run that is asked for', () => {
  it('is of a gateway that is connected, and of a day that is over in Vietnam: each thing wrong is named', async () => {
    const wrongDay = { field: 'day', code: 'DAY', message: { vi: 'Ngày phải đã kết thúc, từ 01/01/2020', en: 'The day must be over, and not before 2020' } };
    const wrongGateway = { field: 'gateway', code: 'GATEWAY', message: { vi: 'Chưa kết nối cổng thanh toán này', en: 'This gateway is not connected' }, allowed: ['bank', 'till'] };
    const start = (gateway: string, on: string) => module.service.start(desk.call(), gateway, on);
    const refused = (...problems: readonly object[]) => ({ kind: 'refused', refusal: { code: 'INPUT', problems, references: [] } });
    expect(await start('nobody', '2026-02-30')).toEqual(refused(wrongGateway, wrongDay));
    for (const on of ['2019-12-31', '2026-03-16', '2026-3-1']) expect(await start('bank', on)).toEqual(refused(wrongDay));
    expect(await start('nobody', '2026-03-15')).toEqual(refused(wrongGateway));
    for (const on of ['2020-01-01', '2026-03-15']) expect(await start('till', on)).toMatchObject({ kind: 'done' });
  });

  it('joins the one that waits, is asked for once under its key, and leaves the name of who asked', async () => {
    const call = desk.call();
    const first = await resultOf(module.service.start(call, 'bank', day));
    expect(await resultOf(module.service.start(call, 'bank', day))).toEqual(first);
    expect(await module.service.start(call, 'till', day)).toEqual({ kind: 'conflict', key: call.idempotencyKey });
    expect(await audit()).toEqual([by('start-reconciliation', { run: first.runId })]);
    expect(await resultOf(module.service.start(desk.call('binh'), 'bank', day))).toEqual(first);
    expect((await resultOf(module.service.start(desk.call(), 'till', day))).runId).not.toBe(first.runId);
    expect([(await audit()).length, await audit('till')]).toMatchObject([2, [{ actor: 'an' }]]);
    expect(await module.queries.run(first.runId)).toMatchObject({ cause: 'PERSON', requestedBy: 'an', gateway: 'bank', day });
  });
});

describe('a statement that is brought', () => {
  it('has its run, and its audit row says which file it was', async () => {
    const content = fileOf('PAYMENT,OGNONE,B1,7000,PAID', 'PAYMENT,,B2,3000,FAILED');
    const call = desk.call();
    const result = await resultOf(importFile(content, { call }));
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(await resultOf(importFile(content, { call }))).toEqual(result);
    expect(await audit()).toEqual([by('import-statement', { statement: result.statementId, sha256, lines: 2, replacesEarlier: false })]);
    expect(await module.queries.statement(result.statementId)).toMatchObject({ gateway: 'bank', day, source: 'file', importedBy: 'an', lineCount: 2, totalVnd: 7_000, replacedBy: null });
    expect(await module.queries.run(result.runId)).toMatchObject({ cause: 'STATEMENT', requestedBy: 'an' });
    const better = await resultOf(importFile(fileOf('PAYMENT,OGNONE,B1,7000,PAID'), { replacesEarlier: true }));
    expect([await module.queries.statement(result.statementId), (await audit())[1]?.['detail']]).toMatchObject([{ replacedBy: better.statementId }, { replacesEarlier: true }]);
  });

  it('that is refused leaves nothing: neither a run nor an audit row, and a free key', async () => {
    const call = desk.call();
    expect(await importFile(fileOf('PAYMENT,OGNONE,B1,1.5,PAID'), { call })).toMatchObject({ kind: 'refused', refusal: { code: 'INPUT', problems: [{ field: 'line 2: amount_vnd', code: 'AMOUNT' }] } });
    expect([await runs(), await audit()]).toEqual([[], []]);
    const content = fileOf('PAYMENT,OGNONE,B1,7000,PAID');
    const { runId } = await resultOf(importFile(content, { call }));
    await carryOut(runId);
    const problems = [{ field: 'contentBase64', code: 'SAME_FILE', message: { vi: `Tệp này đang được tính cho bank, ngày ${day}`, en: `This very file counts already, for bank on ${day}` } }];
    expect(await importFile(content)).toEqual({ kind: 'refused', refusal: { code: 'INPUT', problems, references: [] } });
    expect([await runs(), (await audit()).length]).toEqual([[{ id: runId }], 1]);
  });

  it('for a wrong day comes again for the right one, once another file counts for the wrong one', async () => {
    const content = fileOf('PAYMENT,OGNONE,B1,7000,PAID');
    const wrong = dayAfter(day);
    await resultOf(importFile(content, { on: wrong }));
    const message = { en: `This very file counts already, for bank on ${wrong}` };
    expect(await importFile(content)).toMatchObject({ refusal: { problems: [{ code: 'SAME_FILE', message }] } });
    await resultOf(importFile(fileOf(), { on: wrong, replacesEarlier: true }));
    const { statementId, runId } = await resultOf(importFile(content));
    expect(await module.queries.statement(statementId)).toMatchObject({ day, lineCount: 1, replacedBy: null });
    await carryOut(runId);
    expect(await firstOf(runId)).toMatchObject({ class: 'MISSING_HERE', gatewayTransaction: 'B1' });
    expect(await importFile(content, { on: wrong, replacesEarlier: true })).toMatchObject({ refusal: { problems: [{ code: 'SAME_FILE', message: { en: `This very file counts already, for bank on ${day}` } }] } });
  });

  it('in a form of the gateway\'s own is read by it, and names our payments by our references', async () => {
    const own = moduleOf(new Map([['bank', ownForm(new Map([['ORDER-1', 'OGKNOWN']]))]]));
    const { statementId } = await resultOf(importFile(Buffer.from(`ORDER-1\nORDER-2\n\n${day}`), { by: own }));
    expect(await desk.rows(statementId, 'SELECT reference FROM statement_lines WHERE statement_id = $1 ORDER BY line')).toEqual(['OGKNOWN', 'ORDER-2', null, day].map((reference) => ({ reference })));
  });
});

describe('what a person found out', () => {
  it('is kept with the name, once', async () => {
    const { id } = await withDifference('D1');
    const call = desk.call();
    expect(await module.service.resolve(call, id)).toEqual({ kind: 'done', result: { differenceId: id } });
    expect(await module.service.resolve(call, id)).toEqual({ kind: 'done', result: { differenceId: id } });
    expect(await module.queries.difference(id)).toMatchObject({ action: 'PERSON', resolvedBy: 'an', resolvedAt: expect.any(Date), resolution: 'vì sao' });
    expect((await audit()).slice(1)).toEqual([by('resolve-difference', { difference: id })]);
    expect(await module.service.resolve(desk.call('binh'), id)).toMatchObject({ refusal: { code: 'ALREADY_DECIDED' } });
    for (const none of ['999999999', '0', '-1', 'x', '1'.repeat(19)]) expect(await module.service.resolve(desk.call(), none)).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
  });
});

describe('what people see', () => {
  const ONE = 'query ($id: ID!) { reconciliationRun(id: $id) { id state failure { code message { vi } } differenceCount openCount statement { source importedBy } } }';
  const START = 'mutation ($day: LocalDate!) { startReconciliation(idempotencyKey: "k-see", gateway: "till", day: $day, reason: "  vì sao ") { __typename ... on ReconciliationStarted { run { id state } } } }';

  it('of a run is where it stands, and why it could not be made', async () => {
    const started = await ask(OPERATOR, START, { day });
    const id = (started as { run?: { id: string } }).run?.id ?? '';
    expect(started).toEqual({ __typename: 'ReconciliationStarted', run: { id, state: 'WAITING' } });
    await desk.database.query('UPDATE reconciliation_runs SET started_at = now() WHERE id = $1', [id]);
    expect(await ask(AUDITOR, ONE, { id })).toEqual({ id, state: 'RUNNING', failure: null, differenceCount: 0, openCount: 0, statement: null });
    await carryOut(id);
    expect(await ask(LEADER, ONE, { id })).toMatchObject({ state: 'FAILED', failure: { code: 'no-statement', message: { vi: 'Chưa có sao kê và không hỏi được cổng thanh toán' } } });
    await desk.database.query(`UPDATE reconciliation_runs SET failure = 'of another release' WHERE id = $1`, [id]);
    expect(await ask(LEADER, ONE, { id })).toMatchObject({ failure: { code: 'of another release', message: { vi: 'Lỗi của hệ thống; sẽ chạy lại' } } });
    expect([await ask(AUDITOR, ONE, { id: '999999999' }), await ask(AUDITOR, ONE, { id: 'x' })]).toEqual([null, null]);
    expect(await audit('till')).toMatchObject([{ actor: OPERATOR.client, reason: 'vì sao' }]);
  });

  it('of a difference is what was found in words, and who settled it', async () => {
    const { runId, id } = await withDifference('S1');
    expect(await ask(AUDITOR, ONE, { id: runId })).toMatchObject({ state: 'DONE', differenceCount: 1, openCount: 1, statement: { source: 'FILE', importedBy: 'an' } });
    const list = 'query ($run: ID!) { reconciliationDifferences(filter: { runId: $run }, first: 10) { nodes { id class classLabel { vi } action actionLabel { en } theirsState theirsVnd } pageInfo { hasNextPage } } }';
    expect(await ask(AUDITOR, list, { run: runId })).toEqual({
      nodes: [{ id, class: 'MISSING_HERE', classLabel: { vi: 'Cổng thanh toán có, hệ thống không có' }, action: 'PERSON', actionLabel: { en: 'Somebody must find out' }, theirsState: 'DISPUTED', theirsVnd: 7_000 }], pageInfo: { hasNextPage: false },
    });
    const settle = (key: string) => ask(OPERATOR, `mutation ($id: ID!) { resolveDifference(idempotencyKey: "${key}", id: $id, reason: "đã hỏi cổng") { __typename ... on DifferenceResolved { difference { id resolvedBy resolution } } ... on PaymentActionRefused { code message { vi } } } }`, { id });
    expect(await settle('k-1')).toEqual({ __typename: 'DifferenceResolved', difference: { id, resolvedBy: OPERATOR.client, resolution: 'đã hỏi cổng' } });
    expect(await settle('k-2')).toEqual({ __typename: 'PaymentActionRefused', code: 'ALREADY_DECIDED', message: { vi: 'Việc này đã được quyết định' } });
    expect(await ask(AUDITOR, ONE, { id: runId })).toMatchObject({ differenceCount: 1, openCount: 0 });
  });

  it('is for those who watch over the whole province, and acts are for operators', async () => {
    const { runId } = await withDifference('R1');
    const ward = { ...AUDITOR, agencyScope: '000.12.34.H42' };
    expect(await ask(AUDITOR, '{ ledgerCheck { balanced } }')).toBeNull();
    for (const source of ['{ reconciliationRuns { nodes { id } } }', '{ reconciliationDifferences { nodes { id } } }', `{ reconciliationRun(id: "${runId}") { id } }`, `{ reconciliationFile(runId: "${runId}") { name } }`, '{ ledgerCheck { balanced } }']) {
      expect([(await schema.call(PORTAL, source)).errors.length, (await schema.call(ward, source)).errors.length, (await schema.call(LEADER, source)).errors]).toEqual([1, 1, []]);
    }
    for (const caller of [AUDITOR, LEADER, PORTAL, { ...OPERATOR, agencyScope: '000.12.34.H42' }]) expect((await schema.call(caller, START, { day })).errors.length).toBe(1);
    expect(await audit('till')).toEqual([]);
    expect(await ask(AUDITOR, '{ reconciliationFile(runId: "999999999") { name } }')).toBeNull();
  });

  it('of the ledger is its last check, with the first fault in words', async () => {
    const end = async (on: string, faults: number): Promise<void> => {
      const found = Array.from({ length: faults }, () => ({ kind: 'ORDER', entryId: '7', transactionId: '3', reference: 'OG1' } as const));
      const totals = { paidVnd: 0, settledVnd: 0, inTransitVnd: 0, refundDueVnd: 0, disputedVnd: 0, refundedVnd: 0, chargedBackVnd: 0 };
      await module.checks.end(await module.checks.claim(on) ?? '', { entries: 9, transactions: 4, payments: 2, totals, faultCount: faults, faults: found });
    };
    const read = (): Promise<unknown> => ask(LEADER, '{ ledgerCheck { day entries payments balanced faultCount firstFault { code message { vi } transactionId reference } } }');
    await end('2026-03-14', 2);
    expect(await read()).toEqual({ day: '2026-03-14', entries: 9, payments: 2, balanced: false, faultCount: 2, firstFault: { code: 'ORDER', message: { vi: 'Thứ tự bút toán không tăng dần' }, transactionId: '3', reference: 'OG1' } });
    await end('2026-03-15', 0);
    expect(await read()).toMatchObject({ day: '2026-03-15', balanced: true, faultCount: 0, firstFault: null });
  });
});
