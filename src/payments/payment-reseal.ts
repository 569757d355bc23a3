import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { creditContext, openContent, openQr, sealContent, sealQr } from './payment-content.js';

const BATCH = 200;

/** Brings what payments keep of people under the current field key. Safe to stop and start again, and beside a running gateway. */
export const resealPayments = async (database: Database, cipher: FieldCipher): Promise<number> => {
  let total = 0;
  for (let count = BATCH; count === BATCH; total += count) count = await resealBatch(database, cipher);
  for (let count = BATCH; count === BATCH; total += count) count = await resealCodes(database, cipher);
  for (let count = BATCH; count === BATCH; total += count) count = await resealCredits(database, cipher);
  return total;
};

const resealBatch = (database: Database, cipher: FieldCipher): Promise<number> => database.transaction(async (client) => {
  const { rows } = await client.query<{ id: string; reference: string; content: string }>(
    `SELECT id, reference, content FROM payments WHERE content IS NOT NULL AND key_id <> $1 ORDER BY id LIMIT ${String(BATCH)} FOR UPDATE`, [cipher.currentKeyId]);
  await client.query('UPDATE payments p SET content = n.content, key_id = $3 FROM unnest($1::bigint[], $2::text[]) AS n (id, content) WHERE p.id = n.id',
    [rows.map(({ id }) => id), rows.map((row) => sealContent(cipher, row.reference, openContent(cipher, row))), cipher.currentKeyId]);
  return rows.length;
});

/** By the key that each token names: a code comes after its row, perhaps from a process that still has the key before. */
const resealCodes = (database: Database, cipher: FieldCipher): Promise<number> => database.transaction(async (client) => {
  const { rows } = await client.query<{ id: string; reference: string; sealed: string }>(
    `SELECT id, reference, qr_sealed AS sealed FROM payments WHERE split_part(qr_sealed, '.', 1) <> $1 ORDER BY id LIMIT ${String(BATCH)} FOR UPDATE`, [cipher.currentKeyId]);
  await client.query('UPDATE payments p SET qr_sealed = n.sealed FROM unnest($1::bigint[], $2::text[]) AS n (id, sealed) WHERE p.id = n.id',
    [rows.map(({ id }) => id), rows.map(({ reference, sealed }) => sealQr(cipher, reference, openQr(cipher, reference, sealed)))]);
  return rows.length;
});

const resealCredits = (database: Database, cipher: FieldCipher): Promise<number> => database.transaction(async (client) => {
  const { rows } = await client.query<{ id: string; party: string; bank_reference: string; content_sealed: string }>(
    `SELECT id, party, bank_reference, content_sealed FROM unmatched_credits WHERE content_sealed IS NOT NULL AND key_id <> $1 ORDER BY id LIMIT ${String(BATCH)} FOR UPDATE`, [cipher.currentKeyId]);
  const sealed = rows.map((row) => {
    const context = creditContext(row.party, row.bank_reference);
    return cipher.seal(cipher.open(row.content_sealed, context), context);
  });
  await client.query('UPDATE unmatched_credits u SET content_sealed = n.content, key_id = $3 FROM unnest($1::bigint[], $2::text[]) AS n (id, content) WHERE u.id = n.id',
    [rows.map(({ id }) => id), sealed, cipher.currentKeyId]);
  return rows.length;
});
