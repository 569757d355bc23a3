import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import type { AgencyModule } from '../../../src/agencies/agency-module.js';
import { CircuitStore } from '../../../src/deliveries/circuit-store.js';
import type { DeliveryOperation } from '../../../src/deliveries/delivery-operation.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { OperatorService } from '../../../src/deliveries/operator-service.js';
import type { DeliveryCall } from '../../../src/deliveries/operator-service.js';
import { OperatorStore } from '../../../src/deliveries/operator-store.js';
import { PartyStore } from '../../../src/deliveries/party-store.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PARTY, ScriptedParty, owe } from '../../support/scripted-party.js';

let test: TestDatabase;
let store: DeliveryStore;
let party: ScriptedParty;
let rings: string[];
let agencies: AgencyModule;

const service = (operation: DeliveryOperation): OperatorService => new OperatorService({
  database: test.database, store: new OperatorStore(), parties: new PartyStore(test.database), circuits: new CircuitStore(test.database),
  operations: [operation], bell: { ring: (name) => rings.push(name) }, agencies, settings: { fingerprintKey: Buffer.alloc(32, 1), keepHours: 24 },
});

const call = (key: string, reason = 'because'): DeliveryCall => ({ caller: { client: 'op-1', role: 'operator', agencyScope: null }, idempotencyKey: key, reason, correlationId: 'c-1' });

const park = async (id: string, over: { maybeSent?: boolean; reason?: string } = {}): Promise<void> => {
  await test.database.query(`UPDATE deliveries SET state = 'parked', reason = $2, maybe_sent = $3 WHERE id = $1`, [id, over.reason ?? 'too-old', over.maybeSent ?? false]);
};

const audit = async () => (await test.database.query('SELECT actor, role, action, target, reason FROM operator_actions ORDER BY id')).rows;

beforeAll(async () => {
  test = await createTestDatabase();
  store = new DeliveryStore(test.database);
  agencies = createAgencyModule({ database: test.database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 1), keepHours: 24 } });
});
afterAll(() => test.drop());
beforeEach(async () => {
  rings = [];
  party = new ScriptedParty();
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions, idempotency_keys, circuit_overrides');
  await new PartyStore(test.database).declare({ party: PARTY, concurrency: 4, ratePerSecond: null });
});

describe('retry', () => {
  it('sets a parked delivery free, with a new age limit, an audit row, an event and a ring', async () => {
    const id = await owe(test.database, 'a', 'a1', { maxAgeMs: 1 });
    await park(id);
    expect(await service(party.operation()).retry(call('k1'), [id])).toEqual({ kind: 'done', result: [{ id, refused: null }] });
    const after = await store.find(id);
    expect(after).toMatchObject({ state: 'due', reason: null, failures: 0 });
    expect(after?.parkAt.getTime()).toBeGreaterThan(Date.now() + 1_000_000);
    expect(await audit()).toEqual([{ actor: 'op-1', role: 'operator', action: 'retry-delivery', target: `delivery/${id}`, reason: 'because' }]);
    expect((await test.database.query('SELECT type FROM events')).rows).toEqual([{ type: 'delivery.repaired' }]);
    expect(rings).toEqual([PARTY]);
  });

  it('never repeats blindly what may have been sent: the party is asked', async () => {
    const id = await owe(test.database, 'a', 'a1');
    await park(id, { maybeSent: true });
    await service(party.operation()).retry(call('k1'), [id]);
    expect((await store.find(id))?.state).toBe('unknown');
  });

  it('waits out the in-flight time of the last send before it asks', async () => {
    const id = await owe(test.database, 'a', 'a1');
    await park(id, { maybeSent: true });
    await test.database.query(`INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, correlation_id, exchanges)
      VALUES ($1, 1, 'send', clock_timestamp(), 5, 'unknown', 'c', '[]')`, [id]);
    await service(party.operation({ whenUnknown: { act: 'ask', afterMs: 90_000 } })).retry(call('k1'), [id]);
    expect((await store.find(id))?.dueAt.getTime()).toBeGreaterThan(Date.now() + 60_000);
  });

  it('refuses to replay an unsafe effect that may have been done and cannot be asked about', async () => {
    const id = await owe(test.database, 'a', 'a1');
    await park(id, { maybeSent: true });
    const unsafe = service(party.operation({ effect: 'unsafe', whenUnknown: { act: 'park' } }));
    expect(await unsafe.retry(call('k1'), [id])).toEqual({ kind: 'done', result: [{ id, refused: 'ASK_FIRST' }] });
    expect((await store.find(id))?.state).toBe('parked');
    expect(await audit()).toEqual([]);
  });

  it('answers per delivery: one that cannot be retried harms no other', async () => {
    const fine = await owe(test.database, 'a', 'a1');
    const inFlight = await owe(test.database, 'b', 'b1');
    await park(fine);
    await test.database.query(`UPDATE deliveries SET state = 'leased', lease_token = gen_random_uuid(), lease_until = now(), lease_purpose = 'send' WHERE id = $1`, [inFlight]);
    const done = await service(party.operation()).retry(call('k1'), [inFlight, fine, '999999']);
    expect(done).toEqual({ kind: 'done', result: [{ id: inFlight, refused: 'IN_FLIGHT' }, { id: fine, refused: null }, { id: '999999', refused: 'NOT_FOUND' }] });
  });
});

