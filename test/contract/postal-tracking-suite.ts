import { describe, expect, it } from '@jest/globals';
import { failure, GARBAGE, LOST } from './payment-gateway-stage.js';
import { expectSound, feedOf, keysOf, questionsOf, walk } from './postal-carrier-stage.js';
import type { Stage, Story } from './postal-carrier-stage.js';
import { recordedCall } from './sample-dossier.js';
import { POSTAL_CANARIES, refOf } from './sample-shipment.js';

/** Everything that happened, page by page. */
export const describeFeed = ({ contestant, create, carrierFor }: Stage, operation: string): void => {
  const next = (cursor: string, carrier = contestant().carrier) => feedOf({ carrier }).next(cursor, recordedCall().call);

  describe('the feed', () => {
    it('stands where it is while nothing happens', async () => {
      const { start } = feedOf(contestant());
      expect(await next(start)).toEqual({ events: [], cursor: start, full: false });
    });

    it('goes on behind what was read, and tells the same again from the start', async () => {
      const first = await create();
      await contestant().live(first.order.orderNumber, 'DELIVERED');
      const read = await walk(feedOf(contestant()));
      expect(read.events.length).toBeGreaterThan(0);
      for (const event of read.events) expectSound(event, first.order.orderNumber);
      const second = await create();
      await contestant().live(second.order.orderNumber, 'DELIVERED');
      const further = await walk(feedOf(contestant()), read.cursor);
      expect(new Set(further.events.map(({ orderNumber }) => orderNumber))).toEqual(new Set([second.order.orderNumber]));
      const again = await walk(feedOf(contestant()));
      expect(keysOf(again.events)).toEqual(keysOf([...read.events, ...further.events]));
      expect(again.cursor).toBe(further.cursor);
    });

    it.each(LOST)('is unavailable after %s, and loses nothing', async (_name, mischief, code) => {
      const { order } = await create();
      await contestant().live(order.orderNumber, 'DELIVERED');
      const carrier = await carrierFor(code);
      await contestant().misbehave({ operation, ...mischief });
      const { start } = feedOf(contestant());
      expect(await failure(next(start, carrier))).toEqual({ kind: 'unavailable', code });
      expect((await walk(feedOf(contestant()))).events.map(({ means }) => means)).toContain('DELIVERED');
    });

    it.each(GARBAGE)('is a bad reply after %s, and never an empty page', async (_name, mischief) => {
      const { order } = await create();
      await contestant().live(order.orderNumber, 'DELIVERED');
      await contestant().misbehave({ operation, ...mischief });
      expect((await failure(next(feedOf(contestant()).start))).kind).toBe('bad-reply');
    });
  });
};

/** Questions about single parcels. */
export const describeAsking = ({ contestant, newOrder, create, carrierFor }: Stage, operation: string): void => {
  const ask = (...parcels: readonly ReturnType<typeof refOf>[]) => questionsOf(contestant()).ask(parcels, recordedCall().call);

  describe('asking', () => {
    it('tells of each parcel that is known, and leaves the others out', async () => {
      const [first, second] = [await create(), await create()];
      const stranger = refOf(newOrder());
      const { atOnce } = questionsOf(contestant());
      expect(atOnce).toBeGreaterThan(0);
      const parcels = [first.parcel, stranger, second.parcel];
      const batches = atOnce >= parcels.length ? [parcels] : parcels.map((parcel) => [parcel]);
      const known = (await Promise.all(batches.map((batch) => ask(...batch)))).flatMap((answers) => [...answers.keys()]);
      expect(known.sort()).toEqual([first.order.orderNumber, second.order.orderNumber].sort());
    });

    it('is told the same events with the same keys each time', async () => {
      const { order, parcel } = await create();
      await contestant().live(order.orderNumber, 'DELIVERED');
      const eventsNow = async () => (await ask(parcel)).get(order.orderNumber)?.events ?? [];
      const events = await eventsNow();
      for (const event of events) expectSound(event, order.orderNumber);
      expect(events.map(({ means }) => means)).toContain('DELIVERED');
      expect(keysOf(await eventsNow())).toEqual(keysOf(events));
    });

    it.each(LOST)('is unavailable after %s, never "not there"', async (_name, mischief, code) => {
      const { parcel } = await create();
      const carrier = await carrierFor(code);
      await contestant().misbehave({ operation, ...mischief });
      expect(await failure(questionsOf({ carrier }).ask([parcel], recordedCall().call))).toEqual({ kind: 'unavailable', code });
    });

    it.each(GARBAGE)('is a bad reply after %s, never "not there"', async (_name, mischief) => {
      const { parcel } = await create();
      await contestant().misbehave({ operation, ...mischief });
      expect((await failure(ask(parcel))).kind).toBe('bad-reply');
    });
  });

  it('shows nobody in the journal', async () => {
    const { parcel } = await create();
    const { call, exchanges } = recordedCall();
    await questionsOf(contestant()).ask([parcel], call);
    expect(exchanges.length).toBeGreaterThan(0);
    for (const canary of POSTAL_CANARIES) expect(JSON.stringify(exchanges)).not.toContain(canary);
  });
};

const COLLECTING: readonly Story[] = ['COLLECTED', 'PAID_OUT'];

/** What the carrier's codes come to in the domain's words. */
export const describeStories = ({ contract, contestant, newOrder, create, told }: Stage): void => {
  const stories = Object.entries(contract.tells).flatMap(([story, words]) => (words === null ? [] : [[story as Story, words] as const]));

  describe('a parcel', () => {
    it.each(stories)('that is %s is told of so', async (story, words) => {
      const { order, parcel } = await create(newOrder({ collectVnd: COLLECTING.includes(story) ? 58_000 : 0 }));
      await contestant().live(order.orderNumber, story);
      const events = await told(parcel);
      for (const event of events) expectSound(event, order.orderNumber);
      expect(events).toContainEqual(expect.objectContaining(words));
    });

    it('that has not moved is not told to have arrived', async () => {
      const { parcel } = await create();
      expect((await told(parcel)).filter(({ means }) => means === 'DELIVERED' || means === 'RETURNED')).toEqual([]);
    });

    it('is never said to be paid for, where nothing was collected', async () => {
      const { order, parcel } = await create();
      await contestant().live(order.orderNumber, 'DELIVERED');
      expect((await told(parcel)).filter(({ collection }) => collection !== null)).toEqual([]);
    });
  });
};
