import type { PartyAnswer, PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { PlaceLevel } from '../../src/postal/postal-address.js';
import type { CreateAnswer, ListedPlace, ParcelQuestions, PostalCarrier, QuoteAnswer, QuoteOrder, ShipmentOrder, ShipmentRef } from '../../src/postal/postal-carrier-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { Account } from './accounts.js';
import type { MyVnpostClient } from './client.js';
import type { MyVnpostSettings } from './config.js';
import { isCancelled } from './errors.js';
import { cancelBody, listBody, orderBody, personalOf, quoteBody } from './mapping.js';
import type { OrderTerms } from './mapping.js';
import { eventOf, feeOf, idOf, itemCodeOf, ourCodeOf, readOrder, readOrders, readPlaces, readQuotes, statusOf } from './mapping-answers.js';
import { PARTY } from './operations.js';
import type { MyVnpostOperation } from './operations.js';
import { SERVICES } from './services.js';
import { PATHS } from './wire.js';
import type { WireOrder } from './wire.js';

/** In what the carrier wants repeated: its own id of the order, and the contract under which it was made. */
const ID = 'id';
const CONTRACT = 'contract';
const PAGE_SIZE = 100;
const MOST_AT_ONCE = 50;

type ParcelAnswer = Awaited<ReturnType<ParcelQuestions['ask']>> extends ReadonlyMap<string, infer Known> ? Known : never;

const failed = (kind: PartyError['kind'], operation: MyVnpostOperation, code: string): PartyError => new PartyError(kind, { party: PARTY, operation, code });

const carrierDataOf = (order: WireOrder, { customerCode }: Account): Readonly<Record<string, string>> => ({ [ID]: idOf(order), [CONTRACT]: customerCode });

const isOf = (order: WireOrder, { orderNumber, carrierNumber }: ShipmentRef): boolean =>
  ourCodeOf(order) === orderNumber && (carrierNumber === null || itemCodeOf(order) === null || itemCodeOf(order) === carrierNumber);

/** MyVNPost. It is not known to recognise a repeated order, so an unknown outcome is asked for by our code. */
export class MyVnpostCarrier implements PostalCarrier {
  readonly party = PARTY;
  readonly pushesEvents: boolean;
  readonly collectsMoney = true;
  readonly needsPlaces: readonly PlaceLevel[];
  readonly services = SERVICES;
  readonly inFlightMs: number;
  readonly recognisesRepeats = false;
  // The papers are listed in the order itself; no message for them was found.
  readonly announce = null;
  readonly feed = null;
  readonly questions: ParcelQuestions;
  readonly #settings: MyVnpostSettings;
  readonly #client: MyVnpostClient;

  constructor(settings: MyVnpostSettings, client: MyVnpostClient, pushesEvents: boolean) {
    this.#settings = settings;
    this.#client = client;
    this.pushesEvents = pushesEvents;
    this.needsPlaces = settings.MY_VNPOST_NEEDED_PLACES;
    this.inFlightMs = settings.MY_VNPOST_IN_FLIGHT_MS;
    // One by one where silence must be told from "not there".
    this.questions = { atOnce: settings.MY_VNPOST_FINDS_OUR_CODES ? MOST_AT_ONCE : 1, ask: (parcels, call) => this.#askAll(parcels, call) };
  }

  serves(agencyCodes: readonly string[]): boolean {
    return this.#accountOf(agencyCodes) !== null;
  }

  async create(order: ShipmentOrder, call: PartyCall): Promise<CreateAnswer> {
    const account = this.#accountOf(order.agencyCodes);
    if (account === null) return { kind: 'rejected', code: 'no-contract', text: 'No contract with MyVNPost is configured for this agency.' };
    const answer = await this.#client.ask({
      operation: 'create-order', path: PATHS.create, body: orderBody(order, this.#termsOf(account)), personal: personalOf([order.sender, order.recipient], order.note), read: readOrder,
    }, account, call);
    if (answer.kind === 'refused') return { kind: 'rejected', code: answer.code, text: answer.text };
    // It holds something, and not what we ordered.
    if (ourCodeOf(answer.value) !== order.orderNumber) throw failed('bad-reply', 'create-order', 'other-order');
    return { kind: 'accepted', already: false, carrierNumber: itemCodeOf(answer.value), feeVnd: feeOf(answer.value), carrierData: carrierDataOf(answer.value, account) };
  }

  async cancel(parcel: ShipmentRef, call: PartyCall): Promise<PartyAnswer> {
    const account = this.#accountFor(parcel, 'cancel-order');
    const id = parcel.carrierData[ID] ?? await this.#idOf(parcel, account, call);
    if (id === null) return { kind: 'rejected', code: 'no-order', text: 'MyVNPost knows no such order.' };
    const answer = await this.#client.ask({ operation: 'cancel-order', path: PATHS.cancel, body: cancelBody(id), read: readOrder, nothing: null }, account, call);
    if (answer.kind === 'answer' || await this.#isCancelled(id, account, call)) return { kind: 'accepted' };
    return { kind: 'rejected', code: answer.code, text: answer.text };
  }

  readonly quote = async (order: QuoteOrder, call: PartyCall): Promise<QuoteAnswer> => {
    const account = this.#accountOf(order.agencyCodes);
    if (account === null) return { kind: 'rejected', code: 'no-contract', text: 'No contract with MyVNPost is configured for this agency.' };
    const answer = await this.#client.ask({ operation: 'quote', path: PATHS.quote, body: quoteBody(order, this.#termsOf(account)), read: readQuotes }, account, call);
    if (answer.kind === 'refused') return { kind: 'rejected', code: answer.code, text: answer.text };
    const { quotes, refusal } = answer.value;
    return quotes.length === 0 ? { kind: 'rejected', code: 'no-service', text: refusal } : { kind: 'quoted', quotes };
  };

  readonly listPlaces = async (call: PartyCall): Promise<readonly ListedPlace[]> => {
    const places: ListedPlace[] = [];
    for (const list of ['provinces', 'districts', 'communes'] as const) {
      const answer = await this.#client.askOpenly({ operation: 'list-places', path: PATHS[list], body: null, read: readPlaces[list] }, call);
      if (answer.kind === 'answer') places.push(...answer.value);
    }
    return places;
  };

  /** Logs in with each contract. @throws PartyError */
  async check(call: PartyCall): Promise<string> {
    return `${await this.#client.logInAll(call)} contract(s) accepted`;
  }

  async #askAll(parcels: readonly ShipmentRef[], call: PartyCall): ReturnType<ParcelQuestions['ask']> {
    const known = new Map<string, ParcelAnswer>();
    for (const account of new Set(parcels.map((parcel) => this.#accountFor(parcel, 'ask-orders')))) {
      const own = parcels.filter((parcel) => this.#accountFor(parcel, 'ask-orders') === account);
      const orders = await this.#list(own, account, call);
      for (const parcel of own) {
        const order = orders.find((candidate) => isOf(candidate, parcel));
        if (order !== undefined) known.set(parcel.orderNumber, { events: [eventOf(order)], carrierNumber: itemCodeOf(order), carrierData: carrierDataOf(order, account) });
        else this.#beSure(parcel, 'ask-orders');
      }
    }
    return known;
  }

  async #list(parcels: readonly ShipmentRef[], account: Account, call: PartyCall): Promise<readonly WireOrder[]> {
    const codes = parcels.map(({ orderNumber, carrierNumber }) => carrierNumber ?? orderNumber);
    const answer = await this.#client.ask({ operation: 'ask-orders', path: PATHS.list, body: listBody(codes, PAGE_SIZE), read: readOrders }, account, call);
    return answer.kind === 'answer' ? answer.value : [];
  }

  async #idOf(parcel: ShipmentRef, account: Account, call: PartyCall): Promise<string | null> {
    const order = (await this.#list([parcel], account, call)).find((candidate) => isOf(candidate, parcel));
    if (order === undefined) this.#beSure(parcel, 'cancel-order');
    return order === undefined ? null : idOf(order);
  }

  /** @throws PartyError where "not in the list" may only mean that the list cannot be searched by our code */
  #beSure({ carrierNumber }: ShipmentRef, operation: MyVnpostOperation): void {
    if (carrierNumber === null && !this.#settings.MY_VNPOST_FINDS_OUR_CODES) throw failed('bad-reply', operation, 'silence-proves-nothing');
  }

  async #isCancelled(id: string, account: Account, call: PartyCall): Promise<boolean> {
    const answer = await this.#client.ask({ operation: 'find-order', path: `${PATHS.find}/${encodeURIComponent(id)}`, body: null, read: readOrder }, account, call);
    return answer.kind === 'answer' && isCancelled(statusOf(answer.value));
  }

  #termsOf({ customerCode }: Account): OrderTerms {
    const settings = this.#settings;
    return {
      customerCode, defaultService: settings.MY_VNPOST_DEFAULT_SERVICE, agencyPickup: settings.MY_VNPOST_AGENCY_PICKUP, recipientPaysFreight: settings.MY_VNPOST_RECIPIENT_PAYS_FREIGHT,
      adviceOfDelivery: settings.MY_VNPOST_ADVICE_OF_DELIVERY, vendorId: settings.MY_VNPOST_VENDOR_ID,
    };
  }

  #accountOf(agencyCodes: readonly string[]): Account | null {
    return nearestEntry(this.#settings.MY_VNPOST_ACCOUNTS, agencyCodes);
  }

  /** @throws PartyError where the contract under which it was ordered is configured no more */
  #accountFor({ agencyCodes, carrierData }: ShipmentRef, operation: MyVnpostOperation): Account {
    const contract = carrierData[CONTRACT];
    const account = contract === undefined ? this.#accountOf(agencyCodes) : this.#settings.MY_VNPOST_ACCOUNTS.find(({ customerCode }) => customerCode === contract) ?? null;
    if (account === null) throw failed('refused-credentials', operation, 'no-contract');
    return account;
  }
}