describe('idempotency of actions', () => {
  it('ten simultaneous calls with one key have one effect and one answer', async () => {
    const id = await owe(test.database, 'a', 'a1');
    await park(id);
    const operators = service(party.operation());
    const answers = await Promise.all(Array.from({ length: 10 }, () => operators.retry(call('same'), [id])));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await audit()).toHaveLength(1);
  });

  it('the same key with other content is a conflict, and another client may use it', async () => {
    const id = await owe(test.database, 'a', 'a1');
    await park(id);
    const operators = service(party.operation());
    await operators.retry(call('same'), [id]);
    expect(await operators.retry(call('same', 'another reason'), [id])).toEqual({ kind: 'conflict', key: 'same' });
    expect(await operators.pause({ ...call('same'), caller: { client: 'op-2', role: 'operator', agencyScope: null } }, PARTY)).toEqual({ kind: 'done', result: null });
  });

  it('an expired key may be used again', async () => {
    const operators = service(party.operation());
    await operators.pause(call('same'), PARTY);
    await test.database.query(`UPDATE idempotency_keys SET expires_at = now() - interval '1 second'`);
    expect(await operators.resume(call('same'), PARTY)).toEqual({ kind: 'done', result: null });
  });
});

describe('resolve', () => {
  it('finishes a parked delivery, tells its domain, and lets the lane go on', async () => {
    const id = await owe(test.database, 'a', 'a1');
    const next = await owe(test.database, 'a', 'a2');
    await park(id, { maybeSent: true });
    await service(party.operation()).resolve(call('k1'), id, 'DONE');
    expect(await store.find(id)).toMatchObject({ state: 'accepted', resolvedBy: 'operator', reason: 'resolved-as-done', head: false });
    expect(await store.find(next)).toMatchObject({ state: 'due', head: true });
    expect(party.settled.map((settled) => settled.to)).toEqual(['accepted']);
  });

  it('refuses what is finished and what has not been tried', async () => {
    const id = await owe(test.database, 'a', 'a1');
    const operators = service(party.operation());
    expect(await operators.resolve(call('k1'), id, 'DONE')).toEqual({ kind: 'done', result: [{ id, refused: 'NOT_OPEN' }] });
    await park(id);
    await operators.resolve(call('k2'), id, 'NOT_DONE');
    expect(await operators.resolve(call('k3'), id, 'DONE')).toEqual({ kind: 'done', result: [{ id, refused: 'NOT_OPEN' }] });
    expect((await store.find(id))?.state).toBe('rejected');
  });
});

describe('party and breakers', () => {
  it('a paused party gives no leases; resumed, it does', async () => {
    await owe(test.database, 'a', 'a1');
    const operators = service(party.operation());
    const lease = () => store.lease({ party: PARTY, limit: 5, leaseMs: 1_000, ask: [], blocked: [], settling: [] });
    await operators.pause(call('k1'), PARTY);
    expect(await lease()).toHaveLength(0);
    await operators.resume(call('k2'), PARTY);
    expect(await lease()).toHaveLength(1);
    expect((await audit()).map((row) => row['action'] as string)).toEqual(['pause-party', 'resume-party']);
  });

  it('an unknown party is not found, and nothing is written', async () => {
    await expect(service(party.operation()).pause(call('k1'), 'nobody')).rejects.toThrow('Not found');
    expect(await audit()).toEqual([]);
  });

  it('a forced breaker is kept for all workers until it is given back', async () => {
    const operators = service(party.operation());
    const circuits = new CircuitStore(test.database);
    await operators.forceCircuit(call('k1'), { party: PARTY, operation: 'deed', position: 'open' });
    expect(await circuits.overrides()).toEqual([{ party: PARTY, operation: 'deed', position: 'open' }]);
    await operators.forceCircuit(call('k2'), { party: PARTY, operation: 'deed', position: null });
    expect(await circuits.overrides()).toEqual([]);
  });
});
