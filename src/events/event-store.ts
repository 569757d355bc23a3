import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { FeedEvent } from './event.js';

export interface FeedQuery {
  readonly limits: ReadLimits;
  /** Position after which to read; `0` for the oldest kept. */
  readonly after: string;
  readonly limit: number;
}

/** One reader places this many at a time, so that a long absence of readers does not become one long statement. */
const PLACE_BATCH = 10_000;
const PRUNE_BATCH = 5_000;

export class EventStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Gives positions to all events that have none; a row that commits later gets a later one, so no cursor passes it by. */
  async place(): Promise<void> {
    for (;;) {
      const { rows } = await orUnavailable(this.#database.query<{ placed: number }>('SELECT place_events($1) AS placed', [PLACE_BATCH]));
      if ((rows[0]?.placed ?? 0) < PLACE_BATCH) return;
    }
  }

  async read({ limits: { client, agencyCodes }, after, limit }: FeedQuery): Promise<readonly FeedEvent[]> {
    const { rows } = await orUnavailable(this.#database.query<FeedEvent>(
      `SELECT position, type AS name, dossier_code AS "dossierCode", agency_code AS "agencyCode", delivery_id AS "deliveryId", payment_reference AS "paymentReference", shipment_number AS "shipmentNumber", operation, reason,
           reason_text AS "reasonText", created_at AS "createdAt"
         FROM events e WHERE position > $1
           AND (($2::text IS NULL AND $4::text[] IS NULL) OR in_read_scope(e.dossier_code, $2, $4)
             OR (e.dossier_code IS NULL AND ($4::text[] IS NULL OR e.agency_code = ANY ($4))))
         ORDER BY position LIMIT $3`, [after, client, limit, agencyCodes]));
    return rows;
  }

  /** Deletes what is older, read or not; returns how many. */
  async prune(keepMs: number): Promise<number> {
    for (let total = 0; ;) {
      const { rowCount } = await this.#database.query(
        `DELETE FROM events WHERE id = ANY (ARRAY(SELECT id FROM events
           WHERE created_at < now() - $1::bigint * interval '1 millisecond' ORDER BY id LIMIT ${String(PRUNE_BATCH)}))`, [keepMs]);
      total += rowCount ?? 0;
      if ((rowCount ?? 0) < PRUNE_BATCH) return total;
    }
  }
}
