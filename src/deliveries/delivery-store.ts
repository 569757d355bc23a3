import type pg from 'pg';
import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Queryable } from '../store/database.js';
import type { Attempt, Delivery, DeliveryState, LeasedDelivery } from './delivery.js';
import { toAttempt, toDelivery, toLeased } from './delivery-row.js';
import type { AttemptRow, DeliveryRow } from './delivery-row.js';

export interface LeaseRequest {
  readonly party: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** Operations whose unknown outcomes are asked about; the others are sent again. */
  readonly ask: readonly string[];
  /** Operations whose breaker lets nothing through now. */
  readonly blocked: readonly string[];
  /** Own deliveries whose call is over and whose outcome is not written yet; they do not count as calls in flight. */
  readonly settling: readonly string[];
}

/** One outcome, in the shape that `settle_deliveries` reads. */
export interface Settlement {
  readonly id: string;
  readonly token: string;
  readonly to: DeliveryState;
  readonly reason: string | null;
  readonly reason_text: string | null;
  readonly delay_ms: number;
  readonly failures: number;
  readonly maybe_sent: boolean;
  /** The operation that a delivery parked as prerequisite-missing waits for. */
  readonly waits_for: string | null;
  readonly event: string | null;
  readonly attempt: Omit<Attempt, 'deliveryId'>;
}

export interface DeliveryFilter {
  readonly party?: string;
  readonly state?: DeliveryState;
  readonly lane?: string;
  readonly createdBefore?: Date;
}

export interface DeliveryPage {
  readonly limit: number;
  /** Id after which the page starts; null for the newest. */
  readonly before: string | null;
  readonly limits: ReadLimits;
}

const EVERYTHING: ReadLimits = { client: null, agencyCodes: null };

/** What to do with a send that was interrupted, per operation. */
export type ExpiryRules = Readonly<Record<string, { readonly to: DeliveryState; readonly delayMs: number }>>;

