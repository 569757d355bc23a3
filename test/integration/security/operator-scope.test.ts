import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { dossierInput } from '../../support/portal-client.js';
import { rawCall, type RawAnswer } from '../../support/raw-call.js';

const SHEET = `code,other_codes,name_vi,kind,level,parent_code
000.00.00.H42,H42,Tỉnh,PROVINCE,PROVINCE,
000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42
000.12.35.H42,H42.12.35,Xã khác,COMMUNE,COMMUNE,H42`;
const UPSERT = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) {
  ... on DossiersAnswered { items { ... on DossierAccepted { deliveryIds } } } } }`;
const CREATE = `mutation ($key: IdempotencyKey!, $client: ApiClientInput!) { createApiClient(idempotencyKey: $key, client: $client, reason: "test") { ... on ApiKeyIssued { secret } } }`;
const IMPORT = 'mutation ($key: IdempotencyKey!, $file: String!) { importAgencies(idempotencyKey: $key, contentBase64: $file, reason: "test") { __typename } }';
const NOBODYS = '999999';

/** What an operator may do with one delivery. */
const ACTIONS: Readonly<Record<string, string>> = {
  retryDelivery: 'mutation ($key: IdempotencyKey!, $id: ID!) { retryDelivery(idempotencyKey: $key, id: $id, reason: "thử") { __typename ... on DeliveryChanged { delivery { id } } ... on DeliveryActionRefused { code delivery { id } } } }',
  'resolveDelivery as done': 'mutation ($key: IdempotencyKey!, $id: ID!) { resolveDelivery(idempotencyKey: $key, id: $id, as: DONE, reason: "thử") { __typename ... on DeliveryActionRefused { code } } }',
  'resolveDelivery as not done': 'mutation ($key: IdempotencyKey!, $id: ID!) { resolveDelivery(idempotencyKey: $key, id: $id, as: NOT_DONE, reason: "thử") { __typename ... on DeliveryActionRefused { code } } }',
};
const RETRY_MANY = 'mutation ($key: IdempotencyKey!, $ids: [ID!]!) { retryDeliveries(idempotencyKey: $key, ids: $ids, reason: "thử") { ... on DeliveriesActionDone { results { done code } } } }';

/** What reaches beyond any agency. */
const WIDE: Readonly<Record<string, string>> = {
  pauseParty: 'pauseParty(idempotencyKey: $key, party: "national-portal", reason: "thử") { __typename }',
  resumeParty: 'resumeParty(idempotencyKey: $key, party: "national-portal", reason: "thử") { __typename }',
  forceCircuit: 'forceCircuit(idempotencyKey: $key, party: "national-portal", operation: "upsert-dossier", position: OPEN, reason: "thử") { __typename }',
  createApiClient: 'createApiClient(idempotencyKey: $key, client: { name: "mine", role: PORTAL, keyDays: 1 }, reason: "thử") { __typename }',
  revokeApiClient: 'revokeApiClient(idempotencyKey: $key, name: "portal-two", reason: "thử") { __typename }',
  saveAgency: 'importAgencies(idempotencyKey: $key, contentBase64: "Y29kZQ==", reason: "thử") { __typename }',
  matchCredit: 'matchCredit(idempotencyKey: $key, id: "1", reason: "thử") { __typename }',
  startReconciliation: 'startReconciliation(idempotencyKey: $key, gateway: "vnpay", day: "2026-01-01", reason: "thử") { __typename }',
  importStatement: 'importStatement(idempotencyKey: $key, gateway: "vnpay", day: "2026-01-01", contentBase64: "Y29kZQ==", replacesEarlier: false, reason: "thử") { __typename }',
  resolveDifference: 'resolveDifference(idempotencyKey: $key, id: "1", reason: "thử") { __typename }',
  requestErasure: 'requestErasure(idempotencyKey: $key, idNumber: "001099999999", reason: "thử") { __typename }',
};

describe('an operator of one commune', () => {
  let gateway: ComposedGateway;
  let id = '';
  let other = '';
  let mine = '';
  const call = (key: string, query: string, variables: object = {}): Promise<RawAnswer> => rawCall(gateway.url, key, { query, variables }, { 'x-correlation-id': 'same-for-all' });
  const create = async (client: object): Promise<string> =>
    String((await call(gateway.keys.supervisor, CREATE, { key: randomUUID(), client: { keyDays: 1, role: 'OPERATOR', ...client } })).body.data?.['createApiClient']?.['secret']);
  const stateOf = async (): Promise<string | undefined> => (await gateway.test.database.query<{ state: string }>('SELECT state FROM deliveries WHERE id = $1', [id])).rows[0]?.state;

  beforeAll(async () => {
    gateway = await startComposedGateway();
    await call(gateway.keys.operator, IMPORT, { key: randomUUID(), file: Buffer.from(SHEET).toString('base64') });
    mine = await create({ name: 'op-ward', agencyScope: 'H42.12.34' });
    other = await create({ name: 'op-commune', agencyScope: '000.12.35.H42' });
    const { body } = await call(gateway.keys.portal, UPSERT, { key: randomUUID(), dossiers: [dossierInput(1)] });
    id = (body.data?.['upsertDossiers'] as { items: { deliveryIds: string[] }[] }).items[0]?.deliveryIds[0] ?? '';
    await gateway.test.database.query(`UPDATE deliveries SET state = 'parked', reason = 'too-old' WHERE id = $1`, [id]);
  }, 60_000);
  afterAll(() => gateway.close());

  it('sees deliveries of its own agency, and none of another', async () => {
    const read = `{ delivery(id: "${id}") { id } deliveries { nodes { id } } }`;
    expect((await call(mine, read)).body.data).toMatchObject({ delivery: { id } });
    expect((await call(other, read)).body.data).toEqual({ delivery: null, deliveries: { nodes: [] } });
    expect(await call(other, `{ delivery(id: "${id}") { id } }`)).toEqual(await call(other, `{ delivery(id: "${NOBODYS}") { id } }`));
  });

  it.each(Object.keys(ACTIONS))('%s: another\'s is answered as one that does not exist, is not moved, and the attempt is kept', async (name) => {
    await gateway.test.database.query('TRUNCATE access_attempts');
    const [real, none] = [await call(other, ACTIONS[name] ?? '', { key: randomUUID(), id }), await call(other, ACTIONS[name] ?? '', { key: randomUUID(), id: NOBODYS })];
    expect(real.text).toBe(none.text);
    expect(real.text).toContain('NOT_FOUND');
    expect(await stateOf()).toBe('parked');
    const { rows } = await gateway.test.database.query('SELECT client, target_kind, target, existed, agency_scope FROM access_attempts ORDER BY existed');
    const attempt = { client: 'op-commune', target_kind: 'delivery', agency_scope: '000.12.35.H42' };
    expect(rows).toEqual([{ ...attempt, target: NOBODYS, existed: false }, { ...attempt, target: id, existed: true }]);
    const audit = await gateway.test.database.query('SELECT 1 FROM operator_actions WHERE target = $1', [`delivery/${id}`]);
    expect(audit.rowCount).toBe(0);
  });

  it('hears of each of many only what it may', async () => {
    const answer = await call(other, RETRY_MANY, { key: randomUUID(), ids: [id, NOBODYS] });
    expect(answer.body.data?.['retryDeliveries']).toEqual({ results: [{ done: false, code: 'NOT_FOUND' }, { done: false, code: 'NOT_FOUND' }] });
    expect(await stateOf()).toBe('parked');
  });

  it.each(Object.keys(WIDE))('may not %s: it reaches beyond the agency', async (name) => {
    const answer = await call(other, `mutation ($key: IdempotencyKey!) { ${WIDE[name] ?? ''} }`, { key: randomUUID() });
    expect(answer.text).toContain('"FORBIDDEN"');
  });

  it.each(['unmatchedCredits { nodes { id content } }', 'reconciliationRuns { nodes { id } }', 'reconciliationDifferences { nodes { id } }'])('may not read { %s }: whose money it is nobody knows', async (field) => {
    expect((await call(other, `{ ${field} }`)).text).toContain('"FORBIDDEN"');
    expect((await call(gateway.keys.operator, `{ ${field} }`)).body.errors).toBeUndefined();
  });

  describe('and what parties sent', () => {
    const READ = 'query ($id: ID!) { callback(id: $id) { id state dossierCode nextTryAt } }';
    const RETRY = 'mutation ($key: IdempotencyKey!, $id: ID!) { retryCallback(idempotencyKey: $key, id: $id, reason: "thử") { __typename ... on CallbackRetried { callback { id state } } ... on CallbackNotWaiting { callback { id } } } }';
    const LIST = 'query ($filter: CallbackFilter, $after: String) { callbacks(filter: $filter, first: 2, after: $after) { nodes { id party uniqueKey } pageInfo { endCursor hasNextPage } } }';
    const insert = async (uniqueKey: string, dossierCode: string | null): Promise<string> => (await gateway.test.database.query<{ id: string }>(
      `INSERT INTO callbacks (party, kind, unique_key, verified_by, digest, body, dossier_code, due_at) VALUES ('neighbour', 'notice', $1::text, 'now', decode(md5($1::text), 'hex'), 'k1.sealed', $2, now() + interval '1 hour') RETURNING id`,
      [uniqueKey, dossierCode])).rows[0]?.id ?? '';
    const ids: Record<string, string> = {};
    beforeAll(async () => {
      ids['about'] = await insert('about', dossierInput(1).code);
      ids['unknown'] = await insert('unknown', null);
      ids['later'] = await insert('later', dossierInput(1).code);
    });

    it('is listed in pages to who works for the province, and to others as far as it is about their dossiers', async () => {
      const first = (await call(gateway.keys.operator, LIST)).body.data?.['callbacks'] as { nodes: { uniqueKey: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
      expect([first.nodes.map(({ uniqueKey }) => uniqueKey), first.pageInfo.hasNextPage]).toEqual([['later', 'unknown'], true]);
      expect((await call(gateway.keys.operator, LIST, { after: first.pageInfo.endCursor })).body.data?.['callbacks']).toMatchObject({ nodes: [{ uniqueKey: 'about' }], pageInfo: { hasNextPage: false } });
      expect((await call(mine, LIST)).body.data?.['callbacks']).toMatchObject({ nodes: [{ uniqueKey: 'later' }, { uniqueKey: 'about' }], pageInfo: { hasNextPage: false } });
      expect((await call(other, LIST, { filter: { dossierCode: dossierInput(1).code } })).body.data?.['callbacks']).toMatchObject({ nodes: [] });
      expect((await call(gateway.keys.operator, LIST, { filter: { party: 'neighbour', state: 'CONFLICT' } })).body.data?.['callbacks']).toMatchObject({ nodes: [] });
      expect((await call(gateway.keys.operator, LIST, { after: 'x' })).text).toContain('BAD_USER_INPUT');
      expect((await call(gateway.keys.operator, LIST)).text).not.toContain('sealed');
    });

    it.each([['reading', READ], ['trying again', RETRY]])('%s of another\'s is answered as of none, and kept', async (_name, document) => {
      await gateway.test.database.query('TRUNCATE access_attempts');
      const answers = await Promise.all([ids['about'], ids['unknown'], NOBODYS].map((target) => call(other, document, { key: randomUUID(), id: target })));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      const { rows } = await gateway.test.database.query<{ target: string; existed: boolean }>(`SELECT target, existed FROM access_attempts WHERE client = 'op-commune' AND target_kind = 'callback'`);
      expect(Object.fromEntries(rows.map(({ target, existed }) => [target, existed]))).toEqual({ [ids['about'] ?? '']: true, [ids['unknown'] ?? '']: true, [NOBODYS]: false });
      expect((await gateway.test.database.query(`SELECT 1 FROM callbacks WHERE due_at < now()`)).rowCount).toBe(0);
    });

    it('is tried again by who may, once, with a reason in the evidence; what does not wait is not', async () => {
      const key = randomUUID();
      const first = await call(mine, RETRY, { key, id: ids['about'] });
      expect(first.body.data?.['retryCallback']).toEqual({ __typename: 'CallbackRetried', callback: { id: ids['about'], state: 'RECEIVED' } });
      expect((await call(mine, RETRY, { key, id: ids['about'] })).text).toBe(first.text);
      expect((await call(mine, RETRY, { key, id: ids['later'] })).text).toContain('IdempotencyConflict');
      expect((await gateway.test.database.query(`SELECT 1 FROM callbacks WHERE due_at < now() - interval '9 seconds'`)).rowCount).toBe(1);
      expect((await gateway.test.database.query(`SELECT actor, reason FROM operator_actions WHERE action = 'retry-callback'`)).rows).toEqual([{ actor: 'op-ward', reason: 'thử' }]);
      await gateway.test.database.query(`UPDATE callbacks SET state = 'applied', settled_at = now(), reply = '{}' WHERE id = $1`, [ids['about']]);
      expect((await call(mine, RETRY, { key: randomUUID(), id: ids['about'] })).body.data?.['retryCallback']).toEqual({ __typename: 'CallbackNotWaiting', callback: { id: ids['about'] } });
    });
  });

  it('moves its own', async () => {
    const answer = await call(mine, ACTIONS['retryDelivery'] ?? '', { key: randomUUID(), id });
    expect(answer.body.data?.['retryDelivery']).toEqual({ __typename: 'DeliveryChanged', delivery: { id } });
    expect(await stateOf()).toBe('due');
  });
});
