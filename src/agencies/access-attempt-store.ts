import type { Caller } from '../access/caller.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';

export interface AccessTarget {
  readonly kind: 'agency' | 'dossier' | 'delivery' | 'callback';
  /** A code or id of ours; what has no such shape is not recorded, for it may be anything. */
  readonly target: string;
}

export interface AttemptedCall {
  readonly caller: Caller;
  readonly correlationId: string;
}

const SHAPES: Readonly<Record<AccessTarget['kind'], RegExp>> = {
  agency: /^(\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{2,3}){0,6})$/,
  dossier: /^(\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{2,3}){0,6})-(\d{6}|\d{8})-\d{4,7}$/,
  delivery: /^[1-9]\d{0,17}$/,
  callback: /^[1-9]\d{0,17}$/,
};

/**
 * Keeps that a limited caller named what is not its own. Written whether or not there is such a thing, so that neither the answer nor
 * the time it takes tells the caller which it was.
 */
export class AccessAttemptStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async record({ caller, correlationId }: AttemptedCall, operation: string, targets: readonly AccessTarget[]): Promise<void> {
    const distinct = new Map(targets.filter(({ kind, target }) => SHAPES[kind].test(target)).map((entry) => [`${entry.kind} ${entry.target}`, entry]));
    if (distinct.size === 0) return;
    await orUnavailable(this.#database.query({
      text: `INSERT INTO access_attempts AS a (day, client, operation, target_kind, target, role, agency_scope, existed, correlation_id)
             SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, $1, $2, t.kind, t.target, $3, $4,
                 CASE t.kind WHEN 'agency' THEN EXISTS (SELECT 1 FROM agency_codes c WHERE c.code = t.target)
                   WHEN 'dossier' THEN in_read_scope(t.target, NULL, NULL)
                   WHEN 'callback' THEN EXISTS (SELECT 1 FROM callbacks c WHERE c.id = CASE WHEN t.kind = 'callback' THEN t.target::bigint END)
                   ELSE EXISTS (SELECT 1 FROM deliveries d WHERE d.id = CASE WHEN t.kind = 'delivery' THEN t.target::bigint END) END, $5
               FROM jsonb_to_recordset($6) AS t (kind text, target text) ORDER BY t.kind, t.target
             ON CONFLICT (day, client, operation, target_kind, target) DO UPDATE
               SET attempts = a.attempts + 1, last_at = now(), existed = a.existed OR excluded.existed, correlation_id = excluded.correlation_id`,
      values: [caller.client, operation, caller.role, caller.agencyScope, correlationId, JSON.stringify([...distinct.values()])],
    }));
  }
}
