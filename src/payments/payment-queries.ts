import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { FeeStore } from './fee-store.js';
import type { FeeItem, PaymentState } from './payment.js';
import { itemsOfAll } from './payment-item-store.js';
import type { PaymentReadStore, VisibleTo } from './payment-read-store.js';
import type { FeeRow, PaymentEvent, PaymentRow } from './payment-rows.js';
import type { CreditStore } from './credit-store.js';
import type { UnmatchedCredit } from './credit.js';
import type { RefundStore } from './refund-store.js';
import type { Refund, RefundState } from './refund.js';
import type { SettlementStore } from './settlement-store.js';
import type { Settlement } from './settlement.js';

export interface PaymentFilterInput {
  readonly dossierCode?: string | null;
  readonly state?: PaymentState | null;
  readonly gateway?: string | null;
  /** This agency and all below it. */
  readonly underCode?: string | null;
  readonly needsPerson?: boolean | null;
  readonly surplus?: boolean | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

export interface PageOf {
  readonly first: number;
  readonly after: string | null;
}

export interface PaymentQueriesDeps {
  readonly database: Database;
  readonly reads: PaymentReadStore;
  readonly settlements: SettlementStore;
  readonly fees: FeeStore;
  readonly refunds: RefundStore;
  readonly credits: CreditStore;
  readonly agencies: AgencyAccess;
}

const MAX_PAGE = 200;
const CURSOR = /^money:(\d{1,18})$/;
/** Ids fall towards the past; this is before all of them. */
const NEWEST = '9223372036854775807';

const encodeCursor = (id: string): string => Buffer.from(`money:${id}`).toString('base64url');

const decodeCursor = (cursor: string): string => {
  const id = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (id === undefined) throw new UserInputError([problemAt('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'))]);
  return id;
};

const checkPage = ({ first }: PageOf): void => {
  if (first < 1 || first > MAX_PAGE) throw new UserInputError([problemAt('first', breach('PAGE_SIZE', `Từ 1 đến ${String(MAX_PAGE)}`, `Between 1 and ${String(MAX_PAGE)}`))]);
};

const pageOf = <Row extends { readonly id: string }>(found: readonly Row[], first: number): Page<Row> => {
  const rows = found.slice(0, first);
  const last = rows.at(-1);
  return { rows, hasNextPage: found.length > first, endCursor: last === undefined ? null : encodeCursor(last.id) };
};

/** Reads of payments, within what the caller may see. */
export class PaymentQueries {
  readonly #deps: PaymentQueriesDeps;

  constructor(deps: PaymentQueriesDeps) {
    this.#deps = deps;
  }

  /** Null for another's payment too. */
  async find(call: AttemptedCall, reference: string): Promise<PaymentRow | null> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    if (unreadableText(reference, false) !== null) return null;
    const [found] = await orUnavailable(this.#deps.reads.byReferences([reference], view));
    return found ?? null;
  }

  /** Newest first. */
  async list(call: AttemptedCall, filter: PaymentFilterInput, page: PageOf): Promise<Page<PaymentRow>> {
    checkPage(page);
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    for (const text of [filter.dossierCode, filter.gateway]) if (text != null && unreadableText(text, false) !== null) return { rows: [], endCursor: null, hasNextPage: false };
    const below = { before: page.after === null ? NEWEST : decodeCursor(page.after), limit: page.first + 1 };
    return pageOf(await orUnavailable(this.#deps.reads.list({ ...filter, under: underOf(view, filter.underCode ?? null) }, view, below)), page.first);
  }

  /** Null for another's dossier too. */
  async feesOf(call: AttemptedCall, dossierCode: string): Promise<readonly FeeRow[] | null> {
    const { database, fees, agencies } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    const dossier = await fees.dossier(database, dossierCode, view);
    if (dossier === null && isLimited(view)) await agencies.attempts.record(call, 'feesOfDossier', [{ kind: 'dossier', target: dossierCode }]);
    return dossier === null ? null : fees.list(database, [dossier.code]);
  }

  referencesOf(paymentIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#deps.fees.references(this.#deps.database, paymentIds);
  }

  /** Within what the caller may see; by id. */
  async byReferences(call: AttemptedCall, references: readonly string[]): Promise<ReadonlyMap<string, PaymentRow>> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    return new Map((await orUnavailable(this.#deps.reads.byReferences(references, view))).map((payment) => [payment.id, payment]));
  }

  async refunds(call: AttemptedCall, state: RefundState | null, page: PageOf): Promise<Page<Refund>> {
    checkPage(page);
    const view: VisibleTo = await this.#deps.agencies.scope.viewOf(call.caller);
    const { reads, refunds: store, database } = this.#deps;
    const ids = await orUnavailable(reads.refundIds(state, view, { before: page.after === null ? NEWEST : decodeCursor(page.after), limit: page.first + 1 }));
    const refunds = new Map((await store.byIds(database, ids)).map((refund) => [refund.id, refund]));
    return pageOf(ids.flatMap((id) => refunds.get(id) ?? []), page.first);
  }

  /** Oldest first. */
  async credits(resolved: boolean, page: PageOf): Promise<Page<UnmatchedCredit>> {
    checkPage(page);
    return pageOf(await this.#deps.credits.list(this.#deps.database, { resolved, after: page.after === null ? '0' : decodeCursor(page.after), limit: page.first + 1 }), page.first);
  }

  findCredit(id: string): Promise<UnmatchedCredit | null> {
    return this.#deps.credits.find(this.#deps.database, id);
  }

  async findRefund(requestId: string): Promise<Refund | null> {
    return this.#deps.refunds.find(this.#deps.database, requestId);
  }

  /** Of each payment, in the order asked for. */
  itemsOf(paymentIds: readonly string[]): Promise<readonly (readonly FeeItem[])[]> {
    return itemsOfAll(this.#deps.database, paymentIds);
  }

  historiesOf(paymentIds: readonly string[]): Promise<readonly (readonly PaymentEvent[])[]> {
    return this.#deps.reads.histories(paymentIds);
  }

  async refundsOf(paymentIds: readonly string[]): Promise<readonly (readonly Refund[])[]> {
    const refunds = await this.#deps.refunds.ofPayments(this.#deps.database, paymentIds);
    return paymentIds.map((id) => refunds.filter(({ paymentId }) => paymentId === id));
  }

  async settlementsOf(paymentIds: readonly string[]): Promise<readonly (readonly Settlement[])[]> {
    const settlements = await this.#deps.settlements.ofPayments(this.#deps.database, paymentIds);
    return paymentIds.map((id) => settlements.filter(({ paymentId }) => paymentId === id));
  }
}

const underOf = (view: AgencyView, code: string | null): readonly string[] | null => {
  if (code === null) return null;
  const below = view.tree.visibleCodes(code);
  return below.size === 0 ? [code] : [...below];
};
