import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PLACE_LEVELS } from '../../src/postal/postal-address.js';
import type { ShipmentOrder } from '../../src/postal/postal-carrier-port.js';
import { eventually } from '../support/eventually.js';
import { failure, GARBAGE, LOST } from './payment-gateway-stage.js';
import type { Failure } from './payment-gateway-stage.js';
import { questionsOf, stageOf } from './postal-carrier-stage.js';
import type { CarrierContestant, CarrierContract, Stage } from './postal-carrier-stage.js';
import { describeAsking, describeFeed, describeStories } from './postal-tracking-suite.js';
import { recordedCall } from './sample-dossier.js';
import { POSTAL_CANARIES, refOf, sampleNotice, samplePickup, sampleQuote, sampleShipment } from './sample-shipment.js';

/** Refused by whoever stands in front: often enough that a new log-in does not help. */
const TURNED_AWAY: readonly (readonly [string, object, Failure['kind']])[] = [
  ['429', { kind: '429', retryAfter: '7', times: 9 }, 'rate-limited'],
  ['401', { kind: '401', times: 9 }, 'refused-credentials'],
];

const BEFORE = ['hang-before', 'reset-before', '5xx-before', 'html-before'] as const;

const describeOrders = ({ contract, contestant, newOrder, create, carrierFor }: Stage): void => {
  const { operations: { create: operation }, refusal, recognisesRepeats } = contract;
  const createFailing = async (order: ShipmentOrder, mischief: object, carrier = contestant().carrier): Promise<Failure> => {
    await contestant().misbehave({ operation, ...mischief });
    return failure(carrier.create(order, recordedCall().call));
  };
  /** By a repeat where the number is recognised, else by a question: the only two ways that there are. */
  const isThere = async (order: ShipmentOrder): Promise<boolean> => {
    if (!recognisesRepeats) return (await questionsOf(contestant()).ask([refOf(order)], recordedCall().call)).has(order.orderNumber);
    const again = await contestant().carrier.create(order, recordedCall().call);
    return again.kind === 'accepted' && again.already;
  };

  describe('an order', () => {
    it.each([['home to the citizen', sampleShipment], ['from the citizen', samplePickup]])('%s is held once, and nothing is to be collected', async (_name, sample) => {
      const { order } = await create(newOrder(sample()));
      expect(contestant().carrier.serves(order.agencyCodes)).toBe(true);
      expect(await contestant().held(order.orderNumber)).toEqual({ parcels: 1, collectVnd: 0, isCancelled: false });
    });

    it('is new the first time, and names what it costs in whole đồng or not at all', async () => {
      const answer = await contestant().carrier.create(newOrder(), recordedCall().call);
      expect(answer).toMatchObject({ kind: 'accepted', already: false });
      expect(answer.kind === 'accepted' && (answer.feeVnd === null || (Number.isSafeInteger(answer.feeVnd) && answer.feeVnd >= 0))).toBe(true);
    });

    it(`of one number is one parcel, and is ${recognisesRepeats ? 'known when it comes again' : 'found by a question'}`, async () => {
      const { order } = await create();
      expect(await isThere(order)).toBe(true);
      expect(await contestant().held(order.orderNumber)).toMatchObject({ parcels: 1 });
    });

    if (contract.collectsMoney) {
      it('is collected for to the đồng', async () => {
        const { order } = await create(newOrder({ collectVnd: 58_001 }));
        expect(await contestant().held(order.orderNumber)).toMatchObject({ collectVnd: 58_001 });
      });
    }

    if (!contract.needsDistrict) {
      it('without a district is taken', async () => {
        const order = newOrder();
        const { place } = order.recipient;
        const communeCode = contestant().carrier.needsPlaces.includes('COMMUNE') ? place.communeCode : null;
        const { order: { orderNumber } } = await create({ ...order, recipient: { ...order.recipient, place: { ...place, districtCode: null, communeCode } } });
        expect(await contestant().held(orderNumber)).toMatchObject({ parcels: 1 });
      });
    }

    it('is refused as a value, with the carrier\'s own code', async () => {
      await contestant().misbehave({ operation, ...refusal });
      const order = newOrder();
      expect(await contestant().carrier.create(order, recordedCall().call)).toMatchObject({ kind: 'rejected', code: expect.stringMatching(/./) });
      expect(await contestant().held(order.orderNumber)).toBeNull();
    });
  });

  describe('an order without a trustworthy answer', () => {
    it.each(LOST)('is an unknown outcome after %s, and is found and not doubled', async (_name, mischief, code) => {
      const order = newOrder();
      expect(await createFailing(order, mischief, await carrierFor(code))).toEqual({ kind: 'outcome-unknown', code });
      expect(await isThere(order)).toBe(true);
      expect(await contestant().held(order.orderNumber)).toMatchObject({ parcels: 1 });
    });

    it.each(GARBAGE)('is a bad reply after %s, and is found and not doubled', async (_name, mischief) => {
      const order = newOrder();
      expect((await createFailing(order, mischief)).kind).toBe('bad-reply');
      expect(await isThere(order)).toBe(true);
      expect(await contestant().held(order.orderNumber)).toMatchObject({ parcels: 1 });
    });

    it.each(BEFORE)('is unsure before the effect, too (%s), and is then ordered once', async (kind) => {
      const order = newOrder();
      expect((await createFailing(order, { kind }, await carrierFor(kind === 'hang-before' ? 'timeout' : kind))).kind).toBe('outcome-unknown');
      expect(await contestant().held(order.orderNumber)).toBeNull();
      if (contract.operations.ask !== null) expect((await questionsOf(contestant()).ask([refOf(order)], recordedCall().call)).has(order.orderNumber)).toBe(false);
      await create(order);
      expect(await contestant().held(order.orderNumber)).toMatchObject({ parcels: 1 });
    });

    it.each(TURNED_AWAY)('is surely not taken after %s', async (_name, mischief, kind) => {
      const order = newOrder();
      expect((await createFailing(order, mischief)).kind).toBe(kind);
      expect(await contestant().held(order.orderNumber)).toBeNull();
    });

    it('is an unknown outcome when the caller gives up on the way', async () => {
      await contestant().misbehave({ operation, kind: 'hang' });
      const { call, abort } = recordedCall();
      const order = newOrder();
      const failed = failure(contestant().carrier.create(order, call));
      await eventually('the order at the carrier', async () => (await contestant().held(order.orderNumber)) !== null);
      abort.abort();
      expect(await failed).toEqual({ kind: 'outcome-unknown', code: 'aborted' });
    });

    it('opens a new session within the same call, where the old one has ended', async () => {
      const { order } = await create();
      await contestant().expireSessions?.();
      const next = await create();
      expect([await contestant().held(order.orderNumber), await contestant().held(next.order.orderNumber)]).toEqual([expect.objectContaining({ parcels: 1 }), expect.objectContaining({ parcels: 1 })]);
    });
  });
};

