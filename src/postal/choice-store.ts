import type { Queryable } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { PostalContact } from './postal-address.js';
import type { ChoiceRow } from './shipment-rows.js';
import type { ShipmentDirection } from './shipment.js';

const contextOf = (dossierCode: string): string => `postal-choice/${dossierCode}`;

export const sealRecipient = (cipher: FieldCipher, dossierCode: string, recipient: PostalContact): string => cipher.seal(JSON.stringify(recipient), contextOf(dossierCode));

/** @throws SealedFieldError */
export const openRecipient = (cipher: FieldCipher, { dossierCode, recipient }: Pick<ChoiceRow, 'dossierCode' | 'recipient'>): PostalContact | null =>
  // Nobody but `sealRecipient` can have made what the key opens.
  (recipient === null ? null : JSON.parse(cipher.open(recipient, contextOf(dossierCode))) as PostalContact);

/** Statements on what citizens chose by Decision 45, article 5. */
export class ChoiceStore {
  async of(client: Queryable, dossierCodes: readonly string[]): Promise<ReadonlyMap<string, ChoiceRow>> {
    const { rows } = await client.query<ChoiceRow>('SELECT dossier_code AS "dossierCode", choice, recipient, chosen_at AS "chosenAt" FROM postal_choices WHERE dossier_code = ANY ($1)', [dossierCodes]);
    return new Map(rows.map((row) => [row.dossierCode, row]));
  }

  /** Adds a direction to what was chosen before. A recipient that is not named leaves the kept one. */
  async choose(client: Queryable, dossierCode: string, of: { readonly direction: ShipmentDirection; readonly both: boolean; readonly keyId: string; readonly recipient: string | null }): Promise<void> {
    const wanted = of.both ? 'BOTH' : of.direction === 'PICKUP' ? 'SEND' : 'RETURN';
    await client.query(
      `INSERT INTO postal_choices AS c (dossier_code, choice, key_id, recipient) VALUES ($1, $2, $3, $4)
         ON CONFLICT (dossier_code) DO UPDATE SET choice = CASE WHEN c.choice = excluded.choice THEN c.choice ELSE 'BOTH' END, chosen_at = clock_timestamp(),
           key_id = CASE WHEN excluded.recipient IS NULL THEN c.key_id ELSE excluded.key_id END, recipient = coalesce(excluded.recipient, c.recipient)`,
      [dossierCode, wanted, of.keyId, of.recipient]);
  }
}
