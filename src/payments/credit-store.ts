import type { Queryable } from '../store/database.js';
import type { UnmatchedCredit } from './credit.js';

export interface NewUnmatched extends Pick<UnmatchedCredit, 'party' | 'bankReference' | 'reference' | 'amountVnd' | 'contentSealed' | 'reason' | 'at'> {
  readonly keyId: string;
  readonly accountIndex: Buffer | null;
}

type StoredUnmatched = Omit<UnmatchedCredit, 'amountVnd'> & { readonly amountVnd: string | null };

const COLUMNS = `u.id, u.party, u.bank_reference AS "bankReference", u.reference, u.amount_vnd AS "amountVnd", u.content_sealed AS "contentSealed", u.reason, u.at,
  u.created_at AS "createdAt", u.resolved_payment AS "resolvedPayment", u.resolution, u.resolved_by AS "resolvedBy", u.resolved_at AS "resolvedAt"`;

const toUnmatched = (row: StoredUnmatched): UnmatchedCredit => ({ ...row, amountVnd: row.amountVnd === null ? null : Number(row.amountVnd) });

/** Statements on what banks told us. */
export class CreditStore {
  /** Whether a bank told of money of this number, and it fitted no payment: it is with a person, or was. */
  async isKept(client: Queryable, bankReference: string): Promise<boolean> {
    const { rowCount } = await client.query('SELECT FROM unmatched_credits WHERE bank_reference = $1 LIMIT 1', [bankReference]);
    return rowCount !== 0;
  }

  /** False: another channel of the bank, or the same, told it before. A simultaneous one waits for the first. */
  async claim(client: Queryable, credit: { readonly bank: string; readonly bankReference: string; readonly amountVnd: number }): Promise<boolean> {
    const { rowCount } = await client.query('INSERT INTO bank_credits (bank, bank_reference, amount_vnd) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [credit.bank, credit.bankReference, credit.amountVnd]);
    return rowCount === 1;
  }

  async attach(client: Queryable, credit: { readonly bank: string; readonly bankReference: string; readonly paymentId: string }): Promise<void> {
    await client.query('UPDATE bank_credits SET payment_id = $3 WHERE bank = $1 AND bank_reference = $2', [credit.bank, credit.bankReference, credit.paymentId]);
  }

  /** Kept once under the bank's number; false where it was kept before. */
  async keep(client: Queryable, credit: NewUnmatched): Promise<boolean> {
    const { rowCount } = await client.query({
      text: `INSERT INTO unmatched_credits (party, bank_reference, reference, amount_vnd, key_id, content_sealed, account_index, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (party, bank_reference) DO NOTHING`,
      values: [credit.party, credit.bankReference, credit.reference, credit.amountVnd, credit.keyId, credit.contentSealed, credit.accountIndex, credit.reason, credit.at],
    });
    return rowCount === 1;
  }

  /** Into the feed of the dossier's portal, where there is such a dossier: nobody shall ask the citizen to pay once more. */
  async tell(client: Queryable, of: { readonly dossierCode: string; readonly party: string }): Promise<void> {
    await client.query(`INSERT INTO events (type, dossier_code, operation, reason) SELECT 'payment.unmatched', d.code, 'payment', $2 FROM dossiers d WHERE d.code = $1`, [of.dossierCode, of.party]);
  }

  async lock(client: Queryable, id: string): Promise<UnmatchedCredit | null> {
    const { rows } = await client.query<StoredUnmatched>(`SELECT ${COLUMNS} FROM unmatched_credits u WHERE u.id = $1 FOR UPDATE`, [id]);
    return rows[0] === undefined ? null : toUnmatched(rows[0]);
  }

  async find(client: Queryable, id: string): Promise<UnmatchedCredit | null> {
    const { rows } = await client.query<StoredUnmatched>(`SELECT ${COLUMNS} FROM unmatched_credits u WHERE u.id = $1`, [id]);
    return rows[0] === undefined ? null : toUnmatched(rows[0]);
  }

  /** Oldest first. */
  async list(client: Queryable, of: { readonly resolved: boolean; readonly after: string; readonly limit: number }): Promise<readonly UnmatchedCredit[]> {
    const { rows } = await client.query<StoredUnmatched>(
      `SELECT ${COLUMNS} FROM unmatched_credits u WHERE u.id > $1 AND (u.resolved_at IS NOT NULL) = $2 ORDER BY u.id LIMIT $3`, [of.after, of.resolved, of.limit]);
    return rows.map(toUnmatched);
  }

  async propose(client: Queryable, id: string, of: { readonly paymentId: string; readonly by: string }): Promise<void> {
    await client.query(`UPDATE unmatched_credits SET resolved_payment = $2, resolution = 'proposed', resolved_by = $3 WHERE id = $1`, [id, of.paymentId, of.by]);
  }

  async resolve(client: Queryable, id: string, of: { readonly paymentId: string | null; readonly resolution: string; readonly by: string }): Promise<void> {
    await client.query('UPDATE unmatched_credits SET resolved_payment = $2, resolution = $3, resolved_by = $4, resolved_at = now() WHERE id = $1', [id, of.paymentId, of.resolution, of.by]);
  }
}
