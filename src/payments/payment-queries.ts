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
import { PAYMENT_COLUMNS, toPayment } from './payment-rows.js';
import type { FeeRow, PaymentEvent, PaymentRow, StoredPayment } from './payment-rows.js';
import type { CreditStore } from './credit-store.js';
import type { UnmatchedCredit } from './credit.js';
import type { RefundStore } from './refund-store.js';
import type { Refund, RefundState } from './refund.js';

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

export interface Settlement {
  readonly id: string;
  readonly paymentId: string;
  readonly settleAs: 'PAID' | 'NOT_PAID';
  readonly bankReference: string | null;
  readonly reason: string;
  readonly state: 'REQUESTED' | 'APPROVED' | 'DECLINED';
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

export interface PaymentQueriesDeps {
  readonly database: Database;
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
    const { client, agencyCodes } = await this.#deps.agencies.scope.viewOf(call.caller);
    if (unreadableText(reference, false) !== null) return null;
    const { rows } = await orUnavailable(this.#deps.database.query<StoredPayment>(
      `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.reference = $1 AND ($2::text IS NULL OR p.client = $2) AND ($3::text[] IS NULL OR p.agency_code = ANY ($3))`, [reference, client, agencyCodes]));
    return rows[0] === undefined ? null : toPayment(rows[0]);
  }

  /** Newest first. */
  async list(call: AttemptedCall, filter: PaymentFilterInput, page: PageOf): Promise<Page<PaymentRow>> {
    checkPage(page);
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    for (const text of [filter.dossierCode, filter.gateway]) if (text != null && unreadableText(text, false) !== null) return { rows: [], endCursor: null, hasNextPage: false };
    const { rows } = await orUnavailable(this.#deps.database.query<StoredPayment>(
      `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.id < $1 AND ($2::text IS NULL OR p.client = $2) AND ($3::text[] IS NULL OR p.agency_code = ANY ($3))
         AND ($4::text IS NULL OR p.dossier_code = $4) AND ($5::text IS NULL OR p.state = $5) AND ($6::text IS NULL OR p.gateway = $6)
         AND ($7::text[] IS NULL OR p.agency_code = ANY ($7)) AND ($8::boolean IS NULL OR (p.person_reason IS NOT NULL) = $8) AND ($9::boolean IS NULL OR p.surplus = $9)
         AND ($10::timestamptz IS NULL OR p.created_at >= $10) AND ($11::timestamptz IS NULL OR p.created_at < $11) ORDER BY p.id DESC LIMIT $12`,
      [page.after === null ? NEWEST : decodeCursor(page.after), view.client, view.agencyCodes, filter.dossierCode ?? null, filter.state ?? null, filter.gateway ?? null,
        underOf(view, filter.underCode ?? null), filter.needsPerson ?? null, filter.surplus ?? null, filter.from ?? null, filter.to ?? null, page.first + 1]));
    return pageOf(rows.map(toPayment), page.first);
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
    const { client, agencyCodes } = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#deps.database.query<StoredPayment>(
      `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.reference = ANY ($1) AND ($2::text IS NULL OR p.client = $2) AND ($3::text[] IS NULL OR p.agency_code = ANY ($3))`, [references, client, agencyCodes]));
    return new Map(rows.map((row) => [row.id, toPayment(row)]));
  }

  async refunds(call: AttemptedCall, state: RefundState | null, page: PageOf): Promise<Page<Refund>> {
    checkPage(page);
    const { client, agencyCodes } = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#deps.database.query<{ id: string }>(
      `SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.id < $1 AND ($2::text IS NULL OR p.client = $2) AND ($3::text[] IS NULL OR p.agency_code = ANY ($3))
         AND ($4::text IS NULL OR r.state = $4) ORDER BY r.id DESC LIMIT $5`, [page.after === null ? NEWEST : decodeCursor(page.after), client, agencyCodes, state, page.first + 1]));
    const refunds = new Map((await this.#deps.refunds.byIds(this.#deps.database, rows.map(({ id }) => id))).map((refund) => [refund.id, refund]));
    return pageOf(rows.flatMap(({ id }) => refunds.get(id) ?? []), page.first);
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
  async itemsOf(paymentIds: readonly string[]): Promise<readonly (readonly FeeItem[])[]> {
    const { rows } = await this.#deps.database.query<Omit<FeeItem, 'amountVnd'> & { paymentId: string; amountVnd: string }>(
      `SELECT i.payment_id AS "paymentId", f.key, f.kind, f.name, i.amount_vnd AS "amountVnd" FROM payment_items i JOIN fee_items f ON f.id = i.fee_item_id
         WHERE i.payment_id = ANY ($1) ORDER BY f.id`, [paymentIds]);
    return paymentIds.map((id) => rows.filter(({ paymentId }) => paymentId === id).map(({ key, kind, name, amountVnd }) => ({ key, kind, name, amountVnd: Number(amountVnd) })));
  }

  async historiesOf(paymentIds: readonly string[]): Promise<readonly (readonly PaymentEvent[])[]> {
    const { rows } = await this.#deps.database.query<Omit<PaymentEvent, 'amountVnd'> & { paymentId: string; amountVnd: string | null }>(
      `SELECT payment_id AS "paymentId", at, source, from_state AS "fromState", to_state AS "toState", applied, reason, code, amount_vnd AS "amountVnd",
           gateway_transaction AS "gatewayTransaction", gateway_at AS "gatewayAt", actor FROM payment_events WHERE payment_id = ANY ($1) ORDER BY id`, [paymentIds]);
    return paymentIds.map((id) => rows.filter(({ paymentId }) => paymentId === id).map((row) => ({ ...row, amountVnd: row.amountVnd === null ? null : Number(row.amountVnd) })));
  }

  async refundsOf(paymentIds: readonly string[]): Promise<readonly (readonly Refund[])[]> {
    const refunds = await this.#deps.refunds.ofPayments(this.#deps.database, paymentIds);
    return paymentIds.map((id) => refunds.filter(({ paymentId }) => paymentId === id));
  }

  async settlementsOf(paymentIds: readonly string[]): Promise<readonly (readonly Settlement[])[]> {
    const { rows } = await this.#deps.database.query<Settlement>(
      `SELECT id, payment_id AS "paymentId", settle_as AS "settleAs", bank_reference AS "bankReference", reason, state, requested_by AS "requestedBy", requested_at AS "requestedAt",
           decided_by AS "decidedBy", decided_at AS "decidedAt" FROM payment_settlements WHERE payment_id = ANY ($1) ORDER BY id`, [paymentIds]);
    return paymentIds.map((id) => rows.filter(({ paymentId }) => paymentId === id));
  }
}

const underOf = (view: AgencyView, code: string | null): readonly string[] | null => {
  if (code === null) return null;
  const below = view.tree.visibleCodes(code);
  return below.size === 0 ? [code] : [...below];
};
