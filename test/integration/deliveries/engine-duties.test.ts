import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { CircuitStore } from '../../../src/deliveries/circuit-store.js';
import type { Circuits } from '../../../src/deliveries/circuit-port.js';
import type { DeliveryEngine } from '../../../src/deliveries/delivery-engine.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { PartyStore } from '../../../src/deliveries/party-store.js';
import { Database } from '../../../src/store/database.js';
import { createTestEngine } from '../../support/engine.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { CLOSED_CIRCUITS, PARTY, ScriptedParty, owe } from '../../support/scripted-party.js';

const LIMITS = { party: PARTY, concurrency: 8, ratePerSecond: null };
const REAL = ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const;

let test: TestDatabase;
let party: ScriptedParty;
let store: DeliveryStore;
let parties: PartyStore;
let circuitStore: CircuitStore;
let logged: Record<string, unknown>[];
let engines: DeliveryEngine[];

const engineOf = (over: Partial<Parameters<typeof createTestEngine>[1]> = {}, database = test.database): DeliveryEngine => {
  const logger = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
  const engine = createTestEngine(database, { operations: [party.operation()], logger, ...over });
  engines.push(engine);
  return engine;
};
const saying = (msg: string): Record<string, unknown>[] => logged.filter((line) => line['msg'] === msg);
const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => (await test.database.query(sql, values)).rows;
const stateOf = async (id: string): Promise<string> => (await store.find(id))?.state ?? 'gone';
/** What a worker that is gone had in its hands. */
const leftLeased = async (id: string): Promise<unknown> => rows(`UPDATE deliveries SET state = 'leased', lease_token = gen_random_uuid(), lease_until = now() - interval '1 second', lease_purpose = 'send' WHERE id = $1`, [id]);
const withoutTable = async (table: string, during: () => Promise<unknown>): Promise<void> => {
  await rows(`ALTER TABLE ${table} RENAME TO away`);
  await during().finally(() => rows(`ALTER TABLE away RENAME TO ${table}`));
};

beforeAll(async () => {
  test = await createTestDatabase();
  store = new DeliveryStore(test.database);
  parties = new PartyStore(test.database);
  circuitStore = new CircuitStore(test.database);
});
afterAll(() => test.drop());
beforeEach(async () => {
  party = new ScriptedParty();
  logged = [];
  engines = [];
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions, circuit_overrides, circuit_states, workers');
});
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(engines.map((engine) => engine.close(500)));
});

