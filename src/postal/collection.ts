import type pg from 'pg';
import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { FeeStore } from '../payments/fee-store.js';
import { refuse } from '../payments/payment-action.js';
import { NO_CLIENT_IP } from '../payments/payment-content.js';
import type { PaymentDrafts } from '../payments/payment-draft.js';
import type { GatewayWord, PaymentGateway } from '../payments/payment-gateway-port.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Hearing, PaymentBook } from '../payments/payment-words.js';
import type { Queryable } from '../store/database.js';
import type { CollectionOrder, CollectionPort, OnStanding, StandingChange } from './collection-port.js';
import type { ShipmentState } from './shipment.js';

export interface CollectionDeps {
  readonly payments: { readonly store: PaymentStore; readonly book: PaymentBook; readonly drafts: PaymentDrafts; readonly fees: FeeStore };
  readonly accounts: AccountDirectory;
  /** By carrier: each that collects money, as payments see it. */
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  /** From delivery to the carrier's payout; what is not in its statement by then is shown to a person. */
  readonly payoutWithinMs: number;
  readonly now: () => Date;
}

/** Nothing will be collected any more, as far as anybody knows. */
const NOTHING_COLLECTED: ReadonlySet<ShipmentState> = new Set(['REFUSED', 'CANCELLED', 'RETURNED']);

/** Money at the door: a payment that a parcel collects. It is paid by the carrier's statement, and by no word about the parcel. */
export class Collection implements CollectionPort {
  readonly #deps: CollectionDeps;

  constructor(deps: CollectionDeps) {
    this.#deps = deps;
  }

  /** Throws RefusedAction of payments. */
  async collect(client: pg.PoolClient, order: CollectionOrder): Promise<{ readonly paymentId: string; readonly amountVnd: number }> {
    const { gateways, accounts, now } = this.#deps;
    const { drafts, fees, store, book } = this.#deps.payments;
    const gateway = gateways.get(order.carrier) ?? refuse('NO_GATEWAY');
    const dossier = await fees.dossier(client, order.dossierCode, { client: null, agencyCodes: null }) ?? refuse('NOT_FOUND');
    const items = await drafts.payable(client, { dossierCode: dossier.code, itemKeys: order.itemKeys, field: 'order.collectItemKeys' });
    const feeKinds = [...new Set(items.map(({ kind }) => kind))];
    const account = await accounts.usableFor(client, { agencyCode: dossier.agencyCode, feeKinds, gateway, at: now() }) ?? refuse('NO_ACCOUNT');
    const { procedureCode, procedureName } = dossier;
    const actor = `client/${order.call.caller.client}`;
    const { id, reference } = await drafts.insert(client, {
      dossier, items, content: { payer: null, clientIp: NO_CLIENT_IP, returnUrl: null }, orderData: { ...order.agency, procedureCode, procedureName, language: 'vi' },
    }, { route: { gateway, account }, firstAttempt: null, actor, times: () => ({ askAt: null, giveUpAt: null }) });
    const payment = await store.lock(client, reference) ?? refuse('NOT_FOUND');
    await book.move(client, payment, { to: 'AWAITING', reason: 'at-the-door', askAt: null, hearing: { source: 'open', actor, now: now() } });
    return { paymentId: id, amountVnd: items.reduce((sum, { amountVnd }) => sum + amountVnd, 0) };
  }

  readonly onStanding: OnStanding = async (client, change) => {
    const { paymentId } = change.shipment;
    if (paymentId === null) return;
    if (NOTHING_COLLECTED.has(change.after.state) && change.before.state !== change.after.state) await this.#nothingCollected(client, paymentId, change);
    if (isHandedOver(change)) await this.#expectPayout(client, paymentId, change);
  };

  /** The fees are owed again, and may be paid otherwise. */
  async #nothingCollected(client: Queryable, paymentId: string, change: StandingChange): Promise<void> {
    const { store, book } = this.#deps.payments;
    const payment = await store.findById(client, paymentId);
    if (payment === null) throw new RangeError('A parcel collects a payment that is gone');
    const code = `parcel-${change.after.state.toLowerCase()}`;
    const word: GatewayWord = { says: 'failed', code, text: code, amountVnd: null, gatewayTransaction: null, bankCode: null, paidAt: null };
    await book.hear(client, payment.reference, { word, hearing: this.#hearing(change) });
  }

  /** The carrier has the money, or should have it: from now on its statement is waited for. */
  async #expectPayout(client: Queryable, paymentId: string, change: StandingChange): Promise<void> {
    const { store, book } = this.#deps.payments;
    const { payoutWithinMs, now } = this.#deps;
    const payment = await store.lockById(client, paymentId);
    if (payment?.state !== 'AWAITING') return;
    const until = new Date(now().getTime() + payoutWithinMs);
    await store.setGiveUp(client, paymentId, until);
    await book.note(client, payment, { reason: 'parcel-delivered', personReason: payment.personReason, askAt: until, hearing: this.#hearing(change) });
  }

  #hearing({ shipment }: StandingChange): Hearing {
    return { source: 'query', actor: `party/${shipment.carrier}`, now: this.#deps.now() };
  }
}

const hasMoney = ({ state, collection }: StandingChange['after']): boolean => state === 'DELIVERED' || collection !== null;

const isHandedOver = ({ before, after }: StandingChange): boolean => hasMoney(after) && !hasMoney(before);
