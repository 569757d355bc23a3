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
  /** Keys of what speaks against it: a word after its end, the road after a refusal or cancellation, another end than a person found out. */
  readonly against: readonly string[];
}

const RANK: Readonly<Record<ShipmentState, number>> = Object.fromEntries(SHIPMENT_STATES.map((state, index) => [state, index])) as Record<ShipmentState, number>;

const rankOf = ({ means }: ShipmentEvent): number => (means === null ? -1 : RANK[means]);

/** By time; at one time in the order in which parcels go; then by key, so that there is one order only. */
const byTime = (left: ShipmentEvent, right: ShipmentEvent): number =>
  left.at.getTime() - right.at.getTime() || rankOf(left) - rankOf(right) || (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);

const distinct = (events: readonly ShipmentEvent[]): readonly ShipmentEvent[] => [...new Map(events.map((event) => [event.key, event])).values()];

const isEnd = (state: ShipmentState): boolean => SHIPMENT_MOVES[state].length === 0;

const revived = (from: ShipmentState): boolean => from === 'CANCELLED' || from === 'REFUSED';

const UNHEARD: ShipmentStanding = { state: 'REQUESTED', stateAt: null, failure: null, collection: null, moved: [], against: [] };

/** As a person found it out, from wherever it stood. Of what was told before, another end still speaks against him; the rest is the way there. */
const corrected = (standing: ShipmentStanding, { key, at, failure }: ShipmentEvent, { state, before }: { readonly state: ShipmentState; readonly before: readonly ShipmentEvent[] }): ShipmentStanding => ({
  ...standing, state, stateAt: at, failure: state === 'FAILED' ? failure ?? 'OTHER' : null, moved: [...standing.moved, key],
  against: before.filter(({ source, means }) => source !== 'OPERATOR' && means !== null && isEnd(means) && means !== state).map((event) => event.key),
});

const moved = (standing: ShipmentStanding, { key, at, failure }: ShipmentEvent, means: ShipmentState): ShipmentStanding => {
  const { state, against } = standing;
  if (SHIPMENT_MOVES[state].includes(means)) {
    return { ...standing, state: means, stateAt: at, failure: means === 'FAILED' ? failure ?? 'OTHER' : null, moved: [...standing.moved, key], against: revived(state) ? [...against, key] : against };
  }
  if (means === 'FAILED' && state === 'FAILED') return { ...standing, stateAt: at, failure: failure ?? 'OTHER', moved: [...standing.moved, key] };
  return isEnd(state) && means !== state ? { ...standing, against: [...against, key] } : standing;
};

/**
 * The state is no memory of what came last but a function of the set of facts: events may come late, twice and in any order, and whoever
 * has heard the same facts has the same state. Claims that nobody proved are left out.
 */
export const standingOf = (events: readonly ShipmentEvent[]): ShipmentStanding => {
  let standing = UNHEARD;
  const inOrder = distinct(events.filter(({ source }) => source !== 'CLAIM')).toSorted(byTime);
  for (const [index, event] of inOrder.entries()) {
    const { means, source, collection } = event;
    if (collection !== null) standing = { ...standing, collection: standing.collection === 'PAID_OUT' ? 'PAID_OUT' : collection };
    if (means === null) continue;
    standing = source === 'OPERATOR' ? corrected(standing, event, { state: means, before: inOrder.slice(0, index) }) : moved(standing, event, means);
  }
  return standing;
};
