import type { Queryable } from '../store/database.js';
import type { ConnectionState, LinkLook, NationalSide, PublicService, ServiceFacts, StateChange } from './public-service.js';
import type { RegisteredLevel } from './service-level.js';

/** Arbitrary, but the same in every process: who changes the register takes turns, so that a report says what became of its rows. */
const REGISTER_LOCK = 4_015;

/** Every part is optional; what is given must hold together. */
export interface ServiceFilter {
  readonly ids?: readonly string[];
  readonly code?: string;
  readonly procedureCode?: string;
  /** Codes whose services may be seen; null lifts the limit. */
  readonly agencyCodes: readonly string[] | null;
  /** Codes asked for. */
  readonly underCodes?: readonly string[];
  readonly state?: ConnectionState;
  readonly levels?: readonly RegisteredLevel[];
}

export interface ServicePosition {
  /** Last id of the page before; null: the beginning. */
  readonly after: string | null;
  readonly limit: number | null;
}

interface ServiceRow extends Omit<PublicService, 'link' | 'national'> {
  readonly linkAt: Date | null;
  readonly linkStatus: number | null;
  readonly linkProblem: string | null;
  /** Null where the national database does not know the procedure. */
  readonly nationalSide: Omit<NationalSide, 'feesVnd'> & { readonly feesVnd: readonly (number | null)[] } | null;
}

const serviceOf = ({ linkAt, linkStatus, linkProblem, nationalSide, ...rest }: ServiceRow): PublicService => ({
  ...rest,
  link: linkAt === null ? null : { at: linkAt, status: linkStatus, problem: linkProblem },
  national: nationalSide === null ? null : { ...nationalSide, feesVnd: nationalSide.feesVnd.filter((fee) => fee !== null) },
});

/** A record of the catalogue is looked into once, however many agencies offer the procedure. */
const LIST = `
  WITH picked AS MATERIALIZED (
    SELECT s.* FROM public_services s
     WHERE ($1::bigint[] IS NULL OR s.id = ANY ($1)) AND ($2::text IS NULL OR s.code = $2) AND ($3::text IS NULL OR s.procedure_code = $3)
       AND ($4::text[] IS NULL OR s.agency_code = ANY ($4)) AND ($5::text[] IS NULL OR s.agency_code = ANY ($5))
       AND ($6::text IS NULL OR s.state = $6) AND ($7::text[] IS NULL OR s.service_level = ANY ($7)) AND ($8::bigint IS NULL OR s.id > $8)
     ORDER BY s.id LIMIT $9),
  national AS MATERIALIZED (
    SELECT n.code, n.name, n.is_public AND n.withdrawn_at IS NULL AS usable,
        jsonb_path_query_array(n.content, '$.methods[*].times[*].fees[*].amountVnd') AS fees,
        jsonb_path_exists(n.content, '$.methods[*].times[*].amount ? (@ != null)') AS has_time_limit
      FROM national_procedures n WHERE n.code IN (SELECT stem FROM picked))
  SELECT p.id, p.code, p.procedure_code AS "procedureCode", p.agency_code AS "agencyCode", p.service_level AS level, p.state, p.eform AS "electronicForm",
      p.online_payment AS "onlinePayment", p.electronic_result AS "electronicResult", p.postal_result AS "postalResult", p.officials,
      p.deep_link AS "deepLink", p.updated_at AS "updatedAt", p.link_checked_at AS "linkAt", p.link_status AS "linkStatus", p.link_problem AS "linkProblem",
      coalesce(l.name, n.name) AS name, l.fee_vnd::float8 AS "localFeeVnd", l.time_amount IS NOT NULL AS "hasLocalTimeLimit",
      CASE WHEN n.code IS NOT NULL THEN jsonb_build_object('code', n.code, 'usable', n.usable, 'feesVnd', n.fees, 'hasTimeLimit', n.has_time_limit) END AS "nationalSide",
      (SELECT EXISTS (SELECT 1 FROM procedure_syncs WHERE state = 'complete')) AS "catalogueComplete"
    FROM picked p
    LEFT JOIN local_procedures l ON l.code = p.procedure_code AND l.agency_code = p.agency_code
    LEFT JOIN national n ON n.code = p.stem
   ORDER BY p.id`;

