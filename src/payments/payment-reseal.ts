import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { creditContext, openContent, openLink, openQr, sealContent, sealLink, sealQr } from './payment-content.js';
import { PaymentResealStore } from './payment-reseal-store.js';
import type { TokenColumn } from './payment-reseal-store.js';

const BATCH = 200;

/** Brings what payments keep of people under the current field key. Safe to stop and start again, and beside a running gateway. */
export const resealPayments = async (database: Database, cipher: FieldCipher): Promise<number> => {
  const store = new PaymentResealStore();
  let total = 0;
  for (const reseal of [resealContents, resealTokens('pay_url', { open: openLink, seal: sealLink }), resealTokens('qr_sealed', { open: openQr, seal: sealQr }), resealCredits]) {
    for (let count = BATCH; count === BATCH; total += count) count = await reseal(database, { cipher, store });
  }
  return total;
};

interface Sealing {
  readonly cipher: FieldCipher;
  readonly store: PaymentResealStore;
}

const resealContents = (database: Database, { cipher, store }: Sealing): Promise<number> => database.transaction(async (client) => {
  const rows = await store.contents(client, { keyId: cipher.currentKeyId, limit: BATCH });
  await store.setContents(client, cipher.currentKeyId, rows.map(({ id, reference, sealed }) => ({ id, sealed: sealContent(cipher, reference, openContent(cipher, { reference, content: sealed })) })));
  return rows.length;
});

interface Sealer {
  readonly open: (cipher: FieldCipher, reference: string, sealed: string) => string;
  readonly seal: (cipher: FieldCipher, reference: string, text: string) => string;
}

const resealTokens = (column: TokenColumn, { open, seal }: Sealer) => (database: Database, { cipher, store }: Sealing): Promise<number> => database.transaction(async (client) => {
  const rows = await store.tokens(client, column, { keyId: cipher.currentKeyId, limit: BATCH });
  await store.setTokens(client, column, rows.map(({ id, reference, sealed }) => ({ id, sealed: seal(cipher, reference, open(cipher, reference, sealed)) })));
  return rows.length;
});

const resealCredits = (database: Database, { cipher, store }: Sealing): Promise<number> => database.transaction(async (client) => {
  const rows = await store.credits(client, { keyId: cipher.currentKeyId, limit: BATCH });
  await store.setCredits(client, cipher.currentKeyId, rows.map(({ id, party, bankReference, sealed }) => {
    const context = creditContext(party, bankReference);
    return { id, sealed: cipher.seal(cipher.open(sealed, context), context) };
  }));
  return rows.length;
});
