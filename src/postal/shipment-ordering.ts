import type pg from 'pg';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { RefusedAction } from '../payments/payment-action.js';
import { agencyOrderData } from '../payments/payment-opening.js';
import { PAYMENT_REFUSALS } from '../payments/payment-refusals.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { chooseCarriers, orderNumberOf } from './carrier-choice.js';
import { openRecipient, sealRecipient } from './choice-store.js';
import type { ChoiceStore } from './choice-store.js';
import type { CollectionPort } from './collection-port.js';
import { routeOf } from './contact-routing.js';
import type { Ends, Route } from './contact-routing.js';
import { ownFact } from './heard-facts.js';
import { RefusedPost, refusePost, runPostOnce } from './postal-action.js';
import type { PostalActionDeps, PostalAnswer, PostalCall } from './postal-action.js';
import type { PlaceLookup, PostalContact, PostalOffices } from './postal-address.js';
import type { PostalCarrier } from './postal-carrier-port.js';
import type { ShipmentBook } from './shipment-book.js';
import { sealShipment } from './shipment-content.js';
import { parsePickup, parseReturn } from './shipment-input.js';
import type { ParsedParcel, PickupInput, ReturnInput } from './shipment-input.js';
import { ANNOUNCE_OPERATION, CREATE_OPERATION } from './shipment-operations.js';
import type { ShipmentRow } from './shipment-rows.js';
import type { PostableDossier, ShipmentStore } from './shipment-store.js';
import { ENDED_STATES } from './shipment.js';
import type { ShipmentDirection, ShipmentState } from './shipment.js';

export interface OrderingDeps extends PostalActionDeps {
  readonly store: ShipmentStore;
  readonly choices: ChoiceStore;
  readonly book: ShipmentBook;
  readonly carriers: readonly PostalCarrier[];
  readonly places: PlaceLookup;
  readonly offices: PostalOffices;
  /** Null: nothing can be collected at the door. */
  readonly collection: CollectionPort | null;
  readonly agencies: AgencyAccess;
  readonly cipher: FieldCipher;
  readonly bell: Bell;
  readonly order: { readonly carriers: readonly string[]; readonly suffix: string; readonly maxAgeMs: number };
  readonly now: () => Date;
}

export interface ShipmentNumber {
  readonly number: string;
}

/** Everything about a parcel that needs no lock. */
interface Prepared {
  readonly direction: ShipmentDirection;
  readonly dossier: PostableDossier;
  readonly parcel: ParsedParcel;
  readonly route: Route;
  readonly agencyCodes: readonly string[];
  readonly agencyName: string;
  readonly sender: PostalContact;
  readonly recipient: PostalContact;
  /** Where the result is to go, to be kept; null: nothing is said of it. */
  readonly keep: PostalContact | null;
  readonly both: boolean;
  readonly collectItemKeys: readonly string[];
}

type Wanted = Pick<Prepared, 'direction' | 'parcel' | 'both' | 'keep' | 'collectItemKeys'> & { readonly dossierCode: string; readonly citizen: PostalContact | null };

const NO_DOSSIER = breach('DOSSIER_UNKNOWN', 'Không có hồ sơ này', 'There is no such dossier');
const NO_RECIPIENT = breach('REQUIRED', 'Chưa có địa chỉ nhận kết quả của hồ sơ này', 'Where the result goes was not said yet');
const SERVICE = breach('POSTAL_SERVICE_UNKNOWN', 'Đơn vị bưu chính không có dịch vụ này', 'No such service of the carrier');
/** Another parcel may be ordered though this one has not ended: it failed, or comes back. */
const GIVES_WAY: readonly ShipmentState[] = [...ENDED_STATES, 'FAILED', 'RETURNING'];

/** Orders parcels: the row, the payment that it collects, and what the carrier is owed, in one transaction. */
export class ShipmentOrdering {
  readonly #deps: OrderingDeps;

  constructor(deps: OrderingDeps) {
    this.#deps = deps;
  }

