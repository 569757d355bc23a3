import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { openRecipient, sealRecipient } from './choice-store.js';
import { openShipment, sealShipment } from './shipment-content.js';

const BATCH = 200;

/** Brings what the post keeps of people under the current field key. Safe to stop and start again, and beside a running gateway. */
export const resealPost = async (database: Database, cipher: FieldCipher): Promise<number> => {
  let total = 0;
  for (let count = BATCH; count === BATCH; total += count) count = await resealShipments(database, cipher);
  for (let count = BATCH; count === BATCH; total += count) count = await resealChoices(database, cipher);
  return total;
};

const resealShipments = (database: Database, cipher: FieldCipher): Promise<number> => database.transaction(async (client) => {
  const { rows } = await client.query<{ id: string; orderNumber: string; content: string }>(
    `SELECT id, order_number AS "orderNumber", content FROM shipments WHERE content IS NOT NULL AND key_id <> $1 ORDER BY id LIMIT ${String(BATCH)} FOR UPDATE`, [cipher.currentKeyId]);
  await client.query('UPDATE shipments s SET content = n.content, key_id = $3 FROM unnest($1::bigint[], $2::text[]) AS n (id, content) WHERE s.id = n.id',
    [rows.map(({ id }) => id), rows.map(({ orderNumber, content }) => sealShipment(cipher, orderNumber, openShipment(cipher, orderNumber, content))), cipher.currentKeyId]);
  return rows.length;
});

const resealChoices = (database: Database, cipher: FieldCipher): Promise<number> => database.transaction(async (client) => {
  const { rows } = await client.query<{ dossierCode: string; recipient: string }>(
    `SELECT dossier_code AS "dossierCode", recipient FROM postal_choices WHERE recipient IS NOT NULL AND key_id <> $1 ORDER BY dossier_code LIMIT ${String(BATCH)} FOR UPDATE`, [cipher.currentKeyId]);
  const sealed = rows.map((row) => {
    const recipient = openRecipient(cipher, row);
    return recipient === null ? null : sealRecipient(cipher, row.dossierCode, recipient);
  });
  await client.query('UPDATE postal_choices c SET recipient = n.recipient, key_id = $3 FROM unnest($1::text[], $2::text[]) AS n (code, recipient) WHERE c.dossier_code = n.code',
    [rows.map(({ dossierCode }) => dossierCode), sealed, cipher.currentKeyId]);
  return rows.length;
});
