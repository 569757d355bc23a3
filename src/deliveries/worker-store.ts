import type { Queryable } from '../store/database.js';

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
}
