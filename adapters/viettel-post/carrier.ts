import type { PartyAnswer, PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { PlaceLevel } from '../../src/postal/postal-address.js';
import type { CreateAnswer, ListedPlace, ParcelQuestions, PostalCarrier, QuoteAnswer, QuoteOrder, ShipmentOrder, ShipmentRef } from '../../src/postal/postal-carrier-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { Account } from './accounts.js';
import type { Answer, ViettelPostClient } from './client.js';
import type { ViettelPostSettings } from './config.js';
import { isCancelled } from './errors.js';
import { cancelBody, orderBody, personalOf, quoteBody } from './mapping.js';
import type { OrderTerms } from './mapping.js';
import { eventOf, feeOf, ourNumberOf, readCommunes, readCreated, readDetail, readDistricts, readPrices, readProvinces, statusOf, waybillOf } from './mapping-answers.js';
import { PARTY } from './operations.js';
import type { ViettelPostOperation } from './operations.js';
import { SERVICES } from './services.js';
import { DETAIL_FIELD, PATHS } from './wire.js';
import type { WireOrder } from './wire.js';

/** In what the carrier wants repeated: under which account the parcel was ordered. */
const ACCOUNT = 'account';
const NO_CONTRACT = { kind: 'rejected', code: 'no-account', text: 'No account at Viettel Post is configured for this agency.' } as const;
const NO_ORDER = { kind: 'rejected', code: 'no-order', text: 'Viettel Post knows no such order.' } as const;

const failed = (kind: PartyError['kind'], operation: ViettelPostOperation, code: string): PartyError => new PartyError(kind, { party: PARTY, operation, code });

const rejected = ({ code, text }: Extract<Answer<unknown>, { kind: 'no' }>): { readonly kind: 'rejected'; readonly code: string; readonly text: string } => ({ kind: 'rejected', code, text });

/** Viettel Post. Its webhook names each step; its detail, which it documents nowhere, is what may be believed. */
export class ViettelPostCarrier implements PostalCarrier {
  readonly party = PARTY;
  readonly pushesEvents: boolean;
  readonly collectsMoney = true;
  readonly needsPlaces: readonly PlaceLevel[];
  readonly services = SERVICES;
  readonly inFlightMs: number;
  readonly recognisesRepeats: boolean;
  // The papers are named in the order itself; there is no message for them.
  readonly announce = null;
  readonly feed = null;
  readonly questions: ParcelQuestions | null;
  readonly #settings: ViettelPostSettings;
  readonly #client: ViettelPostClient;
  readonly #terms: OrderTerms;

  constructor(settings: ViettelPostSettings, client: ViettelPostClient, pushesEvents: boolean) {
    this.#settings = settings;
    this.#client = client;
    this.pushesEvents = pushesEvents;
    this.needsPlaces = settings.VIETTEL_POST_EPOCH === 'TWO_LEVEL' ? ['PROVINCE', 'COMMUNE'] : ['PROVINCE', 'DISTRICT', 'COMMUNE'];
    this.inFlightMs = settings.VIETTEL_POST_IN_FLIGHT_MS;
    this.recognisesRepeats = settings.VIETTEL_POST_DUPLICATE_PHRASES.length > 0;
    this.questions = settings.VIETTEL_POST_DETAIL_PATH === null ? null : { atOnce: 1, ask: (parcels, call) => this.#askAll(parcels, call) };
    this.#terms = { defaultService: settings.VIETTEL_POST_DEFAULT_SERVICE, epoch: settings.VIETTEL_POST_EPOCH, recipientPaysFreight: settings.VIETTEL_POST_RECIPIENT_PAYS_FREIGHT };
  }

  serves(agencyCodes: readonly string[]): boolean {
    return this.#accountOf(agencyCodes) !== null;
  }

  async create(order: ShipmentOrder, call: PartyCall): Promise<CreateAnswer> {
    const account = this.#accountOf(order.agencyCodes);
    if (account === null) return NO_CONTRACT;
    const answer = await this.#client.ask({
      operation: 'create-order', path: PATHS.create, body: orderBody(order, this.#terms), personal: personalOf([order.sender, order.recipient], order.note), read: readCreated,
      duplicatePhrases: this.#settings.VIETTEL_POST_DUPLICATE_PHRASES,
    }, account, call);
    const carrierData = { [ACCOUNT]: account.name };
    if (answer.kind === 'answer') return { kind: 'accepted', already: false, carrierNumber: waybillOf(answer.value), feeVnd: feeOf(answer.value), carrierData };
    return answer.verdict === 'duplicate' ? { kind: 'accepted', already: true, carrierNumber: null, feeVnd: null, carrierData } : rejected(answer);
  }

  async cancel(parcel: ShipmentRef, call: PartyCall): Promise<PartyAnswer> {
    const account = this.#accountFor(parcel, 'cancel-order');
    const waybill = parcel.carrierNumber ?? await this.#waybillOf(parcel, account, call);
    if (waybill === null) return NO_ORDER;
    const answer = await this.#client.ask({ operation: 'cancel-order', path: PATHS.update, body: cancelBody(waybill), read: () => null }, account, call);
    if (answer.kind === 'answer') return { kind: 'accepted' };
    const now = answer.verdict === 'settled' ? await this.#detail(waybill, account, call) : null;
    return now !== null && isCancelled(statusOf(now)) ? { kind: 'accepted' } : rejected(answer);
  }

  readonly quote = async (order: QuoteOrder, call: PartyCall): Promise<QuoteAnswer> => {
    const account = this.#accountOf(order.agencyCodes);
    if (account === null) return NO_CONTRACT;
    const answer = await this.#client.ask({ operation: 'quote', path: PATHS.quote, body: quoteBody(order, this.#terms), read: readPrices }, account, call);
    if (answer.kind === 'no') return rejected(answer);
    return answer.value.length === 0 ? { kind: 'rejected', code: 'no-service', text: '' } : { kind: 'quoted', quotes: answer.value };
  };

  readonly listPlaces = async (call: PartyCall): Promise<readonly ListedPlace[]> => {
    if (this.#settings.VIETTEL_POST_EPOCH === 'THREE_LEVEL') {
      const provinces = await this.#places(PATHS.provinces, readProvinces, call);
      const districts = await this.#places(PATHS.districts, readDistricts, call);
      const listed = new Set(districts.map(({ code }) => code));
      // Communes of two levels stand in the same list, below a district that is none.
      const communes = (await this.#places(PATHS.communes, readCommunes, call)).filter(({ parentCode }) => parentCode !== null && listed.has(parentCode));
      return [...provinces, ...districts, ...communes];
    }
    const places = [...await this.#places(PATHS.newProvinces, readProvinces, call)];
    for (const { code } of [...places]) places.push(...await this.#places(`${PATHS.newCommunes}${encodeURIComponent(code)}`, (data) => readCommunes(data, code), call));
    return places;
  };

  /** Logs in with each account. @throws PartyError */
  async check(call: PartyCall): Promise<string> {
    return `${await this.#client.logInAll(call)} account(s) accepted`;
  }

  async #places(path: string, read: (data: unknown) => readonly ListedPlace[], call: PartyCall): Promise<readonly ListedPlace[]> {
    const answer = await this.#client.askOpenly({ operation: 'list-places', path, body: null, read }, call);
    if (answer.kind === 'no') throw failed('bad-reply', 'list-places', `code-${answer.code}`);
    return answer.value;
  }

  async #askAll(parcels: readonly ShipmentRef[], call: PartyCall): ReturnType<ParcelQuestions['ask']> {
    const known = new Map<string, { readonly events: readonly ReturnType<typeof eventOf>[]; readonly carrierNumber: string | null; readonly carrierData: Readonly<Record<string, string>> }>();
    for (const parcel of parcels) {
      const account = this.#accountFor(parcel, 'find-order');
      const order = await this.#find(parcel, account, call);
      if (order !== null) known.set(parcel.orderNumber, { events: [eventOf(order)], carrierNumber: waybillOf(order), carrierData: { [ACCOUNT]: account.name } });
    }
    return known;
  }

  async #waybillOf(parcel: ShipmentRef, account: Account, call: PartyCall): Promise<string | null> {
    const order = this.questions === null ? null : await this.#find(parcel, account, call);
    return order === null ? null : waybillOf(order);
  }

  /** @throws PartyError where there is no waybill and nothing else to ask by: silence would prove nothing */
  async #find(parcel: ShipmentRef, account: Account, call: PartyCall): Promise<WireOrder | null> {
    const { carrierNumber, orderNumber } = parcel;
    if (carrierNumber === null && !this.#settings.VIETTEL_POST_FINDS_OUR_CODES) throw failed('bad-reply', 'find-order', 'no-waybill');
    const order = await this.#detail(carrierNumber ?? orderNumber, account, call);
    if (order !== null && ourNumberOf(order) !== orderNumber) throw failed('bad-reply', 'find-order', 'other-order');
    return order;
  }

  async #detail(code: string, account: Account, call: PartyCall): Promise<WireOrder | null> {
    const path = this.#settings.VIETTEL_POST_DETAIL_PATH;
    if (path === null) return null;
    const answer = await this.#client.ask({ operation: 'find-order', path: `${path}?${new URLSearchParams({ [DETAIL_FIELD]: code }).toString()}`, body: null, read: readDetail }, account, call);
    if (answer.kind === 'answer') return answer.value;
    if (answer.verdict === 'absent') return null;
    throw failed('bad-reply', 'find-order', `code-${answer.code}`);
  }

  #accountOf(agencyCodes: readonly string[]): Account | null {
    return nearestEntry(this.#settings.VIETTEL_POST_ACCOUNTS, agencyCodes);
  }

  /** @throws PartyError where the account under which it was ordered is configured no more */
  #accountFor({ agencyCodes, carrierData }: ShipmentRef, operation: ViettelPostOperation): Account {
    const name = carrierData[ACCOUNT];
    const account = name === undefined ? this.#accountOf(agencyCodes) : this.#settings.VIETTEL_POST_ACCOUNTS.find((entry) => entry.name === name) ?? null;
    if (account === null) throw failed('refused-credentials', operation, 'no-account');
    return account;
  }
}
