import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QRPay } from 'vietnam-qr-pay';
import { withCrc, withoutCrc } from '../../../adapters/vietqr/crc.js';
import { readTlv, writeTlv } from '../../../adapters/vietqr/tlv.js';
import { buildTransferQr, readTransferQr } from '../../../adapters/vietqr/transfer-qr.js';
import type { TransferQr } from '../../../adapters/vietqr/transfer-qr.js';

interface Published {
  readonly valid: readonly { readonly qr: string }[];
  readonly invalid: readonly { readonly qr: string }[];
}

const { valid, invalid } = JSON.parse(readFileSync(new URL('../../fixtures/vietqr/published-codes.json', import.meta.url), 'utf8')) as Published;
const ALPHANUMERIC = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];

const letters = (min: number, max: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...ALPHANUMERIC), minLength: min, maxLength: max });

const transfers: fc.Arbitrary<TransferQr> = fc.record({
  bankBin: fc.stringMatching(/^\d{6}$/),
  kind: fc.constantFrom('account', 'card'),
  number: letters(1, 19),
  amountVnd: fc.option(fc.integer({ min: 1, max: 9_999_999_999_999 })),
  billNumber: fc.option(letters(1, 25)),
  purpose: fc.option(fc.string({ unit: fc.constantFrom(...ALPHANUMERIC, ' ', '-', '.'), minLength: 1, maxLength: 25 })),
});

const SAMPLE: TransferQr = { bankBin: '970405', kind: 'account', number: '1335110000000', amountVnd: 50_000, billNumber: null, purpose: 'HS0001 NOP LE PHI' };

describe('a transfer as a QR code', () => {
  it('comes back as it was written, whatever it is', () => {
    fc.assert(fc.property(transfers, (transfer) => { expect(readTransferQr(buildTransferQr(transfer))).toEqual(transfer); }), { numRuns: 500 });
  });

  it('is what another library makes of it, and is read there as it was meant', () => {
    fc.assert(fc.property(transfers, (transfer) => {
      const { bankBin, number, amountVnd, purpose } = transfer;
      const plain: TransferQr = { bankBin, kind: 'account', number, amountVnd, billNumber: null, purpose };
      const other = QRPay.initVietQR({
        bankBin, bankNumber: number, ...(amountVnd === null ? {} : { amount: String(amountVnd) }), ...(purpose === null ? {} : { purpose }),
      }).build();
      expect(buildTransferQr(plain)).toBe(other);
      const read = new QRPay(buildTransferQr(transfer));
      expect([read.isValid, read.consumer.bankBin, read.consumer.bankNumber, read.amount ?? null, read.additionalData.purpose ?? null, read.additionalData.billNumber ?? null])
        .toEqual([true, bankBin, number, amountVnd === null ? null : String(amountVnd), purpose, transfer.billNumber]);
    }), { numRuns: 300 });
  });

  it('is refused after any single character was changed', () => {
    const code = buildTransferQr(SAMPLE);
    for (let at = 0; at < code.length; at += 1) {
      for (const bit of [1, 2, 4, 8, 16, 64]) {
        const changed = code.slice(0, at) + String.fromCharCode(code.charCodeAt(at) ^ bit) + code.slice(at + 1);
        // Either case of the checksum's digits is the same number.
        if (changed.toUpperCase() !== code || at < code.length - 4) expect(readTransferQr(changed)).toBeNull();
      }
    }
  });

  it('never makes its reader throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => { expect(readTransferQr(withCrc(text)) ?? {}).toBeInstanceOf(Object); }));
  });

  it.each<Partial<TransferQr>>([
    { bankBin: '97040' }, { bankBin: '97040x' }, { number: '' }, { number: '1'.repeat(20) }, { number: '12.34' }, { amountVnd: 0 }, { amountVnd: -1 }, { amountVnd: 1.5 },
    { amountVnd: 10_000_000_000_000 }, { purpose: 'lệ phí' }, { purpose: 'x'.repeat(100) },
  ])('is not made of %j', (part) => {
    expect(() => buildTransferQr({ ...SAMPLE, ...part })).toThrow(RangeError);
  });

  it.each<readonly [string, readonly (readonly [string, string])[]]>([
    ['another scheme', [['00', '01'], ['26', '0010A000000775'], ['53', '704'], ['58', 'VN']]],
    ['another currency', [['00', '01'], ['38', '0010A0000007270119000697041601059999910208QRIBFTTA'], ['53', '840'], ['58', 'VN']]],
    ['nothing', []],
  ])('is not read from %s', (_name, fields) => {
    expect(readTransferQr(withCrc(writeTlv(fields)))).toBeNull();
  });
});

describe('published codes', () => {
  it('are built as the sample worked out for Agribank, and as that of ACB', () => {
    expect(buildTransferQr({ ...SAMPLE, number: '3511000000001' }))
      .toBe(withCrc('00020101021238570010A00000072701270006970405011335110000000010208QRIBFTTA53037045405500005802VN62210817HS0001 NOP LE PHI'));
    expect(buildTransferQr({ ...SAMPLE, number: '3511000000001' }).slice(-4)).toBe('858C');
    expect(buildTransferQr({ bankBin: '970416', kind: 'account', number: '257678859', amountVnd: 10_000, billNumber: null, purpose: 'Chuyen tien' })).toBe('00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA53037045405100005802VN62150811Chuyen tien630453E6');
  });

  it('are whole, and what is not VietQR of NAPAS is told apart', () => {
    expect(valid.length).toBeGreaterThan(25);
    for (const { qr } of valid) {
      const content = withoutCrc(qr);
      expect(content).not.toBeNull();
      expect(readTlv(content ?? '')).not.toBeNull();
      const transfer = readTransferQr(qr);
      // Samples of one library put the service inside of the beneficiary: a right checksum over a wrong code.
      const isMisplaced = qr.includes('01390006970422');
      expect(transfer !== null).toBe(qr.includes('A000000727') && qr.includes('5303704') && !isMisplaced);
      if (transfer !== null) expect(new QRPay(qr).consumer.bankNumber).toBe(transfer.number);
    }
  });

  it('with a wrong checksum are refused', () => {
    expect(invalid.length).toBeGreaterThan(10);
    for (const { qr } of invalid) expect(readTransferQr(qr)).toBeNull();
  });

  it.each([['1', 'x'], ['123', 'x'], ['a12', 'x'], ['12a', 'x'], ['62', 'x'.repeat(100)], ['62', 'đ'], ['62', 'a\n']])('have no field %s of %j', (tag, value) => {
    expect(() => writeTlv([['00', '01'], [tag, value]])).toThrow(new RegExp(`field ${tag} `));
  });

  it('may have a field of 99 characters, and one of none', () => {
    expect(readTlv(writeTlv([['62', 'x'.repeat(99)], ['63', '']]))).toEqual(new Map([['62', 'x'.repeat(99)], ['63', '']]));
  });

  it('with lengths in bytes and in characters are both read', () => {
    expect(readTlv('0822Thanh toán hóa đơn')?.get('08')).toBe('Thanh toán hóa đơn');
    expect(readTlv('0818Thanh toán hóa đơn')?.get('08')).toBe('Thanh toán hóa đơn');
    expect([readTlv('0819Thanh toán hóa đơn'), readTlv('08'), readTlv('0a01x'), readTlv('0801x0801y')]).toEqual([null, null, null, null]);
  });
});