const describeCancelling = ({ contract, contestant, newOrder, create, carrierFor }: Stage): void => {
  const { operations: { cancel: operation }, refusal } = contract;

  describe('cancelling', () => {
    it('ends the parcel, and changes nothing the second time', async () => {
      const { order, parcel } = await create();
      expect(await contestant().carrier.cancel(parcel, recordedCall().call)).toEqual({ kind: 'accepted' });
      expect(await contestant().carrier.cancel(parcel, recordedCall().call)).toEqual({ kind: 'accepted' });
      expect(await contestant().held(order.orderNumber)).toMatchObject({ parcels: 1, isCancelled: true });
    });

    it('of a parcel that is delivered is refused as a value', async () => {
      const { order, parcel } = await create();
      await contestant().live(order.orderNumber, 'DELIVERED');
      expect(await contestant().carrier.cancel(parcel, recordedCall().call)).toMatchObject({ kind: 'rejected', code: expect.stringMatching(/./) });
      expect(await contestant().held(order.orderNumber)).toMatchObject({ isCancelled: false });
    });

    it('of what the carrier does not know, or will not cancel, is refused as a value', async () => {
      expect(await contestant().carrier.cancel(refOf(newOrder()), recordedCall().call)).toMatchObject({ kind: 'rejected' });
      const { order, parcel } = await create();
      await contestant().misbehave({ operation, ...refusal });
      expect(await contestant().carrier.cancel(parcel, recordedCall().call)).toMatchObject({ kind: 'rejected' });
      expect(await contestant().held(order.orderNumber)).toMatchObject({ isCancelled: false });
    });

    it.each(LOST)('is an unknown outcome after %s, and may be repeated', async (_name, mischief, code) => {
      const { order, parcel } = await create();
      const carrier = await carrierFor(code);
      await contestant().misbehave({ operation, ...mischief });
      expect(await failure(carrier.cancel(parcel, recordedCall().call))).toEqual({ kind: 'outcome-unknown', code });
      expect(await contestant().carrier.cancel(parcel, recordedCall().call)).toEqual({ kind: 'accepted' });
      expect(await contestant().held(order.orderNumber)).toMatchObject({ isCancelled: true });
    });
  });
};

