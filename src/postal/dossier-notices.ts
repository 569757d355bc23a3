import { ContentCodec, reviveDossier } from '../dossiers/content-codec.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { openRecipient } from './choice-store.js';
import type { ChoiceStore } from './choice-store.js';
import type { PlaceLookup, PostalContact, RoutedContact } from './postal-address.js';
import type { DossierNotice } from './postal-carrier-port.js';
import { orderOf } from './shipment-orders.js';
import type { ShipmentRow } from './shipment-rows.js';

export interface DossierNoticesDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly choices: ChoiceStore;
  readonly places: PlaceLookup;
}

/** What a carrier's clerk is told of the dossier that he will carry: its procedure, its papers, and what the citizen chose. */
export class DossierNotices {
  readonly #deps: DossierNoticesDeps;
  readonly #codec: ContentCodec;

  constructor(deps: DossierNoticesDeps) {
    this.#deps = deps;
    this.#codec = new ContentCodec(deps.cipher);
  }

  /** Null where what is personal of the parcel was erased, or where there is no dossier. @throws SealedFieldError */
  async of(row: ShipmentRow): Promise<DossierNotice | null> {
    const { database, cipher, choices } = this.#deps;
    const order = orderOf(cipher, row);
    const { rows: [version] } = await database.query<{ content: never }>(
      'SELECT v.content FROM dossiers d JOIN dossier_versions v ON v.id = d.version_id WHERE d.code = $1', [row.dossierCode]);
    if (order === null || version === undefined) return null;
    const { procedureCode, procedureName, fieldName, documents } = this.#codec.openDossier(reviveDossier(version.content));
    const choice = (await choices.of(database, [row.dossierCode])).get(row.dossierCode) ?? null;
    const isPickup = row.direction === 'PICKUP';
    const kept = isPickup && choice !== null && choice.choice !== 'SEND' ? openRecipient(cipher, choice) : null;
    return {
      orderNumber: row.orderNumber, dossierCode: row.dossierCode, agencyCodes: row.orderData.agencyCodes, choice: choice?.choice ?? (isPickup ? 'SEND' : 'RETURN'),
      procedure: { code: procedureCode, name: procedureName, field: fieldName, documents: documents.filter(({ deleted }) => !deleted).map(({ name }) => name) },
      sender: isPickup ? order.sender : null, recipient: isPickup ? (kept === null ? null : await this.#routed(row.carrier, kept)) : order.recipient,
    };
  }

  /** The result goes its own way later: an address that the carrier does not know yet stops nothing here. */
  async #routed(carrier: string, contact: PostalContact): Promise<RoutedContact | null> {
    const answer = await this.#deps.places.placeOf(carrier, contact.address);
    return answer.kind === 'found' ? { ...contact, place: answer.place } : null;
  }
}
