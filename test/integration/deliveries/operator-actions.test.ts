import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import type { AgencyModule } from '../../../src/agencies/agency-module.js';
import { CircuitStore } from '../../../src/deliveries/circuit-store.js';
import type { DeliveryOperation, WhenUnknown } from '../../../src/deliveries/delivery-operation.js';
import type { EffectClass } from '../../../src/deliveries/delivery.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { OperatorService } from '../../../src/deliveries/operator-service.js';
import type { DeliveryCall } from '../../../src/deliveries/operator-service.js';
import { OperatorStore } from '../../../src/deliveries/operator-store.js';
import { PartyStore } from '../../../src/deliveries/party-store.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, lockWaiters } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PARTY, ScriptedParty, owe } from '../../support/scripted-party.js';

let test: TestDatabase;
let store: DeliveryStore;
let parties: PartyStore;
let party: ScriptedParty;
let rings: string[];
let agencies: AgencyModule;

const service = (...operations: DeliveryOperation[]): OperatorService => new OperatorService({
  database: test.database, store: new OperatorStore(), parties, circuits: new CircuitStore(test.database),
  operations, bell: { ring: (name) => rings.push(name) }, agencies, settings: { fingerprintKey: Buffer.alloc(32, 1), keepHours: 24 },
});

const call = (key: string, over: Partial<DeliveryCall> = {}): DeliveryCall =>
  ({ caller: { client: 'op-1', role: 'supervisor', agencyScope: null }, idempotencyKey: key, reason: 'because', correlationId: 'c-1', ...over });
const OWN = '000.12.34.H42-260315-0007';
const ofCommune = (key: string): DeliveryCall => call(key, { caller: { client: 'op-ward', role: 'operator', agencyScope: '000.12.34.H42' } });

const set = async (id: string, to: { state: string; maybeSent?: boolean }): Promise<void> => {
  const token = to.state === 'leased' ? 'gen_random_uuid()' : 'NULL';
  const settled = to.state === 'accepted' || to.state === 'rejected' ? 'now()' : 'NULL';
  await test.database.query(`UPDATE deliveries SET state = $2, maybe_sent = $3, reason = 'why', reason_text = 'words', failures = 4, waits_for = NULL,
    lease_token = ${token}, lease_until = now() + interval '1 hour', lease_purpose = 'send', settled_at = ${settled} WHERE id = $1`, [id, to.state, to.maybeSent ?? false]);
};
const owed = async (state: string, maybeSent = false): Promise<string> => {
  const id = await owe(test.database, 'a', 'a1');
  await set(id, { state, maybeSent });
  return id;
};
const sentAgo = (id: string, ms: number): Promise<unknown> => test.database.query(`INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, correlation_id, exchanges)
  VALUES ($1, 1, 'send', clock_timestamp() - $2 * interval '1 millisecond', 5, 'unknown', 'c', '[]')`, [id, ms]);

const audit = async () => (await test.database.query('SELECT actor, role, action, target, reason, detail FROM operator_actions ORDER BY id')).rows;
const events = async () => (await test.database.query('SELECT type, dossier_code, delivery_id, operation, reason FROM events ORDER BY id')).rows;

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query(`INSERT INTO agencies (code, name_vi, kind, level) VALUES ('000.12.34.H42', 'Phường Hoa Lư', 'WARD', 'COMMUNE')`);
  await test.database.query(`INSERT INTO agency_codes (agency_code, code, confidence) VALUES ('000.12.34.H42', '000.12.34.H42', 'HIGH')`);
  store = new DeliveryStore(test.database);
  parties = new PartyStore(test.database);
  agencies = createAgencyModule({ database: test.database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 1), keepHours: 24 } });
});
afterAll(() => test.drop());
beforeEach(async () => {
  rings = [];
  party = new ScriptedParty();
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions, idempotency_keys, circuit_overrides, access_attempts');
  for (const name of [PARTY, 'other-party']) await parties.declare({ party: name, concurrency: 4, ratePerSecond: null });
});

