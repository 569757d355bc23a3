import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryEngine } from '../../../src/deliveries/delivery-engine.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { PartyStore } from '../../../src/deliveries/party-store.js';
import { createTestEngine } from '../../support/engine.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PARTY, ScriptedParty, owe } from '../../support/scripted-party.js';

let test: TestDatabase;
let party: ScriptedParty;
let store: DeliveryStore;
const engines: DeliveryEngine[] = [];

const start = async (over: Parameters<typeof createTestEngine>[1] = { operations: [party.operation()] }): Promise<DeliveryEngine> => {
  const engine = createTestEngine(test.database, over);
  engines.push(engine);
  await engine.start();
  return engine;
};

const stateOf = async (id: string): Promise<string> => (await store.find(id))?.state ?? 'gone';
const reaches = (id: string, state: string): Promise<unknown> => eventually(`${id} becomes ${state}`, async () => (await stateOf(id)) === state);

const everythingFinished = (): Promise<unknown> => eventually('everything is finished', async () => {
  const open = await test.database.query(`SELECT 1 FROM deliveries WHERE state NOT IN ('accepted', 'rejected') LIMIT 1`);
  return open.rowCount === 0;
}, { timeoutMs: 30_000 });

beforeAll(async () => {
  test = await createTestDatabase();
  store = new DeliveryStore(test.database);
});
afterAll(() => test.drop());
beforeEach(async () => {
  party = new ScriptedParty();
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions');
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close(1_000)));
});

describe('lanes', () => {
  it('sends what shares a lane in the order in which it was owed, one at a time', async () => {
    for (let n = 0; n < 20; n += 1) await owe(test.database, `lane-${String(n % 2)}`, `deed-${String(n)}`);
    party.behave = () => ({ takes: true, hear: 'accepted', delayMs: 2 });
    await start();
    await everythingFinished();
    for (const lane of [0, 1]) {
      const order = party.taken.filter((entry) => entry.lane === `lane-${String(lane)}`).map((entry) => entry.subjectKey);
      expect(order).toEqual(Array.from({ length: 10 }, (_, n) => `deed-${String(n * 2 + lane)}`));
    }
    expect(party.overlaps).toEqual([]);
  });

  it('a parked head blocks its own lane only, and says how much waits behind it', async () => {
    const blocked = await owe(test.database, 'a', 'a1');
    const behind = await owe(test.database, 'a', 'a2');
    const other = await owe(test.database, 'b', 'b1');
    party.behave = (delivery) => (delivery.subjectKey === 'a1' ? { takes: false, hear: 'bad-request' } : { takes: true, hear: 'accepted' });
    await start();
    await reaches(other, 'accepted');
    await reaches(blocked, 'parked');
    expect(await stateOf(behind)).toBe('due');
    expect((await store.waitingBehind([blocked])).get(blocked)).toBe(1);
    expect(party.taken.map((entry) => entry.subjectKey)).toEqual(['b1']);
  });

});

/** Versions and steps as a dossier has them: version-1 is refused, and steps need a version that was accepted. */
const startWithRefusal = async (onMissing: () => Promise<void> = () => Promise.resolve()): Promise<void> => {
  const accepted = new Set<string>();
  party.behave = (delivery) => {
    if (delivery.subjectKey === 'version-1') return { takes: false, hear: 'rejected' };
    accepted.add(delivery.subjectKey);
    return { takes: true, hear: 'accepted', delayMs: delivery.subjectKey === 'version-2' ? 100 : 0 };
  };
  const knows = (): boolean => [...accepted].some((key) => key.startsWith('version'));
  await start({ operations: [party.operation({ name: 'version' }), {
    ...party.operation(),
    load: async (deliveries) => {
      if (!knows()) await onMissing();
      return new Map(deliveries.map((delivery) => [delivery.id, knows() ? delivery.subjectKey : { unsendable: 'prerequisite-missing' as const, broughtBy: 'version' }]));
    },
  }] });
};
const oweVersion = (number: number): Promise<string> => owe(test.database, 'a', `version-${String(number)}`, { operation: 'version' });
const arrived = (): string[] => party.taken.map((entry) => entry.subjectKey);

describe('a correction', () => {
  it('that comes while steps wait for it goes before them', async () => {
    const first = await oweVersion(1);
    const step = await owe(test.database, 'a', 'step-1');
    await startWithRefusal();
    await reaches(first, 'rejected');
    await reaches(step, 'parked');
    await oweVersion(2);
    await everythingFinished();
    expect(arrived()).toEqual(['version-2', 'step-1']);
    expect((await test.database.query('SELECT type FROM events ORDER BY id')).rows.map((row) => row['type'] as string)).toEqual(
      ['delivery.rejected', 'delivery.parked', 'delivery.repaired', 'delivery.accepted', 'delivery.accepted']);
  });

  it('that comes while the step that needs it is in hand goes before it', async () => {
    await oweVersion(1);
    await owe(test.database, 'a', 'step-1');
    let corrected = false;
    await startWithRefusal(async () => {
      if (!corrected) await oweVersion(2);
      corrected = true;
    });
    await everythingFinished();
    expect(arrived()).toEqual(['version-2', 'step-1']);
  });

  it('that was owed before the refusal came goes before what waits for it, and the rest keeps its order', async () => {
    await oweVersion(1);
    await owe(test.database, 'a', 'step-1');
    await owe(test.database, 'a', 'step-2');
    await oweVersion(2);
    await owe(test.database, 'a', 'step-3');
    await startWithRefusal();
    await everythingFinished();
    expect(arrived()).toEqual(['version-2', 'step-1', 'step-2', 'step-3']);
  });

  it('that comes while another one is in flight follows it', async () => {
    const first = await oweVersion(1);
    await startWithRefusal();
    await reaches(first, 'rejected');
    await oweVersion(2);
    await eventually('the second is in flight', () => party.sends === 2);
    await oweVersion(3);
    await everythingFinished();
    expect(arrived()).toEqual(['version-2', 'version-3']);
  });
});

