import { createHash } from 'node:crypto';
import type { Caller } from '../access/caller.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { PartyError } from '../errors/party-error.js';
import { agencyOrderData } from '../payments/payment-opening.js';
import { canonicalJson } from '../store/idempotency.js';
import type { Database } from '../store/database.js';
import type { PlaceAnswer, PlaceLookup, PostalAddress, PostalOffices } from './postal-address.js';
import type { PostalCarrier, Quote, QuoteOrder } from './postal-carrier-port.js';
import type { ParcelEnd } from './place-view.js';
import type { QuoteStore } from './quote-store.js';
import type { ShipmentDirection } from './shipment.js';

/** What a price is asked for; the agency's end is its postal office. */
export interface QuoteWish {
  readonly agencyCode: string;
  readonly direction: ShipmentDirection;
  /** The citizen's. */
  readonly address: PostalAddress;
  readonly weightGrams: number;
  readonly collectVnd: number;
  /** Null: every carrier that can quote. */
  readonly carrier: string | null;
}

type Unknown = Extract<PlaceAnswer, { kind: 'unknown' }>;

export type CarrierQuote =
  | { readonly kind: 'quoted'; readonly carrier: string; readonly quotes: readonly Quote[]; readonly quotedAt: Date; readonly isKept: boolean }
  | { readonly kind: 'address-unknown'; readonly carrier: string; readonly end: ParcelEnd; readonly place: Unknown }
  /** The carrier said no; `text` is its own. */
  | { readonly kind: 'rejected'; readonly carrier: string; readonly code: string; readonly text: string }
  | { readonly kind: 'unavailable'; readonly carrier: string; readonly code: string };

export type QuoteResult = { readonly kind: 'asked'; readonly carriers: readonly CarrierQuote[] } | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] };

export interface QuoteCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

export type QuotingCarrier = Pick<PostalCarrier, 'party' | 'services' | 'serves' | 'quote' | 'collectsMoney'>;

export interface QuoteDeskDeps {
  readonly database: Database;
  readonly store: QuoteStore;
  readonly agencies: AgencyAccess;
  readonly carriers: readonly QuotingCarrier[];
  readonly places: PlaceLookup;
  readonly offices: PostalOffices;
  readonly settings: { readonly keepMs: number; readonly timeoutMs: number };
}

const MAX_WEIGHT_GRAMS = 30_000;
const AGENCY = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const OFFICE = breach('POSTAL_OFFICE_MISSING', 'Cơ quan và các cơ quan cấp trên chưa khai báo bộ phận nhận, gửi bưu phẩm', 'Neither the agency nor any above it has a postal office');
const WEIGHT = breach('WEIGHT', `Khối lượng từ 1 đến ${String(MAX_WEIGHT_GRAMS)} gam`, `The weight is between 1 and ${String(MAX_WEIGHT_GRAMS)} grams`);
const AMOUNT = breach('AMOUNT', 'Số tiền là số nguyên đồng, không âm', 'An amount is whole VND and not negative');
const NOBODY = breach('NO_CARRIER', 'Không có đơn vị bưu chính nào báo giá cho yêu cầu này', 'No carrier quotes for this');

/** Everything on which a price depends: codes and numbers, nothing of a person. */
const routeOf = ({ agencyCodes, direction, sender, recipient, weightGrams, collectVnd }: QuoteOrder): Buffer =>
  createHash('sha256').update(canonicalJson([agencyCodes, direction, sender.place, recipient.place, weightGrams, collectVnd])).digest();

interface Asked {
  readonly carrier: QuotingCarrier;
  readonly order: QuoteOrder;
  readonly route: Buffer;
}

/** Prices before anything is ordered. */
export class QuoteDesk {
  readonly #deps: QuoteDeskDeps;

  constructor(deps: QuoteDeskDeps) {
    this.#deps = deps;
  }