describe('what an operator did', () => {
  const by = { actor: 'op-1', role: 'supervisor', reason: 'because' };

  it.each([
    ['retry-delivery', (operators: OperatorService, id: string) => operators.retry(call('k'), [id])],
    ['resolve-as-done', (operators: OperatorService, id: string) => operators.resolve(call('k'), id, 'DONE')],
    ['resolve-as-not-done', (operators: OperatorService, id: string) => operators.resolve(call('k'), id, 'NOT_DONE')],
  ] as const)('%s is written down with the state it was in and the dossier', async (action, act) => {
    const id = await owed('parked');
    await act(service(party.operation()), id);
    expect(await audit()).toEqual([{ ...by, action, target: `delivery/${id}`, detail: { from: 'parked', dossier: 'a1' } }]);
    expect(rings).toEqual([PARTY]);
  });

  it.each([
    ['pause-party', {}, (operators: OperatorService) => operators.pause(call('k'), PARTY)],
    ['resume-party', {}, (operators: OperatorService) => operators.resume(call('k'), PARTY)],
    ['force-circuit-open', { operation: 'deed' }, (operators: OperatorService) => operators.forceCircuit(call('k'), { party: PARTY, operation: 'deed', position: 'open' })],
    ['force-circuit-closed', { operation: 'deed' }, (operators: OperatorService) => operators.forceCircuit(call('k'), { party: PARTY, operation: 'deed', position: 'closed' })],
    ['force-circuit-automatic', { operation: 'deed' }, (operators: OperatorService) => operators.forceCircuit(call('k'), { party: PARTY, operation: 'deed', position: null })],
  ] as const)('%s is written down, and workers are told', async (action, detail, act) => {
    expect(await act(service(party.operation()))).toEqual({ kind: 'done', result: null });
    expect(await audit()).toEqual([{ ...by, action, target: `party/${PARTY}`, detail }]);
    expect(rings).toEqual([PARTY]);
  });

  it('stands beside the party that was paused and the breaker that was moved', async () => {
    const operators = service(party.operation());
    await operators.pause(call('k1', { reason: 'the first reason' }), PARTY);
    await operators.pause(call('k2', { reason: 'a later one' }), PARTY);
    expect((await parties.list()).find((status) => status.party === PARTY)).toMatchObject({ paused: true, pausedBy: 'op-1', pausedReason: 'the first reason' });
    await operators.forceCircuit(call('k3'), { party: PARTY, operation: 'deed', position: 'open' });
    await operators.forceCircuit(call('k4', { reason: 'they are back' }), { party: PARTY, operation: 'deed', position: 'closed' });
    const { rows } = await test.database.query('SELECT party, operation, position, reason, set_by FROM circuit_overrides');
    expect(rows).toEqual([{ party: PARTY, operation: 'deed', position: 'closed', reason: 'they are back', set_by: 'op-1' }]);
  });

  it('is undone where its domain cannot follow', async () => {
    const id = await owed('parked');
    const failing = { ...party.operation(), settled: () => Promise.reject(new Error('no such dossier')) };
    await expect(service(failing).resolve(call('k'), id, 'DONE')).rejects.toThrow('no such dossier');
    expect([(await store.find(id))?.state, await audit(), await events(), rings]).toEqual(['parked', [], [], []]);
    expect(await service(party.operation()).resolve(call('k'), id, 'DONE')).toMatchObject({ kind: 'done' });
  });
});

