import type { PartyAnswer, PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { CreateAnswer, DossierNotice, PostalCarrier, QuoteAnswer, QuoteOrder, ShipmentOrder, ShipmentRef, TrackingFeed } from '../../src/postal/postal-carrier-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import { redactText } from '../support/journal-redaction.js';
import { unreadable } from '../support/signals.js';
import type { VnpostClient } from './client.js';
import { NO_ROUTE } from './config.js';
import type { VnpostSettings } from './config.js';
import { judge } from './errors.js';
import { documentWire, ITEM_CODE, orderWire, parcelQuery, personalOf, priceWire } from './mapping.js';
import { readQuote, readStatus, SERVICE } from './mapping-reply.js';
import { PARTY } from './operations.js';
import type { VnpostOperation } from './operations.js';

const BAD_PLACE = { kind: 'rejected', code: 'place-code', text: 'Mã tỉnh hoặc mã huyện không phải mã bưu chính của VNPost' } as const;

const answerOf = (verdict: ReturnType<typeof judge>, personal: readonly string[] = []): PartyAnswer =>
  (verdict.kind === 'accepted' ? { kind: 'accepted' } : { kind: 'rejected', code: verdict.code, text: redactText(verdict.text, personal) });

/** VNPost's public post (bưu chính công ích) through an integration axis. The key of a parcel is customer code and order number. */
export class VnpostCarrier implements PostalCarrier {
  readonly party = PARTY;
  readonly pushesEvents = false;
  readonly collectsMoney = true;
  readonly needsPlaces = ['PROVINCE'] as const;
  readonly services = [{ code: SERVICE, vi: 'Chuyển phát hành chính công', en: 'Public administrative post' }] as const;
  readonly recognisesRepeats = true;
  readonly inFlightMs: number;
  readonly questions = null;
  readonly listPlaces = null;
  readonly announce: PostalCarrier['announce'];
  readonly quote: PostalCarrier['quote'];
  readonly feed: TrackingFeed;
  readonly #settings: VnpostSettings;
  readonly #client: VnpostClient;

  constructor(settings: VnpostSettings, client: VnpostClient, feed: TrackingFeed) {
    this.#settings = settings;
    this.#client = client;
    this.feed = feed;
    this.inFlightMs = settings.VNPOST_IN_FLIGHT_MS;
    this.announce = settings.VNPOST_DOCUMENT_ROUTE === NO_ROUTE ? null : (notice, call) => this.#announce(notice, call);
    this.quote = settings.VNPOST_PRICE_ROUTE === '' ? null : (order, call) => this.#quote(order, call);
  }

  serves(agencyCodes: readonly string[]): boolean {
    return nearestEntry(this.#settings.VNPOST_CUSTOMERS, agencyCodes) !== null;
  }

  async create(order: ShipmentOrder, call: PartyCall): Promise<CreateAnswer> {
    const customerCode = this.#customerOf(order.agencyCodes, 'create-shipment');
    const body = orderWire(order, { customerCode, flagConfig: this.#settings.VNPOST_FLAG_CONFIG });
    if (body === null) return BAD_PLACE;
    const personal = personalOf([order.sender, order.recipient], [order.note]);
    const verdict = await this.#client.ask({
      operation: 'create-shipment', route: this.#settings.VNPOST_CREATE_ROUTE, method: 'POST', body, personal, read: (reply) => judge('create', reply),
    }, call);
    if (verdict.kind === 'no') return { kind: 'rejected', code: verdict.code, text: redactText(verdict.text, personal) };
    return { kind: 'accepted', already: verdict.already, carrierNumber: order.carrierData[ITEM_CODE] ?? null, feeVnd: null, carrierData: order.carrierData };
  }

  async cancel({ orderNumber, agencyCodes }: ShipmentRef, call: PartyCall): Promise<PartyAnswer> {
    const customerCode = this.#customerOf(agencyCodes, 'cancel-shipment');
    return answerOf(await this.#client.ask({
      operation: 'cancel-shipment', route: this.#settings.VNPOST_CANCEL_ROUTE, method: 'GET', query: parcelQuery(customerCode, orderNumber), personal: [],
      read: (reply) => judge('cancel', reply),
    }, call));
  }

  async #announce(notice: DossierNotice, call: PartyCall): Promise<PartyAnswer> {
    const body = documentWire(notice, this.#customerOf(notice.agencyCodes, 'announce-dossier'));
    const personal = personalOf([notice.sender, notice.recipient]);
    return answerOf(await this.#client.ask({
      operation: 'announce-dossier', route: this.#settings.VNPOST_DOCUMENT_ROUTE, method: 'POST', body, personal, read: (reply) => judge('announce', reply),
    }, call), personal);
  }

  async #quote(order: QuoteOrder, call: PartyCall): Promise<QuoteAnswer> {
    const body = priceWire(order);
    if (body === null) return BAD_PLACE;
    return this.#client.ask<QuoteAnswer>({
      operation: 'quote-postage', route: this.#settings.VNPOST_PRICE_ROUTE, method: 'POST', body, personal: [],
      read: (reply) => {
        const quote = readQuote(reply);
        if (quote !== null) return { kind: 'quoted', quotes: [quote] };
        const said = readStatus(reply);
        if (said === null || said.message === null) throw unreadable('price-shape', reply);
        return { kind: 'rejected', code: String(said.status), text: redactText(said.message) };
      },
    }, call);
  }

  #customerOf(agencyCodes: readonly string[], operation: VnpostOperation): string {
    const entry = nearestEntry(this.#settings.VNPOST_CUSTOMERS, agencyCodes);
    if (entry === null) throw new PartyError('refused-credentials', { party: PARTY, operation, code: 'no-customer-code' });
    return entry.customerCode;
  }
}
