import type { Queryable } from '../store/database.js';
import type { OnStanding } from './collection-port.js';
import type { FactStore } from './fact-store.js';
import type { KeptFact, NewFact, ShipmentChange } from './fact-store.js';
import type { CarrierEvent } from './postal-carrier-port.js';
import { standingOf } from './shipment-history.js';
import type { ShipmentStanding } from './shipment-history.js';
import type { ShipmentPersonReason, ShipmentRow } from './shipment-rows.js';
import type { ShipmentStore } from './shipment-store.js';
import { ENDED_STATES } from './shipment.js';
import type { ShipmentEventSource, ShipmentState } from './shipment.js';

/** A fact as it was heard: a carrier's, or our own. */
export interface HeardFact extends Omit<CarrierEvent, 'means'> {
  readonly source: ShipmentEventSource;
  readonly means: ShipmentState | null;
  /** The inbox row that brought it. */
  readonly callbackId: string | null;
}

export interface Recorded {
  /** Parcels of which there was word, as they were before. */
  readonly shipments: readonly ShipmentRow[];
  /** Ids of those of which it was new. */
  readonly news: ReadonlySet<string>;
  readonly added: number;
  /** Of numbers that are none of ours; kept all the same. */
  readonly unmatched: number;
}

export interface ShipmentBookDeps {
  readonly store: ShipmentStore;
  readonly facts: FactStore;
  /** Carriers that are asked by the clock, with how often (ms). */
  readonly askEveryMs: ReadonlyMap<string, number>;
  readonly onStanding: readonly OnStanding[];
  readonly observe: (labels: { readonly carrier: string; readonly source: string; readonly outcome: 'added' | 'known' | 'unmatched' | 'unlisted' }, count: number) => void;
  readonly now: () => Date;
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;
const LIMITS = { key: 200, code: 100, text: 500, place: 200, number: 100 } as const;
const ON_THE_ROAD: readonly ShipmentState[] = ['COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'RETURNING', 'DELIVERED', 'RETURNED'];
const BEFORE_ORDER: readonly ShipmentState[] = ['REQUESTED', 'UNKNOWN', 'REFUSED'];

/** What no table can hold would stop a feed for ever. */
const clean = (text: string, limit: number): string => text.normalize('NFC').replace(CONTROL, ' ').slice(0, limit);
const cleanOrNull = (text: string | null, limit: number): string | null => (text === null ? null : clean(text, limit));

const factOf = (heard: HeardFact, shipment: ShipmentRow | undefined, now: Date): NewFact => {
  const { source, means, failure, collection, callbackId, at } = heard;
  return {
    shipmentId: shipment?.id ?? null, orderNumber: shipment?.orderNumber ?? clean(heard.orderNumber, LIMITS.number), key: clean(heard.key, LIMITS.key), source,
    code: clean(heard.code, LIMITS.code), text: cleanOrNull(heard.text, LIMITS.text), place: cleanOrNull(heard.place, LIMITS.place),
    at: at === null || Number.isNaN(at.getTime()) ? now : at, means, failure, collection, callbackId,
  };
};

const isMove = (state: ShipmentState, list: readonly ShipmentState[]): boolean => list.includes(state);

/** When a state of the list was first come to, by the facts that moved the parcel. */
const firstOf = (facts: readonly KeptFact[], { moved }: ShipmentStanding, list: readonly ShipmentState[]): Date | null => {
  const byKey = new Map(facts.filter(({ source }) => source !== 'CLAIM').map((fact) => [fact.key, fact]));
  return moved.flatMap((key) => byKey.get(key) ?? []).find(({ means }) => means !== null && isMove(means, list))?.at ?? null;
};

const personReasonOf = (shipment: ShipmentRow, { before, after, isCorrected }: Stood): ShipmentPersonReason | null => {
  // A person has just said what became of it: his case is closed.
  if (isCorrected) return null;
  if (after.against.some((key) => !before.against.includes(key))) return 'contradicted';
  if (after.failure !== before.failure && after.failure === 'LOST') return 'lost';
  if (after.failure !== before.failure && after.failure === 'DAMAGED') return 'damaged';
  // It is silent no more.
  return shipment.personReason === 'silent' ? null : shipment.personReason;
};

/** How a parcel stood and stands, by all that is known of it. */
interface Stood {
  readonly before: ShipmentStanding;
  readonly after: ShipmentStanding;
  readonly isCorrected: boolean;
}

const isPersons = ({ source }: KeptFact): boolean => source === 'OPERATOR';

/** As the carrier has it: what money hangs on. No person's word moves that. */
const heardOf = (facts: readonly KeptFact[], standing: ShipmentStanding): ShipmentStanding => (facts.some(isPersons) ? standingOf(facts.filter((fact) => !isPersons(fact))) : standing);

const isSame = (before: ShipmentStanding, after: ShipmentStanding): boolean =>
  before.state === after.state && before.failure === after.failure && before.collection === after.collection && before.against.length === after.against.length
  && before.moved.length === after.moved.length && before.stateAt?.getTime() === after.stateAt?.getTime();

/** The only place where facts become states. */
export class ShipmentBook {
  readonly #deps: ShipmentBookDeps;

  constructor(deps: ShipmentBookDeps) {
    this.#deps = deps;
  }

  /** In the caller's transaction; a repeat changes nothing. A handful of statements, however many facts there are. */
  async record(client: Queryable, carrier: string, heard: readonly HeardFact[]): Promise<Recorded> {
    if (heard.length === 0) return { shipments: [], news: new Set(), added: 0, unmatched: 0 };
    const { store, facts, now } = this.#deps;
    const at = now();
    const shipments = await store.lockByNumbers(client, carrier, {
      ours: [...new Set(heard.map(({ orderNumber }) => orderNumber))], theirs: [...new Set(heard.flatMap(({ carrierNumber }) => carrierNumber ?? []))],
    });
    const find = finderOf(shipments);
    const inserted = await facts.insert(client, carrier, heard.map((fact) => factOf(fact, find(fact), at)));
    this.#count(carrier, heard, { inserted, find });
    const news = new Set(inserted.flatMap(({ shipmentId }) => shipmentId ?? []));
    // A claim moves nothing, not even the number that the carrier is said to have given.
    const proved = new Set(inserted.flatMap(({ shipmentId, source }) => (shipmentId === null || source === 'CLAIM' ? [] : [shipmentId])));
    const touched = shipments.filter(({ id }) => proved.has(id));
    const numbers = new Map(heard.flatMap((fact) => (fact.carrierNumber === null ? [] : [[find(fact)?.id ?? '', clean(fact.carrierNumber, LIMITS.number)] as const])));
    if (touched.length > 0) await this.#apply(client, touched, { newIds: new Set(inserted.map(({ id }) => id)), numbers });
    return { shipments, news, added: inserted.length, unmatched: inserted.filter(({ shipmentId }) => shipmentId === null).length };
  }

  async #apply(client: Queryable, touched: readonly ShipmentRow[], { newIds, numbers }: { readonly newIds: ReadonlySet<string>; readonly numbers: ReadonlyMap<string, string> }): Promise<void> {
    const { facts, store, onStanding } = this.#deps;
    const byShipment = new Map<string, KeptFact[]>(touched.map(({ id }) => [id, []]));
    for (const fact of await facts.of(client, [...byShipment.keys()])) byShipment.get(fact.shipmentId)?.push(fact);
    const standings = touched.map((shipment) => {
      const all = byShipment.get(shipment.id) ?? [];
      const known = all.filter(({ id }) => !newIds.has(id));
      const [before, after] = [standingOf(known), standingOf(all)];
      const isCorrected = all.some((fact) => isPersons(fact) && newIds.has(fact.id));
      return { shipment, all, before, after, isCorrected, heard: { before: heardOf(known, before), after: heardOf(all, after) } };
    });
    const changes = standings.map(({ shipment, all, ...stood }) => this.#changeOf(shipment, all, { ...stood, carrierNumber: numbers.get(shipment.id) ?? null }));
    await facts.change(client, changes);
    await store.tell(client, standings.flatMap(({ shipment, before, after }, index) => newsOf(shipment, before, { after, personReason: changes[index]?.personReason ?? null })));
    for (const { shipment, heard: { before, after } } of standings) {
      if (isSame(before, after)) continue;
      for (const hook of onStanding) await hook(client, { shipment, before, after });
    }
  }

  #changeOf(shipment: ShipmentRow, all: readonly KeptFact[], of: Stood & { readonly carrierNumber: string | null }): ShipmentChange {
    const { after, carrierNumber } = of;
    const isEnded = ENDED_STATES.includes(after.state);
    return {
      id: shipment.id, state: after.state, stateAt: after.stateAt ?? shipment.createdAt, failure: after.failure, collection: after.collection, carrierNumber,
      personReason: personReasonOf(shipment, of),
      orderedAt: firstOf(all, after, ['ORDERED', 'COLLECTING', ...ON_THE_ROAD]), collectedAt: firstOf(all, after, ON_THE_ROAD), endedAt: isEnded ? after.stateAt : null,
      askAt: isEnded ? null : shipment.askAt ?? this.#firstAsk(shipment, after),
    };
  }

  #firstAsk({ carrier }: ShipmentRow, { state }: ShipmentStanding): Date | null {
    const everyMs = this.#deps.askEveryMs.get(carrier);
    return everyMs === undefined || BEFORE_ORDER.includes(state) ? null : new Date(this.#deps.now().getTime() + everyMs);
  }

  #count(carrier: string, heard: readonly HeardFact[], { inserted, find }: { readonly inserted: readonly { readonly shipmentId: string | null }[]; readonly find: (fact: HeardFact) => ShipmentRow | undefined }): void {
    const { observe } = this.#deps;
    const source = heard[0]?.source ?? 'OURS';
    const unmatched = inserted.filter(({ shipmentId }) => shipmentId === null).length;
    observe({ carrier, source, outcome: 'added' }, inserted.length - unmatched);
    observe({ carrier, source, outcome: 'unmatched' }, unmatched);
    observe({ carrier, source, outcome: 'known' }, heard.length - inserted.length);
    observe({ carrier, source, outcome: 'unlisted' }, source === 'OURS' ? 0 : heard.filter((fact) => fact.means === null && fact.collection === null && find(fact) !== undefined).length);
  }
}