/** SQL of deliveries and their journal; one statement a method. */
export class DeliveryStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async lease(request: LeaseRequest): Promise<LeasedDelivery[]> {
    const result = await this.#database.query<DeliveryRow>({
      name: 'lease-deliveries',
      text: 'SELECT * FROM lease_deliveries($1, $2, $3, $4, $5, $6)',
      values: [request.party, request.limit, request.leaseMs, request.ask, request.blocked, request.settling],
    });
    return result.rows.map(toLeased);
  }

  /** Returns the ids that moved; a settlement whose lease was lost in the meantime is not among them. */
  async settle(client: pg.ClientBase, settlements: readonly Settlement[]): Promise<ReadonlySet<string>> {
    const result = await client.query<{ id: string }>({
      name: 'settle-deliveries',
      text: 'SELECT settle_deliveries AS id FROM settle_deliveries($1)',
      values: [JSON.stringify(settlements)],
    });
    return new Set(result.rows.map((row) => row.id));
  }

  /** Keeps the leases of slow calls; one that was lost in the meantime stays lost. */
  async extendLeases(ids: readonly string[], tokens: readonly string[], leaseMs: number): Promise<void> {
    await this.#database.query({
      name: 'extend-leases',
      text: `UPDATE deliveries d SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
             FROM unnest($1::bigint[], $2::uuid[]) AS mine(id, token)
             WHERE d.id = mine.id AND d.state = 'leased' AND d.lease_token = mine.token`,
      values: [ids, tokens, leaseMs],
    });
  }

  async expireLeases(party: string, rules: ExpiryRules): Promise<number> {
    const result = await this.#database.query<{ expired: number }>('SELECT expire_leases($1, $2) AS expired', [party, JSON.stringify(rules)]);
    return result.rows[0]?.expired ?? 0;
  }

  /** Parks heads that are past their age limit although nothing tried them lately (their party was down or paused). */
  async parkOverdue(party: string): Promise<number> {
    const result = await this.#database.query({
      text: `WITH parked AS (
               UPDATE deliveries SET state = 'parked', reason = 'too-old'
               WHERE party = $1 AND head AND state IN ('due', 'unknown') AND park_at < clock_timestamp() RETURNING *)
             INSERT INTO events (type, dossier_code, delivery_id, operation, reason)
             SELECT 'delivery.parked', subject_key, id, operation, reason FROM parked ORDER BY id`,
      values: [party],
    });
    return result.rowCount ?? 0;
  }

  /** Parties that have work which may be taken now, with the age in seconds of the oldest such work. */
  async partiesWithDueWork(): Promise<{ party: string; oldestSeconds: number }[]> {
    const result = await this.#database.query<{ party: string; oldest: number }>({
      name: 'parties-with-due-work',
      text: `SELECT p.party, extract(epoch FROM clock_timestamp() - d.due_at)::float8 AS oldest
             FROM parties p CROSS JOIN LATERAL (
               SELECT due_at FROM deliveries WHERE party = p.party AND head AND state IN ('due', 'unknown')
               ORDER BY due_at LIMIT 1) d
             WHERE NOT p.paused AND coalesce(p.hold_until, '-infinity') <= clock_timestamp() AND d.due_at <= clock_timestamp()`,
    });
    return result.rows.map((row) => ({ party: row.party, oldestSeconds: row.oldest }));
  }

  async find(id: string, { client, agencyCodes }: ReadLimits = EVERYTHING): Promise<Delivery | null> {
    const result = await this.#database.query<DeliveryRow>({
      text: `SELECT * FROM deliveries WHERE id = $1 AND (($2::text IS NULL AND $3::text[] IS NULL) OR in_read_scope(subject_key, $2, $3))`,
      values: [id, client, agencyCodes],
    });
    return result.rows[0] === undefined ? null : toDelivery(result.rows[0]);
  }

  /** Newest first. */
  async list(filter: DeliveryFilter, { limit, before, limits }: DeliveryPage): Promise<Delivery[]> {
    const result = await this.#database.query<DeliveryRow>({
      text: `SELECT * FROM deliveries
             WHERE ($1::text IS NULL OR party = $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR lane = $3)
               AND ($4::timestamptz IS NULL OR created_at < $4) AND ($5::bigint IS NULL OR id < $5)
               AND (($7::text IS NULL AND $8::text[] IS NULL) OR in_read_scope(subject_key, $7, $8))
             ORDER BY id DESC LIMIT $6`,
      values: [filter.party ?? null, filter.state ?? null, filter.lane ?? null, filter.createdBefore ?? null, before, limit, limits.client, limits.agencyCodes],
    });
    return result.rows.map(toDelivery);
  }

  /** Deliveries of many lanes at once, in lane order, at most `perLane` newest of each. */
  async listByLanes(lanes: readonly string[], perLane: number): Promise<Delivery[]> {
    const result = await this.#database.query<DeliveryRow>({
      text: `SELECT d.* FROM unnest($1::text[]) AS l(lane) CROSS JOIN LATERAL (
               SELECT * FROM deliveries WHERE lane = l.lane ORDER BY lane DESC, party DESC, position DESC LIMIT $2) d
             ORDER BY d.lane, d.position, d.id`,
      values: [lanes, perLane],
    });
    return result.rows.map(toDelivery);
  }

  async attempts(deliveryIds: readonly string[]): Promise<Attempt[]> {
    const result = await this.#database.query<AttemptRow>('SELECT * FROM attempts WHERE delivery_id = ANY ($1) ORDER BY delivery_id, id', [deliveryIds]);
    return result.rows.map(toAttempt);
  }

  /** How many open deliveries wait behind each of these in their lanes. */
  async waitingBehind(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const result = await this.#database.query<{ id: string; waiting: number }>({
      text: `SELECT d.id, (SELECT count(*)::integer FROM deliveries o WHERE o.lane = d.lane AND o.party = d.party
               AND o.position > d.position AND o.state NOT IN ('accepted', 'rejected')) AS waiting
             FROM deliveries d WHERE d.id = ANY ($1)`,
      values: [deliveryIds],
    });
    return new Map(result.rows.map((row) => [row.id, row.waiting]));
  }

  /** Journal rows older than the limit, of deliveries that are finished; at most `limit` at a time. */
  async pruneAttempts(olderThanDays: number, limit: number): Promise<number> {
    const result = await this.#database.query({
      text: `DELETE FROM attempts WHERE id IN (
               SELECT a.id FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
               WHERE a.started_at < now() - $1 * interval '1 day' AND d.state IN ('accepted', 'rejected')
                 AND NOT EXISTS (SELECT 1 FROM held_dossiers h WHERE h.dossier_code = d.lane) ORDER BY a.id LIMIT $2)`,
      values: [olderThanDays, limit],
    });
    return result.rowCount ?? 0;
  }
}
