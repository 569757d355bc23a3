import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { DOSSIER_TABLES, DossierGateway, OPERATOR, PORTAL } from '../../support/dossier-gateway.js';
import { dossierInput, stepInput } from '../../support/dossier-inputs.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createTestDatabase } from '../../support/postgres.js';

const SHEET = `code,other_codes,name_vi,kind,level,parent_code,active_from,active_until
000.00.00.H42,H42,Tỉnh,PROVINCE,PROVINCE,,,
000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42,,
000.12.35.H42,H42.12.35,Xã khác,COMMUNE,COMMUNE,H42,,
000.12.36.H42,,Huyện cũ,DISTRICT,DISTRICT,H42,,2025-06-30`;
const WARD: Caller = { client: 'ward', role: 'agency', agencyScope: 'H42.12.34' };
const OTHER: Caller = { client: 'commune', role: 'agency', agencyScope: '000.12.35.H42' };
const MINE = dossierInput();
const THEIRS = dossierInput({ code: '000.12.35.H42-260315-0001', agencyCode: 'H42.12.35' });
const NOBODYS = '000.12.35.H42-260315-9999';

let test: TestDatabase;
let gateway: DossierGateway;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  gateway = new DossierGateway(test.database);
  await gateway.agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'seed', reason: 'test' }, Buffer.from(SHEET), { dryRun: false });
});
afterEach(() => test.database.query(`TRUNCATE ${DOSSIER_TABLES}, agencies, agency_codes, agency_successions, access_attempts`));

const items = (answer: Awaited<ReturnType<DossierGateway['upsert']>>) => answer.data['upsertDossiers']?.['items'];
const attempts = async () => (await test.database.query('SELECT client, operation, target_kind, target, existed FROM access_attempts ORDER BY operation, target')).rows as unknown[];
const READ = `query ($code: ID!) { dossier(code: $code) { code owner { name } } }`;
const LIST = '{ dossiers { nodes { code } } all: dossiers(filter: { agencyCode: "H42.12.35" }) { nodes { code } } }';

describe('an agency of the directory', () => {
  it('is asked of a dossier: known and in force on the day of reception, else the nearest codes', async () => {
    const wrong = [
      dossierInput({ agencyCode: '000.12.37.H42' }), dossierInput({ agencyCode: '000.12.36.H42' }), dossierInput({ code: '000.99.99.H42-260315-0001' }),
    ];
    for (const [index, [field, code]] of ([['agencyCode', 'AGENCY_UNKNOWN'], ['agencyCode', 'AGENCY_INACTIVE'], ['code', 'AGENCY_UNKNOWN']] as const).entries()) {
      expect(items(await gateway.upsert(`k${String(index)}`, wrong.slice(index, index + 1)))).toMatchObject([{ __typename: 'InputRejected', problems: [{ field: `dossiers[0].${field}`, code }] }]);
    }
    const { problems: [problem] } = (items(await gateway.upsert('k9', wrong.slice(0, 1))) as { problems: { allowed: string[] }[] }[])[0] ?? { problems: [] };
    expect(problem?.allowed).toEqual(['000.12.34.H42', '000.12.35.H42', '000.00.00.H42'].slice(0, problem?.allowed.length));
    expect(problem?.allowed).toContain('000.12.35.H42');
    expect(items(await gateway.upsert('ok', [dossierInput({ code: '000.12.36.H42-260315-0001', agencyCode: 'H42.12.34' })]))).toMatchObject([{ __typename: 'DossierAccepted' }]);
  });

  it('is seen at once when it changes', async () => {
    expect(items(await gateway.upsert('k1'))).toMatchObject([{ __typename: 'DossierAccepted' }]);
    await test.database.query(`UPDATE agencies SET active_until = '2026-01-01' WHERE code = '000.12.34.H42'`);
    expect(items(await gateway.upsert('k2', [dossierInput({ note: 'mới' })]))).toMatchObject([{ problems: [{ code: 'AGENCY_INACTIVE' }] }]);
  });
});