  /** The same key gives the same parcel, whatever its state is by then. */
  orderPickup(call: PostalCall, input: PickupInput): Promise<PostalAnswer<ShipmentNumber>> {
    return this.#order(call, { action: 'orderPickup', input, dossierCode: input.dossierCode }, () => {
      const parsed = parsePickup(input);
      if (!parsed.ok) return refusePost('INPUT', { problems: parsed.problems });
      const { sender, recipient, ...parcel } = parsed.value;
      return { direction: 'PICKUP', parcel, citizen: sender, keep: recipient, both: recipient !== null, collectItemKeys: [], dossierCode: input.dossierCode };
    });
  }

  orderReturn(call: PostalCall, input: ReturnInput): Promise<PostalAnswer<ShipmentNumber>> {
    return this.#order(call, { action: 'orderReturn', input, dossierCode: input.dossierCode }, () => {
      const parsed = parseReturn(input);
      if (!parsed.ok) return refusePost('INPUT', { problems: parsed.problems });
      const { recipient, collectItemKeys, ...parcel } = parsed.value;
      return { direction: 'RETURN', parcel, citizen: recipient, keep: recipient, both: false, collectItemKeys, dossierCode: input.dossierCode };
    });
  }

  async #order(call: PostalCall, of: { readonly action: string; readonly input: unknown; readonly dossierCode: string }, parse: () => Wanted): Promise<PostalAnswer<ShipmentNumber>> {
    const { agencies, bell } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    // Looked up before the transaction: no connection is held while another is asked for. A key that was used answers all the same.
    const prepared = await this.#prepare(view, parse).catch((error: unknown) => {
      if (error instanceof RefusedPost) return error;
      throw error;
    });
    const answer = await runPostOnce(this.#deps, call, {
      action: of.action, input: of.input, dossierCode: of.dossierCode,
      work: async (client) => {
        if (prepared instanceof RefusedPost) throw prepared;
        return { number: await this.#write(client, call, prepared) };
      },
    });
    if (answer.kind === 'refused' && isLimited(view) && answer.refusal.problems.some(({ code }) => code === NO_DOSSIER.code)) {
      await agencies.attempts.record(call, of.action, [{ kind: 'dossier', target: of.dossierCode }]);
    }
    if (answer.kind === 'done' && !(prepared instanceof RefusedPost)) bell.ring(prepared.route.carrier.party);
    return answer;
  }

  async #prepare(view: AgencyView, parse: () => Wanted): Promise<Prepared> {
    const { database, store, offices } = this.#deps;
    const { citizen: named, dossierCode, ...wanted } = parse();
    const dossier = await store.dossier(database, dossierCode, view);
    if (dossier === null) return refusePost('INPUT', { problems: [problemAt('order.dossierCode', NO_DOSSIER)] });
    const citizen = named ?? await this.#keptRecipient(dossier.code);
    const { agencyCodes, agencyName } = agencyOrderData(view.tree, dossier.agencyCode);
    const office = await offices.officeOf(agencyCodes);
    if (office === null) return refusePost('NO_OFFICE');
    const isPickup = wanted.direction === 'PICKUP';
    const [atCitizen, atOffice] = [{ contact: citizen, field: isPickup ? 'order.sender.address' : 'order.recipient.address' }, { contact: office, field: 'office' }];
    const ends: Ends = isPickup ? { sender: atCitizen, recipient: atOffice } : { sender: atOffice, recipient: atCitizen };
    const route = await this.#route(wanted, agencyCodes, ends);
    return { ...wanted, dossier, agencyCodes, agencyName, route, sender: ends.sender.contact, recipient: ends.recipient.contact };
  }

  async #keptRecipient(dossierCode: string): Promise<PostalContact> {
    const { database, choices, cipher } = this.#deps;
    const choice = (await choices.of(database, [dossierCode])).get(dossierCode);
    const kept = choice === undefined ? null : openRecipient(cipher, choice);
    return kept ?? refusePost('INPUT', { problems: [problemAt('order.recipient', NO_RECIPIENT)] });
  }

  async #route({ parcel, collectItemKeys }: Pick<Wanted, 'parcel' | 'collectItemKeys'>, agencyCodes: readonly string[], ends: Ends): Promise<Route> {
    const { carriers, order, places, collection } = this.#deps;
    const collects = collectItemKeys.length > 0;
    const choose = (over: { readonly service?: null; readonly collects?: false } = {}): readonly PostalCarrier[] =>
      chooseCarriers(carriers, order.carriers, { agencyCodes, named: parcel.carrier, service: parcel.service, collects, ...over });
    if (collects && collection === null) return refusePost('NO_COLLECTION');
    const choice = choose();
    if (choice.length === 0 && collects && choose({ collects: false }).length > 0) return refusePost('NO_COLLECTION');
    const others = choice.length === 0 && parcel.service !== null ? choose({ service: null }) : [];
    if (others.length > 0) {
      return refusePost('INPUT', { problems: [{ ...problemAt('order.service', SERVICE), allowed: [...new Set(others.flatMap(({ services }) => services.map(({ code }) => code)))] }] });
    }
    const route = await routeOf(places, choice, ends);
    if (route === null) return refusePost('NO_CARRIER');
    return 'level' in route ? refusePost('ADDRESS', { place: route }) : route;
  }

  async #write(client: pg.PoolClient, call: PostalCall, prepared: Prepared): Promise<string> {
    const { store, choices, cipher, order } = this.#deps;
    const { dossier, direction, keep, both } = prepared;
    await store.lockPost(client, dossier.code);
    const earlier = await store.ofDossier(client, dossier.code);
    const previous = earlier.findLast((each) => each.direction === direction) ?? null;
    if (previous !== null && !GIVES_WAY.includes(previous.state)) return refusePost('UNDER_WAY', { numbers: [previous.orderNumber] });
    const sequence = (earlier.at(-1)?.sequence ?? 0) + 1;
    const orderNumber = orderNumberOf(dossier.code, sequence, order.suffix);
    await choices.choose(client, dossier.code, { direction, both, keyId: cipher.currentKeyId, recipient: keep === null ? null : sealRecipient(cipher, dossier.code, keep) });
    await this.#insert(client, call, { ...prepared, orderNumber, sequence, previous });
    return orderNumber;
  }

  async #insert(client: pg.PoolClient, call: PostalCall, of: Prepared & { readonly orderNumber: string; readonly sequence: number; readonly previous: ShipmentRow | null }): Promise<void> {
    const { store, book, cipher, order, now } = this.#deps;
    const { orderNumber, sequence, previous, dossier, direction, route, parcel, sender, recipient, agencyCodes } = of;
    const { carrier } = route;
    const collected = of.collectItemKeys.length === 0 ? null : await this.#collect(client, call, of);
    const contents = parcel.contents ?? (direction === 'PICKUP' ? `Hồ sơ ${dossier.code}` : `Kết quả hồ sơ ${dossier.code}`);
    const id = await store.insert(client, {
      orderNumber, carrier: carrier.party, dossier, direction, sequence, previousId: previous?.id ?? null, service: parcel.service, weightGrams: parcel.weightGrams,
      orderData: { agencyCodes, sender: route.sender, recipient: route.recipient }, quotedVnd: parcel.quotedVnd, collectVnd: collected?.amountVnd ?? 0, paymentId: collected?.paymentId ?? null,
      keyId: cipher.currentKeyId, content: sealShipment(cipher, orderNumber, { sender, recipient, contents, note: parcel.note }),
    });
    const row = { id, carrier: carrier.party, dossierCode: dossier.code };
    const owe = (operation: string): Promise<string> => store.enqueue(client, row, { operation, maxAgeMs: order.maxAgeMs, correlationId: call.correlationId, traceparent: call.traceparent });
    await store.setDelivery(client, id, await owe(CREATE_OPERATION));
    if (carrier.announce !== null) await owe(ANNOUNCE_OPERATION);
    await book.record(client, carrier.party, [ownFact(orderNumber, { key: 'requested', code: 'requested', at: now(), means: null })]);
    await store.tell(client, [{ type: 'shipment.requested', dossierCode: dossier.code, orderNumber, reason: carrier.party }]);
  }

  async #collect(client: pg.PoolClient, call: PostalCall, { dossier, agencyCodes, agencyName, collectItemKeys, route, orderNumber }: Prepared & { readonly orderNumber: string }) {
    const { collection } = this.#deps;
    if (collection === null) return refusePost('NO_COLLECTION');
    try {
      return await collection.collect(client, { call, dossierCode: dossier.code, agency: { agencyCodes, agencyName }, itemKeys: collectItemKeys, carrier: route.carrier.party, orderNumber });
    } catch (error) {
      if (!(error instanceof RefusedAction)) throw error;
      const { code, problems } = error.refusal;
      return refusePost('COLLECTION', { problems: problems.length > 0 ? problems : [{ field: 'order.collectItemKeys', code, message: PAYMENT_REFUSALS[code] }] });
    }
  }
}
