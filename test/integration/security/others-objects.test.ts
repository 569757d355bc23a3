import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { dossierInput, stepInput } from '../../support/portal-client.js';
import { rawCall, type RawAnswer } from '../../support/raw-call.js';

const SHEET = `code,other_codes,name_vi,kind,level,parent_code
000.00.00.H42,H42,Tỉnh,PROVINCE,PROVINCE,
000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42
000.12.35.H42,H42.12.35,Xã khác,COMMUNE,COMMUNE,H42`;
const UPSERT = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) {
  ... on DossiersAnswered { items { __typename ... on DossierAccepted { deliveryIds } ... on InputRejected { problems { field code } } } } } }`;
const CREATE = `mutation ($key: IdempotencyKey!, $client: ApiClientInput!) { createApiClient(idempotencyKey: $key, client: $client, reason: "test") { ... on ApiKeyIssued { secret } } }`;
const IMPORT = 'mutation ($key: IdempotencyKey!, $file: String!) { importAgencies(idempotencyKey: $key, contentBase64: $file, reason: "test") { __typename } }';

const REAL = dossierInput(1);
/** Of the same shape, and nobody's. */
const NONE = dossierInput(9_001);

/** Reads of one object, by each way there is. */
const READS: Readonly<Record<string, string>> = {
  'a dossier': 'query ($code: ID!) { dossier(code: $code) { code status owner { name idNumber } national { state } steps { content } deliveries { id } } }',
  'a dossier by aliases': 'query ($code: ID!) { a: dossier(code: $code) { code } b: dossier(code: $code) { subject } c: dossier(code: $code) { ...F } } fragment F on Dossier { owner { phone } }',
  'its deliveries': 'query ($lane: String!) { deliveries(filter: { lane: $lane }) { nodes { id state } pageInfo { endCursor hasNextPage } } }',
  'a delivery': 'query ($id: ID!) { delivery(id: $id) { id state lane } }',
  'an append to it': 'mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) { __typename } }',
};

describe('another client\'s objects', () => {
  let gateway: ComposedGateway;
  let deliveryId = '';
  const strangers: Record<string, string> = {};
  const call = (key: string, query: string, variables: object = {}): Promise<RawAnswer> => rawCall(gateway.url, key, { query, variables }, { 'x-correlation-id': 'same-for-all' });
  const create = async (client: object): Promise<string> =>
    String((await call(gateway.keys.operator, CREATE, { key: randomUUID(), client: { keyDays: 1, ...client } })).body.data?.['createApiClient']?.['secret']);

  beforeAll(async () => {
    gateway = await startComposedGateway();
    await call(gateway.keys.operator, IMPORT, { key: randomUUID(), file: Buffer.from(SHEET).toString('base64') });
    strangers['another portal'] = await create({ name: 'portal-two', role: 'PORTAL' });
    strangers['another agency'] = await create({ name: 'commune', role: 'AGENCY', agencyScope: 'H42.12.35' });
    const { body } = await call(gateway.keys.portal, UPSERT, { key: randomUUID(), dossiers: [REAL] });
    deliveryId = (body.data?.['upsertDossiers'] as { items: { deliveryIds: string[] }[] }).items[0]?.deliveryIds[0] ?? '';
  }, 60_000);
  afterAll(() => gateway.close());

  const variablesOf = (dossier: { code: string }, id: string) => ({ code: dossier.code, lane: dossier.code, id, key: randomUUID(), steps: [stepInput(5, 'PROCESSING')] });

  it('are there for the client whose they are', async () => {
    expect(deliveryId).toMatch(/^\d+$/);
    for (const name of ['a dossier', 'its deliveries', 'a delivery']) {
      expect((await call(gateway.keys.portal, READS[name] ?? '', variablesOf(REAL, deliveryId))).text).toContain(name === 'a dossier' ? REAL.owner.name : `"id":"${deliveryId}"`);
    }
  });

  it.each(['another portal', 'another agency'].flatMap((who) => Object.keys(READS).map((what) => [who, what] as const)))('as %s asks for %s are as if they did not exist', async (who, what) => {
    const [real, none] = await Promise.all([variablesOf(REAL, deliveryId), variablesOf(NONE, '999999')].map((variables) => call(strangers[who] ?? '', READS[what] ?? '', variables)));
    expect(real?.text).toBe(none?.text);
    expect(real?.status).toBe(none?.status);
    expect(real?.text).not.toContain(REAL.owner.name);
  });

  it('are in no list and no feed of a stranger, whatever is asked for', async () => {
    for (const key of Object.values(strangers)) {
      for (const filter of ['{}', '{ agencyCode: "H42.12.34" }', '{ agencyCode: "000.00.00.H42" }']) {
        expect((await call(key, `{ dossiers(filter: ${filter}) { nodes { code } } }`)).body.data?.['dossiers']).toEqual({ nodes: [] });
      }
      expect((await call(key, '{ deliveries { nodes { id } } events { nodes { dossierCode } } }')).body.data).toEqual({ deliveries: { nodes: [] }, events: { nodes: [] } });
    }
  });

  it('are not found by guessing ids one after the other', async () => {
    const guesses = Array.from({ length: 10 }, (_, index) => Number(deliveryId) - 5 + index).filter((id) => id > 0);
    for (const id of guesses) expect((await call(strangers['another portal'] ?? '', READS['a delivery'] ?? '', { id: String(id) })).body.data).toEqual({ delivery: null });
  });

  it('cannot be overwritten: a stranger\'s dossier of the same code is refused', async () => {
    for (const key of Object.values(strangers)) {
      const { body } = await call(key, UPSERT, { key: randomUUID(), dossiers: [dossierInput(1, { subject: 'Chiếm đoạt' })] });
      expect((body.data?.['upsertDossiers'] as { items: object[] }).items).toMatchObject([{ __typename: 'InputRejected' }]);
    }
    expect((await call(gateway.keys.portal, 'query ($code: ID!) { dossier(code: $code) { subject } }', { code: REAL.code })).body.data?.['dossier']).toEqual({ subject: REAL.subject });
  });

  it('leave a row in the audit of each attempt of the agency', async () => {
    const { rows } = await gateway.test.database.query<{ target: string; existed: boolean }>(`SELECT target, bool_or(existed) AS existed FROM access_attempts WHERE client = 'commune' AND target_kind = 'dossier' GROUP BY target`);
    expect(Object.fromEntries(rows.map(({ target, existed }) => [target, existed]))).toMatchObject({ [REAL.code]: true, [NONE.code]: false });
  });
});
