import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { CircuitStore } from '../../../src/deliveries/circuit-store.js';
import { DeliveryQueries } from '../../../src/deliveries/delivery-queries.js';
import { createDeliveryResolvers } from '../../../src/deliveries/delivery-resolvers.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { OperatorService } from '../../../src/deliveries/operator-service.js';
import { OperatorStore } from '../../../src/deliveries/operator-store.js';
import { createOperatorResolvers } from '../../../src/deliveries/operator-resolvers.js';
import { PartyStore } from '../../../src/deliveries/party-store.js';
import type { Database } from '../../../src/store/database.js';
import { AUDITOR, DOSSIER_TABLES, DossierGateway, LEADER, OPERATOR, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { codeNumber, dossierInput } from '../../support/dossier-inputs.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PARTY, ScriptedParty, owe } from '../../support/scripted-party.js';

const AGENCY: Caller = { client: 'agency-1', role: 'agency', agencyScope: null };
const COMMUNE: Caller = { client: 'op-ward', role: 'operator', agencyScope: '000.12.34.H42' };
const CODE = dossierInput().code;

let test: TestDatabase;
let gateway: DossierGateway;

const gatewayOf = (database: Database): DossierGateway => new DossierGateway(database, { also: { sdl: ['delivery.graphql'], resolvers: ({ agencies }) => {
  const operations = [new ScriptedParty().operation({ effect: 'unsafe', whenUnknown: { act: 'park' } })];
  const [deliveries, parties, circuits] = [new DeliveryStore(database), new PartyStore(database), new CircuitStore(database)];
  const queries = new DeliveryQueries({ deliveries, parties, circuits, operations, agencies });
  const operators = new OperatorService({ database, store: new OperatorStore(), parties, circuits, operations, bell: { ring: () => undefined }, agencies, settings: { fingerprintKey: Buffer.alloc(32, 3), keepHours: 24 } });
  return [createDeliveryResolvers(queries), createOperatorResolvers({ queries, operators })];
} } });

const ALL = 'id party operation effect lane dossierCode state reason reasonText explanation { en vi } maybeSent head attemptCount dueAt parkAt createdAt settledAt resolvedBy correlationId waitingBehind attempts { number purpose startedAt durationMs outcome errorKind errorCode correlationId exchanges { operation startedAt durationMs httpStatus request reply } }';
const DELIVERY = `query ($id: ID!) { delivery(id: $id) { ${ALL} } }`;
const LIST = 'query ($filter: DeliveryFilter, $first: Int, $after: String) { deliveries(filter: $filter, first: $first, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }';
const PARTIES = '{ parties { name concurrency ratePerSecond paused pausedReason pausedBy heldUntil lastTakenAt due leased unknown parked oldestOpenSeconds circuits { operation processId position since reason forced } } }';

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => (await test.database.query(sql, values)).rows;
const list = async (variables: object = {}, caller = OPERATOR) => {
  const { data } = await gateway.call(caller, LIST, variables);
  return { ids: (data['deliveries']?.['nodes'] as { id: string }[] | undefined)?.map(({ id }) => id), page: data['deliveries']?.['pageInfo'] as { endCursor: string; hasNextPage: boolean } };
};
const attempts = () => rows('SELECT client, operation, target_kind, target FROM access_attempts ORDER BY target_kind, target');

beforeAll(async () => {
  test = await createTestDatabase();
  gateway = gatewayOf(test.database);
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${DOSSIER_TABLES}, access_attempts, circuit_states, circuit_overrides, operator_actions`);
  for (const party of [PARTY, 'other-party']) await new PartyStore(test.database).declare({ party, concurrency: 4, ratePerSecond: 2.5 });
});

describe('a delivery', () => {
  it('is shown whole: what it is, where it stands, what was tried and what it holds up', async () => {
    const id = await owe(test.database, 'lane', CODE);
    await owe(test.database, 'lane', CODE);
    await rows(`UPDATE deliveries SET state = 'parked', reason = 'too-old', reason_text = 'words', maybe_sent = true, attempts = 2 WHERE id = $1`, [id]);
    await rows(`INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, error_kind, error_code, correlation_id, exchanges)
      VALUES ($1, 1, 'send', '2026-03-15T10:00:00Z', 7, 'not-done', 'outcome-unknown', 'timeout', 'c-1', $2), ($1, 2, 'ask', '2026-03-15T10:01:00Z', 8, 'unknown', NULL, NULL, 'c-2', '[]')`,
    [id, JSON.stringify([{ operation: 'login', startedAt: '2026-03-15T10:00:01.000Z', durationMs: 6.6, httpStatus: 200, request: { a: 1 }, reply: 'yes' }, { operation: 'send', startedAt: '2026-03-15T10:00:02.000Z', durationMs: 1, httpStatus: null }])]);
    const { data } = await gateway.call(OPERATOR, DELIVERY, { id });
    expect(data['delivery']).toEqual({
      id, party: PARTY, operation: 'deed', effect: 'UNSAFE', lane: 'lane', dossierCode: CODE, state: 'PARKED', reason: 'too-old', reasonText: 'words', maybeSent: true, head: true, attemptCount: 2,
      explanation: { en: expect.stringContaining('within its age limit'), vi: expect.stringContaining('thời hạn tối đa') }, dueAt: expect.any(String), parkAt: expect.any(String), createdAt: expect.any(String),
      settledAt: null, resolvedBy: null, correlationId: `test-${CODE}`, waitingBehind: 1,
      attempts: [
        { number: 1, purpose: 'SEND', startedAt: '2026-03-15T10:00:00.000Z', durationMs: 7, outcome: 'NOT_DONE', errorKind: 'outcome-unknown', errorCode: 'timeout', correlationId: 'c-1', exchanges: [
          { operation: 'login', startedAt: '2026-03-15T10:00:01.000Z', durationMs: 7, httpStatus: 200, request: '{"a":1}', reply: '"yes"' },
          { operation: 'send', startedAt: '2026-03-15T10:00:02.000Z', durationMs: 1, httpStatus: null, request: 'null', reply: 'null' }] },
        { number: 2, purpose: 'ASK', startedAt: '2026-03-15T10:01:00.000Z', durationMs: 8, outcome: 'UNKNOWN', errorKind: null, errorCode: null, correlationId: 'c-2', exchanges: [] }],
    });
  });

  it('of an operation that this release has not is shown without its effect, and what ended with who ended it', async () => {
    const id = await owe(test.database, 'lane', CODE, { operation: 'of-another-release' });
    await rows(`UPDATE deliveries SET state = 'accepted', resolved_by = 'party', settled_at = '2026-03-15T10:00:00Z' WHERE id = $1`, [id]);
    expect((await gateway.call(AUDITOR, DELIVERY, { id })).data['delivery']).toMatchObject({ effect: null, state: 'ACCEPTED', resolvedBy: 'PARTY', settledAt: '2026-03-15T10:00:00.000Z', waitingBehind: 0, attempts: [] });
  });

  it('is none where no id is meant', async () => {
    for (const id of ['0', 'x', '9223372036854775808', '999999']) expect(await gateway.call(OPERATOR, DELIVERY, { id })).toMatchObject({ data: { delivery: null }, errors: [] });
  });

  it.each([PORTAL, AGENCY, OPERATOR, { ...OPERATOR, role: 'supervisor' } as const, AUDITOR])('may be read by $role', async (caller) => {
    expect((await gateway.call(caller, `{ delivery(id: "1") { id } deliveries { nodes { id } } }`)).errors).toEqual([]);
  });

  it('may not be read by who sees numbers only, nor parties by the portal', async () => {
    const said = async (caller: Caller, query: string) => (await gateway.call(caller, query)).errors.map(({ message }) => message);
    expect([await said(LEADER, '{ delivery(id: "1") { id } }'), await said(LEADER, '{ deliveries { nodes { id } } }'), await said(PORTAL, PARTIES), await said(AGENCY, PARTIES)]).toEqual(Array.from({ length: 4 }, () => ['This caller may not do that']));
    for (const caller of [OPERATOR, { ...OPERATOR, role: 'supervisor' } as const, LEADER, AUDITOR]) expect(await said(caller, PARTIES)).toEqual([]);
  });
});

describe('a list of deliveries', () => {
  it('has the newest first, in pages that neither repeat nor leave out', async () => {
    const ids = [];
    for (let n = 0; n < 4; n += 1) ids.unshift(await owe(test.database, `lane-${String(n)}`, `k-${String(n)}`));
    const first = await list({ first: 2 });
    expect([first.ids, first.page.hasNextPage]).toEqual([ids.slice(0, 2), true]);
    const second = await list({ first: 2, after: first.page.endCursor });
    expect([second.ids, second.page.hasNextPage]).toEqual([ids.slice(2), false]);
    const last = await list({ first: 2, after: second.page.endCursor });
    expect([last.ids, last.page]).toEqual([[], { endCursor: null, hasNextPage: false }]);
    expect((await list()).ids).toEqual(ids);
  });

  it.each(['x', Buffer.from('delivery:0').toString('base64url'), Buffer.from('delivery:1x').toString('base64url'), Buffer.from('dossiers:1').toString('base64url'), Buffer.from('9223372036854775808').toString('base64url')])('begins nowhere behind what is no cursor of it: %s', async (after) => {
    expect((await gateway.call(OPERATOR, LIST, { after })).errors).toEqual([expect.objectContaining({ originalError: expect.objectContaining({ problems: [{ field: 'after', code: 'CURSOR', message: { en: expect.stringMatching(/cursor/), vi: expect.stringMatching(/Con trỏ/) } }] }) })]);
  });

  it('is narrowed by party, state, lane and age', async () => {
    const id = await owe(test.database, 'one', 'k');
    const other = await owe(test.database, 'two', 'k');
    await rows(`UPDATE deliveries SET party = 'other-party', state = 'parked', created_at = now() - interval '1 hour' WHERE id = $1`, [other]);
    for (const filter of [{ party: PARTY }, { state: 'DUE' }, { lane: 'one' }]) expect((await list({ filter })).ids).toEqual([id]);
    for (const filter of [{ party: 'other-party' }, { state: 'PARKED' }, { lane: 'two' }, { olderThanSeconds: 60 }]) expect((await list({ filter })).ids).toEqual([other]);
    expect((await list({ filter: { party: PARTY, state: 'PARKED' } })).ids).toEqual([]);
  });

  it('holds of a portal what it sent, and what it asked for of others is kept', async () => {
    const { data } = await gateway.upsert('k1');
    const id = (data['upsertDossiers']?.['items'] as { deliveryIds: string[] }[])[0]?.deliveryIds[0] ?? '';
    expect([(await list({}, PORTAL)).ids, (await gateway.call(PORTAL, DELIVERY, { id })).data['delivery']]).toMatchObject([[id], { id }]);
    expect((await list({ filter: { lane: CODE } }, PORTAL)).ids).toEqual([id]);
    expect(await attempts()).toEqual([]);
    expect([(await list({}, OTHER_PORTAL)).ids, (await list({ filter: { lane: codeNumber(9) } }, OPERATOR)).ids, await attempts()]).toEqual([[], [], []]);
    expect((await list({ filter: { lane: CODE } }, OTHER_PORTAL)).ids).toEqual([]);
    expect((await gateway.call(OTHER_PORTAL, DELIVERY, { id })).data['delivery']).toBeNull();
    expect(await gateway.call(OPERATOR, DELIVERY, { id: '999999' })).toMatchObject({ data: { delivery: null } });
    expect(await attempts()).toEqual([{ client: 'portal-2', operation: 'delivery', target_kind: 'delivery', target: id }, { client: 'portal-2', operation: 'deliveries', target_kind: 'dossier', target: CODE }]);
  });

  it('stands with each dossier, in the order of its lane', async () => {
    const codes = [codeNumber(1), codeNumber(2)];
    await gateway.upsert('k1', codes.map((code) => dossierInput({ code })));
    await gateway.upsert('k2', [dossierInput({ code: codes[0] ?? '', status: 'PROCESSING' })]);
    const { data } = await gateway.call(PORTAL, `{ one: dossier(code: "${codes[0] ?? ''}") { deliveries { id waitingBehind } } two: dossier(code: "${codes[1] ?? ''}") { deliveries { id waitingBehind } } }`);
    const [first, second, third] = (await rows('SELECT id FROM deliveries ORDER BY id')).map(({ id }) => id);
    expect(data).toEqual({ one: { deliveries: [{ id: first, waitingBehind: 1 }, { id: third, waitingBehind: 0 }] }, two: { deliveries: [{ id: second, waitingBehind: 0 }] } });
  });
});

describe('parties', () => {
  it('are shown with their limits, what is owed to each, and its breakers', async () => {
    const ids: string[] = [];
    for (const [index, state] of ['due', 'due', 'due', 'due', 'unknown', 'unknown', 'unknown', 'parked', 'parked', 'leased', 'accepted'].entries()) {
      const id = await owe(test.database, `lane-${String(index)}`, 'k');
      await rows(`UPDATE deliveries SET state = $2, settled_at = CASE WHEN $2 = 'accepted' THEN now() END, lease_token = CASE WHEN $2 = 'leased' THEN gen_random_uuid() END WHERE id = $1`, [id, state]);
      ids.push(id);
    }
    await rows(`UPDATE deliveries SET created_at = now() - interval '1 day' WHERE id = ANY ($1)`, [[ids[0], ids.at(-1)]]);
    await rows(`UPDATE deliveries SET created_at = now() - interval '10 days' WHERE state = 'accepted'`);
    await new PartyStore(test.database).hold('other-party', 60_000, 'busy');
    await new PartyStore(test.database).pause(test.database, 'other-party', { actor: 'op-2', reason: 'they asked us' });
    const since = new Date('2026-03-15T10:00:00Z');
    await new CircuitStore(test.database).report('worker-1', [{ party: PARTY, operation: 'deed', position: 'half-open', since, reason: 'timeout', forced: false }, { party: 'other-party', operation: 'deed', position: 'open', since, reason: 'forced', forced: true }]);
    const [other, scripted] = (await gateway.call(OPERATOR, PARTIES)).data['parties'] as unknown as Record<string, unknown>[];
    expect(scripted).toEqual({
      name: PARTY, concurrency: 4, ratePerSecond: 2.5, paused: false, pausedReason: null, pausedBy: null, heldUntil: null, lastTakenAt: null, due: 4, leased: 1, unknown: 3, parked: 2, oldestOpenSeconds: expect.any(Number),
      circuits: [{ operation: 'deed', processId: 'worker-1', position: 'HALF_OPEN', since: '2026-03-15T10:00:00.000Z', reason: 'timeout', forced: false }],
    });
    expect(Math.round(Number(scripted?.['oldestOpenSeconds']) / 60)).toBe(24 * 60);
    expect(other).toMatchObject({ name: 'other-party', paused: true, pausedBy: 'op-2', pausedReason: 'they asked us', heldUntil: expect.any(String), due: 0, leased: 0, unknown: 0, parked: 0, oldestOpenSeconds: null, circuits: [{ position: 'OPEN', forced: true }] });
  });

  it('have no breakers of workers that have been silent', async () => {
    await new CircuitStore(test.database).report('worker-1', [{ party: PARTY, operation: 'deed', position: 'open', since: new Date(), reason: 'timeout', forced: false }]);
    await rows(`UPDATE circuit_states SET seen_at = now() - interval '16 seconds'`);
    expect((await gateway.call(OPERATOR, PARTIES)).data['parties']).toMatchObject([{ circuits: [] }, { circuits: [] }]);
  });
});

describe('an operator\'s action', () => {
  const RETRY = 'mutation ($id: ID!, $key: IdempotencyKey!, $reason: String!) { retryDelivery(idempotencyKey: $key, id: $id, reason: $reason) { __typename ... on DeliveryChanged { delivery { id state } } ... on DeliveryActionRefused { code message { en vi } delivery { id state } } ... on IdempotencyConflict { key message { en vi } } } }';
  const RETRY_MANY = 'mutation ($ids: [ID!]!, $key: IdempotencyKey!, $reason: String!) { retryDeliveries(idempotencyKey: $key, ids: $ids, reason: $reason) { __typename ... on DeliveriesActionDone { results { id done code } } ... on IdempotencyConflict { key } } }';
  const RESOLVE = 'mutation ($id: ID!, $key: IdempotencyKey!, $as: Resolution!) { resolveDelivery(idempotencyKey: $key, id: $id, as: $as, reason: "vì sao") { __typename ... on DeliveryChanged { delivery { id state reason resolvedBy } } } }';
  const onParty = (field: string, more = '') => `mutation ($party: String!, $key: IdempotencyKey!) { ${field}(idempotencyKey: $key, party: $party, ${more} reason: " vì sao ") { __typename ... on PartyChanged { party { name paused pausedReason pausedBy } } ... on IdempotencyConflict { key } } }`;
  const parked = async (lane = 'a', maybeSent = false): Promise<string> => {
    const id = await owe(test.database, lane, CODE);
    await rows(`UPDATE deliveries SET state = 'parked', reason = 'too-old', maybe_sent = $2 WHERE id = $1`, [id, maybeSent]);
    return id;
  };
  const key = 'key-of-this-action';

  it('shows the delivery after it, and again under its key', async () => {
    const id = await parked();
    const done = { retryDelivery: { __typename: 'DeliveryChanged', delivery: { id, state: 'DUE' } } };
    for (let n = 0; n < 2; n += 1) expect((await gateway.call(OPERATOR, RETRY, { id, key, reason: 'vì sao' })).data).toEqual(done);
    expect(await rows('SELECT actor, action, reason FROM operator_actions')).toEqual([{ actor: 'ops', action: 'retry-delivery', reason: 'vì sao' }]);
    expect((await gateway.call(OPERATOR, RETRY, { id, key, reason: 'khác' })).data['retryDelivery']).toEqual({ __typename: 'IdempotencyConflict', key, message: { en: expect.stringMatching(/other content/), vi: expect.stringMatching(/nội dung khác/) } });
  });

  it('that is refused says so with the delivery as it is, and what to do instead', async () => {
    const id = await parked('a', true);
    expect((await gateway.call(OPERATOR, RETRY, { id, key, reason: 'vì sao' })).data['retryDelivery']).toEqual({
      __typename: 'DeliveryActionRefused', code: 'ASK_FIRST', message: { en: expect.stringMatching(/Ask the party/), vi: expect.stringMatching(/hỏi đối tác/) }, delivery: { id, state: 'PARKED' } });
  });

  it('on many has a result for each', async () => {
    const [fine, refused] = [await parked('a'), await parked('b', true)];
    const variables = { ids: [refused, fine], key, reason: 'vì sao' };
    expect((await gateway.call(OPERATOR, RETRY_MANY, variables)).data['retryDeliveries']).toEqual({ __typename: 'DeliveriesActionDone', results: [{ id: refused, done: false, code: 'ASK_FIRST' }, { id: fine, done: true, code: null }] });
    expect((await gateway.call(OPERATOR, RETRY_MANY, { ...variables, ids: [fine] })).data['retryDeliveries']).toEqual({ __typename: 'IdempotencyConflict', key });
  });

  it.each([['DONE', 'ACCEPTED', 'resolved-as-done'], ['NOT_DONE', 'REJECTED', 'resolved-as-not-done']])('may end a delivery as %s', async (as, state, reason) => {
    const id = await parked();
    expect((await gateway.call(OPERATOR, RESOLVE, { id, key, as })).data['resolveDelivery']).toEqual({ __typename: 'DeliveryChanged', delivery: { id, state, reason, resolvedBy: 'OPERATOR' } });
  });

  it.each([[RETRY, { id: '999999', reason: 'vì sao' }, 'Not found'], [RESOLVE, { id: '999999', as: 'DONE' }, 'Not found'], [RETRY, { id: 'x', reason: 'vì sao' }, 'ids[0]'], [RESOLVE, { id: 'x', as: 'DONE' }, 'ids[0]'],
    [RETRY_MANY, { ids: [], reason: 'vì sao' }, 'ids'], [RETRY_MANY, { ids: ['1'], reason: ' ' }, 'reason']])('names what is wrong with it (%#)', async (document, variables, named) => {
    expect((await gateway.call(OPERATOR, document, { key, ...variables })).errors.map(({ message }) => message)).toEqual([expect.stringContaining(named)]);
    expect(await rows('SELECT 1 FROM operator_actions')).toEqual([]);
  });

  it('stops a party and lets it go again, with who and why', async () => {
    const variables = { party: PARTY, key };
    expect((await gateway.call(OPERATOR, onParty('pauseParty'), variables)).data['pauseParty']).toEqual({ __typename: 'PartyChanged', party: { name: PARTY, paused: true, pausedReason: 'vì sao', pausedBy: 'ops' } });
    expect((await gateway.call(OPERATOR, onParty('resumeParty'), { ...variables, key: 'another-key-0001' })).data['resumeParty']).toEqual({ __typename: 'PartyChanged', party: { name: PARTY, paused: false, pausedReason: null, pausedBy: null } });
    expect((await gateway.call(OPERATOR, onParty('resumeParty'), variables)).data['resumeParty']).toEqual({ __typename: 'IdempotencyConflict', key });
    expect((await gateway.call(OPERATOR, onParty('pauseParty'), { party: 'nobody', key: 'another-key-0002' })).errors.map(({ message }) => message)).toEqual(['Not found']);
  });

  it('moves a breaker, and gives it back', async () => {
    const force = (position: string) => gateway.call(OPERATOR, onParty('forceCircuit', `operation: "deed", position: ${position},`), { party: PARTY, key: `key-for-${position}` });
    const stands = () => rows('SELECT party, operation, position, reason, set_by FROM circuit_overrides');
    for (const position of ['OPEN', 'CLOSED']) {
      expect((await force(position)).data['forceCircuit']).toMatchObject({ __typename: 'PartyChanged', party: { name: PARTY } });
      expect(await stands()).toEqual([{ party: PARTY, operation: 'deed', position: position.toLowerCase(), reason: 'vì sao', set_by: 'ops' }]);
    }
    await force('AUTOMATIC');
    expect(await stands()).toEqual([]);
  });

  it.each([['retryDelivery', RETRY, { id: '1', reason: 'vì sao' }], ['retryDeliveries', RETRY_MANY, { ids: ['1'], reason: 'vì sao' }], ['resolveDelivery', RESOLVE, { id: '1', as: 'DONE' }], ['pauseParty', onParty('pauseParty'), { party: PARTY }],
    ['resumeParty', onParty('resumeParty'), { party: PARTY }], ['forceCircuit', onParty('forceCircuit', 'operation: "deed", position: OPEN,'), { party: PARTY }]])('%s is for operators and supervisors', async (name, document, variables) => {
    const forbidden = async (caller: Caller): Promise<boolean> => (await gateway.call(caller, document, { key, ...variables })).errors.some(({ message }) => message === 'This caller may not do that');
    expect(await Promise.all([PORTAL, AGENCY, LEADER, AUDITOR, OPERATOR, { ...OPERATOR, role: 'supervisor' as const }].map(forbidden))).toEqual([true, true, true, true, false, false]);
    expect(await forbidden(COMMUNE)).toBe(name.endsWith('Party') || name === 'forceCircuit');
  });
});
