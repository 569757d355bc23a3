import { expect } from '@jest/globals';
import type { CarrierEvent, PostalCarrier, ShipmentOrder, ShipmentRef, TrackingFeed } from '../../src/postal/postal-carrier-port.js';
import { warmed } from './hasty.js';
import { recordedCall } from './sample-dossier.js';
import { refOf, sampleShipment } from './sample-shipment.js';

/**
 * What can happen to a parcel on its way. `DELIVERED`, `RETURNED` and `FAILED` (nobody there) are the ends of a path that leads there;
 * `COLLECTED`: delivered against money; `PAID_OUT`: and the money handed on; `UNLISTED`: a code that configuration does not list.
 */
export type Story = 'DELIVERED' | 'FAILED' | 'RETURNED' | 'COLLECTED' | 'PAID_OUT' | 'UNLISTED';

/** What the carrier's own book says of one of our numbers. */
export interface HeldParcel {
  /** Parcels under this number; more than one is a parcel that is sent twice. */
  readonly parcels: number;
  readonly collectVnd: number;
  readonly isCancelled: boolean;
}

/** A carrier and, beside it, its sandbox as the postman and a developer see it. */
export interface CarrierContestant {
  readonly carrier: PostalCarrier;
  /** The same at the same sandbox with a deadline of `HASTY_MS`. */
  readonly hasty: PostalCarrier;
  /** What the suite may not change in an order, such as place codes. Left out where anything goes. */
  readonly orderOf?: (order: ShipmentOrder) => ShipmentOrder;
  /** Null where the carrier holds nothing under the number. */
  held(orderNumber: string): Promise<HeldParcel | null>;
  /** The parcel goes all the way of a story. */
  live(orderNumber: string, story: Story): Promise<void>;
  /** Ends every session and token that was handed out; null where there are none. */
  readonly expireSessions: (() => Promise<void>) | null;
  /** An order to misbehave, as the sandbox's `/control/misbehave` takes it. */
  misbehave(order: object): Promise<void>;
  reset(): Promise<void>;
  /** Ends the sandbox only: nobody listens any more. */
  stopSandbox(): Promise<void>;
  close(): Promise<void>;
}

export interface CarrierContract {
  readonly name: string;
  /** Names of the sandbox's operations; null for what the carrier cannot do, and then the port's member must be null. */
  readonly operations: {
    readonly create: string; readonly cancel: string; readonly announce: string | null; readonly quote: string | null;
    readonly feed: string | null; readonly ask: string | null; readonly list: string | null;
  };
  /** As the port must say. */
  readonly collectsMoney: boolean;
  readonly recognisesRepeats: boolean;
  readonly needsDistrict: boolean;
  /** Misbehaviour that makes `create` and `cancel` answer with a "no" of the carrier. */
  readonly refusal: object;
  /** What is told at the end of each story that the carrier can tell; null for one that its codes know nothing of. */
  readonly tells: Readonly<Record<Story, Partial<CarrierEvent> | null>>;
  /** Starts adapter and sandbox, with a sandbox that hangs longer than the hasty one waits. */
  readonly start: () => Promise<CarrierContestant>;
}

export interface Stage {
  readonly contract: CarrierContract;
  readonly contestant: () => CarrierContestant;
  readonly newOrder: (changes?: Partial<ShipmentOrder>) => ShipmentOrder;
  /** Orders, and fails the test where it was refused. */
  readonly create: (order?: ShipmentOrder) => Promise<{ readonly order: ShipmentOrder; readonly parcel: ShipmentRef }>;
  /** Everything that the carrier tells of this parcel when asked now, in its order. */
  readonly told: (parcel: ShipmentRef) => Promise<readonly CarrierEvent[]>;
  /** The hasty one where the failure will be a timeout, else the patient one. */
  readonly carrierFor: (code: string) => Promise<PostalCarrier>;
}

const MOST_PAGES = 50;

/** Reads a feed to its end. */
export const walk = async (feed: TrackingFeed, from = feed.start): Promise<{ readonly events: readonly CarrierEvent[]; readonly cursor: string }> => {
  const events: CarrierEvent[] = [];
  let cursor = from;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read = await feed.next(cursor, recordedCall().call);
    events.push(...read.events);
    cursor = read.cursor;
    if (!read.full) return { events, cursor };
  }
  throw new Error('the feed never ends');
};

export const feedOf = ({ carrier }: Pick<CarrierContestant, 'carrier'>): TrackingFeed => {
  if (carrier.feed === null) throw new Error('this carrier has no feed');
  return carrier.feed;
};

export const questionsOf = ({ carrier }: Pick<CarrierContestant, 'carrier'>): NonNullable<PostalCarrier['questions']> => {
  if (carrier.questions === null) throw new Error('this carrier cannot be asked');
  return carrier.questions;
};

export const stageOf = (contract: CarrierContract, contestant: () => CarrierContestant): Stage => {
  const newOrder: Stage['newOrder'] = (changes) => {
    const order = sampleShipment(changes);
    return contestant().orderOf?.(order) ?? order;
  };
  return {
    contract, contestant, newOrder,
    create: async (order = newOrder()) => {
      const created = await contestant().carrier.create(order, recordedCall().call);
      if (created.kind !== 'accepted') throw new Error(`refused: ${created.code} ${created.text}`);
      return { order, parcel: refOf(order, created) };
    },
    told: async (parcel) => {
      if (contract.operations.feed !== null) return (await walk(feedOf(contestant()))).events.filter(({ orderNumber }) => orderNumber === parcel.orderNumber);
      const answers = await questionsOf(contestant()).ask([parcel], recordedCall().call);
      return answers.get(parcel.orderNumber)?.events ?? [];
    },
    carrierFor: async (code) => {
      const { carrier, hasty } = contestant();
      if (code !== 'timeout') return carrier;
      return warmed(hasty, ({ feed, questions }) => feed?.next(feed.start, recordedCall().call) ?? questions?.ask([refOf(newOrder())], recordedCall().call) ?? Promise.reject(new Error('nothing to ask')));
    },
  };
};

/** Each event with its key once, whatever the order. */
export const keysOf = (events: readonly CarrierEvent[]): readonly string[] => [...new Set(events.map(({ key }) => key))].sort();

/** An event that a person can be shown and a state can be computed from. */
export const expectSound = (event: CarrierEvent, orderNumber: string): void => {
  expect(event.orderNumber).toBe(orderNumber);
  expect(event.key).not.toBe('');
  expect(event.code).not.toBe('');
  expect(event.at === null || Math.abs(event.at.getTime() - Date.now()) < 3 * 86_400_000).toBe(true);
  expect(event.failure === null || event.means === 'FAILED').toBe(true);
};