describe('another agency', () => {
  beforeEach(async () => {
    await gateway.upsert('mine', [MINE], WARD);
    await gateway.upsert('theirs', [THEIRS], PORTAL);
    await test.database.query('TRUNCATE access_attempts');
  });

  it('reads, lists and counts only its own, personal fields masked', async () => {
    expect((await gateway.call(OTHER, READ, { code: THEIRS.code })).data).toEqual({ dossier: { code: THEIRS.code, owner: { name: '***' } } });
    expect((await gateway.call(OTHER, LIST)).data).toMatchObject({ dossiers: { nodes: [{ code: THEIRS.code }] }, all: { nodes: [{ code: THEIRS.code }] } });
    expect(await attempts()).toEqual([]);
  });

  it('that reads a dossier outside its scope gets what it gets for none, and leaves a row for each', async () => {
    const real = await gateway.call(WARD, READ, { code: THEIRS.code });
    expect(real).toEqual(await gateway.call(WARD, READ, { code: NOBODYS }));
    expect(real).toEqual({ data: { dossier: null }, errors: [] });
    await gateway.call(WARD, `{ a: dossier(code: "${THEIRS.code}") { code } }`);
    expect(await attempts()).toEqual([
      { client: 'ward', operation: 'dossier', target_kind: 'dossier', target: THEIRS.code, existed: true },
      { client: 'ward', operation: 'dossier', target_kind: 'dossier', target: NOBODYS, existed: false },
    ]);
  });

  it('that lists sees nothing of others, even by their agency', async () => {
    expect((await gateway.call(WARD, LIST)).data).toMatchObject({ dossiers: { nodes: [{ code: MINE.code }] }, all: { nodes: [] } });
    expect(await attempts()).toEqual([{ client: 'ward', operation: 'dossiers', target_kind: 'agency', target: 'H42.12.35', existed: true }]);
  });

  it('that appends to a dossier outside its scope gets what it gets for none', async () => {
    const real = await gateway.append('k1', [stepInput()], { code: THEIRS.code, caller: WARD });
    const none = await gateway.append('k2', [stepInput()], { code: NOBODYS, caller: WARD });
    expect(real.data['appendSteps']).toEqual({ __typename: 'DossierNotFound', dossierCode: THEIRS.code });
    expect(none.data['appendSteps']).toEqual({ __typename: 'DossierNotFound', dossierCode: NOBODYS });
    expect(await attempts()).toHaveLength(2);
  });

  it('that sends a dossier of others is told of an unknown agency, as for one that is not there', async () => {
    const real = items(await gateway.upsert('k1', [dossierInput({ code: THEIRS.code, agencyCode: 'H42.12.35' })], WARD));
    const none = items(await gateway.upsert('k2', [dossierInput({ code: '000.12.33.H42-260315-0001', agencyCode: 'H42.12.33' })], WARD));
    expect(real).toMatchObject([{ __typename: 'InputRejected', problems: [{ field: 'dossiers[0].code', code: 'AGENCY_UNKNOWN' }, { field: 'dossiers[0].agencyCode', code: 'AGENCY_UNKNOWN', allowed: ['H42.12.34'] }] }]);
    expect(none).toMatchObject([{ problems: (real as { problems: unknown[] }[])[0]?.problems }]);
    expect(await attempts()).toHaveLength(4);
  });

  it('whose dossier went to an agency outside its scope no longer has it', async () => {
    await test.database.query(`UPDATE dossiers SET agency_code = 'H42.12.35' WHERE code = $1`, [MINE.code]);
    expect((await gateway.append('k1', [stepInput()], { code: MINE.code, caller: WARD })).data['appendSteps']).toMatchObject({ __typename: 'DossierNotFound' });
    expect(items(await gateway.upsert('k2', [dossierInput({ note: 'x' })], WARD))).toMatchObject([{ problems: [{ code: 'DOSSIER_CODE_TAKEN' }] }]);
  });

  it('gets only events of its own dossiers', async () => {
    await test.database.query(`INSERT INTO events (type, dossier_code) VALUES ('delivery.accepted', $1), ('delivery.accepted', $2)`, [MINE.code, THEIRS.code]);
    expect((await gateway.call(WARD, '{ events { nodes { dossierCode } } }')).data).toEqual({ events: { nodes: [{ dossierCode: MINE.code }] } });
  });

  it('without a scope sees nothing and sends nothing', async () => {
    const unscoped = { ...WARD, agencyScope: null };
    expect((await gateway.call(unscoped, LIST)).data).toMatchObject({ dossiers: { nodes: [] } });
    expect(items(await gateway.upsert('k1', [MINE], unscoped))).toMatchObject([{ __typename: 'InputRejected' }]);
  });

  it('moved below this one is seen from then on', async () => {
    await gateway.agencies.service.save({ caller: OPERATOR, idempotencyKey: 'move', reason: 'test' }, { code: '000.12.35.H42', parentCode: '000.12.34.H42' });
    expect((await gateway.call(WARD, READ, { code: THEIRS.code })).data).toMatchObject({ dossier: { code: THEIRS.code } });
  });
});
