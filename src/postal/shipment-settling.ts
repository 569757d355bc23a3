import type { Settled } from '../deliveries/delivery-operation.js';
import type { Queryable } from '../store/database.js';
import { ownFact } from './heard-facts.js';
import type { HeardFact, ShipmentBook } from './shipment-book.js';
import type { ShipmentRow } from './shipment-rows.js';
import type { ShipmentStore } from './shipment-store.js';

export type PostKind = 'create' | 'cancel' | 'announce';

export interface ShipmentSettlingDeps {
  readonly store: ShipmentStore;
  readonly book: ShipmentBook;
  readonly now: () => Date;
}

/** What became of a delivery, as a fact of its parcel. */
const factOf = (kind: PostKind, { delivery, to, reason }: Settled, { row, at }: { readonly row: ShipmentRow; readonly at: Date }): HeardFact | null => {
  const fact = (code: string, means: Parameters<typeof ownFact>[1]['means'], text: string | null = null): HeardFact =>
    ownFact(row.orderNumber, { key: `${code}/${delivery.id}`, code, text: text ?? reason, at, means });
  if (kind === 'create') {
    if (to === 'accepted') return fact('ordered', 'ORDERED');
    if (to === 'rejected') return fact('refused', 'REFUSED', delivery.reasonText);
    return to === 'unknown' ? fact('unknown', 'UNKNOWN') : null;
  }
  // One that had ended before was neither announced nor cancelled by that.
  if (to === 'accepted' && row.endedAt !== null) return null;
  if (kind === 'announce') return to === 'accepted' ? fact('announced', null) : to === 'rejected' ? fact('announcement-refused', null, delivery.reasonText) : null;
  if (to === 'accepted') return fact('cancelled', 'CANCELLED');
  return to === 'rejected' ? fact('cancel-refused', null, delivery.reasonText) : null;
};

/** Writes what became of deliveries to their parcels, in the transaction that settles them. */
export class ShipmentSettling {
  readonly #deps: ShipmentSettlingDeps;

  constructor(deps: ShipmentSettlingDeps) {
    this.#deps = deps;
  }

  async settle(client: Queryable, kind: PostKind, settled: readonly Settled[]): Promise<void> {
    const { store, book, now } = this.#deps;
    const rows = new Map((await store.byIds(client, settled.map(({ delivery }) => delivery.subjectId))).map((row) => [row.id, row]));
    const at = now();
    const byCarrier = new Map<string, HeardFact[]>();
    for (const each of settled) {
      const row = rows.get(each.delivery.subjectId);
      const fact = row === undefined ? null : factOf(kind, each, { row, at });
      if (row !== undefined && fact !== null) byCarrier.set(row.carrier, [...(byCarrier.get(row.carrier) ?? []), fact]);
      if (row !== undefined && kind === 'cancel' && each.to === 'rejected') await this.#cancelRefused(client, row);
    }
    for (const [carrier, facts] of byCarrier) await book.record(client, carrier, facts);
  }

  async #cancelRefused(client: Queryable, { id, dossierCode, orderNumber }: ShipmentRow): Promise<void> {
    const { store } = this.#deps;
    await store.setCancelAsked(client, id, false);
    await store.tell(client, [{ type: 'shipment.cancel-refused', dossierCode, orderNumber, reason: null }]);
  }
}
