import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { PlacePlan } from './place-plan.js';
import type { PlaceListStatus, PlaceRecord, PlaceSource, StoredPlace } from './place.js';

const COLUMNS = `epoch, level, path, parent_path AS "parentPath", name, code, route_province_code AS "routeProvinceCode", route_district_code AS "routeDistrictCode"`;

/** SQL of places; what writes runs in the caller's transaction, after `lock`. */
export class PlaceStore {
  async version(database: Queryable): Promise<string> {
    const { rows } = await orUnavailable(database.query<{ version: string }>({ name: 'postal-places-version', text: 'SELECT version FROM postal_places_version' }));
    return rows[0]?.version ?? '';
  }

  /** The version belongs to this very content: both come from one snapshot. */
  async load(database: Queryable, carrier: string): Promise<{ readonly version: string; readonly places: readonly PlaceRecord[] }> {
    const { rows } = await orUnavailable(database.query<{ version: string; places: readonly PlaceRecord[] | null }>(
      `SELECT version, (SELECT jsonb_agg(p) FROM (SELECT ${COLUMNS} FROM postal_places WHERE carrier = $1 AND gone_at IS NULL ORDER BY id) p) AS places FROM postal_places_version`, [carrier]));
    return { version: rows[0]?.version ?? '', places: rows[0]?.places ?? [] };
  }

  /** From here to the end of the transaction nobody else changes this carrier's places. */
  async lock(client: Queryable, carrier: string): Promise<void> {
    await client.query('INSERT INTO postal_place_lists AS l (carrier) VALUES ($1) ON CONFLICT (carrier) DO UPDATE SET carrier = l.carrier', [carrier]);
  }

  async stored(database: Queryable, carrier: string): Promise<readonly StoredPlace[]> {
    const { rows } = await database.query<StoredPlace>(`SELECT ${COLUMNS}, source, gone_at IS NOT NULL AS "isGone" FROM postal_places WHERE carrier = $1`, [carrier]);
    return rows;
  }

  async apply(client: Queryable, { carrier, source }: { readonly carrier: string; readonly source: PlaceSource }, { added, changed, gone }: PlacePlan): Promise<void> {
    const told = [...added, ...changed];
    if (told.length > 0) {
      await client.query(
        `INSERT INTO postal_places (carrier, source, epoch, level, path, parent_path, name, code, route_province_code, route_district_code)
         SELECT $1, $2, t.epoch, t.level, t.path, t."parentPath", t.name, t.code, t."routeProvinceCode", t."routeDistrictCode"
           FROM jsonb_to_recordset($3) AS t(epoch text, level text, path text, "parentPath" text, name text, code text, "routeProvinceCode" text, "routeDistrictCode" text)
         ON CONFLICT (carrier, epoch, path) DO UPDATE SET source = excluded.source, name = excluded.name, code = excluded.code,
           route_province_code = excluded.route_province_code, route_district_code = excluded.route_district_code, changed_at = now(), gone_at = NULL`,
        [carrier, source, JSON.stringify(told)]);
    }
    if (gone.length > 0) {
      await client.query(
        `UPDATE postal_places p SET gone_at = now(), changed_at = now()
           FROM jsonb_to_recordset($2) AS g(epoch text, path text) WHERE p.carrier = $1 AND p.epoch = g.epoch AND p.path = g.path`,
        [carrier, JSON.stringify(gone.map(({ epoch, path }) => ({ epoch, path })))]);
    }
  }

  /** Makes the carrier known to the clock. */
  async declare(database: Queryable, carrier: string): Promise<void> {
    await database.query('INSERT INTO postal_place_lists (carrier) VALUES ($1) ON CONFLICT DO NOTHING', [carrier]);
  }

  /** Of several workers one takes the carrier whose list is due. */
  async claim(database: Queryable, carrier: string, claimSeconds: number): Promise<boolean> {
    const { rowCount } = await database.query(
      `UPDATE postal_place_lists SET claimed_until = now() + $2 * interval '1 second'
        WHERE carrier = $1 AND due_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())`, [carrier, claimSeconds]);
    return rowCount === 1;
  }

  async settle(database: Queryable, carrier: string, { failure, againSeconds }: { readonly failure: string | null; readonly againSeconds: number }): Promise<void> {
    await database.query(
      `UPDATE postal_place_lists SET failure = $2, synced_at = CASE WHEN $2::text IS NULL THEN now() ELSE synced_at END, due_at = now() + $3 * interval '1 second', claimed_until = NULL
        WHERE carrier = $1`, [carrier, failure, againSeconds]);
  }

  async statuses(database: Queryable): Promise<readonly PlaceListStatus[]> {
    const { rows } = await orUnavailable(database.query<PlaceListStatus>(
      `SELECT l.carrier, l.synced_at AS "syncedAt", l.failure, coalesce((
           SELECT jsonb_agg(jsonb_build_object('epoch', c.epoch, 'level', c.level, 'places', c.places, 'gone', c.gone) ORDER BY c.epoch, c.level)
             FROM (SELECT epoch, level, count(*) FILTER (WHERE gone_at IS NULL) AS places, count(*) FILTER (WHERE gone_at IS NOT NULL) AS gone
                     FROM postal_places p WHERE p.carrier = l.carrier GROUP BY epoch, level) c), '[]') AS counts
         FROM postal_place_lists l ORDER BY l.carrier`));
    return rows;
  }
}
