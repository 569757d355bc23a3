import type { Database } from '../store/database.js';
import type { PaymentState } from './payment.js';
import { PAYMENT_COLUMNS, toPayment } from './payment-rows.js';
import type { PaymentEvent, PaymentRow, StoredPayment } from './payment-rows.js';
import type { RefundState } from './refund.js';

/** What a caller may see; null where he may see all. */
export interface VisibleTo {
  readonly client: string | null;
  readonly agencyCodes: readonly string[] | null;
}

export interface PaymentSelection {
  readonly dossierCode?: string | null;
  readonly state?: PaymentState | null;
  readonly gateway?: string | null;
  /** Of these agencies only. */
  readonly under: readonly string[] | null;
  readonly needsPerson?: boolean | null;
  readonly surplus?: boolean | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

/** Ids fall towards the past. */
export interface Below {
  readonly before: string;
  readonly limit: number;
}

const VISIBLE = '($2::text IS NULL OR p.client = $2) AND ($3::text[] IS NULL OR p.agency_code = ANY ($3))';

/** Statements that read payments for people. */
export class PaymentReadStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async byReferences(references: readonly string[], { client, agencyCodes }: VisibleTo): Promise<readonly PaymentRow[]> {
    const { rows } = await this.#database.query<StoredPayment>(`SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.reference = ANY ($1) AND ${VISIBLE}`, [references, client, agencyCodes]);
    return rows.map(toPayment);
  }

  async list(of: PaymentSelection, { client, agencyCodes }: VisibleTo, { before, limit }: Below): Promise<readonly PaymentRow[]> {
    const { rows } = await this.#database.query<StoredPayment>(
      `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.id < $1 AND ${VISIBLE}
         AND ($4::text IS NULL OR p.dossier_code = $4) AND ($5::text IS NULL OR p.state = $5) AND ($6::text IS NULL OR p.gateway = $6)
         AND ($7::text[] IS NULL OR p.agency_code = ANY ($7)) AND ($8::boolean IS NULL OR (p.person_reason IS NOT NULL) = $8) AND ($9::boolean IS NULL OR p.surplus = $9)
         AND ($10::timestamptz IS NULL OR p.created_at >= $10) AND ($11::timestamptz IS NULL OR p.created_at < $11) ORDER BY p.id DESC LIMIT $12`,
      [before, client, agencyCodes, of.dossierCode ?? null, of.state ?? null, of.gateway ?? null, of.under, of.needsPerson ?? null, of.surplus ?? null, of.from ?? null, of.to ?? null, limit]);
    return rows.map(toPayment);
  }

  async refundIds(state: RefundState | null, { client, agencyCodes }: VisibleTo, { before, limit }: Below): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      `SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.id < $1 AND ${VISIBLE} AND ($4::text IS NULL OR r.state = $4) ORDER BY r.id DESC LIMIT $5`,
      [before, client, agencyCodes, state, limit]);
    return rows.map(({ id }) => id);
  }

  /** Of each payment, in the order asked for. */
  async histories(paymentIds: readonly string[]): Promise<readonly (readonly PaymentEvent[])[]> {
    const { rows } = await this.#database.query<Omit<PaymentEvent, 'amountVnd'> & { paymentId: string; amountVnd: string | null }>(
      `SELECT payment_id AS "paymentId", at, source, from_state AS "fromState", to_state AS "toState", applied, reason, code, amount_vnd AS "amountVnd",
           gateway_transaction AS "gatewayTransaction", gateway_at AS "gatewayAt", actor FROM payment_events WHERE payment_id = ANY ($1) ORDER BY id`, [paymentIds]);
    return paymentIds.map((id) => rows.filter(({ paymentId }) => paymentId === id).map((row) => ({ ...row, amountVnd: row.amountVnd === null ? null : Number(row.amountVnd) })));
  }
}