/** SQL of the register of public services; what writes runs in the caller's transaction. */
export class ServiceStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** From here to the end of the transaction nobody else changes the register. */
  async lock(client: Queryable): Promise<void> {
    await client.query('SELECT pg_advisory_xact_lock($1)', [REGISTER_LOCK]);
  }

  /** In the order of ids. */
  async list(filter: ServiceFilter, { after, limit }: ServicePosition, client: Queryable = this.#database): Promise<readonly PublicService[]> {
    const { ids, code, procedureCode, agencyCodes, underCodes, state, levels } = filter;
    const { rows } = await client.query<ServiceRow>({
      text: LIST, values: [ids ?? null, code ?? null, procedureCode ?? null, agencyCodes, underCodes ?? null, state ?? null, levels ?? null, after, limit],
    });
    return rows.map(serviceOf);
  }

  /** What is stored of these, by procedure and agency. */
  async facts(client: Queryable, keys: readonly Pick<ServiceFacts, 'procedureCode' | 'agencyCode'>[]): Promise<readonly ServiceFacts[]> {
    const { rows } = await client.query<ServiceFacts>({
      text: `SELECT code, procedure_code AS "procedureCode", agency_code AS "agencyCode", service_level AS level, eform AS "electronicForm", online_payment AS "onlinePayment",
               electronic_result AS "electronicResult", postal_result AS "postalResult", officials, deep_link AS "deepLink"
             FROM public_services WHERE (procedure_code, agency_code) IN (SELECT procedure, agency FROM unnest($1::text[], $2::text[]) AS k (procedure, agency))`,
      values: [keys.map(({ procedureCode }) => procedureCode), keys.map(({ agencyCode }) => agencyCode)],
    });
    return rows;
  }

  /** Writes services and, where one is new or changes its level, its history. A new link has not been looked at. */
  async save(client: Queryable, services: readonly ServiceFacts[], by: { readonly actor: string; readonly reason: string }): Promise<void> {
    if (services.length === 0) return;
    await client.query({
      text: `WITH input AS (SELECT * FROM jsonb_to_recordset($1) AS r (code text, "procedureCode" text, "agencyCode" text, level text, "electronicForm" boolean,
               "onlinePayment" boolean, "electronicResult" boolean, "postalResult" boolean, officials integer, "deepLink" text)),
             before AS (SELECT s.id, s.service_level FROM public_services s JOIN input i ON i."procedureCode" = s.procedure_code AND i."agencyCode" = s.agency_code),
             saved AS (
               INSERT INTO public_services AS s (code, procedure_code, agency_code, service_level, eform, online_payment, electronic_result, postal_result, officials, deep_link)
               SELECT code, "procedureCode", "agencyCode", level, "electronicForm", "onlinePayment", "electronicResult", "postalResult", officials, "deepLink" FROM input
               ON CONFLICT (procedure_code, agency_code) DO UPDATE SET code = excluded.code, service_level = excluded.service_level, eform = excluded.eform,
                 online_payment = excluded.online_payment, electronic_result = excluded.electronic_result, postal_result = excluded.postal_result,
                 officials = excluded.officials, deep_link = excluded.deep_link, updated_at = now(),
                 link_checked_at = CASE WHEN s.deep_link IS NOT DISTINCT FROM excluded.deep_link THEN s.link_checked_at END,
                 link_status = CASE WHEN s.deep_link IS NOT DISTINCT FROM excluded.deep_link THEN s.link_status END,
                 link_problem = CASE WHEN s.deep_link IS NOT DISTINCT FROM excluded.deep_link THEN s.link_problem END
               RETURNING id, state, service_level)
             INSERT INTO public_service_states (service_id, from_state, to_state, service_level, at, actor, reason)
             SELECT s.id, CASE WHEN b.id IS NOT NULL THEN s.state END, s.state, s.service_level, clock_timestamp(), $2, $3
               FROM saved s LEFT JOIN before b ON b.id = s.id WHERE b.service_level IS DISTINCT FROM s.service_level`,
      values: [JSON.stringify(services), by.actor, by.reason],
    });
  }

  async move(client: Queryable, change: Omit<StateChange, 'at'>): Promise<void> {
    await client.query('UPDATE public_services SET state = $2, updated_at = now() WHERE id = $1', [change.serviceId, change.toState]);
    await client.query({
      // Not the transaction's time: who waited for the lock would else stand before whom it waited for.
      text: `INSERT INTO public_service_states (service_id, from_state, to_state, service_level, at, actor, reason, overridden) VALUES ($1, $2, $3, $4, clock_timestamp(), $5, $6, $7)`,
      values: [change.serviceId, change.fromState, change.toState, change.level, change.actor, change.reason, change.overridden],
    });
  }

  /** The newest changes of each service, newest first. */
  async history(ids: readonly string[], latest: number): Promise<readonly StateChange[]> {
    const { rows } = await this.#database.query<StateChange>({
      text: `SELECT h.service_id AS "serviceId", h.from_state AS "fromState", h.to_state AS "toState", h.service_level AS level, h.at, h.actor, h.reason, h.overridden
             FROM unnest($1::bigint[]) AS k (id) CROSS JOIN LATERAL (SELECT * FROM public_service_states s WHERE s.service_id = k.id ORDER BY s.at DESC, s.id DESC LIMIT $2) h
             ORDER BY h.at DESC, h.id DESC`,
      values: [ids, latest],
    });
    return rows;
  }

  /** Keeps what a look at a link found, unless the link has changed meanwhile. */
  async saveLook(client: Queryable, { id, link, status, problem }: Omit<LinkLook, 'at'> & { readonly id: string; readonly link: string }): Promise<void> {
    await client.query('UPDATE public_services SET link_checked_at = now(), link_status = $3, link_problem = $4 WHERE id = $1 AND deep_link = $2', [id, link, status, problem]);
  }

  /** Links not looked at for so long, the oldest look first. */
  async staleLinks(olderThanMs: number, limit: number): Promise<readonly { readonly id: string; readonly link: string }[]> {
    const { rows } = await this.#database.query<{ id: string; link: string }>({
      text: `SELECT id, deep_link AS link FROM public_services WHERE deep_link IS NOT NULL AND (link_checked_at IS NULL OR link_checked_at < now() - $1 * interval '1 millisecond')
             ORDER BY link_checked_at NULLS FIRST, id LIMIT $2`,
      values: [olderThanMs, limit],
    });
    return rows;
  }
}
