import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Queryable } from '../store/database.js';
import type { CallbackFilter, CallbackRecord } from './callback-record.js';

const COLUMNS = `id, party, kind, unique_key AS "uniqueKey", state, dossier_code AS "dossierCode", verified_by AS "verifiedBy", received_at AS "receivedAt",
  party_at AS "partyAt", settled_at AS "settledAt", failures, due_at AS "dueAt"`;
/** What is about no dossier, or none yet, is known to the whole province only. */
const IN_SCOPE = '($1::text[] IS NULL OR (dossier_code IS NOT NULL AND in_read_scope(dossier_code, NULL, $1)))';

/** Statements on the inbox for people, each held to what its caller may see. */
export class CallbackDeskStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async find(id: string, { agencyCodes }: ReadLimits): Promise<CallbackRecord | null> {
    const { rows } = await this.#database.query<CallbackRecord>(`SELECT ${COLUMNS} FROM callbacks WHERE id = $2 AND ${IN_SCOPE}`, [agencyCodes, id]);
    return rows[0] ?? null;
  }

  /** Newest first, before the id `before`. */
  async list(filter: CallbackFilter, { agencyCodes }: ReadLimits, page: { readonly limit: number; readonly before: string | null }): Promise<readonly CallbackRecord[]> {
    const { rows } = await this.#database.query<CallbackRecord>(
      `SELECT ${COLUMNS} FROM callbacks WHERE ${IN_SCOPE} AND ($2::text IS NULL OR party = $2) AND ($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR dossier_code = $4)
         AND ($5::bigint IS NULL OR id < $5) ORDER BY id DESC LIMIT $6`,
      [agencyCodes, filter.party, filter.state, filter.dossierCode, page.before, page.limit]);
    return rows;
  }

  async lock(client: Queryable, id: string, { agencyCodes }: ReadLimits): Promise<CallbackRecord | null> {
    const { rows } = await client.query<CallbackRecord>(`SELECT ${COLUMNS} FROM callbacks WHERE id = $2 AND ${IN_SCOPE} FOR UPDATE`, [agencyCodes, id]);
    return rows[0] ?? null;
  }

  /** Sets a waiting message free to be taken by the next turn of a sweeper: as old as if the call that brought it were over. */
  async release(client: Queryable, id: string): Promise<void> {
    await client.query(`UPDATE callbacks SET due_at = least(due_at, clock_timestamp() - interval '10 seconds'), failures = 0 WHERE id = $1 AND state = 'received'`, [id]);
  }
}
