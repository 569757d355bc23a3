import type pg from 'pg';
import type { Logger } from 'pino';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import type { AgencyTree } from '../agencies/agency-tree.js';
import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { Exchange } from '../deliveries/delivery.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { PartyError } from '../errors/party-error.js';
import { orUnavailable } from '../store/database-errors.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { FeeStore } from './fee-store.js';
import { chooseGateways } from './gateway-choice.js';
import type { GatewayHealth, GatewayOrder } from './gateway-choice.js';
import { RefusedAction, refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import { sealLink, sealQr } from './payment-content.js';
import type { PaymentDrafts, Plan, Route } from './payment-draft.js';
import type { OpenAnswer, PaymentGateway } from './payment-gateway-port.js';
import { parseOpen } from './payment-input.js';
import type { OpenInput } from './payment-input.js';
import { LEFT_BEHIND_MS, OPEN_DEADLINE_MS } from './payment-limits.js';
import type { PaymentOrders } from './payment-order.js';
import type { OrderData, PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { PaymentBook } from './payment-words.js';

export interface OpeningDeps extends ActionDeps {
  readonly store: PaymentStore;
  readonly fees: FeeStore;
  readonly drafts: PaymentDrafts;
  readonly book: PaymentBook;
  readonly orders: PaymentOrders;
  readonly gateways: readonly PaymentGateway[];
  readonly order: GatewayOrder;
  readonly health: GatewayHealth;
  readonly accounts: AccountDirectory;
  readonly agencies: AgencyAccess;
  readonly cipher: FieldCipher;
  readonly logger: Logger;
  readonly now: () => Date;
}

interface Begun {
  readonly plan: Plan;
  readonly routes: readonly Route[];
  readonly reference: string;
}

/** What came of calling a gateway. `not-sent` proves that it has heard nothing that counts. */
type Opened = (OpenAnswer | { readonly kind: 'not-sent' | 'unknown'; readonly code: string }) & { readonly exchanges: readonly Exchange[] };

const NO_DOSSIER = breach('DOSSIER_UNKNOWN', 'Không có hồ sơ này', 'There is no such dossier');
/** Kinds after which nothing can have begun at the gateway. */
const NOT_SENT: ReadonlySet<PartyError['kind']> = new Set(['unavailable', 'rate-limited', 'bad-request', 'refused-credentials']);

/** The agency's code and those above it, nearest first, each in all its forms. */
export const agencyOrderData = (tree: AgencyTree, agencyCode: string): Pick<OrderData, 'agencyCodes' | 'agencyName'> => {
  const agency = tree.find(agencyCode);
  if (agency === null) return { agencyCodes: [agencyCode], agencyName: agencyCode };
  const codes = [agency, ...tree.ancestors(agency)].flatMap((each) => [each.code, ...each.codes.map(({ code }) => code)]);
  return { agencyCodes: [...new Set([agencyCode, ...codes])], agencyName: agency.nameVi };
};

/** Opens payments: a row first, then the call, then the row again; never a second gateway where the first may have heard. */
export class PaymentOpening {
  readonly #deps: OpeningDeps;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /** The newest payment of the call; the same key gives the same, whatever its state is by then. */
  async open(call: PaymentCall, input: OpenInput): Promise<ActionAnswer<PaymentRow>> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    let begun: Begun | null = null;
    const answer = await runOnce(this.#deps, call, {
      action: 'openPayment', input, dossierCode: input.dossierCode,
      work: async (client) => {
        begun = await this.#begin(client, { view, input, call });
        return { reference: begun.reference };
      },
    });
    if (answer.kind === 'refused' && answer.refusal.problems.some(({ code }) => code === NO_DOSSIER.code)) {
      await this.#deps.agencies.attempts.record(call, 'openPayment', [{ kind: 'dossier', target: input.dossierCode }]);
    }
    if (answer.kind !== 'done') return answer;
    if (begun !== null) await this.#call(call, begun);
    const payment = await orUnavailable(this.#deps.store.newestOfCall(this.#deps.database, answer.result.reference));
    if (payment === null) throw new RangeError('a payment that was just opened is gone');
    return { kind: 'done', result: payment };
  }

  async #begin(client: pg.PoolClient, { view, input, call }: { readonly view: AgencyView; readonly input: OpenInput; readonly call: PaymentCall }): Promise<Begun> {
    const parsed = parseOpen(input);
    const { fees, drafts, gateways, order, health, accounts, now } = this.#deps;
    if (!parsed.ok) throw new RefusedAction({ code: 'INPUT', problems: parsed.problems, references: [] });
    const dossier = await fees.dossier(client, input.dossierCode, view);
    if (dossier === null) throw new RefusedAction({ code: 'INPUT', problems: [problemAt('payment.dossierCode', NO_DOSSIER)], references: [] });
    const items = await drafts.payable(client, { dossierCode: dossier.code, itemKeys: parsed.value.itemKeys, field: 'payment.itemKeys' });
    const { procedureCode, procedureName } = dossier;
    const orderData: OrderData = { ...agencyOrderData(view.tree, dossier.agencyCode), procedureCode, procedureName, language: input.language === 'EN' ? 'en' : 'vi' };
    const choice = chooseGateways({ gateways, order, health, agencyCodes: orderData.agencyCodes, named: input.gateway ?? null });
    if (choice.length === 0) refuse('NO_GATEWAY');
    const feeKinds = [...new Set(items.map(({ kind }) => kind))];
    const routes: Route[] = [];
    for (const gateway of choice) {
      const account = await accounts.usableFor(client, { agencyCode: dossier.agencyCode, feeKinds, gateway, at: now() });
      if (account !== null) routes.push({ gateway, account });
    }
    const [route] = routes;
    if (route === undefined) return refuse('NO_ACCOUNT');
    const plan: Plan = { dossier, items, content: parsed.value.content, orderData };
    return { plan, routes, reference: (await this.#insert(client, plan, { route, firstAttempt: null, actor: `client/${call.caller.client}` })).reference };
  }

  #insert(client: pg.PoolClient, plan: Plan, of: { readonly route: Route; readonly firstAttempt: string | null; readonly actor: string }): Promise<{ readonly reference: string; readonly id: string }> {
    const { windows } = of.route.gateway;
    return this.#deps.drafts.insert(client, plan, {
      ...of,
      times: (createdAt, expiresAt) => ({
        askAt: new Date(createdAt.getTime() + LEFT_BEHIND_MS), giveUpAt: new Date(Math.max(createdAt.getTime() + windows.giveUpMs, expiresAt.getTime() + windows.settleMs)),
      }),
    });
  }

  /** Calls one gateway after the other until one has it, or may have it. */
  async #call(call: PaymentCall, { plan, routes, reference: first }: Begun): Promise<void> {
    let reference: string | null = first;
    for (const [index, route] of routes.entries()) {
      if (reference === null) return;
      const opened = await this.#callOne(call, route.gateway, reference);
      reference = await this.#settle({ reference, opened, plan, next: routes[index + 1] ?? null, call });
    }
  }

  async #callOne(call: PaymentCall, gateway: PaymentGateway, reference: string): Promise<Opened> {
    const { store, database, orders, logger } = this.#deps;
    const exchanges: Exchange[] = [];
    try {
      const payment = await store.find(database, reference);
      if (payment === null) throw new RangeError('a payment that was just written is gone');
      const order = await orders.of(payment);
      const answer = await gateway.open(order, {
        correlationId: call.correlationId, traceparent: call.traceparent, signal: AbortSignal.timeout(OPEN_DEADLINE_MS), journal: (exchange) => exchanges.push(exchange),
      });
      return { ...answer, exchanges };
    } catch (error) {
      const code = error instanceof PartyError ? error.code : 'internal-error';
      logger.warn({ party: gateway.party, reference, code, correlationId: call.correlationId, ...(error instanceof PartyError ? {} : { err: error }) }, 'a payment could not be opened at its gateway');
      return { kind: error instanceof PartyError && NOT_SENT.has(error.kind) ? 'not-sent' : 'unknown', code, exchanges };
    }
  }

  /** Writes what came of the call. Gives the reference of the payment at the next gateway, where this one surely has nothing. */
  #settle(of: { readonly reference: string; readonly opened: Opened; readonly plan: Plan; readonly next: Route | null; readonly call: PaymentCall }): Promise<string | null> {
    const { store, book, database, cipher, now } = this.#deps;
    const { opened, next, plan } = of;
    return orUnavailable(database.transaction(async (client) => {
      const payment = await store.lock(client, of.reference);
      if (payment === null) return null;
      await store.recordExchanges(client, payment.reference, { source: 'open', party: payment.gateway, exchanges: opened.exchanges });
      if (opened.kind === 'opened') {
        await store.setOpened(client, payment.id, {
          ...opened, linkSealed: opened.payUrl === null ? null : sealLink(cipher, payment.reference, opened.payUrl),
          qrSealed: opened.qrContent === null ? null : sealQr(cipher, payment.reference, opened.qrContent),
        });
      }
      // A callback, or the watcher, was faster: what it made of the payment stands.
      if (payment.state !== 'CREATED') return null;
      const hearing = { source: 'open', actor: `party/${payment.gateway}`, now: now() } as const;
      if (opened.kind === 'opened') {
        await book.move(client, payment, { to: 'AWAITING', reason: null, gatewayTransaction: opened.gatewayTransaction, askAt: this.#firstAsk(payment, 'AWAITING'), hearing });
        return null;
      }
      if (opened.kind === 'unknown') {
        await book.move(client, payment, { to: 'UNKNOWN', reason: opened.code, code: opened.code, askAt: this.#firstAsk(payment, 'UNKNOWN'), hearing });
        return null;
      }
      await book.move(client, payment, { to: 'FAILED', reason: opened.kind === 'rejected' ? 'rejected' : opened.code, code: opened.code, items: 'freed', askAt: null, hearing });
      return next === null ? null : this.#reopen(client, payment, { plan, next, call: of.call });
    }));
  }

  /** At the next gateway, in the transaction that ended the attempt before: nobody else gets between. */
  async #reopen(client: pg.PoolClient, failed: PaymentRow, { plan, next, call }: { readonly plan: Plan; readonly next: Route; readonly call: PaymentCall }): Promise<string> {
    const inserted = await this.#insert(client, plan, { route: next, firstAttempt: await this.#deps.store.firstAttemptOf(client, failed.id), actor: `client/${call.caller.client}` });
    return inserted.reference;
  }

  /** Where nobody can be asked, the clock looks when the time to pay is over, and a person when all is. */
  #firstAsk(payment: PaymentRow, state: 'AWAITING' | 'UNKNOWN'): Date | null {
    const gateway = this.#deps.gateways.find(({ party }) => party === payment.gateway);
    if (gateway === undefined) return payment.giveUpAt;
    if (gateway.ask !== null) return new Date((payment.sentAt ?? payment.createdAt).getTime() + gateway.windows.askAfterMs);
    return state === 'AWAITING' ? new Date(payment.expiresAt.getTime() + gateway.windows.settleMs) : payment.giveUpAt;
  }
}
