import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composition } from '../../../src/compose.js';
import type { Gateway, Sandbox } from '../../../src/commands/composition.js';
import { ROLES, type Role } from '../../../src/access/caller.js';
import { readConfig, type Env } from '../../../src/config.js';
import { createLogger } from '../../../src/observability/logger.js';
import { HttpServer } from '../../../src/server/http-server.js';
import { Database } from '../../../src/store/database.js';
import { grantGatewayRole } from '../../../src/store/gateway-role.js';
import { dossierInput } from '../../support/dossier-inputs.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const key32 = (): string => randomBytes(32).toString('base64');
const CODE = dossierInput().code;
const UPSERT = 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { ... on DossiersAnswered { items { __typename } } } }';

let test: TestDatabase;
let gateway: Gateway;
let sandboxes: readonly Sandbox[];
let server: HttpServer;
let url: string;
/** Connected as the gateway is. */
let restricted: Database;

const call = async (role: Role, query: string, variables: object = {}): Promise<Readonly<Record<string, unknown>>> => {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer key-of-${role}` }, body: JSON.stringify({ query, variables }) });
  return (await response.json()) as Readonly<Record<string, unknown>>;
};

/** The tables belong to one role, and the gateway, API and worker, runs under another. */
beforeAll(async () => {
  test = await createTestDatabase();
  await composition.migrate(test.url);
  const role = `gateway_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await test.database.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  await grantGatewayRole(test.url, role);
  sandboxes = await Promise.all(composition.sections.map(({ party }) => composition.startSandbox(party, { host: '127.0.0.1', port: 0 })));
  const logger = createLogger('silent');
  server = new HttpServer(logger);
  url = await server.listen('127.0.0.1', 0);
  const config = readConfig({
    ...Object.assign({}, ...sandboxes.map(({ environment }) => environment)) as Env,
    DATABASE_URL: Object.assign(new URL(test.url), { username: role, password }).href,
    API_KEYS: ROLES.map((name) => `test-${name}:${name}:${createHash('sha256').update(`key-of-${name}`).digest('hex')}`).join(','),
    FIELD_KEYS: `k1:${key32()}`, FILE_LINK_KEYS: `k1:${key32()}`, FINGERPRINT_KEY: key32(), EVIDENCE_SIGNING_KEYS: `k1:${key32()}`, FILE_STORE_DIR: '.',
  }, composition.sections);
  restricted = new Database({ url: config.core.databaseUrl, poolSize: 1, applicationName: 'test' });
  gateway = await composition.startGateway({ config, roles: { api: true, worker: true }, publicUrl: url, logger });
  server.serve(gateway.routes);
});
afterAll(async () => {
  await server.close(1_000);
  await gateway.close(1_000);
  await restricted.close();
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
  await test.drop();
});

describe('the role of the gateway', () => {
  it.each([
    'evidence', 'evidence_bodies', 'evidence_blocks', 'evidence_seals', 'evidence_heads', 'evidence_stamps', 'operator_actions',
    'public_service_states', 'bank_account_history', 'payment_events', 'ledger',
  ])('reads %s, and neither changes, deletes nor empties it', async (table) => {
    const { rows: [column] } = await test.database.query<{ name: string }>(`SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum = 2`, [table]);
    await expect(restricted.query(`SELECT 1 FROM ${table} LIMIT 1`)).resolves.toBeDefined();
    for (const change of [`UPDATE ${table} SET ${column?.name ?? ''} = ${column?.name ?? ''}`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
      await expect(restricted.query(change)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('cannot take a table from the list of those', async () => {
    await expect(restricted.query('DELETE FROM append_only_tables')).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the whole gateway under a role that cannot change evidence', () => {
  it('takes a dossier, delivers it, seals and signs, and shows the evidence to the auditor', async () => {
    expect(await call('portal', UPSERT, { key: randomUUID(), dossiers: [dossierInput()] })).toEqual({ data: { upsertDossiers: { items: [{ __typename: 'DossierAccepted' }] } } });
    const read = `{ evidence(chain: "lane/${CODE}") { nodes { sequence kind } } evidenceHeads { nodes { number keyId } } }`;
    await eventually('both records and a signed head', async () => {
      const { data } = (await call('auditor', read)) as { data: { evidence: { nodes: { kind: string }[] }; evidenceHeads: { nodes: unknown[] } } };
      const kinds = data.evidence.nodes.map(({ kind }) => kind);
      return kinds.includes('mutation') && kinds.includes('exchange') && data.evidenceHeads.nodes.length > 0;
    }, { timeoutMs: 30_000 });
    // One that took longer than a probe waits for it is not ready either.
    await eventually('it to be healthy', async () => (await gateway.health.report()).checks['evidence']?.ready);
  });

  it('holds, and erases with two persons, through GraphQL', async () => {
    const { idNumber } = dossierInput().owner;
    expect(await call('supervisor', 'query ($id: String!) { findPersonalData(idNumber: $id) { dossierCodes } }', { id: idNumber })).toEqual({ data: { findPersonalData: { dossierCodes: [CODE] } } });
    await eventually('nothing is open', async () => (await test.database.query('SELECT 1 FROM lanes WHERE open_count > 0')).rowCount === 0);
    const hold = (name: string) => call('supervisor', `mutation ($key: IdempotencyKey!, $code: ID!) { ${name}(idempotencyKey: $key, dossierCode: $code, reason: "vụ án") { ... on LegalHoldChanged { held } } }`, { key: randomUUID(), code: CODE });
    expect(await hold('placeLegalHold')).toEqual({ data: { placeLegalHold: { held: true } } });
    const asked = (await call('operator', 'mutation ($key: IdempotencyKey!, $id: String!) { requestErasure(idempotencyKey: $key, idNumber: $id, reason: "công dân yêu cầu") { ... on ErasureRequested { id } } }', { key: randomUUID(), id: idNumber })) as { data: { requestErasure: { id: string } } };
    const approve = () => call('supervisor', 'mutation ($key: IdempotencyKey!, $id: ID!) { approveErasure(idempotencyKey: $key, id: $id, reason: "đã kiểm tra") { __typename ... on ErasureRefused { code } ... on PersonalDataErased { dossierCodes } } }', { key: randomUUID(), id: asked.data.requestErasure.id });
    expect(await approve()).toEqual({ data: { approveErasure: { __typename: 'ErasureRefused', code: 'LEGAL_HOLD' } } });
    expect(await hold('liftLegalHold')).toEqual({ data: { liftLegalHold: { held: false } } });
    expect(await approve()).toEqual({ data: { approveErasure: { __typename: 'PersonalDataErased', dossierCodes: [CODE] } } });
  });

  it.each(['portal', 'agency', 'operator', 'leader', 'auditor'] as const)('tells the role %s of no person', async (role) => {
    expect(await call(role, '{ findPersonalData(idNumber: "001085000001") { dossierCodes } }')).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });
});