describe('a retry', () => {
  const WAIT = { afterMs: 60_000 };
  const ask: WhenUnknown = { act: 'ask', ...WAIT };
  const repeat: WhenUnknown = { act: 'repeat', ...WAIT, because: 'it is keyed' };

  it.each<readonly [string, { state: string; maybeSent: boolean; effect: EffectClass; whenUnknown: WhenUnknown }, string]>([
    ['sends what was never sent', { state: 'parked', maybeSent: false, effect: 'keyed', whenUnknown: ask }, 'due'],
    ['sends what was never sent, were it unsafe and could not be asked for', { state: 'parked', maybeSent: false, effect: 'unsafe', whenUnknown: { act: 'park' } }, 'due'],
    ['asks for what may have been sent', { state: 'parked', maybeSent: true, effect: 'keyed', whenUnknown: ask }, 'unknown'],
    ['asks for what is unsafe and may have been sent', { state: 'parked', maybeSent: true, effect: 'unsafe', whenUnknown: ask }, 'unknown'],
    ['repeats what the party would recognise', { state: 'parked', maybeSent: true, effect: 'keyed', whenUnknown: repeat }, 'due'],
    ['repeats what the party would recognise, of which nothing is done by itself', { state: 'parked', maybeSent: true, effect: 'keyed', whenUnknown: { act: 'park' } }, 'due'],
    ['reads again what it may have read', { state: 'parked', maybeSent: true, effect: 'read', whenUnknown: ask }, 'due'],
    ['asks at once where it was going to ask', { state: 'unknown', maybeSent: false, effect: 'keyed', whenUnknown: repeat }, 'unknown'],
    ['sends at once what waits', { state: 'due', maybeSent: false, effect: 'keyed', whenUnknown: ask }, 'due'],
  ])('%s', async (_what, { state, maybeSent, effect, whenUnknown }, becomes) => {
    const id = await owed(state, maybeSent);
    await test.database.query(`UPDATE deliveries SET due_at = now() + interval '1 day', waits_for = 'version' WHERE id = $1`, [id]);
    expect(await service(party.operation({ effect, whenUnknown })).retry(call('k'), [id])).toEqual({ kind: 'done', result: [{ id, refused: null }] });
    const after = await store.find(id);
    expect(after).toMatchObject({ state: becomes, reason: null, reasonText: null, failures: 0, maybeSent });
    expect(after?.dueAt.getTime()).toBeLessThan(Date.now() + 1_000);
    expect((await test.database.query('SELECT 1 FROM deliveries WHERE waits_for IS NOT NULL')).rowCount).toBe(0);
    expect(await events()).toEqual(state === 'parked' ? [{ type: 'delivery.repaired', dossier_code: 'a1', delivery_id: id, operation: 'deed', reason: 'retried' }] : []);
  });

  it.each<readonly [string, WhenUnknown, number]>([
    ['asks no earlier than a delayed send could arrive', ask, 60_000], ['repeats no earlier', repeat, 60_000], ['does not wait where nothing says how long', { act: 'park' }, 0],
  ])('%s', async (_what, whenUnknown, waitsMs) => {
    const id = await owed('parked', true);
    await sentAgo(id, 20_000);
    const clock = async (): Promise<number> => (await test.database.query<{ at: Date }>('SELECT clock_timestamp() AS at')).rows[0]?.at.getTime() ?? 0;
    const before = await clock();
    await service(party.operation({ whenUnknown })).retry(call('k'), [id]);
    const { rows: [sent] } = await test.database.query<{ at: Date }>('SELECT started_at AS at FROM attempts WHERE delivery_id = $1', [id]);
    const dueMs = (await store.find(id))?.dueAt.getTime() ?? 0;
    if (waitsMs > 0) expect(dueMs - (sent?.at.getTime() ?? 0)).toBe(waitsMs);
    else expect([dueMs >= before, dueMs <= await clock()]).toEqual([true, true]);
  });

  it('never brings the age limit nearer', async () => {
    const id = await owed('parked');
    const before = (await store.find(id))?.parkAt;
    await service(party.operation({ maxAgeMs: 1_000 })).retry(call('k'), [id]);
    expect((await store.find(id))?.parkAt).toEqual(before);
  });

  it.each([['accepted', 'NOT_OPEN'], ['rejected', 'NOT_OPEN'], ['leased', 'IN_FLIGHT']])('of what is %s is refused as %s, and leaves no trace', async (state, refused) => {
    const id = await owed(state);
    expect(await service(party.operation()).retry(call('k'), [id])).toEqual({ kind: 'done', result: [{ id, refused }] });
    expect([(await store.find(id))?.state, await audit(), await events(), rings]).toEqual([state, [], [], []]);
  });

  it('of an operation that this release does not know is refused', async () => {
    const id = await owed('parked');
    expect(await service(party.operation({ name: 'another' })).retry(call('k'), [id])).toEqual({ kind: 'done', result: [{ id, refused: 'NOT_OPEN' }] });
  });

  it('of many is done in the order of their ids, once each, answered as asked, and rung for once', async () => {
    await test.database.query('ALTER SEQUENCE delivery_ids RESTART WITH 9');
    const ids = [await owe(test.database, 'a', 'a1'), await owe(test.database, 'b', 'b1')];
    expect(ids).toEqual(['9', '10']);
    for (const id of ids) await set(id, { state: 'parked' });
    const asked = ['10', '9', '10'];
    expect(await service(party.operation()).retry(call('k'), asked)).toEqual({ kind: 'done', result: asked.map((id) => ({ id, refused: null })) });
    expect((await audit()).map((row) => row['target'] as string)).toEqual(['delivery/9', 'delivery/10']);
    expect(rings).toEqual([PARTY]);
  });
});

