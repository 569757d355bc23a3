import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CircuitStore } from '../../../src/deliveries/circuit-store.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { PartyStore } from '../../../src/deliveries/party-store.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PARTY, owe } from '../../support/scripted-party.js';

let test: TestDatabase;
let store: DeliveryStore;
let parties: PartyStore;
const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => (await test.database.query(sql, values)).rows;
const lease = (limit = 5) => store.lease({ party: PARTY, limit, leaseMs: 60_000, ask: [], blocked: [], settling: [] });

beforeAll(async () => {
  test = await createTestDatabase();
  store = new DeliveryStore(test.database);
  parties = new PartyStore(test.database);
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, legal_holds, circuit_overrides');
  await parties.declare({ party: PARTY, concurrency: 4, ratePerSecond: null });
});

describe('leases', () => {
  it('are extended for who holds them only', async () => {
    for (const lane of ['a', 'b']) await owe(test.database, lane, lane);
    const [mine, lost] = await lease();
    const ends = () => rows('SELECT lease_until > now() + interval \'1 hour\' AS later FROM deliveries ORDER BY id = $1 DESC', [mine?.id]);
    await store.extendLeases([mine?.id ?? '', lost?.id ?? ''], [mine?.leaseToken ?? '', '00000000-0000-4000-8000-000000000000'], 7_200_000);
    expect(await ends()).toEqual([{ later: true }, { later: false }]);
  });

  it('are given within the party\'s limits as they were last declared', async () => {
    for (const lane of ['a', 'b', 'c']) await owe(test.database, lane, lane);
    await parties.declare({ party: PARTY, concurrency: 1, ratePerSecond: null });
    expect([(await lease()).length, (await lease()).length]).toEqual([1, 0]);
    expect((await parties.list())[0]?.lastTakenAt).toBeInstanceOf(Date);
  });
});

describe('what is past its age', () => {
  it('is parked where it is the head of its lane and waits, and the portal hears of each', async () => {
    const ids: string[] = [];
    for (const state of ['due', 'unknown', 'parked']) {
      ids.push(await owe(test.database, state, state, { maxAgeMs: -1 }));
      await rows(`UPDATE deliveries SET state = $2 WHERE id = $1`, [ids.at(-1), state]);
    }
    await owe(test.database, 'due', 'behind', { maxAgeMs: -1 });
    await owe(test.database, 'young', 'young');
    expect(await store.parkOverdue('other-party')).toBe(0);
    expect(await store.parkOverdue(PARTY)).toBe(2);
    expect(await rows('SELECT type, dossier_code, delivery_id, operation, reason FROM events ORDER BY id')).toEqual(
      ['due', 'unknown'].map((key, index) => ({ type: 'delivery.parked', dossier_code: key, delivery_id: ids[index], operation: 'deed', reason: 'too-old' })));
    expect(await rows(`SELECT subject_key FROM deliveries WHERE state = 'due' ORDER BY id`)).toEqual([{ subject_key: 'behind' }, { subject_key: 'young' }]);
  });
});

describe('journals', () => {
  it('are forgotten when they are old and their delivery is finished and not held, so many at a time', async () => {
    const [done, open, held] = [await owe(test.database, 'done', 'k'), await owe(test.database, 'open', 'k'), await owe(test.database, 'held', 'k')];
    await rows(`UPDATE deliveries SET state = 'rejected', settled_at = now() WHERE id = ANY ($1)`, [[done, held]]);
    await rows(`INSERT INTO legal_holds (dossier_code, reason, placed_by) VALUES ('held', 'a suit', 'op')`);
    for (const id of [done, open, held]) {
      await rows(`INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, correlation_id, exchanges)
        SELECT $1, n, 'send', now() - n * interval '1 day' - interval '1 minute', 1, 'retry', 'c', '[]' FROM unnest(ARRAY[32, 31, 30, 29]) AS n`, [id]);
    }
    expect([await store.pruneAttempts(30, 2), await store.pruneAttempts(30, 2), await store.pruneAttempts(30, 2)]).toEqual([2, 1, 0]);
    expect((await store.attempts([done, open, held])).map(({ deliveryId, number }) => `${deliveryId} ${String(number)}`)).toEqual(
      [`${done} 29`, ...[open, held].flatMap((id) => [32, 31, 30, 29].map((n) => `${id} ${String(n)}`))]);
  });
});

describe('deliveries of many lanes', () => {
  it('are the newest of each lane, in its order', async () => {
    const ids: Record<string, string[]> = { a: [], b: [] };
    for (const lane of ['b', 'a', 'b', 'a', 'b']) ids[lane]?.push(await owe(test.database, lane, lane));
    expect((await store.listByLanes(['b', 'a', 'none'], 2)).map(({ id }) => id)).toEqual([...ids['a'] ?? [], ...ids['b']?.slice(1) ?? []]);
    expect(await store.listByLanes([], 2)).toEqual([]);
  });
});

describe('parties', () => {
  it('say whether anything changed: paused once, resumed once, and a hold is ended by it too', async () => {
    const by = { actor: 'op', reason: 'why' };
    expect([await parties.resume(test.database, PARTY), await parties.pause(test.database, PARTY, by), await parties.pause(test.database, PARTY, by)]).toEqual([false, true, false]);
    expect([await parties.resume(test.database, PARTY), await parties.resume(test.database, PARTY)]).toEqual([true, false]);
    await parties.hold(PARTY, 60_000, 'busy');
    await owe(test.database, 'a', 'a');
    expect(await store.partiesWithDueWork()).toEqual([]);
    expect(await parties.resume(test.database, PARTY)).toBe(true);
    expect(await store.partiesWithDueWork()).toEqual([{ party: PARTY, oldestSeconds: expect.any(Number) }]);
  });

  it('are held until the later of two times', async () => {
    await parties.hold(PARTY, 3_600_000, 'busy');
    const first = (await parties.list())[0]?.heldUntil;
    await parties.hold(PARTY, 1, 'busy');
    expect((await parties.list())[0]?.heldUntil).toEqual(first);
  });

  it('have breakers that are given back once', async () => {
    const circuits = new CircuitStore(test.database);
    await circuits.setOverride(test.database, { party: PARTY, operation: 'deed', position: 'open' }, { actor: 'op', reason: 'why' });
    expect([await circuits.clearOverride(test.database, PARTY, 'deed'), await circuits.clearOverride(test.database, PARTY, 'deed')]).toEqual([true, false]);
  });
});
