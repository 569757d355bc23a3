import type { Database } from '../store/database.js';
import { PAYMENT_COLUMNS, toPayment } from './payment-rows.js';
import type { PaymentRow, StoredPayment } from './payment-rows.js';
import type { PaymentState } from './payment.js';

export interface PaymentCount {
  readonly gateway: string;
  readonly state: PaymentState;
  readonly count: number;
  /** Since the oldest came into this state. */
  readonly oldestSeconds: number;
}

export interface WatchBacklog {
  readonly due: number;
  /** Seconds by which the most overdue look is late; 0 where none is. */
  readonly lateSeconds: number;
  readonly forPersons: number;
}

/** Money that fits no payment and waits for a person. */
export interface UnmatchedCount {
  readonly party: string;
  readonly reason: string;
  readonly count: number;
  /** Since we heard of the oldest. */
  readonly oldestSeconds: number;
}

/** Statements of the watcher. */
export class WatchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Payments at which to look now; the next look is put off first, so that two workers do not ask twice. Null: of gateways that are none any more. */
  async claim(of: { readonly gateway: string; readonly everyMs: number; readonly limit: number }): Promise<readonly PaymentRow[]> {
    const { rows } = await this.#database.query<StoredPayment>(
      `UPDATE payments p SET ask_at = clock_timestamp() + $2::bigint * interval '1 millisecond', asks = asks + 1 WHERE p.id IN (
         SELECT d.id FROM payments d WHERE d.ask_at <= clock_timestamp() AND d.gateway = $1 ORDER BY d.ask_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING ${PAYMENT_COLUMNS}`,
      [of.gateway, of.everyMs, of.limit]);
    return rows.map(toPayment);
  }

  /** Like `claim`, of those whose gateway is none of these. */
  async claimOrphans(of: { readonly gateways: readonly string[]; readonly everyMs: number; readonly limit: number }): Promise<readonly PaymentRow[]> {
    const { rows } = await this.#database.query<StoredPayment>(
      `UPDATE payments p SET ask_at = clock_timestamp() + $2::bigint * interval '1 millisecond' WHERE p.id IN (
         SELECT d.id FROM payments d WHERE d.ask_at <= clock_timestamp() AND d.gateway <> ALL ($1::text[]) ORDER BY d.ask_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING ${PAYMENT_COLUMNS}`,
      [of.gateways, of.everyMs, of.limit]);
    return rows.map(toPayment);
  }

  async putOff(id: string, until: Date): Promise<void> {
    await this.#database.query('UPDATE payments SET ask_at = $2 WHERE id = $1 AND ask_at IS NOT NULL', [id, until]);
  }

  /** What is open, by gateway and state. */
  async counts(): Promise<readonly PaymentCount[]> {
    const { rows } = await this.#database.query<PaymentCount>(
      `SELECT gateway, state, count(*)::integer AS count, extract(epoch FROM clock_timestamp() - min(state_at))::float8 AS "oldestSeconds"
         FROM payments WHERE state IN ('CREATED', 'AWAITING', 'UNKNOWN') GROUP BY gateway, state
       UNION ALL SELECT gateway, state, count(*)::integer, extract(epoch FROM clock_timestamp() - min(state_at))::float8
         FROM payments WHERE person_reason IS NOT NULL AND state NOT IN ('CREATED', 'AWAITING', 'UNKNOWN') GROUP BY gateway, state`);
    return rows;
  }

  async unmatched(): Promise<readonly UnmatchedCount[]> {
    const { rows } = await this.#database.query<UnmatchedCount>(
      `SELECT party, reason, count(*)::integer AS count, extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS "oldestSeconds"
         FROM unmatched_credits WHERE resolved_at IS NULL GROUP BY party, reason`);
    return rows;
  }

  async backlog(): Promise<WatchBacklog> {
    const { rows: [row] } = await this.#database.query<{ due: number; late: number | null; persons: number }>(
      `SELECT (SELECT count(*)::integer FROM payments WHERE ask_at <= clock_timestamp()) AS due,
              (SELECT extract(epoch FROM clock_timestamp() - min(ask_at))::float8 FROM payments WHERE ask_at <= clock_timestamp()) AS late,
              (SELECT count(*)::integer FROM payments WHERE person_reason IS NOT NULL) AS persons`);
    return { due: row?.due ?? 0, lateSeconds: row?.late ?? 0, forPersons: row?.persons ?? 0 };
  }
}
