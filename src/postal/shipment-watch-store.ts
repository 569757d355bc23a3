import type { Database, Queryable } from '../store/database.js';
import { SHIPMENT_COLUMNS, toShipment } from './shipment-rows.js';
import type { ShipmentRow, StoredShipment } from './shipment-rows.js';

/** Statements of asking for parcels, and of those of which nothing is heard. `asks` counts each reason to ask, so that none is lost beside a question under way. */
export class ShipmentWatchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Parcels for which to ask now; the next look is put off first, so that two workers do not ask twice. None while a person has paused the party, or it told us to wait. */
  async claim(of: { readonly carrier: string; readonly againMs: number; readonly limit: number }): Promise<readonly ShipmentRow[]> {
    const { rows } = await this.#database.query<StoredShipment>(
      `UPDATE shipments s SET ask_at = clock_timestamp() + $2::bigint * interval '1 millisecond', asks = asks + 1 WHERE s.id IN (
         SELECT d.id FROM shipments d WHERE d.carrier = $1 AND d.ask_at <= clock_timestamp()
           AND NOT EXISTS (SELECT 1 FROM parties p WHERE p.party = $1 AND (p.paused OR p.hold_until > clock_timestamp())) ORDER BY d.ask_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING ${SHIPMENT_COLUMNS}`, [of.carrier, of.againMs, of.limit]);
    return rows.map(toShipment);
  }

  /** After an answer. One for which there was another reason to ask meanwhile stays due. `nextMs` null: it is not asked by the clock. */
  async asked(client: Queryable, shipments: readonly Pick<ShipmentRow, 'id' | 'asks'>[], nextMs: number | null): Promise<void> {
    await client.query(
      `UPDATE shipments s SET ask_at = CASE WHEN s.ended_at IS NULL THEN clock_timestamp() + $3::bigint * interval '1 millisecond' END
         FROM unnest($1::bigint[], $2::integer[]) AS a (id, asks) WHERE s.id = a.id AND s.asks = a.asks`, [shipments.map(({ id }) => id), shipments.map(({ asks }) => asks), nextMs]);
  }

  async askNow(client: Queryable, ids: readonly string[]): Promise<void> {
    await client.query('UPDATE shipments SET ask_at = clock_timestamp(), asks = asks + 1 WHERE id = ANY ($1)', [ids]);
  }

  /** Parcels under way of which nothing was heard for so long; each is a person's from now on. */
  async markSilent(client: Queryable, of: { readonly silentMs: number; readonly limit: number }): Promise<readonly Pick<ShipmentRow, 'dossierCode' | 'orderNumber'>[]> {
    const { rows } = await client.query<Pick<ShipmentRow, 'dossierCode' | 'orderNumber'>>(
      `UPDATE shipments s SET person_reason = 'silent' WHERE s.id IN (
         SELECT id FROM shipments WHERE ended_at IS NULL AND person_reason IS NULL AND heard_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
           ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING s.dossier_code AS "dossierCode", s.order_number AS "orderNumber"`, [of.silentMs, of.limit]);
    return rows;
  }
}