describe('unknown outcomes', () => {
  it('asks the party after its in-flight time and finishes what it has', async () => {
    const id = await owe(test.database, 'a', 'a1');
    party.behave = () => ({ takes: true, hear: 'outcome-unknown' });
    await start();
    await reaches(id, 'accepted');
    expect(party.taken).toHaveLength(1);
    expect(party.asks).toBe(1);
    const attempts = await store.attempts([id]);
    expect(attempts.map((attempt) => [attempt.purpose, attempt.outcome])).toEqual([['send', 'unknown'], ['ask', 'accepted']]);
  });

  it('sends again what the party surely does not have', async () => {
    const id = await owe(test.database, 'a', 'a1');
    party.behave = (_delivery, nth) => (nth === 1 ? { takes: false, hear: 'outcome-unknown' } : { takes: true, hear: 'accepted' });
    await start();
    await reaches(id, 'accepted');
    expect(party.taken).toHaveLength(1);
    expect(party.sends).toBe(2);
  });

  it('asks again when the question fails, and sends nothing meanwhile', async () => {
    const id = await owe(test.database, 'a', 'a1');
    party.behave = () => ({ takes: true, hear: 'outcome-unknown' });
    let questions = 0;
    party.answer = () => {
      questions += 1;
      return questions < 3 ? 'unavailable' : { kind: 'done' };
    };
    await start();
    await reaches(id, 'accepted');
    expect(party.sends).toBe(1);
  });

  it('parks an unsafe effect for which there is no question', async () => {
    const id = await owe(test.database, 'a', 'a1');
    party.behave = () => ({ takes: true, hear: 'outcome-unknown' });
    await start({ operations: [party.operation({ effect: 'unsafe', whenUnknown: { act: 'park' } })] });
    await reaches(id, 'parked');
    expect(party.sends).toBe(1);
    expect((await store.find(id))?.maybeSent).toBe(true);
  });

  it('treats an expired lease as unknown, asks, and never sends twice what was taken', async () => {
    const id = await owe(test.database, 'a', 'a1');
    await new PartyStore(test.database).declare({ party: PARTY, concurrency: 8, ratePerSecond: null });
    await store.lease({ party: PARTY, limit: 1, leaseMs: 1, ask: ['deed'], blocked: [], settling: [] });
    party.taken.push({ subjectKey: 'a1', lane: 'a' });
    await start();
    await reaches(id, 'accepted');
    expect(party.sends).toBe(0);
    expect((await store.attempts([id])).map((attempt) => attempt.outcome)).toEqual(['interrupted', 'accepted']);
  });
});

