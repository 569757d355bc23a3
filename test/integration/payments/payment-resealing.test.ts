import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { creditContext, openContent, openQr, sealContent, sealQr } from '../../../src/payments/payment-content.js';
import type { PaymentContent } from '../../../src/payments/payment-content.js';
import { resealPayments } from '../../../src/payments/payment-reseal.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { PaymentDesk } from '../../support/payment-desk.js';
import { FIELD_KEY } from '../../support/payment-gateway.js';

const OLD = { id: 'k1', key: FIELD_KEY };
const NEW = { id: 'k2', key: Buffer.alloc(32, 6) };
const [before, during, after] = [new FieldCipher([OLD]), new FieldCipher([NEW, OLD]), new FieldCipher([NEW])];
const CONTENT: PaymentContent = { payer: { name: 'Nguyễn Văn An', idNumber: '036199012345', address: null, province: null, district: null }, clientIp: '10.1.2.3', returnUrl: null };

let desk: PaymentDesk;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

const sealed = async (reference: string): Promise<Record<string, unknown>> => (await desk.rows(reference, 'SELECT content, qr_sealed AS qr, key_id AS key FROM payments WHERE reference = $1'))[0] ?? {};
const given = async (content: string | null, qr: string | null, key = 'k1', reference = ''): Promise<string> => {
  const of = reference === '' ? await desk.given('AWAITING') : reference;
  await desk.database.query('UPDATE payments SET content = $2, qr_sealed = $3, key_id = $4 WHERE reference = $1', [of, content, qr, key]);
  return of;
};
const sealedUnderOld = async (): Promise<string> => {
  const reference = await desk.given('AWAITING');
  return given(sealContent(before, reference, CONTENT), sealQr(before, reference, '00020101'), 'k1', reference);
};

describe('a change of the field key', () => {
  it('reaches all that payments keep of people, and what was erased stays erased', async () => {
    const [whole, erased] = [await sealedUnderOld(), await given(null, null)];
    // Its code came from a process that had the key before still.
    const late = await desk.given('AWAITING');
    await given(sealContent(during, late, CONTENT), sealQr(before, late, '00020102'), 'k2', late);
    await desk.database.query(`INSERT INTO unmatched_credits (party, bank_reference, key_id, content_sealed, reason, at) VALUES ('mb', 'FT-1', 'k1', $1, 'no-reference', now()), ('mb', 'FT-2', 'k1', NULL, 'no-reference', now())`, [before.seal('an nop le phi', creditContext('mb', 'FT-1'))]);
    expect([await resealPayments(desk.database, during), await resealPayments(desk.database, during)]).toEqual([4, 0]);
    for (const [reference, qr] of [[whole, '00020101'], [late, '00020102']] as const) {
      const row = await sealed(reference);
      expect([openContent(after, { reference, content: String(row['content']) }), openQr(after, reference, String(row['qr'])), row['key']]).toEqual([CONTENT, qr, 'k2']);
    }
    expect(await sealed(erased)).toEqual({ content: null, qr: null, key: 'k1' });
    const { rows } = await desk.database.query<{ number: string; sealed: string | null; key: string }>('SELECT bank_reference AS number, content_sealed AS sealed, key_id AS key FROM unmatched_credits ORDER BY id');
    expect(rows.map(({ number, sealed: text, key }) => [number, text === null ? null : after.open(text, creditContext('mb', number)), key])).toEqual([['FT-1', 'an nop le phi', 'k2'], ['FT-2', null, 'k1']]);
  });

  it('goes on until nothing is left, two hundred at a time', async () => {
    const numbers = Array.from({ length: 201 }, (_, index) => `B-${String(index)}`);
    await desk.database.query(`INSERT INTO unmatched_credits (party, bank_reference, key_id, content_sealed, reason, at) SELECT 'mb', n.number, 'k1', n.sealed, 'no-reference', now() FROM unnest($1::text[], $2::text[]) AS n (number, sealed)`,
      [numbers, numbers.map((number) => before.seal('nop', creditContext('mb', number)))]);
    expect([await resealPayments(desk.database, during), await resealPayments(desk.database, during)]).toEqual([201, 0]);
  });

  it('changes nothing where a text cannot be opened, which is said', async () => {
    const [whole, broken] = [await sealedUnderOld(), await sealedUnderOld()];
    await desk.rows(broken, `UPDATE payments SET content = left(content, -4) WHERE reference = $1`);
    const untouched = await sealed(whole);
    await expect(resealPayments(desk.database, during)).rejects.toThrow();
    expect(await sealed(whole)).toEqual(untouched);
  });
});
