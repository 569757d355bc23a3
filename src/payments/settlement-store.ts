import type { Queryable } from '../store/database.js';
import type { Settlement } from './settlement.js';

const COLUMNS = `s.id, s.payment_id AS "paymentId", s.settle_as AS "settleAs", s.bank_reference AS "bankReference", s.reason, s.state, s.requested_by AS "requestedBy",
  s.requested_at AS "requestedAt", s.decided_by AS "decidedBy", s.decided_at AS "decidedAt"`;
const ID = /^[1-9]\d{0,17}$/;

/** Statements on what persons know of payments; those that change are made under the lock of the payment's row. */
export class SettlementStore {
  /** Null: another waits already. */
  async insert(client: Queryable, of: Pick<Settlement, 'paymentId' | 'settleAs' | 'bankReference' | 'reason' | 'requestedBy'>): Promise<string | null> {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO payment_settlements (payment_id, settle_as, bank_reference, reason, requested_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (payment_id) WHERE state = 'REQUESTED' DO NOTHING RETURNING id`, [of.paymentId, of.settleAs, of.bankReference, of.reason, of.requestedBy]);
    return rows[0]?.id ?? null;
  }

  async lock(client: Queryable, id: string): Promise<Settlement | null> {
    if (!ID.test(id)) return null;
    const { rows } = await client.query<Settlement>(`SELECT ${COLUMNS} FROM payment_settlements s WHERE s.id = $1 FOR UPDATE`, [id]);
    return rows[0] ?? null;
  }

  async decide(client: Queryable, id: string, of: { readonly state: 'APPROVED' | 'DECLINED'; readonly by: string }): Promise<void> {
    await client.query('UPDATE payment_settlements SET state = $2, decided_by = $3, decided_at = now() WHERE id = $1', [id, of.state, of.by]);
  }

  /** Reference of the payment that it is about; null where there is no such settlement. */
  async referenceOf(client: Queryable, id: string): Promise<string | null> {
    if (!ID.test(id)) return null;
    const { rows } = await client.query<{ reference: string }>('SELECT p.reference FROM payment_settlements s JOIN payments p ON p.id = s.payment_id WHERE s.id = $1', [id]);
    return rows[0]?.reference ?? null;
  }

  async ofPayments(client: Queryable, paymentIds: readonly string[]): Promise<readonly Settlement[]> {
    const { rows } = await client.query<Settlement>(`SELECT ${COLUMNS} FROM payment_settlements s WHERE s.payment_id = ANY ($1) ORDER BY s.id`, [paymentIds]);
    return rows;
  }
}