describe('limits', () => {
  it('holds the party\'s concurrency over two workers, and no lane is in two hands', async () => {
    for (let n = 0; n < 60; n += 1) await owe(test.database, `lane-${String(n % 30)}`, `deed-${String(n)}`);
    party.behave = () => ({ takes: true, hear: 'accepted', delayMs: 5 });
    await Promise.all([start({ operations: [party.operation()], concurrency: 4 }), start({ operations: [party.operation()], concurrency: 4 })]);
    await everythingFinished();
    expect(party.maxInFlight).toBeLessThanOrEqual(4);
    expect(party.overlaps).toEqual([]);
    expect(new Set(party.taken.map((entry) => entry.subjectKey)).size).toBe(60);
    expect(party.taken).toHaveLength(60);
  });

  it('waits when the party says so, without counting it as a failure', async () => {
    const id = await owe(test.database, 'a', 'a1');
    const other = await owe(test.database, 'b', 'b1');
    party.behave = (delivery, nth) => (delivery.subjectKey === 'a1' && nth === 1 ? { takes: false, hear: 'rate-limited', retryAfterMs: 150 } : { takes: true, hear: 'accepted' });
    await start();
    await reaches(id, 'accepted');
    await reaches(other, 'accepted');
    expect((await store.find(id))?.failures).toBe(0);
  });

  it('pauses a party that refuses our credentials, with an audit row, and sends nothing until it is resumed', async () => {
    const id = await owe(test.database, 'a', 'a1');
    party.behave = () => ({ takes: false, hear: 'refused-credentials' });
    await start();
    const parties = new PartyStore(test.database);
    await eventually('paused', async () => (await parties.list())[0]?.paused === true);
    const audit = await test.database.query(`SELECT actor, action, target FROM operator_actions`);
    expect(audit.rows).toEqual([{ actor: 'gateway', action: 'pause-party', target: PARTY }]);
    await reaches(id, 'due');
    party.behave = () => ({ takes: true, hear: 'accepted' });
    await parties.resume(test.database, PARTY);
    await reaches(id, 'accepted');
  });

  it('parks what is past its age limit instead of trying for ever, and drops nothing', async () => {
    const id = await owe(test.database, 'a', 'a1', { maxAgeMs: 1 });
    party.behave = () => ({ takes: false, hear: 'unavailable' });
    await start();
    await reaches(id, 'parked');
    expect((await store.find(id))?.reason).toBe('too-old');
  });

  it('never takes more in a second than the party\'s rate', async () => {
    for (let n = 0; n < 30; n += 1) await owe(test.database, `lane-${String(n)}`, `deed-${String(n)}`);
    // Noted where they are given out: a worker that its machine holds up sends what it took before and what it takes now in one go.
    await test.database.query(`
      CREATE TABLE taken (at timestamptz);
      CREATE FUNCTION note_taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO taken VALUES (NEW.lease_until); RETURN NEW; END $$;
      CREATE TRIGGER note_taken AFTER UPDATE ON deliveries FOR EACH ROW WHEN (OLD.state <> 'leased' AND NEW.state = 'leased') EXECUTE FUNCTION note_taken()`);
    await start({ operations: [party.operation()], ratePerSecond: 10 });
    await everythingFinished();
    const { rows } = await test.database.query<{ ms: number }>('SELECT extract(epoch FROM at)::float8 * 1000 AS ms FROM taken');
    expect([rows.length, party.sends]).toEqual([30, 30]);
    for (const { ms: from } of rows) expect(rows.filter(({ ms }) => ms >= from && ms < from + 500).length).toBeLessThanOrEqual(15);
  });
});

describe('ending', () => {
  it('lets calls in flight end and leaves nothing leased', async () => {
    for (let n = 0; n < 10; n += 1) await owe(test.database, `lane-${String(n)}`, `deed-${String(n)}`);
    party.behave = () => ({ takes: true, hear: 'accepted', delayMs: 100 });
    const engine = await start({ operations: [party.operation()], concurrency: 3 });
    await eventually('calls are in flight', () => party.sends >= 3);
    await engine.close(30_000);
    const states = await test.database.query<{ state: string; n: string }>('SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state');
    expect(states.rows.map((row) => row.state)).toEqual(['accepted', 'due']);
    expect(party.taken).toHaveLength(Number(states.rows[0]?.n));
  });

  it('has no statement of its own left on the way', async () => {
    const engine = await start({ operations: [party.operation()] });
    let closed = false;
    let closing: Promise<void> | undefined;
    await test.database.transaction(async (client) => {
      await client.query('LOCK TABLE circuit_overrides IN ACCESS EXCLUSIVE MODE');
      await eventually('a periodic task waits for the lock', async () =>
        (await test.database.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'circuit_overrides'::regclass`)).rowCount !== 0);
      closing = engine.close(10_000).then(() => {
        closed = true;
      });
      await pause(200);
      expect(closed).toBe(false);
    });
    await closing;
    expect(closed).toBe(true);
  });

  it('cuts off a call that outlasts the limit and records that its outcome is unknown', async () => {
    const id = await owe(test.database, 'a', 'a1');
    party.behave = () => ({ takes: true, hear: 'accepted', delayMs: 60_000 });
    const engine = await start();
    await eventually('the call is in flight', () => party.sends === 1);
    await engine.close(50);
    expect(await stateOf(id)).toBe('unknown');
  });
});

describe('journal and events', () => {
  it('tells the portal each end in lane order, and keeps every attempt', async () => {
    const first = await owe(test.database, 'a', 'a1');
    const second = await owe(test.database, 'a', 'a2');
    party.behave = (delivery, nth) => {
      if (delivery.subjectKey === 'a2') return { takes: false, hear: 'rejected' };
      return nth === 1 ? { takes: false, hear: 'unavailable' } : { takes: true, hear: 'accepted' };
    };
    await start();
    await everythingFinished();
    const events = await test.database.query('SELECT type, delivery_id, reason FROM events ORDER BY id');
    expect(events.rows).toEqual([
      { type: 'delivery.accepted', delivery_id: first, reason: null },
      { type: 'delivery.rejected', delivery_id: second, reason: '9' },
    ]);
    expect((await store.attempts([first])).map((attempt) => attempt.outcome)).toEqual(['retry', 'accepted']);
  });

  it('parks a poison delivery that makes our own code fail, and the rest goes on', async () => {
    const poison = await owe(test.database, 'a', 'poison');
    const fine = await owe(test.database, 'b', 'fine');
    party.behave = (delivery) => (delivery.subjectKey === 'poison' ? { takes: false, hear: 'defect' } : { takes: true, hear: 'accepted' });
    await start();
    await reaches(poison, 'parked');
    await reaches(fine, 'accepted');
    expect((await store.find(poison))?.reason).toBe('internal-error');
  });
});