describe('an end by hand', () => {
  it.each([['DONE', 'accepted', 'resolved-as-done'], ['NOT_DONE', 'rejected', 'resolved-as-not-done']] as const)('as %s makes it %s, and its domain and the portal hear why', async (as, state, reason) => {
    for (const from of ['parked', 'unknown']) {
      await test.database.query('TRUNCATE deliveries, lanes, events');
      party.settled.length = 0;
      const id = await owed(from);
      expect(await service(party.operation()).resolve(call(from), id, as)).toEqual({ kind: 'done', result: [{ id, refused: null }] });
      expect(await store.find(id)).toMatchObject({ state, reason, resolvedBy: 'operator', head: false, settledAt: expect.any(Date) });
      expect(party.settled).toEqual([{ delivery: expect.objectContaining({ id, subjectKey: 'a1' }), to: state, reason, items: new Map() }]);
      expect(await events()).toEqual([{ type: 'delivery.repaired', dossier_code: 'a1', delivery_id: id, operation: 'deed', reason }]);
      expect((await test.database.query('SELECT open_count FROM lanes')).rows).toEqual([{ open_count: 0 }]);
    }
  });

  it.each([['due', 'NOT_OPEN'], ['accepted', 'NOT_OPEN'], ['rejected', 'NOT_OPEN'], ['leased', 'IN_FLIGHT']])('of what is %s is refused as %s', async (state, refused) => {
    const id = await owed(state);
    expect(await service(party.operation()).resolve(call('k'), id, 'DONE')).toEqual({ kind: 'done', result: [{ id, refused }] });
    expect([(await store.find(id))?.state, party.settled, await audit(), rings]).toEqual([state, [], [], []]);
  });

  it('needs no operation of this release', async () => {
    const id = await owed('parked');
    await service().resolve(call('k'), id, 'NOT_DONE');
    expect((await store.find(id))?.state).toBe('rejected');
  });
});

describe('locks', () => {
  const waiting = async (): Promise<boolean> => await lockWaiters(test.database) > 0;

  it('an action waits for the lane before it touches the delivery, as the engine does', async () => {
    const id = await owed('parked');
    let acting: Promise<unknown> | undefined;
    await test.database.transaction(async (client) => {
      await client.query(`SELECT 1 FROM lanes WHERE party = $1 AND lane = 'a' FOR UPDATE`, [PARTY]);
      acting = service(party.operation()).retry(call('k'), [id]);
      await eventually('the action waits', waiting);
      expect((await client.query('SELECT 1 FROM deliveries WHERE id = $1 FOR UPDATE SKIP LOCKED', [id])).rowCount).toBe(1);
      await client.query(`UPDATE deliveries SET state = 'accepted', settled_at = now() WHERE id = $1`, [id]);
    });
    expect(await acting).toEqual({ kind: 'done', result: [{ id, refused: 'NOT_OPEN' }] });
  });

  it('who may not see a delivery does not wait for its lane', async () => {
    const id = await owed('parked');
    await test.database.transaction(async (client) => {
      await client.query('SELECT 1 FROM lanes FOR UPDATE');
      expect(await service(party.operation()).retry(ofCommune('k'), [id])).toEqual({ kind: 'done', result: [{ id, refused: 'NOT_FOUND' }] });
    });
  });
});