  /** Each carrier answers for itself: one that is slow, refuses, or cannot find the address hinders no other. */
  async quote(call: QuoteCall, wish: QuoteWish): Promise<QuoteResult> {
    const { agencies, carriers, offices } = this.#deps;
    const { tree, sees, agencyCodes: limited } = await agencies.scope.viewOf(call.caller);
    if (!sees(wish.agencyCode) || tree.find(wish.agencyCode) === null) {
      if (limited !== null) await agencies.attempts.record(call, 'quotePostage', [{ kind: 'agency', target: wish.agencyCode }]);
      return { kind: 'refused', problems: [problemAt('quote.agencyCode', AGENCY)] };
    }
    const problems = [
      ...(Number.isInteger(wish.weightGrams) && wish.weightGrams >= 1 && wish.weightGrams <= MAX_WEIGHT_GRAMS ? [] : [problemAt('quote.weightGrams', WEIGHT)]),
      ...(Number.isSafeInteger(wish.collectVnd) && wish.collectVnd >= 0 ? [] : [problemAt('quote.collectVnd', AMOUNT)]),
    ];
    if (problems.length > 0) return { kind: 'refused', problems };
    const { agencyCodes } = agencyOrderData(tree, wish.agencyCode);
    const office = await offices.officeOf(agencyCodes);
    if (office === null) return { kind: 'refused', problems: [problemAt('quote.agencyCode', OFFICE)] };
    const able = carriers.filter(({ party, quote, serves, collectsMoney }) => quote !== null && (wish.carrier === null || party === wish.carrier) && (wish.collectVnd === 0 || collectsMoney) && serves(agencyCodes));
    if (able.length === 0) return { kind: 'refused', problems: [problemAt('quote.carrier', NOBODY)] };
    return { kind: 'asked', carriers: await this.#ask(call, able, { ...wish, agencyCodes, office: office.address }) };
  }

  async #ask(call: QuoteCall, able: readonly QuotingCarrier[], wish: QuoteWish & { readonly agencyCodes: readonly string[]; readonly office: PostalAddress }): Promise<readonly CarrierQuote[]> {
    const { database, store } = this.#deps;
    const mapped = await Promise.all(able.map((carrier) => this.#map(carrier, wish)));
    const asked = mapped.flatMap((entry) => ('kind' in entry ? [] : [entry]));
    const kept = asked.length === 0 ? new Map<string, never>() : await store.find(database, new Map(asked.map(({ carrier, route }) => [carrier.party, route])));
    return Promise.all(mapped.map(async (entry): Promise<CarrierQuote> => {
      if ('kind' in entry) return entry;
      const known = kept.get(entry.carrier.party);
      return known === undefined ? this.#fresh(call, entry) : { kind: 'quoted', carrier: entry.carrier.party, ...known, isKept: true };
    }));
  }

  /** Both ends in the carrier's codes, or the first that it cannot find. */
  async #map(carrier: QuotingCarrier, { agencyCodes, direction, address, office, weightGrams, collectVnd }: QuoteWish & { readonly agencyCodes: readonly string[]; readonly office: PostalAddress }): Promise<Asked | Extract<CarrierQuote, { kind: 'address-unknown' }>> {
    const { places } = this.#deps;
    const [from, to] = direction === 'PICKUP' ? [address, office] : [office, address];
    const [sender, recipient] = await Promise.all([places.placeOf(carrier.party, from), places.placeOf(carrier.party, to)]);
    if (sender.kind === 'unknown') return { kind: 'address-unknown', carrier: carrier.party, end: 'SENDER', place: sender };
    if (recipient.kind === 'unknown') return { kind: 'address-unknown', carrier: carrier.party, end: 'RECIPIENT', place: recipient };
    const order = { agencyCodes, direction, sender: { address: from, place: sender.place }, recipient: { address: to, place: recipient.place }, weightGrams, collectVnd };
    return { carrier, order, route: routeOf(order) };
  }

  async #fresh({ correlationId, traceparent }: QuoteCall, { carrier, order, route }: Asked): Promise<CarrierQuote> {
    const { database, store, settings: { keepMs, timeoutMs } } = this.#deps;
    const { party, quote } = carrier;
    if (quote === null) return { kind: 'unavailable', carrier: party, code: 'no-quotes' };
    try {
      // No journal: a question about a price changes nothing at the carrier.
      const answer = await quote(order, { correlationId, traceparent, signal: AbortSignal.timeout(timeoutMs), journal: () => undefined });
      if (answer.kind === 'rejected') return { ...answer, carrier: party };
      if (keepMs > 0) await store.keep(database, { carrier: party, route, quotes: answer.quotes, keepMs });
      return { kind: 'quoted', carrier: party, quotes: answer.quotes, quotedAt: new Date(), isKept: false };
    } catch (error) {
      if (!(error instanceof PartyError)) throw error;
      return { kind: 'unavailable', carrier: party, code: error.code };
    }
  }
}
