import type { Database } from '../store/database.js';
import type { Below } from './payment-read-store.js';
import type { Difference, DifferenceClass } from './reconciliation-compare.js';
import { RUN_COLUMNS, toRun } from './reconciliation-run.js';
import type { ReconciliationRun } from './reconciliation-run.js';

export interface KeptDifference extends Difference {
  readonly id: string;
  readonly runId: string;
  readonly gateway: string;
  readonly day: string;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
}

export interface DifferenceSelection {
  readonly runId: string | null;
  readonly gateway: string | null;
  readonly class: DifferenceClass | null;
  readonly resolved: boolean | null;
}

type StoredRun = Parameters<typeof toRun>[0];
type StoredDifference = Omit<KeptDifference, 'oursVnd' | 'theirsVnd'> & { readonly oursVnd: string | null; readonly theirsVnd: string | null };

const COLUMNS = `d.id, d.run_id AS "runId", r.gateway, to_char(r.day, 'YYYY-MM-DD') AS day, d.class, d.kind, d.action, d.payment_id AS "paymentId", d.reference, d.gateway_transaction AS "gatewayTransaction",
  d.ours_vnd AS "oursVnd", d.theirs_vnd AS "theirsVnd", d.ours_state AS "oursState", d.theirs_state AS "theirsState", d.resolved_by AS "resolvedBy", d.resolved_at AS "resolvedAt", d.resolution`;

const orNumber = (text: string | null): number | null => (text === null ? null : Number(text));
const toDifference = (row: StoredDifference): KeptDifference => ({ ...row, oursVnd: orNumber(row.oursVnd), theirsVnd: orNumber(row.theirsVnd) });

/** Statements that read runs and differences for people. */
export class ReconciliationReadStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async runs({ gateway, day }: { readonly gateway: string | null; readonly day: string | null }, { before, limit }: Below): Promise<readonly ReconciliationRun[]> {
    const { rows } = await this.#database.query<StoredRun>(
      `SELECT ${RUN_COLUMNS} FROM reconciliation_runs r WHERE r.id < $1 AND ($2::text IS NULL OR r.gateway = $2) AND ($3::date IS NULL OR r.day = $3) ORDER BY r.id DESC LIMIT $4`, [before, gateway, day, limit]);
    return rows.map(toRun);
  }

  async run(id: string): Promise<ReconciliationRun | null> {
    const { rows } = await this.#database.query<StoredRun>(`SELECT ${RUN_COLUMNS} FROM reconciliation_runs r WHERE r.id = $1`, [id]);
    return rows[0] === undefined ? null : toRun(rows[0]);
  }

  async differences(of: DifferenceSelection, { before, limit }: Below): Promise<readonly KeptDifference[]> {
    const { rows } = await this.#database.query<StoredDifference>(
      `SELECT ${COLUMNS} FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE d.id < $1 AND ($2::bigint IS NULL OR d.run_id = $2) AND ($3::text IS NULL OR r.gateway = $3)
         AND ($4::text IS NULL OR d.class = $4) AND ($5::boolean IS NULL OR (d.resolved_at IS NOT NULL) = $5) ORDER BY d.id DESC LIMIT $6`, [before, of.runId, of.gateway, of.class, of.resolved, limit]);
    return rows.map(toDifference);
  }

  async difference(id: string): Promise<KeptDifference | null> {
    const { rows } = await this.#database.query<StoredDifference>(`SELECT ${COLUMNS} FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE d.id = $1`, [id]);
    return rows[0] === undefined ? null : toDifference(rows[0]);
  }

  /** By run: how many wait for a person, and how many there are; none where there is no difference. */
  async counts(runIds: readonly string[]): Promise<ReadonlyMap<string, { readonly differences: number; readonly open: number }>> {
    const { rows } = await this.#database.query<{ runId: string; differences: number; open: number }>(
      `SELECT run_id AS "runId", count(*)::integer AS differences, (count(*) FILTER (WHERE resolved_at IS NULL))::integer AS open FROM reconciliation_differences WHERE run_id = ANY ($1) GROUP BY run_id`, [runIds]);
    return new Map(rows.map(({ runId, differences, open }) => [runId, { differences, open }]));
  }

  async openCount(): Promise<number> {
    const { rows } = await this.#database.query<{ open: number }>('SELECT count(*)::integer AS open FROM reconciliation_differences WHERE resolved_at IS NULL');
    return rows[0]?.open ?? 0;
  }
}
