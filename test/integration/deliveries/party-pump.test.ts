import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Circuits } from '../../../src/deliveries/circuit-port.js';
import type { LeasedDelivery } from '../../../src/deliveries/delivery.js';
import type { DeliveryOperation } from '../../../src/deliveries/delivery-operation.js';
import type { PartyPump } from '../../../src/deliveries/party-pump.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { HANGS, LEASE_MS, PumpStage } from '../../support/pump-stage.js';
import { CLOSED_CIRCUITS, PARTY } from '../../support/scripted-party.js';

let test: TestDatabase;
let stage: PumpStage;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  stage = new PumpStage(test.database);
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties');
  jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  jest.useRealTimers();
  await stage.close();
});

const leasedCount = async (): Promise<number> => (await test.database.query(`SELECT 1 FROM deliveries WHERE state = 'leased'`)).rowCount ?? 0;
const leaseEnd = async (): Promise<number> => (await test.database.query<{ end: Date }>('SELECT max(lease_until) AS end FROM deliveries')).rows[0]?.end.getTime() ?? 0;
/** The pump's clock goes on; its timers and everybody else's stay real. */
const pass = (share: number): void => { jest.advanceTimersByTime(LEASE_MS * share); };
/** The pump has had its chances to look again. */
const lookAgain = async (pump: PartyPump): Promise<void> => {
  for (let n = 0; n < 20; n += 1) {
    void pump.wake();
    await test.database.query('SELECT 1');
  }
};
/** Outcomes cannot be written while `during` runs. */
const withoutWriting = (during: () => Promise<void>): Promise<void> => test.database.transaction(async (client) => {
  await client.query('LOCK TABLE attempts IN SHARE MODE');
  await during();
});

describe('a lease', () => {
  it('is extended when two fifths of it are over, and not again before as much is over of the new one', async () => {
    await stage.owe(1);
    stage.party.behave = () => HANGS;
    const pump = await stage.pump([stage.party.operation()]);
    void pump.wake();
    await eventually('the call is in flight', () => stage.party.sends === 1);
    const first = await leaseEnd();
    pass(0.39);
    await pump.extendLeases();
    expect(await leaseEnd()).toBe(first);
    pass(0.02);
    await pump.extendLeases();
    const second = await leaseEnd();
    expect(second).toBeGreaterThan(first);
    pass(0.39);
    await pump.extendLeases();
    expect(await leaseEnd()).toBe(second);
  });

  it.each([['sent under while a fifth of it is left', 0.79, 1, 'accepted'], ['not sent under when less is left', 0.81, 0, 'leased']] as const)('is %s', async (_what, share, sends, state) => {
    const [id] = await stage.owe(1);
    const operation = stage.party.operation();
    const pump = await stage.pump([{ ...operation, load: (deliveries) => { pass(share); return operation.load(deliveries); } }]);
    await pump.wake();
    expect([stage.party.sends, ...await stage.states([id]), pump.inFlightCount()]).toEqual([sends, state, 0]);
    expect(stage.logged).toEqual(sends === 1 ? [] : [expect.objectContaining({ level: 40, deliveryId: id, operation: 'deed', msg: 'delivery was leased but not sent' })]);
  });
});