describe('a worker', () => {
  it('is known with its parties\' limits while it runs, and leaves nothing of itself behind', async () => {
    const circuits: Circuits = { ...CLOSED_CIRCUITS, states: () => [{ party: PARTY, operation: 'deed', position: 'closed', since: new Date(0), reason: null, forced: false }] };
    const engine = engineOf({ circuits, concurrency: 3, ratePerSecond: 7, settings: { processId: 'worker-1' } });
    await engine.start();
    expect(await parties.list()).toMatchObject([{ party: PARTY, concurrency: 3, ratePerSecond: 7 }]);
    expect(await rows('SELECT process_id FROM workers')).toEqual([{ process_id: 'worker-1' }]);
    expect(await circuitStore.reported()).toMatchObject([{ processId: 'worker-1', operation: 'deed' }]);
    const seen = async () => (await rows('SELECT seen_at FROM workers'))[0]?.['seen_at'] as Date;
    const first = await seen();
    await eventually('it says again that it lives', async () => (await seen()) > first);
    await engine.close(1_000);
    expect([await rows('SELECT 1 FROM workers'), await rows('SELECT 1 FROM circuit_states')]).toEqual([[], []]);
  });

  it('is woken for a party that it does not know, and goes on', async () => {
    const engine = engineOf();
    engine.wake('of-a-newer-release');
    await owe(test.database, 'a', 'a1');
    await parties.declare(LIMITS);
    engine.wake(PARTY);
    await eventually('the other is served', () => party.taken.length === 1);
  });

  it('says that the database was away, and is woken again', async () => {
    const away = new Database({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, applicationName: 'test' });
    engineOf({}, away).wake(PARTY);
    await eventually('it is said', () => saying('drain ended early').length > 0);
    expect(saying('drain ended early')).toEqual([expect.objectContaining({ level: 50, party: PARTY, err: expect.anything() })]);
    await Promise.all(engines.splice(0).map((engine) => engine.close(10)));
    await away.close();
  });

  it('goes on after a periodic task that failed, which is never run twice at once', async () => {
    await engineOf().start();
    await withoutTable('circuit_overrides', () => eventually('the failure is told', () => saying('periodic task failed').length > 1));
    expect(saying('periodic task failed')[0]).toMatchObject({ level: 50, task: 'circuits', err: expect.anything() });
    await test.database.transaction(async (client) => {
      await client.query('LOCK TABLE circuit_overrides IN ACCESS EXCLUSIVE MODE');
      const waiting = async () => (await rows(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'circuit_overrides'::regclass`)).length;
      await eventually('one waits', async () => (await waiting()) === 1);
      const beats = async () => (await rows('SELECT seen_at FROM workers'))[0]?.['seen_at'] as Date;
      for (let n = 0; n < 3; n += 1) {
        const last = await beats();
        await eventually('the other tasks go on', async () => (await beats()) > last);
      }
      expect(await waiting()).toBe(1);
    });
  });

  it('that is full asks others to help', async () => {
    const rung: string[] = [];
    for (let n = 0; n < 3; n += 1) await owe(test.database, `lane-${String(n)}`, `deed-${String(n)}`);
    const engine = engineOf({ concurrency: 2, bell: { ring: (name) => rung.push(name) } });
    await engine.start();
    await eventually('all are through', () => party.taken.length === 3);
    expect(rung).toContain(PARTY);
  });
});

describe('what a dead worker left', () => {
  it('is read again, asked about after its time, or handed to a person, as its operation of its party says', async () => {
    const operations = [party.operation({ name: 'reads', effect: 'read' }), party.operation({ name: 'asks', whenUnknown: { act: 'ask', afterMs: 3_600_000 } }),
      party.operation({ name: 'parks', effect: 'unsafe', whenUnknown: { act: 'park' } }), { ...party.operation({ name: 'asks', effect: 'read' }), party: 'other-party' }];
    await parties.declare(LIMITS);
    await parties.pause(test.database, PARTY, { actor: 'op', reason: 'so that nothing is taken' });
    const ids: Record<string, string> = {};
    for (const name of ['reads', 'asks', 'parks']) await leftLeased(ids[name] = await owe(test.database, name, name, { operation: name }));
    await engineOf({ operations }).sweep();
    const dueIn = async (name: string) => ((await store.find(ids[name] ?? ''))?.dueAt.getTime() ?? 0) - Date.now();
    expect(await Promise.all(Object.values(ids).map(stateOf))).toEqual(['due', 'unknown', 'parked']);
    expect(await dueIn('reads')).toBeLessThan(1_000);
    expect(await dueIn('asks')).toBeGreaterThan(3_500_000);
    expect(saying('leases expired')).toEqual([expect.objectContaining({ level: 40, party: PARTY, expired: 3 })]);
    logged.length = 0;
    await engineOf({ operations }).sweep();
    expect(logged).toEqual([]);
  });

  it('is not what a slow call still holds', async () => {
    const id = await owe(test.database, 'a', 'a1');
    // Between the time at which a lease is extended and its end lies more than a busy machine stands still.
    party.behave = () => ({ takes: true, hear: 'accepted', delayMs: 10_000 });
    await engineOf({ settings: { leaseMs: 8_000 } }).start();
    await eventually('it is through', async () => (await stateOf(id)) === 'accepted', { timeoutMs: 30_000 });
    expect((await store.attempts([id])).map(({ outcome }) => outcome)).toEqual(['accepted']);
  });
});

describe('readiness', () => {
  const stalledAfterMs = 60_000;
  const dueSince = (id: string, ms: number): Promise<unknown> => rows(`UPDATE deliveries SET due_at = clock_timestamp() - $2 * interval '1 millisecond' WHERE id = $1`, [id, ms]);
  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: [...REAL, 'setInterval', 'clearInterval'] });
    for (const name of [PARTY, 'of-another-release']) await parties.declare({ ...LIMITS, party: name });
  });

  it('is lost when old work is due and nobody has looked for as long, and names what', async () => {
    const engine = engineOf({ settings: { stalledAfterMs, processId: 'worker-1' } });
    const id = await owe(test.database, 'a', 'a1');
    await dueSince(id, stalledAfterMs + 5_000);
    jest.advanceTimersByTime(stalledAfterMs);
    expect((await engine.readiness()).ready).toBe(true);
    jest.advanceTimersByTime(1);
    const { ready, detail } = await engine.readiness();
    expect(ready).toBe(false);
    expect(detail).toEqual({ processId: 'worker-1', inFlight: { [PARTY]: 0 }, due: [{ party: PARTY, oldestSeconds: expect.any(Number) }], stalled: [PARTY] });
    await dueSince(id, stalledAfterMs / 2);
    expect(await engine.readiness()).toMatchObject({ ready: true, detail: { stalled: [] } });
  });

  it('is not lost for work that another release knows', async () => {
    const engine = engineOf({ settings: { stalledAfterMs } });
    await dueSince(await owe(test.database, 'a', 'a1'), 0);
    await rows(`UPDATE deliveries SET party = 'of-another-release', due_at = now() - interval '1 hour'`);
    jest.advanceTimersByTime(2 * stalledAfterMs);
    expect(await engine.readiness()).toMatchObject({ ready: true, detail: { due: [{ party: 'of-another-release' }], stalled: [] } });
  });
});

describe('credentials that are refused', () => {
  it('pause the party once, with the reason, in the name of the gateway', async () => {
    for (const lane of ['a', 'b', 'c']) await owe(test.database, lane, lane);
    party.behave = () => ({ takes: false, hear: 'refused-credentials' });
    await engineOf().start();
    await eventually('the party is paused', async () => (await parties.list())[0]?.paused);
    await eventually('nothing is in flight', async () => (await rows(`SELECT 1 FROM deliveries WHERE state = 'leased'`)).length === 0);
    expect(await parties.list()).toMatchObject([{ pausedBy: 'gateway', pausedReason: 'credentials refused: refused-credentials' }]);
    expect(await rows('SELECT actor, role, action, target, reason, detail FROM operator_actions'))
      .toEqual([{ actor: 'gateway', role: 'system', action: 'pause-party', target: PARTY, reason: 'refused-credentials', detail: {} }]);
    expect(saying('party paused: credentials refused')).toEqual([expect.objectContaining({ level: 50, party: PARTY, code: 'refused-credentials' })]);
  });
});

describe('breakers', () => {
  it('stand where an operator put them until they are given back, which happens once', async () => {
    const forced: unknown[][] = [];
    // Told once all are forced: what follows is the next look.
    const looks: unknown[][][] = [];
    const circuits: Circuits = { ...CLOSED_CIRCUITS, force: (...of) => void forced.push(of), states: () => {
      looks.push([...forced]);
      return [];
    } };
    const override = { party: PARTY, operation: 'deed', position: 'open' } as const;
    await circuitStore.setOverride(test.database, override, { actor: 'op', reason: 'test' });
    await circuitStore.setOverride(test.database, { ...override, operation: 'other', position: 'closed' }, { actor: 'op', reason: 'test' });
    await engineOf({ circuits }).start();
    expect(looks[0]).toEqual([[PARTY, 'deed', 'open'], [PARTY, 'other', 'closed']]);
    await circuitStore.clearOverride(test.database, PARTY, 'deed');
    await eventually('it is given back', () => forced.some(([, , position]) => position === null));
    forced.length = 0;
    await eventually('it was looked at again', () => forced.length >= 3);
    expect(forced.slice(0, 3)).toEqual([[PARTY, 'other', 'closed'], [PARTY, 'other', 'closed'], [PARTY, 'other', 'closed']]);
  });
});

describe('housekeeping', () => {
  it('parks what is past its age, forgets old journals of what is finished, and breakers of workers long gone', async () => {
    const overdue = await owe(test.database, 'a', 'a1', { maxAgeMs: -1 });
    const done = await owe(test.database, 'b', 'b1');
    await rows(`UPDATE deliveries SET state = 'accepted', settled_at = now(), head = false WHERE id = $1`, [done]);
    await rows(`INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, correlation_id, exchanges) SELECT $1, n, 'send', now() - n * interval '24 hours', 1, 'retry', 'c', '[]' FROM unnest(ARRAY[89, 91]) AS n`, [done]);
    await circuitStore.report('gone', [{ party: PARTY, operation: 'deed', position: 'open', since: new Date(0), reason: 'x', forced: false }]);
    await rows(`UPDATE circuit_states SET seen_at = now() - interval '61 minutes'`);
    await parties.declare(LIMITS);
    await parties.pause(test.database, PARTY, { actor: 'op', reason: 'so that nothing is taken' });
    jest.useFakeTimers({ doNotFake: [...REAL, 'performance'] });
    await engineOf({ parties: [{ ...LIMITS, party: 'other-party' }, LIMITS] }).start();
    expect(await stateOf(overdue)).toBe('due');
    jest.advanceTimersByTime(60_000);
    await eventually('breakers are forgotten', async () => (await rows('SELECT 1 FROM circuit_states')).length === 0);
    expect(await store.find(overdue)).toMatchObject({ state: 'parked', reason: 'too-old' });
    expect((await store.attempts([done])).map(({ number }) => number)).toEqual([89]);
    expect(saying('deliveries past their age limit were parked')).toEqual([expect.objectContaining({ level: 40, party: PARTY, parked: 1 })]);
  });
});

describe('outcomes', () => {
  const failsToWrite = async (engine: ReturnType<typeof engineOf>): Promise<void> => {
    await owe(test.database, 'a', 'a1');
    engine.wake(PARTY);
    await eventually('the failure is told', () => saying('outcomes could not be written; trying again').length > 0);
  };

  it('are kept until they can be written, and nothing is sent again', async () => {
    const engine = engineOf();
    await engine.start();
    await withoutTable('attempts', () => failsToWrite(engine));
    expect(saying('outcomes could not be written; trying again')[0]).toMatchObject({ level: 50, count: 1, err: expect.anything() });
    await eventually('it is written', async () => (await rows(`SELECT 1 FROM deliveries WHERE state = 'accepted'`)).length === 1);
    expect([party.sends, party.settled.map(({ to }) => to)]).toEqual([1, ['accepted']]);
  });

  it('that cannot be written when the worker ends are left to the lease', async () => {
    const engine = engineOf();
    await engine.start();
    await withoutTable('attempts', async () => {
      await failsToWrite(engine);
      await engine.close(1);
    });
    expect([await rows('SELECT state FROM deliveries'), party.settled]).toEqual([[{ state: 'leased' }], []]);
  });

  it('of a lease that was lost are told to nobody, and harm no other', async () => {
    const [lost, kept] = [await owe(test.database, 'a', 'a1'), await owe(test.database, 'b', 'b1')];
    let answer = (): void => undefined;
    const after = new Promise<void>((resolve) => { answer = resolve; });
    party.behave = () => ({ takes: true, hear: 'accepted', after });
    await engineOf().start();
    await eventually('both are in flight', () => party.sends === 2);
    await rows(`UPDATE deliveries SET state = 'parked', lease_token = NULL WHERE id = $1`, [lost]);
    answer();
    await eventually('the other is through', async () => (await stateOf(kept)) === 'accepted');
    await eventually('the loss is told', () => saying('lease was lost before the outcome was written').length > 0);
    expect(saying('lease was lost before the outcome was written')).toEqual([expect.objectContaining({ level: 40, deliveryId: lost })]);
    expect([await stateOf(lost), party.settled.map(({ delivery }) => delivery.id)]).toEqual(['parked', [kept]]);
  });

  it('are told each once to the operation they are of, those that waited for one another together', async () => {
    const keys = ['one', 'two'].flatMap((name) => ['1', '2', '3'].map((n) => `${name}-${n}`));
    const told: string[][] = [];
    const operation = (name: string) => ({ ...party.operation({ name }), settled: (_client: unknown, settled: readonly { delivery: { subjectKey: string } }[]) => Promise.resolve(void told.push(settled.map(({ delivery }) => `${name} ${delivery.subjectKey}`))) });
    const engine = engineOf({ operations: [operation('one'), operation('two')] });
    await engine.start();
    await test.database.transaction(async (client) => {
      await client.query('LOCK TABLE attempts IN SHARE MODE');
      for (const key of keys) await owe(test.database, key, key, { operation: key.slice(0, 3) });
      engine.wake(PARTY);
      await eventually('all are sent', () => party.taken.length === keys.length);
    });
    await eventually('all are told', () => told.flat().length >= keys.length);
    expect(told.flat().sort()).toEqual(keys.map((key) => `${key.slice(0, 3)} ${key}`));
    expect(told.length).toBeLessThanOrEqual(4);
  });
});
