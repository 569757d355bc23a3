import { SHIPMENT_MOVES, SHIPMENT_STATES } from './shipment.js';
import type { CollectionWord, FailureReason, ShipmentEvent, ShipmentState } from './shipment.js';

/** Where a parcel stands by everything that is known of it. */
export interface ShipmentStanding {
  readonly state: ShipmentState;
  /** When it came into this state; null while nothing is known but the request. */
  readonly stateAt: Date | null;
  /** Of the last failed try, while that is its state. */
  readonly failure: FailureReason | null;
  /** The most that was said of the collected money. */
  readonly collection: CollectionWord | null;
  /** Keys of the events that moved it, in their order. */
  readonly moved: readonly string[];
  /** A later word speaks against the end that it has reached, or a parcel thought cancelled or refused is on the road: for a person. */
  readonly isContradicted: boolean;
}

const RANK: Readonly<Record<ShipmentState, number>> = Object.fromEntries(SHIPMENT_STATES.map((state, index) => [state, index])) as Record<ShipmentState, number>;

const rankOf = ({ means }: ShipmentEvent): number => (means === null ? -1 : RANK[means]);

/** By time; at one time in the order in which parcels go; then by key, so that there is one order only. */
const byTime = (left: ShipmentEvent, right: ShipmentEvent): number =>
  left.at.getTime() - right.at.getTime() || rankOf(left) - rankOf(right) || (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);

const distinct = (events: readonly ShipmentEvent[]): readonly ShipmentEvent[] => [...new Map(events.map((event) => [event.key, event])).values()];

const speaksAgainst = (state: ShipmentState, means: ShipmentState): boolean => SHIPMENT_MOVES[state].length === 0 && means !== state;

const revived = (from: ShipmentState): boolean => from === 'CANCELLED' || from === 'REFUSED';

/**
 * The state is no memory of what came last but a function of the set of facts: events may come late, twice and in any order, and whoever
 * has heard the same facts has the same state. Claims that nobody proved are left out.
 */
export const standingOf = (events: readonly ShipmentEvent[]): ShipmentStanding => {
  let standing: ShipmentStanding = { state: 'REQUESTED', stateAt: null, failure: null, collection: null, moved: [], isContradicted: false };
  for (const { key, means, at, failure, collection } of distinct(events.filter(({ source }) => source !== 'CLAIM')).toSorted(byTime)) {
    if (collection !== null) standing = { ...standing, collection: standing.collection === 'PAID_OUT' ? 'PAID_OUT' : collection };
    if (means === null) continue;
    const { state, moved } = standing;
    if (SHIPMENT_MOVES[state].includes(means)) {
      standing = { ...standing, state: means, stateAt: at, failure: means === 'FAILED' ? failure ?? 'OTHER' : null, moved: [...moved, key], isContradicted: standing.isContradicted || revived(state) };
    } else if (means === 'FAILED' && state === 'FAILED') {
      standing = { ...standing, stateAt: at, failure: failure ?? 'OTHER', moved: [...moved, key] };
    } else if (speaksAgainst(state, means)) standing = { ...standing, isContradicted: true };
  }
  return standing;
};
