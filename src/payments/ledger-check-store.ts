import type { Database } from '../store/database.js';
import type { LedgerReport } from './ledger-check.js';

/** How the last look at the whole ledger ended. */
export interface LedgerCheckResult {
  readonly id: string;
  /** Day in Vietnam, `yyyy-mm-dd`. */
  readonly day: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly entries: number;
  readonly payments: number;
  readonly faultCount: number;
  readonly faultKind: string | null;
  readonly transactionId: string | null;
  readonly reference: string | null;
}

const LEASE_MINUTES = 60;

/** Statements on the looks at the ledger: one a day, whichever worker is first. */
export class LedgerCheckStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null: this day has had its look, or another worker is at it. One whose worker died is taken over. */
  async claim(day: string): Promise<string | null> {
    const { rows } = await this.#database.query<{ id: string }>(
      `INSERT INTO ledger_checks AS c (day, lease_until) VALUES ($1, now() + $2 * interval '1 minute')
         ON CONFLICT (day) DO UPDATE SET started_at = now(), lease_until = excluded.lease_until WHERE c.ended_at IS NULL AND c.lease_until < now() RETURNING id`, [day, LEASE_MINUTES]);
    return rows[0]?.id ?? null;
  }

  /** Lets another look of the same day begin, for this one could not be made. */
  async release(id: string): Promise<void> {
    await this.#database.query('DELETE FROM ledger_checks WHERE id = $1 AND ended_at IS NULL', [id]);
  }

  async end(id: string, { entries, payments, faultCount, faults: [first] }: LedgerReport): Promise<void> {
    await this.#database.query(
      `UPDATE ledger_checks SET ended_at = clock_timestamp(), entries = $2, payments = $3, fault_count = $4, fault_kind = $5, transaction_id = $6, reference = $7 WHERE id = $1`,
      [id, entries, payments, faultCount, first?.kind ?? null, first?.transactionId ?? null, first?.reference ?? null]);
  }

  async last(): Promise<LedgerCheckResult | null> {
    const { rows: [row] } = await this.#database.query<Omit<LedgerCheckResult, 'entries' | 'payments'> & { entries: string; payments: string }>(
      `SELECT id, to_char(day, 'YYYY-MM-DD') AS day, started_at AS "startedAt", ended_at AS "endedAt", entries, payments, fault_count AS "faultCount", fault_kind AS "faultKind",
           transaction_id AS "transactionId", reference FROM ledger_checks WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1`);
    return row === undefined ? null : { ...row, entries: Number(row.entries), payments: Number(row.payments) };
  }
}