describe('a limited operator', () => {
  const attempts = async () => (await test.database.query('SELECT client, role, operation, target_kind, target, existed, correlation_id FROM access_attempts ORDER BY target::bigint')).rows;

  it('finds nothing of others, and that each was named is kept', async () => {
    const id = await owed('parked');
    const operators = service(party.operation());
    expect(await operators.retry(ofCommune('k1'), [id, '999999'])).toEqual({ kind: 'done', result: [{ id, refused: 'NOT_FOUND' }, { id: '999999', refused: 'NOT_FOUND' }] });
    const kept = { client: 'op-ward', role: 'operator', operation: 'retry-delivery', target_kind: 'delivery', correlation_id: 'c-1' };
    expect(await attempts()).toEqual([{ ...kept, target: id, existed: true }, { ...kept, target: '999999', existed: false }]);
    expect([await audit(), rings]).toEqual([[], []]);
    await operators.resolve(ofCommune('k2'), id, 'DONE');
    expect((await attempts()).map(({ operation }) => operation as string).sort()).toEqual(['resolve-as-done', 'retry-delivery', 'retry-delivery']);
    expect((await store.find(id))?.state).toBe('parked');
  });

  it('acts on what is its own; that something of its own was not done is no attempt on others', async () => {
    await test.database.query(`INSERT INTO status_reports (dossier_code, national_code, client, status, processed_at, key_id, content) VALUES ($1, $1, 'p', 'RECEIVED', now(), 'k1', '{}')`, [OWN]);
    const [parked, inFlight] = [await owe(test.database, 'a', OWN), await owe(test.database, 'b', OWN)];
    await set(parked, { state: 'parked' });
    await set(inFlight, { state: 'leased' });
    expect(await service(party.operation()).retry(ofCommune('k'), [inFlight, parked])).toEqual({ kind: 'done', result: [{ id: inFlight, refused: 'IN_FLIGHT' }, { id: parked, refused: null }] });
    expect([await attempts(), rings]).toEqual([[], [PARTY]]);
  });

  it('is told of a key used twice, which is no attempt either; nor is what an operator of the province does not find', async () => {
    const operators = service(party.operation());
    await operators.pause(ofCommune('k1'), PARTY);
    expect(await operators.retry(ofCommune('k1'), ['999999'])).toEqual({ kind: 'conflict', key: 'k1' });
    expect(await operators.retry(call('k1'), ['999999'])).toEqual({ kind: 'done', result: [{ id: '999999', refused: 'NOT_FOUND' }] });
    expect(await attempts()).toEqual([]);
  });
});

describe('a key of an action', () => {
  it('stands for its action, its targets and its reason, and for no others', async () => {
    const operators = service(party.operation());
    const id = await owed('parked');
    const second = await owe(test.database, 'b', 'b1');
    await operators.retry(call('k1'), [id]);
    const conflict = (key: string) => ({ kind: 'conflict', key });
    expect(await operators.retry(call('k1'), [second])).toEqual(conflict('k1'));
    expect(await operators.resolve(call('k1'), id, 'DONE')).toEqual(conflict('k1'));
    expect(await operators.retry(call('k1', { reason: 'another' }), [id])).toEqual(conflict('k1'));
    await operators.forceCircuit(call('k2'), { party: PARTY, operation: 'deed', position: 'open' });
    expect(await operators.forceCircuit(call('k2'), { party: PARTY, operation: 'other-deed', position: 'open' })).toEqual(conflict('k2'));
    expect(await operators.forceCircuit(call('k2'), { party: 'other-party', operation: 'deed', position: 'open' })).toEqual(conflict('k2'));
    expect(await operators.pause(call('k2'), PARTY)).toEqual(conflict('k2'));
    expect(await audit()).toHaveLength(2);
  });

  it('is kept for as long as is set', async () => {
    await service().pause(call('k'), PARTY);
    const { rows } = await test.database.query<{ hours: number; operation: string; client: string }>('SELECT client, operation, round(extract(epoch FROM expires_at - created_at) / 3600)::integer AS hours FROM idempotency_keys');
    expect(rows).toEqual([{ client: 'op-1', operation: 'pause-party', hours: 24 }]);
  });

  it('an unknown party is refused before the key is used', async () => {
    const operators = service();
    await expect(operators.forceCircuit(call('k'), { party: 'nobody', operation: 'deed', position: 'open' })).rejects.toThrow('Not found');
    expect(await operators.pause(call('k'), PARTY)).toEqual({ kind: 'done', result: null });
    expect(rings).toEqual([PARTY]);
  });
});