/** Calls that a carrier may lack; each is a read but `announce`. */
const describeExtras = ({ contract, contestant, newOrder, create, carrierFor }: Stage): void => {
  const { announce, quote, list } = contract.operations;
  const quoted = (carrier = contestant().carrier) => carrier.quote?.(sampleQuote(newOrder()), recordedCall().call) ?? Promise.reject(new Error('no quotes'));
  const announced = (order: ShipmentOrder) => contestant().carrier.announce?.(sampleNotice(order), recordedCall().call) ?? Promise.reject(new Error('no notices'));
  const listed = (carrier = contestant().carrier) => carrier.listPlaces?.(recordedCall().call) ?? Promise.reject(new Error('no lists'));

  if (announce !== null) {
    it('is told of a dossier, twice without harm, also after a lost answer', async () => {
      const { order } = await create();
      expect(await announced(order)).toEqual({ kind: 'accepted' });
      await contestant().misbehave({ operation: announce, kind: 'reset' });
      expect(await failure(announced(order))).toEqual({ kind: 'outcome-unknown', code: 'reset' });
      expect(await announced(order)).toEqual({ kind: 'accepted' });
    });
  }

  if (quote !== null) {
    it('quotes in whole đồng', async () => {
      const answer = await quoted();
      expect(answer.kind).toBe('quoted');
      const quotes = answer.kind === 'quoted' ? answer.quotes : [];
      expect(quotes.length).toBeGreaterThan(0);
      expect(quotes.filter(({ service, feeVnd }) => service === '' || !Number.isSafeInteger(feeVnd) || feeVnd < 0)).toEqual([]);
    });
  }

  if (list !== null) {
    it('lists places of every level that it needs, each below one that is listed', async () => {
      const places = await listed();
      const codes = new Set(places.map(({ level, code }) => `${level} ${code}`));
      for (const level of contestant().carrier.needsPlaces) expect(places.map((place) => place.level)).toContain(level);
      const isHeld = (parent: string | null): boolean => parent !== null && (codes.has(`PROVINCE ${parent}`) || codes.has(`DISTRICT ${parent}`));
      expect(places.filter(({ level, code, name, parentCode }) => code === '' || name === '' || (level === 'PROVINCE' ? parentCode !== null : !isHeld(parentCode)))).toEqual([]);
    });
  }

  const reads = [...(quote === null ? [] : [['a quote', quote, quoted] as const]), ...(list === null ? [] : [['a list', list, listed] as const])];
  for (const [name, operation, work] of reads) {
    it.each(LOST)(`${name} is unavailable after %s`, async (_name, mischief, code) => {
      const carrier = await carrierFor(code);
      await contestant().misbehave({ operation, ...mischief });
      expect(await failure(work(carrier))).toEqual({ kind: 'unavailable', code });
    });
    it.each(GARBAGE)(`${name} is a bad reply after %s`, async (_name, mischief) => {
      await contestant().misbehave({ operation, ...mischief });
      expect((await failure(work())).kind).toBe('bad-reply');
    });
  }
};