/** By our number; by the carrier's where a fact names none of ours. */
const finderOf = (shipments: readonly ShipmentRow[]): ((fact: Pick<HeardFact, 'orderNumber' | 'carrierNumber'>) => ShipmentRow | undefined) => {
  const ours = new Map(shipments.map((shipment) => [shipment.orderNumber, shipment]));
  const theirs = new Map(shipments.flatMap((shipment) => (shipment.carrierNumber === null ? [] : [[shipment.carrierNumber, shipment] as const])));
  return ({ orderNumber, carrierNumber }) => ours.get(orderNumber) ?? (carrierNumber === null ? undefined : theirs.get(carrierNumber));
};

/** One event for a change of state, or for another failed try, and one where a person must look from now on. */
const newsOf = ({ dossierCode, orderNumber, personReason: reasonBefore }: ShipmentRow, before: ShipmentStanding, { after, personReason }: { readonly after: ShipmentStanding; readonly personReason: ShipmentPersonReason | null }) => {
  const about = { dossierCode, orderNumber };
  const hasMoved = after.state !== before.state || (after.state === 'FAILED' && after.moved.length !== before.moved.length);
  return [
    ...(hasMoved ? [{ ...about, type: `shipment.${after.state.toLowerCase().replaceAll('_', '-')}`, reason: after.failure }] : []),
    ...(personReason !== null && personReason !== reasonBefore ? [{ ...about, type: 'shipment.person', reason: personReason as string }] : []),
  ];
};
