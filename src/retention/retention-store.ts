import type pg from 'pg';
import type { Queryable } from '../store/database.js';

export interface ErasureRequest {
  readonly id: string;
  readonly personIndex: string;
  readonly requestedBy: string;
  readonly isDone: boolean;
}

/** Each has a function in the database, which looks at holds and evidence first. */
const EXPIRY = {
  'evidence-bodies': 'expire_evidence_bodies', 'callback-bodies': 'expire_callback_bodies', 'login-events': 'expire_login_events', 'access-attempts': 'expire_access_attempts',
} as const;
export type ExpiringKind = keyof typeof EXPIRY;

/** SQL of holds and erasure requests, each inside the caller's transaction, and of what expires by age. */
export class RetentionStore {
  /** False: it was held already. */
  async placeHold(client: pg.ClientBase, hold: { readonly dossierCode: string; readonly reason: string; readonly by: string }): Promise<boolean> {
    const { rowCount } = await client.query('INSERT INTO legal_holds (dossier_code, reason, placed_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [hold.dossierCode, hold.reason, hold.by]);
    return rowCount === 1;
  }

  async liftHold(client: pg.ClientBase, dossierCode: string): Promise<boolean> {
    return (await client.query('DELETE FROM legal_holds WHERE dossier_code = $1', [dossierCode])).rowCount === 1;
  }

  /** False: the person was held already. */
  async placePersonHold(client: pg.ClientBase, hold: { readonly personIndex: string; readonly reason: string; readonly by: string }): Promise<boolean> {
    const { rowCount } = await client.query(`INSERT INTO person_holds (person_index, reason, placed_by) VALUES (decode($1, 'hex'), $2, $3) ON CONFLICT DO NOTHING`, [hold.personIndex, hold.reason, hold.by]);
    return rowCount === 1;
  }

  async liftPersonHold(client: pg.ClientBase, personIndex: string): Promise<boolean> {
    return (await client.query(`DELETE FROM person_holds WHERE person_index = decode($1, 'hex')`, [personIndex])).rowCount === 1;
  }

  /** Waits for an erasure that is under way, and makes a later one wait and see the hold. */
  async meetErasures(client: pg.ClientBase, codes: readonly string[]): Promise<void> {
    await client.query('SELECT 1 FROM dossiers WHERE code = ANY ($1) ORDER BY code FOR SHARE', [codes]);
  }

  async isKnown(client: pg.ClientBase, dossierCode: string): Promise<boolean> {
    return (await client.query('SELECT 1 FROM dossiers WHERE code = $1 UNION SELECT 1 FROM status_reports WHERE dossier_code = $1', [dossierCode])).rowCount === 1;
  }

  async addRequest(client: pg.ClientBase, request: { readonly personIndex: string; readonly reason: string; readonly by: string }): Promise<string> {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO erasure_requests (person_index, reason, requested_by) VALUES (decode($1, 'hex'), $2, $3) RETURNING id`, [request.personIndex, request.reason, request.by]);
    return rows[0]?.id ?? '';
  }

  async lockRequest(client: pg.ClientBase, id: string): Promise<ErasureRequest | null> {
    const { rows } = await client.query<ErasureRequest>(
      `SELECT id, encode(person_index, 'hex') AS "personIndex", requested_by AS "requestedBy", approved_at IS NOT NULL AS "isDone" FROM erasure_requests WHERE id = $1 FOR UPDATE`, [id]);
    return rows[0] ?? null;
  }

  async approveRequest(client: pg.ClientBase, id: string, by: string): Promise<void> {
    await client.query('UPDATE erasure_requests SET approved_by = $2, approved_at = now() WHERE id = $1', [id, by]);
  }

  /** Dossiers that ended before then, in a state that has no way on, and still tell of people. */
  async expiredDossiers(database: Queryable, of: { readonly keepDays: number; readonly finalStatuses: readonly string[]; readonly limit: number }): Promise<readonly string[]> {
    const { rows } = await database.query<{ code: string }>(
      `SELECT d.code FROM dossiers d WHERE d.status = ANY ($2) AND d.updated_at < now() - $1 * interval '1 day'
         AND NOT EXISTS (SELECT 1 FROM dossier_erasures x WHERE x.dossier_code = d.code AND x.erased_at >= d.updated_at)
         AND NOT EXISTS (SELECT 1 FROM held_dossiers h WHERE h.dossier_code = d.code)
         AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.lane IN (d.code, 'post/' || d.code) AND l.open_count > 0)
         ORDER BY d.updated_at LIMIT $3`, [of.keepDays, of.finalStatuses, of.limit]);
    return rows.map(({ code }) => code);
  }

  /** One batch, in a transaction of its own; gives how many rows went. */
  async expire(database: Queryable, kind: ExpiringKind, of: { readonly keepDays: number; readonly limit: number }): Promise<number> {
    const { rows } = await database.query<{ count: number }>(`SELECT ${EXPIRY[kind]}($1, $2) AS count`, [of.keepDays, of.limit]);
    return rows[0]?.count ?? 0;
  }
}