const describeSecrets = ({ contestant, create, newOrder, contract }: Stage): void => {
  it('keeps people and addresses out of the journal, of errors, of events and of what it wants repeated', async () => {
    const { carrier } = contestant();
    const { call, exchanges } = recordedCall();
    const order = newOrder();
    const created = await carrier.create(order, call);
    const parcel = refOf(order, created.kind === 'accepted' ? created : null);
    await carrier.announce?.(sampleNotice(order), call);
    await carrier.quote?.(sampleQuote(order), call);
    await contestant().live(order.orderNumber, 'DELIVERED');
    const told = [await carrier.feed?.next(carrier.feed.start, call), [...(await carrier.questions?.ask([parcel], call) ?? [])]];
    await carrier.cancel(parcel, call);
    await contestant().misbehave({ operation: contract.operations.create, kind: 'truncated' });
    const error = await carrier.create(newOrder(), call).then(() => '', (thrown: unknown) => `${String(thrown)} ${JSON.stringify(thrown)}`);
    const journal = JSON.stringify(exchanges);
    expect(journal).toContain(order.orderNumber);
    for (const canary of POSTAL_CANARIES) expect(`${journal} ${error} ${JSON.stringify([created, told])}`).not.toContain(canary);
    expect((await create()).parcel.carrierData).toEqual(expect.any(Object));
  });
};

/** What every carrier must keep, against its sandbox. What it cannot do is declared in the contract, and must be null in the port. */
export const postalCarrierContract = (contract: CarrierContract): void => {
  describe(`PostalCarrier: ${contract.name}`, () => {
    let contestant: CarrierContestant;
    beforeAll(async () => { contestant = await contract.start(); });
    beforeEach(() => contestant.reset());
    afterAll(() => contestant.close());

    const stage = stageOf(contract, () => contestant);
    describeOrders(stage);
    describeCancelling(stage);
    describeExtras(stage);
    if (contract.operations.feed !== null) describeFeed(stage, contract.operations.feed);
    if (contract.operations.ask !== null) describeAsking(stage, contract.operations.ask);
    if (contract.operations.feed !== null || contract.operations.ask !== null) describeStories(stage);
    describeSecrets(stage);

    it('says what it can do', () => {
      const { announce, quote, feed, questions, listPlaces, collectsMoney, recognisesRepeats, needsPlaces } = contestant.carrier;
      const { operations } = contract;
      expect([collectsMoney, recognisesRepeats, needsPlaces.includes('DISTRICT')]).toEqual([contract.collectsMoney, contract.recognisesRepeats, contract.needsDistrict]);
      expect({ announce: announce !== null, quote: quote !== null, feed: feed !== null, ask: questions !== null, list: listPlaces !== null })
        .toEqual({ announce: operations.announce !== null, quote: operations.quote !== null, feed: operations.feed !== null, ask: operations.ask !== null, list: operations.list !== null });
    });

    it('can be tracked and settled, and its services have a name in both languages', () => {
      const { services, recognisesRepeats, pushesEvents, feed, questions, inFlightMs, needsPlaces } = contestant.carrier;
      expect(pushesEvents || feed !== null || questions !== null).toBe(true);
      expect(recognisesRepeats || questions !== null).toBe(true);
      expect(inFlightMs).toBeGreaterThanOrEqual(0);
      expect(needsPlaces.filter((level) => !PLACE_LEVELS.includes(level))).toEqual([]);
      expect(services.length).toBeGreaterThan(0);
      expect(services.filter(({ code, vi, en }) => code === '' || vi === '' || en === '')).toEqual([]);
    });

    it('knows that nothing was sent where nobody listens', async () => {
      const gone = await contract.start();
      try {
        const order = gone.orderOf?.(sampleShipment()) ?? sampleShipment();
        await gone.stopSandbox();
        const refused = { kind: 'unavailable', code: 'connection-refused' };
        expect(await failure(gone.carrier.create(order, recordedCall().call))).toEqual(refused);
        expect(await failure(gone.carrier.cancel(refOf(order), recordedCall().call))).toEqual(refused);
      } finally {
        await gone.close();
      }
    });
  });
};