describe('what counts as in flight', () => {
  it('is no call that is over: its place is free before its outcome is written', async () => {
    const ids = await stage.owe(3);
    const pump = await stage.pump([stage.party.operation()], { window: 1 });
    let drained: Promise<void> | undefined;
    await withoutWriting(async () => {
      drained = pump.wake();
      await eventually('all are sent', () => stage.party.sends === 3);
      expect([stage.party.maxInFlight, pump.inFlightCount(), await leasedCount()]).toEqual([1, 3, 3]);
    });
    await drained;
    expect(await stage.states(ids)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('is every call that is not over, for whichever worker', async () => {
    await stage.owe(5);
    stage.party.behave = () => HANGS;
    const [one, other] = [await stage.pump([stage.party.operation()], { window: 4, concurrency: 2 }), await stage.pump([stage.party.operation()], { window: 4, concurrency: 2 })];
    void one.wake();
    void other.wake();
    await eventually('two are in flight', () => stage.party.sends === 2);
    await lookAgain(one);
    await lookAgain(other);
    expect([stage.party.sends, one.inFlightCount() + other.inFlightCount()]).toEqual([2, 2]);
  });

  it('is no more than the window, though more comes while a part of it is taken', async () => {
    await stage.owe(2);
    stage.party.behave = () => HANGS;
    const pump = await stage.pump([stage.party.operation()], { window: 4, concurrency: 8 });
    void pump.wake();
    await eventually('two are in flight', () => stage.party.sends === 2);
    await stage.owe(5, 'later', 'deed');
    void pump.wake();
    await eventually('the window is full', () => stage.party.sends >= 4);
    await lookAgain(pump);
    expect([stage.party.sends, pump.inFlightCount(), await leasedCount()]).toEqual([4, 4, 4]);
  });

  it('goes no further while outcomes of more than four windows wait to be written', async () => {
    await stage.owe(10);
    const pump = await stage.pump([stage.party.operation()], { window: 1 });
    let drained: Promise<void> | undefined;
    await withoutWriting(async () => {
      drained = pump.wake();
      await eventually('five are sent', () => stage.party.sends === 5);
      await lookAgain(pump);
      expect([stage.party.sends, pump.inFlightCount()]).toEqual([5, 5]);
    });
    await drained;
    expect(stage.party.taken).toHaveLength(10);
  });

  it('leaves the rest of the window to others while some hang', async () => {
    jest.useRealTimers();
    await stage.owe(3, 'hung');
    await stage.owe(6, 'quick');
    stage.party.behave = ({ operation }) => (operation === 'hung' ? HANGS : { takes: true, hear: 'accepted' });
    const pump = await stage.pump([stage.party.operation({ name: 'hung' }), stage.party.operation({ name: 'quick' })], { window: 4 });
    void pump.wake();
    await eventually('the quick ones are through', () => stage.party.taken.length === 6);
    // The party has taken the last one a moment before its call is over here.
    await eventually('only the hung ones are in flight', () => pump.inFlightCount() === 3);
  });
});

describe('looking for work', () => {
  it('goes on until nothing is left, and takes in what comes meanwhile', async () => {
    const [hung] = await stage.owe(1, 'hung');
    stage.party.behave = ({ operation }) => (operation === 'hung' ? HANGS : { takes: true, hear: 'accepted' });
    const pump = await stage.pump([stage.party.operation({ name: 'hung' }), stage.party.operation({ name: 'quick' })], { window: 2 });
    const drain = pump.wake();
    await eventually('one hangs', () => stage.party.sends === 1);
    await stage.owe(3, 'quick');
    expect(pump.wake()).toBe(drain);
    await eventually('the others are through', () => stage.party.taken.length === 3);
    await pump.close(0);
    await drain;
    expect([...await stage.states([hung]), pump.inFlightCount()]).toEqual(['unknown', 0]);
  });

  it('ends with the drain, and a closed pump takes nothing', async () => {
    const pump = await stage.pump([stage.party.operation()], { window: 2 });
    await stage.owe(5);
    await pump.wake();
    expect(stage.party.taken).toHaveLength(5);
    await stage.owe(1, 'later');
    await pump.close(0);
    await pump.wake();
    expect(stage.party.sends).toBe(5);
  });

  it('leases what is due at once, and one by one while a breaker lets a probe through', async () => {
    const batches: number[] = [];
    const counting = (): DeliveryOperation => {
      const operation = stage.party.operation();
      return { ...operation, load: (deliveries: readonly LeasedDelivery[]) => { batches.push(deliveries.length); return operation.load(deliveries); } };
    };
    await stage.owe(3);
    await (await stage.pump([counting()])).wake();
    await stage.owe(3, 'more', 'deed');
    await (await stage.pump([counting()], { circuits: { ...CLOSED_CIRCUITS, permits: () => 'one' } })).wake();
    expect(batches).toEqual([3, 1, 1, 1]);
  });

  it('leaves what a breaker holds back, and sends the rest', async () => {
    const [spared] = await stage.owe(1, 'spared');
    const [sent] = await stage.owe(1, 'deed');
    const circuits: Circuits = { ...CLOSED_CIRCUITS, permits: (name, operation) => (name === PARTY && operation === 'spared' ? 'none' : 'all') };
    await (await stage.pump([stage.party.operation({ name: 'spared' }), stage.party.operation()], { circuits })).wake();
    expect([...await stage.states([spared, sent])]).toEqual(['due', 'accepted']);
  });

  it('tells others of a full window, a few times a second at most', async () => {
    await stage.owe(3);
    const pump = await stage.pump([stage.party.operation()], { window: 4 });
    await pump.wake();
    expect(stage.backlogs).toBe(0);
    await stage.owe(8, 'more', 'deed');
    await pump.wake();
    expect(stage.backlogs).toBe(1);
    pass(251 / LEASE_MS);
    await stage.owe(4, 'again', 'deed');
    await pump.wake();
    expect(stage.backlogs).toBe(2);
  });

  it('notes when it last looked', async () => {
    const pump = await stage.pump([stage.party.operation()]);
    const before = pump.lastLookAt;
    pass(0.1);
    await pump.wake();
    expect(pump.lastLookAt - before).toBe(LEASE_MS / 10);
  });
});
