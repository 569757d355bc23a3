import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { RECEIPT_COLUMNS, toReceipt } from './receipt-store.js';
import type { StoredReceipt } from './receipt-store.js';
import type { Receipt, ReceiptState } from './receipt.js';

/** A receipt with what names its payment. */
export interface ReceiptRow extends Receipt {
  readonly reference: string;
  readonly dossierCode: string;
  readonly agencyCode: string;
  readonly adjustsKey: string | null;
}

export interface ReceiptFilterInput {
  readonly dossierCode?: string | null;
  readonly paymentReference?: string | null;
  readonly state?: ReceiptState | null;
  readonly needsPerson?: boolean | null;
}

const MAX_PAGE = 200;
const CURSOR = /^receipt:(\d{1,18})$/;
const NEWEST = '9223372036854775807';

const decodeCursor = (cursor: string): string => {
  const id = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (id === undefined) throw new UserInputError([problemAt('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'))]);
  return id;
};

const COLUMNS = `${RECEIPT_COLUMNS}, p.reference, p.dossier_code AS "dossierCode", p.agency_code AS "agencyCode", (SELECT o.key FROM receipts o WHERE o.id = r.adjusts) AS "adjustsKey"`;
type StoredRow = StoredReceipt & Omit<ReceiptRow, keyof Receipt>;

/** Reads of receipts, within what the caller may see. */
export class ReceiptQueries {
  readonly #deps: { readonly database: Database; readonly agencies: AgencyAccess };

  constructor(deps: { readonly database: Database; readonly agencies: AgencyAccess }) {
    this.#deps = deps;
  }

  /** The receipt that stands for a payment: the last one that adjusts none. Null for another's payment too. */
  async ofPayment(call: AttemptedCall, reference: string): Promise<ReceiptRow | null> {
    const [found] = await this.#list(call, { where: 'p.reference = $3 AND r.adjusts IS NULL', values: [reference] }, { before: NEWEST, limit: 1 });
    return found ?? null;
  }

  async byKey(call: AttemptedCall, key: string): Promise<ReceiptRow | null> {
    const [found] = await this.#list(call, { where: 'r.key = $3', values: [key] }, { before: NEWEST, limit: 1 });
    return found ?? null;
  }

  /** Newest first. */
  async list(call: AttemptedCall, filter: ReceiptFilterInput, page: { readonly first: number; readonly after: string | null }) {
    if (page.first < 1 || page.first > MAX_PAGE) throw new UserInputError([problemAt('first', breach('PAGE_SIZE', `Từ 1 đến ${String(MAX_PAGE)}`, `Between 1 and ${String(MAX_PAGE)}`))]);
    const found = await this.#list(call, {
      where: '($3::text IS NULL OR p.dossier_code = $3) AND ($4::text IS NULL OR p.reference = $4) AND ($5::text IS NULL OR r.state = $5) AND ($6::boolean IS NULL OR (r.person_reason IS NOT NULL) = $6)',
      values: [filter.dossierCode ?? null, filter.paymentReference ?? null, filter.state ?? null, filter.needsPerson ?? null],
    }, { before: page.after === null ? NEWEST : decodeCursor(page.after), limit: page.first + 1 });
    const rows = found.slice(0, page.first);
    const last = rows.at(-1);
    return { rows, hasNextPage: found.length > page.first, endCursor: last === undefined ? null : Buffer.from(`receipt:${last.id}`).toString('base64url') };
  }

  /** Whoever asks; what it is for is decided by the caller. */
  async idOf(key: string): Promise<{ readonly id: string; readonly paymentId: string } | null> {
    if (unreadableText(key, false) !== null) return null;
    const { rows } = await orUnavailable(this.#deps.database.query<{ id: string; paymentId: string }>('SELECT id, payment_id AS "paymentId" FROM receipts WHERE key = $1', [key]));
    return rows[0] ?? null;
  }

  async #list(call: AttemptedCall, of: { readonly where: string; readonly values: readonly (string | boolean | null)[] }, page: { readonly before: string; readonly limit: number }): Promise<readonly ReceiptRow[]> {
    if (of.values.some((value) => typeof value === 'string' && unreadableText(value, false) !== null)) return [];
    const { client, agencyCodes } = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#deps.database.query<StoredRow>(
      `SELECT ${COLUMNS} FROM receipts r JOIN payments p ON p.id = r.payment_id WHERE ($1::text IS NULL OR p.client = $1) AND ($2::text[] IS NULL OR p.agency_code = ANY ($2))
         AND ${of.where} AND r.id < $${String(of.values.length + 3)} ORDER BY r.id DESC LIMIT $${String(of.values.length + 4)}`,
      [client, agencyCodes, ...of.values, page.before, page.limit]));
    return rows.map(toReceipt);
  }
}
