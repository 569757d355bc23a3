import type { Queryable } from '../store/database.js';

export interface WorkerStatus {
  readonly processId: string;
  readonly startedAt: Date;
  readonly seenAt: Date;
}

/** Which worker processes there are; each says every second that it lives. */
export class WorkerStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async beat(processId: string): Promise<void> {
    await this.#database.query({
      name: 'worker-beat',
      text: 'INSERT INTO workers (process_id) VALUES ($1) ON CONFLICT (process_id) DO UPDATE SET seen_at = now()',
      values: [processId],
    });
  }

  async leave(processId: string): Promise<void> {
    await this.#database.query('DELETE FROM workers WHERE process_id = $1', [processId]);
    await this.#database.query('DELETE FROM circuit_states WHERE process_id = $1', [processId]);
  }

  async alive(withinSeconds: number): Promise<WorkerStatus[]> {
    const result = await this.#database.query<{ process_id: string; started_at: Date; seen_at: Date }>({
      text: `SELECT process_id, started_at, seen_at FROM workers WHERE seen_at > now() - $1 * interval '1 second' ORDER BY started_at`,
      values: [withinSeconds],
    });
    return result.rows.map((row) => ({ processId: row.process_id, startedAt: row.started_at, seenAt: row.seen_at }));
  }
}
