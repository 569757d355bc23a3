import type pg from 'pg';
import type { UsableAccount } from '../bank-accounts/account-directory-port.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { FeeStore, PayableDossier } from './fee-store.js';
import type { OpeningStore } from './opening-store.js';
import { refuse } from './payment-action.js';
import { sealContent } from './payment-content.js';
import type { PaymentContent } from './payment-content.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { isAmount } from './payment-limits.js';
import { newReference } from './payment-reference.js';
import type { FeeRow, OrderData } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';

export interface DraftDeps {
  readonly store: PaymentStore;
  readonly fees: FeeStore;
  readonly openings: OpeningStore;
  readonly cipher: FieldCipher;
  readonly now: () => Date;
}

/** A gateway with the account into which it would bring the fees. */
export interface Route {
  readonly gateway: PaymentGateway;
  readonly account: UsableAccount;
}

/** Everything about a new payment that does not depend on the gateway. */
export interface Plan {
  readonly dossier: PayableDossier;
  readonly items: readonly FeeRow[];
  readonly content: PaymentContent;
  readonly orderData: OrderData;
}

/** When a gateway that is not asked, or not yet, is looked at; null: not before somebody says so. */
export interface DraftTimes {
  readonly askAt: Date | null;
  readonly giveUpAt: Date | null;
}

const UNKNOWN_FEE = breach('FEE_UNKNOWN', 'Hồ sơ không có khoản thu này', 'The dossier has no such fee');

/** Writes down new payments, before any gateway hears of them. */
export class PaymentDrafts {
  readonly #deps: DraftDeps;

  constructor(deps: DraftDeps) {
    this.#deps = deps;
  }

  /** The fees to be paid, locked: those named, or all that is owed. Throws RefusedAction; `field` is where the caller named them. */
  async payable(client: pg.PoolClient, { dossierCode, itemKeys, field }: { readonly dossierCode: string; readonly itemKeys: readonly string[] | null; readonly field: string }): Promise<readonly FeeRow[]> {
    const { fees } = this.#deps;
    const owed = (await fees.lock(client, dossierCode)).filter(({ droppedAt }) => droppedAt === null);
    const unknown = (itemKeys ?? []).filter((key) => !owed.some((fee) => fee.key === key));
    if (unknown.length > 0) refuse('INPUT', { problems: [problemAt(field, UNKNOWN_FEE)] });
    const wanted = itemKeys === null ? owed.filter(({ paidBy }) => paidBy === null) : owed.filter(({ key }) => itemKeys.includes(key));
    const held = wanted.flatMap(({ openPayment }) => (openPayment === null ? [] : [openPayment]));
    if (held.length > 0) refuse('ALREADY_OPEN', { references: [...(await fees.references(client, held)).values()] });
    if (wanted.length === 0 || wanted.some(({ paidBy }) => paidBy !== null)) refuse('NOTHING_DUE');
    if (!isAmount(sumOf(wanted))) refuse('AMOUNT');
    return wanted;
  }

  /** The row, its hold on the fees, its history and the word to the portal. */
  async insert(client: pg.PoolClient, plan: Plan, of: { readonly route: Route; readonly firstAttempt: string | null; readonly actor: string; readonly times: (createdAt: Date, expiresAt: Date) => DraftTimes }): Promise<{ readonly reference: string; readonly id: string }> {
    const { openings, store, cipher, now } = this.#deps;
    const { gateway, account } = of.route;
    const createdAt = now();
    const expiresAt = new Date(createdAt.getTime() + gateway.windows.payWithinMs);
    const reference = newReference();
    const { code: dossierCode, agencyCode, client: owner } = plan.dossier;
    const id = await openings.insert(client, {
      reference, dossierCode, agencyCode, client: owner, gateway: gateway.party, moneyGoes: gateway.moneyGoes, accountId: account.id, amountVnd: sumOf(plan.items),
      orderData: plan.orderData, gatewayData: gateway.opensUnder(plan.orderData.agencyCodes), firstAttempt: of.firstAttempt, keyId: cipher.currentKeyId, content: sealContent(cipher, reference, plan.content), createdAt, expiresAt, ...of.times(createdAt, expiresAt),
    }, plan.items);
    await store.addEvent(client, id, {
      source: 'portal', fromState: null, toState: 'CREATED', applied: true, reason: null, code: null, amountVnd: null, gatewayTransaction: null, gatewayAt: null, actor: of.actor, callbackId: null,
    });
    await store.tell(client, { dossierCode, reference }, { type: 'payment.opened', reason: gateway.party });
    return { reference, id };
  }
}

const sumOf = (items: readonly FeeRow[]): number => items.reduce((sum, { amountVnd }) => sum + amountVnd, 0);
