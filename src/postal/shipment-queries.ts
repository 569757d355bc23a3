import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { standingOf } from './shipment-history.js';
import { SHIPMENT_COLUMNS, toShipment } from './shipment-rows.js';
import type { ShipmentRow, StoredShipment } from './shipment-rows.js';
import type { PostalChoice, ShipmentDirection, ShipmentEvent, ShipmentState } from './shipment.js';

export interface ShipmentFilterInput {
  readonly dossierCode?: string | null;
  readonly state?: ShipmentState | null;
  readonly direction?: ShipmentDirection | null;
  readonly carrier?: string | null;
  /** This agency and all below it. */
  readonly underCode?: string | null;
  readonly needsPerson?: boolean | null;
  readonly ended?: boolean | null;
  readonly unchangedHours?: number | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

/** A parcel with the number of the one whose place it takes, and what the citizen chose. */
export interface ListedShipment extends ShipmentRow {
  readonly previousNumber: string | null;
  readonly choice: PostalChoice | null;
}

/** One fact as it is shown. */
export interface ShownEvent extends ShipmentEvent {
  readonly receivedAt: Date;
  readonly moved: boolean;
}

interface Condition {
  readonly where: string;
  readonly values: readonly unknown[];
}

const MAX_PAGE = 200;
const MAX_HOURS = 100_000;
const CURSOR = /^shipment:(\d{1,18})$/;
const NEWEST = '9223372036854775807';

const decodeCursor = (cursor: string): string => {
  const id = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (id === undefined) throw new UserInputError([problemAt('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'))]);
  return id;
};

/** The agency's code and all below it; null lifts the limit. */
export const codesUnder = (view: AgencyView, code: string | null): readonly string[] | null => {
  if (code === null) return null;
  const below = view.tree.visibleCodes(code);
  return below.size === 0 ? [code] : [...below];
};

const check = (filter: ShipmentFilterInput, first: number): void => {
  if (first < 1 || first > MAX_PAGE) throw new UserInputError([problemAt('first', breach('PAGE_SIZE', `Từ 1 đến ${String(MAX_PAGE)}`, `Between 1 and ${String(MAX_PAGE)}`))]);
  const hours = filter.unchangedHours ?? 0;
  if (hours < 0 || hours > MAX_HOURS) throw new UserInputError([problemAt('filter.unchangedHours', breach('HOURS', `Từ 0 đến ${String(MAX_HOURS)}`, `Between 0 and ${String(MAX_HOURS)}`))]);
};

/** Reads of parcels, within what the caller may see. */
export class ShipmentQueries {
  readonly #deps: { readonly database: Database; readonly agencies: AgencyAccess };

  constructor(deps: { readonly database: Database; readonly agencies: AgencyAccess }) {
    this.#deps = deps;
  }

  /** Null for another's parcel too. */
  async find(call: AttemptedCall, number: string): Promise<ListedShipment | null> {
    if (unreadableText(number, false) !== null) return null;
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const [found] = await this.#select(view, { where: 's.order_number = $3', values: [number] }, { before: NEWEST, limit: 1 });
    return found ?? null;
  }

  /** Newest first. */
  async list(call: AttemptedCall, filter: ShipmentFilterInput, page: { readonly first: number; readonly after: string | null }) {
    check(filter, page.first);
    const { scope, attempts } = this.#deps.agencies;
    const view = await scope.viewOf(call.caller);
    const before = page.after === null ? NEWEST : decodeCursor(page.after);
    if (filter.underCode != null && isLimited(view) && !view.sees(filter.underCode)) await attempts.record(call, 'shipments', [{ kind: 'agency', target: filter.underCode }]);
    const isReadable = [filter.dossierCode, filter.carrier, filter.underCode].every((text) => text == null || unreadableText(text, false) === null);
    const found = isReadable ? await this.#select(view, conditionOf(filter, codesUnder(view, filter.underCode ?? null)), { before, limit: page.first + 1 }) : [];
    const rows = found.slice(0, page.first);
    const last = rows.at(-1);
    return { rows, hasNextPage: found.length > page.first, endCursor: last === undefined ? null : Buffer.from(`shipment:${last.id}`).toString('base64url') };
  }

  /** Of each parcel, in the order asked for, as the carrier's clock has them. */
  async eventsOf(shipmentIds: readonly string[]): Promise<readonly (readonly ShownEvent[])[]> {
    const { rows } = await orUnavailable(this.#deps.database.query<Omit<ShownEvent, 'moved'> & { shipmentId: string }>(
      `SELECT shipment_id AS "shipmentId", key, source, code, text, place, at, received_at AS "receivedAt", means, failure, collection FROM shipment_events
         WHERE shipment_id = ANY ($1) ORDER BY at, id`, [shipmentIds]));
    return shipmentIds.map((id) => {
      const events = rows.filter(({ shipmentId }) => shipmentId === id);
      const moved = new Set(standingOf(events).moved);
      return events.map((event) => ({ ...event, moved: event.source !== 'CLAIM' && moved.has(event.key) }));
    });
  }

  async #select({ client, agencyCodes }: AgencyView, { where, values }: Condition, { before, limit }: { readonly before: string; readonly limit: number }): Promise<readonly ListedShipment[]> {
    const { rows } = await orUnavailable(this.#deps.database.query<StoredShipment & Pick<ListedShipment, 'previousNumber' | 'choice'>>(
      `SELECT ${SHIPMENT_COLUMNS}, (SELECT p.order_number FROM shipments p WHERE p.id = s.previous_id) AS "previousNumber", (SELECT c.choice FROM postal_choices c WHERE c.dossier_code = s.dossier_code) AS choice
         FROM shipments s
         WHERE ($1::text IS NULL OR s.client = $1) AND ($2::text[] IS NULL OR s.agency_code = ANY ($2)) AND ${where}
           AND s.id < $${String(values.length + 3)} ORDER BY s.id DESC LIMIT $${String(values.length + 4)}`, [client, agencyCodes, ...values, before, limit]));
    return rows.map(toShipment);
  }
}

const conditionOf = (filter: ShipmentFilterInput, under: readonly string[] | null): Condition => ({
  where: `($3::text IS NULL OR s.dossier_code = $3) AND ($4::text IS NULL OR s.state = $4) AND ($5::text IS NULL OR s.direction = $5) AND ($6::text IS NULL OR s.carrier = $6)
    AND ($7::text[] IS NULL OR s.agency_code = ANY ($7)) AND ($8::boolean IS NULL OR (s.person_reason IS NOT NULL) = $8) AND ($9::boolean IS NULL OR (s.ended_at IS NOT NULL) = $9)
    AND ($10::integer IS NULL OR s.state_at <= clock_timestamp() - $10 * interval '1 hour') AND ($11::timestamptz IS NULL OR s.created_at >= $11)
    AND ($12::timestamptz IS NULL OR s.created_at < $12)`,
  values: [filter.dossierCode ?? null, filter.state ?? null, filter.direction ?? null, filter.carrier ?? null, under, filter.needsPerson ?? null, filter.ended ?? null,
    filter.unchangedHours ?? null, filter.from ?? null, filter.to ?? null],
});
