import type { Queryable } from '../store/database.js';
import type { CircuitPosition, CircuitState } from './circuit-port.js';

export interface ReportedCircuit extends CircuitState {
  /** The worker process whose breaker this is. */
  readonly processId: string;
}

export interface CircuitOverride {
  readonly party: string;
  readonly operation: string;
  readonly position: 'open' | 'closed';
}

interface CircuitRow {
  process_id: string; party: string; operation: string; position: CircuitPosition; since: Date; reason: string | null; forced: boolean;
}

/** A process that has not reported for this long is gone, and its breakers with it. */
const REPORT_VALID_SECONDS = 15;

/** Breakers live in worker processes; through these rows the API shows them and operators move them. */
export class CircuitStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async report(processId: string, states: readonly CircuitState[]): Promise<void> {
    await this.#database.query({
      name: 'report-circuits',
      text: `INSERT INTO circuit_states (process_id, party, operation, position, since, reason, forced)
             SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::boolean[])
             ON CONFLICT (process_id, party, operation) DO UPDATE
               SET position = excluded.position, since = excluded.since, reason = excluded.reason, forced = excluded.forced, seen_at = now()`,
      values: [processId, states.map((s) => s.party), states.map((s) => s.operation), states.map((s) => s.position),
        states.map((s) => s.since), states.map((s) => s.reason), states.map((s) => s.forced)],
    });
  }

  async reported(): Promise<ReportedCircuit[]> {
    const result = await this.#database.query<CircuitRow>({
      text: `SELECT * FROM circuit_states WHERE seen_at > now() - $1 * interval '1 second' ORDER BY party, operation, process_id`,
      values: [REPORT_VALID_SECONDS],
    });
    return result.rows.map((row) => ({
      processId: row.process_id, party: row.party, operation: row.operation, position: row.position, since: row.since, reason: row.reason, forced: row.forced,
    }));
  }

  async forgetSilent(): Promise<void> {
    await this.#database.query(`DELETE FROM circuit_states WHERE seen_at < now() - interval '1 hour'`);
  }

  async overrides(): Promise<CircuitOverride[]> {
    const result = await this.#database.query<CircuitOverride>('SELECT party, operation, position FROM circuit_overrides ORDER BY party, operation');
    return result.rows;
  }

  async setOverride(client: Queryable, override: CircuitOverride, by: { readonly actor: string; readonly reason: string }): Promise<void> {
    await client.query({
      text: `INSERT INTO circuit_overrides (party, operation, position, reason, set_by) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (party, operation) DO UPDATE SET position = excluded.position, reason = excluded.reason, set_by = excluded.set_by, set_at = now()`,
      values: [override.party, override.operation, override.position, by.reason, by.actor],
    });
  }

  async clearOverride(client: Queryable, party: string, operation: string): Promise<boolean> {
    const result = await client.query('DELETE FROM circuit_overrides WHERE party = $1 AND operation = $2', [party, operation]);
    return (result.rowCount ?? 0) > 0;
  }
}
