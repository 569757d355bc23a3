import { PartyError } from '../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../src/errors/party-error.js';
import type { CarrierEvent, CreateAnswer, DossierNotice, PostalCarrier, ShipmentOrder } from '../../src/postal/postal-carrier-port.js';
import type { ShipmentState } from '../../src/postal/shipment.js';

/** What a carrier does with one order, and what we hear of it. */
export interface CarrierConduct {
  readonly takes: boolean;
  readonly hear: CreateAnswer['kind'] | PartyErrorKind;
}

const START = '0';
const BEGINNING_MS = Date.parse('2026-03-15T10:00:00Z');

/** Minutes of `told` at which an instant is. */
export const minutesTo = (atMs: number): number => Math.round((atMs - BEGINNING_MS) / 60_000);

/** One thing that a carrier tells, `minutes` after the start of 15 March 2026. */
export const told = (orderNumber: string, means: CarrierEvent['means'], minutes: number, over: Partial<CarrierEvent> = {}): CarrierEvent => ({
  orderNumber, carrierNumber: null, key: `${String(means)}@${String(minutes)}`, code: means === null ? '999' : String(minutes), text: null, place: 'Bưu cục Hoa Lư',
  at: new Date(BEGINNING_MS + minutes * 60_000), means, failure: null, collection: null, ...over,
});

/** A counterpart that keeps what it took, tells what a test lets it tell, and misbehaves as scripted. */
export class ScriptedCarrier {
  readonly port: PostalCarrier;
  readonly orders: ShipmentOrder[] = [];
  readonly cancelled: string[] = [];
  readonly notices: DossierNotice[] = [];
  /** Everything that its feed tells, from the first. */
  readonly told: CarrierEvent[] = [];
  /** Cursors with which it was asked. */
  readonly cursors: string[] = [];
  readonly asked: string[] = [];
  sends = 0;
  pageSize = 2;
  behave: (nth: number) => CarrierConduct = () => ({ takes: true, hear: 'accepted' });
  cancelAnswer: 'accepted' | 'rejected' = 'accepted';
  feedFailure: PartyErrorKind | null = null;
  /** What a question finds; a parcel that is not here is not known. */
  readonly known = new Map<string, readonly CarrierEvent[]>();

  constructor(party: string, over: Partial<PostalCarrier>) {
    const fail = (kind: PartyErrorKind, operation: string): never => {
      throw new PartyError(kind, { party, operation, code: kind });
    };
    this.port = {
      party, pushesEvents: false, collectsMoney: true, needsPlaces: ['PROVINCE'], services: [{ code: 'FAST', vi: 'Nhanh', en: 'Fast' }], inFlightMs: 20, recognisesRepeats: true,
      serves: () => true,
      create: (order) => {
        this.sends += 1;
        const { takes, hear } = this.behave(this.sends);
        const already = this.orders.some(({ orderNumber }) => orderNumber === order.orderNumber);
        if (takes && (!already || over.recognisesRepeats === false)) this.orders.push(order);
        if (hear === 'accepted') return Promise.resolve({ kind: 'accepted', already, carrierNumber: `C-${order.orderNumber}`, feeVnd: 22_000, carrierData: { route: 'A' } });
        return hear === 'rejected' ? Promise.resolve({ kind: 'rejected', code: '7', text: 'không phục vụ' }) : Promise.resolve().then(() => fail(hear, 'create'));
      },
      cancel: ({ orderNumber }) => {
        if (this.cancelAnswer === 'rejected') return Promise.resolve({ kind: 'rejected', code: '9', text: 'đã phát' });
        this.cancelled.push(orderNumber);
        return Promise.resolve({ kind: 'accepted' });
      },
      announce: (notice) => {
        this.notices.push(notice);
        return Promise.resolve({ kind: 'accepted' });
      },
      quote: null,
      feed: {
        start: START,
        next: (cursor) => {
          this.cursors.push(cursor);
          if (this.feedFailure !== null) return Promise.resolve(this.feedFailure).then((kind) => fail(kind, 'tracking'));
          const from = Number(cursor);
          const events = this.told.slice(from, from + this.pageSize);
          return Promise.resolve({ events, cursor: String(from + events.length), full: events.length === this.pageSize });
        },
      },
      questions: {
        atOnce: 2,
        ask: (parcels) => {
          this.asked.push(...parcels.map(({ orderNumber }) => orderNumber));
          return Promise.resolve(new Map(parcels.flatMap(({ orderNumber }) => {
            const events = this.known.get(orderNumber) ?? (this.orders.some((order) => order.orderNumber === orderNumber) ? [] : null);
            return events === null ? [] : [[orderNumber, { events, carrierNumber: `C-${orderNumber}`, carrierData: {} }] as const];
          })));
        },
      },
      listPlaces: null, ...over,
    };
  }

  tell(orderNumber: string, ...states: readonly (readonly [means: Exclude<ShipmentState, 'REQUESTED' | 'UNKNOWN'>, minutes: number])[]): void {
    this.told.push(...states.map(([means, minutes]) => told(orderNumber, means, minutes)));
  }
}

export const scriptedCarrier = (party: string, over: Partial<PostalCarrier> = {}): ScriptedCarrier => new ScriptedCarrier(party, over);
