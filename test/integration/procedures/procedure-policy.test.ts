import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LeasedDelivery } from '../../../src/deliveries/delivery.js';
import { DOSSIER_TABLES, DossierGateway } from '../../support/dossier-gateway.js';
import { dossierInput } from '../../support/dossier-inputs.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

let test: TestDatabase;
let strict: DossierGateway;

beforeAll(async () => {
  test = await createTestDatabase();
  strict = new DossierGateway(test.database, { policy: 'refuse-new-park-old' });
});
afterAll(() => test.drop());
afterEach(() => test.database.query(`TRUNCATE national_procedures, procedure_syncs, match_requests, ${DOSSIER_TABLES} CASCADE`));

const INPUT = dossierInput();
const addProcedure = (code: string, name: string) => test.database.query(
  `INSERT INTO national_procedures (code, reference, name, listed_name, folded_name, is_public, version, content, original, field_codes, agency_codes, levels, search)
   VALUES ($1, $1, $2, $2, $2, true, 1, '{}', '{}', '{}', '{}', '{}', ''::tsvector)`, [code, name]);
const completeSync = () => test.database.query(
  `WITH made AS (INSERT INTO procedure_syncs (kind, state, requested_by) VALUES ('full', 'running', 't') RETURNING id) SELECT id FROM made`)
  .then(() => test.database.query(`UPDATE procedure_syncs SET state = 'complete', ended_at = now() WHERE state = 'running'`));
const withdraw = () => test.database.query(`UPDATE national_procedures SET withdrawn_at = now() WHERE code = $1`, [INPUT.procedureCode.slice(0, 8)]);
const send = async (key: string, gateway = strict, input = INPUT): Promise<unknown> => {
  const { data } = await gateway.upsert(key, [input]);
  return (data['upsertDossiers'] as { items: unknown[] }).items[0];
};
const loaded = async (gateway: DossierGateway): Promise<readonly unknown[]> => {
  const { rows } = await test.database.query<LeasedDelivery>(`SELECT id, subject_id AS "subjectId" FROM deliveries WHERE operation = 'upsert-dossier' ORDER BY id`);
  const operation = gateway.dossiers.operations.find(({ name }) => name === 'upsert-dossier');
  return [...((await operation?.load(rows))?.values() ?? [])];
};

describe('a dossier whose procedure the nation does not know', () => {
  it('is taken while no full sync was complete, for then nobody knows', async () => {
    await addProcedure('9.999999', 'x');
    expect(await send('k1')).toMatchObject({ __typename: 'DossierAccepted' });
  });

  it('is refused when it is new, with the code of the procedure that has its name', async () => {
    await addProcedure('9.999999', INPUT.procedureName.toUpperCase().normalize('NFD'));
    await completeSync();
    expect(await send('k1')).toMatchObject({ __typename: 'InputRejected', dossierCode: INPUT.code, problems: [{ field: 'dossiers[0].procedureCode', code: 'PROCEDURE_UNKNOWN', allowed: [expect.stringMatching(/^9\.999999/)] }] });
    await addProcedure(INPUT.procedureCode.slice(0, 8), 'y');
    expect(await send('k2')).toMatchObject({ __typename: 'DossierAccepted' });
  });

  it('is taken under a policy that is off', async () => {
    await completeSync();
    expect(await send('k1', new DossierGateway(test.database, { policy: 'off' }))).toMatchObject({ __typename: 'DossierAccepted' });
  });
});

describe('a procedure that is withdrawn', () => {
  it('stops new dossiers at once, and lets those that are stored be corrected', async () => {
    await addProcedure(INPUT.procedureCode.slice(0, 8), 'y');
    await completeSync();
    expect(await send('k1')).toMatchObject({ __typename: 'DossierAccepted' });
    await withdraw();
    expect(await send('k2', strict, { ...INPUT, note: 'bổ sung' })).toMatchObject({ __typename: 'DossierAccepted', version: 2 });
    expect(await send('k3', strict, { ...INPUT, code: INPUT.code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)) })).toMatchObject({ problems: [{ code: 'PROCEDURE_WITHDRAWN' }] });
  });

  it('parks what the registry has not taken yet, and lets go on what it has', async () => {
    await addProcedure(INPUT.procedureCode.slice(0, 8), 'y');
    await completeSync();
    await send('k1');
    expect(await loaded(strict)).toMatchObject([{ known: false }]);
    await withdraw();
    expect(await loaded(strict)).toEqual([{ unsendable: 'procedure-not-usable' }]);
    expect(await loaded(new DossierGateway(test.database, { policy: 'refuse-new' }))).toMatchObject([{ known: false }]);
    const operation = strict.dossiers.operations.find(({ name }) => name === 'upsert-dossier');
    const { rows: [delivery] } = await test.database.query<LeasedDelivery>(`SELECT id, subject_id AS "subjectId", subject_key AS "subjectKey" FROM deliveries`);
    if (delivery === undefined || operation === undefined) throw new Error('nothing is owed');
    await test.database.transaction((client) => operation.settled(client, [{ delivery, to: 'accepted', reason: null, items: new Map() }]));
    expect(await loaded(strict)).toMatchObject([{ known: true }]);
  });
});
