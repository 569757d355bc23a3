import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeOf, verdictOf } from '../../../adapters/vnpt-receipt/errors.js';
import { adjustmentXml, numberOnPage, personalOf, readIssued, readPdf, receiptXml } from '../../../adapters/vnpt-receipt/mapping.js';
import type { PayableOrder } from '../../../adapters/vnpt-receipt/mapping.js';
import { readAdjustment, readInvoices } from '../../../adapters/vnpt-receipt/sandbox-rules.js';
import type { IssuedReceipt } from '../../../src/receipts/receipt-port.js';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/vnpt-receipt/${name}`, import.meta.url), 'utf8');
const KEY = 'OG7K2M9QX4T1ZB3';
const ISSUER = { account: 'a', accountPassword: 'b', username: 'c', password: 'd', pattern: '01BLP0-001', serial: 'BL-26E', taxCode: '2700123456' };

const order = (changes: Partial<PayableOrder> = {}): PayableOrder => ({
  key: KEY, dossierCode: '000.12.34.H42-260315-0001', agencyCodes: ['H42'], totalVnd: 58_000,
  // Half past one in the morning of the next day over there.
  paidAt: new Date('2026-03-15T18:30:00Z'),
  items: [{ key: 'le-phi', kind: 'CHARGE', name: 'Lệ phí hộ tịch', amountVnd: 8_000 }, { key: 'phi', kind: 'FEE', name: 'Phí bản sao', amountVnd: 50_000 }],
  payer: { name: 'Nguyễn Thị Mẫu & "Con" <Hà>', idNumber: null, address: 'Số 9 ngõ Mẫu', province: 'Ninh Bình', district: null },
  ...changes,
});

describe('the XML of a receipt', () => {
  it('is as the fixture', () => {
    expect(receiptXml(order(), ISSUER)).toBe(fixture('invoices-two-items.xml').trimEnd());
  });

  it('is sound to another reader, whatever people are called', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('<![CDATA[x]]>', ']]>', '&amp;', '\u0000\u0008', '\ud800', 'Đỗ', '<!-- -->'));
    fc.assert(fc.property(text, text, fc.integer({ min: 1, max: 10 ** 12 }), (name, address, amountVnd) => {
      const sent = order({
        totalVnd: amountVnd, items: [{ key: 'k', kind: 'FEE', name: `Phí ${name}`, amountVnd }],
        payer: { name: `Ông ${name}`, idNumber: null, address, province: null, district: null },
      });
      expect(readInvoices(receiptXml(sent, ISSUER))).toEqual({ key: KEY, totalVnd: amountVnd, dossierCode: sent.dossierCode, type: '' });
      expect(readAdjustment(adjustmentXml(sent, ISSUER, '4'))).toMatchObject({ key: KEY, totalVnd: amountVnd, type: '4' });
    }), { numRuns: 300 });
  });

  it('would be refused where sum, date or payer are not as they must be', () => {
    const sound = receiptXml(order(), ISSUER);
    for (const [from, to] of [['<Total>58000</Total>', '<Total>58001</Total>'], ['16/03/2026', '2026-03-16'], ['<ProdPrice>8000<', '<ProdPrice>9000<'], ['<Extra2>1<', '<Extra2>2<'], [/<CusName>.*<\/CusName>/, '<CusName/>']] as const) {
      expect(readInvoices(sound)).not.toBeNull();
      expect(readInvoices(sound.replace(from, to))).toBeNull();
    }
  });

  it('names what must not be legible', () => {
    expect(personalOf(order())).toEqual(['Nguyễn Thị Mẫu & "Con" <Hà>', 'Số 9 ngõ Mẫu']);
    expect(personalOf({ ...order(), payer: null })).toEqual([]);
  });
});

describe('results', () => {
  it.each(JSON.parse(fixture('result-strings.json')) as { result: string; issued: IssuedReceipt | null }[])('reads $result', ({ result, issued }) => {
    expect(readIssued(result, KEY)).toEqual(issued);
  });

  it.each([['OK:', 'OK'], ['OK', 'OK'], ['OKAY', ''], ['ERR:13', 'ERR:13'], ['ERR:13 trùng', 'ERR:13'], ['ERR:13579', ''], ['xERR:1', ''], ['', '']])('has the code of %j', (result, code) => {
    expect(codeOf(result)).toBe(code);
  });

  it('means the same number differently by operation, and nothing by a name of JavaScript', () => {
    expect([verdictOf('publish', 'ERR:13'), verdictOf('unconfirm', 'ERR:13'), verdictOf('lookUp', 'ERR:13'), verdictOf('publish', 'constructor'), verdictOf('publish', '')])
      .toEqual(['already', 'already', 'unlisted', 'unlisted', 'unlisted']);
  });

  it('takes a PDF for a PDF', () => {
    const pdf = Buffer.from('%PDF-1.7\nx');
    expect(readPdf(pdf.toString('base64'))).toEqual(pdf);
    expect(readPdf(`${pdf.toString('base64').slice(0, 4)}\r\n${pdf.toString('base64').slice(4)}`)).toEqual(pdf);
    for (const bad of ['', 'ERR:6', Buffer.from('<html>').toString('base64'), pdf.toString('base64').slice(0, -1), `${pdf.toString('base64')}*`]) expect(readPdf(bad)).toBeNull();
  });

  it('reads the number behind its label, in text and not in tags', () => {
    const page = '<p>Số (No.): <b>0000017</b></p>';
    expect([numberOnPage(page, 'Số (No.):'), numberOnPage(page.normalize('NFD'), 'Số (No.):'), numberOnPage(page, 'Ký hiệu:'), numberOnPage(page, ''), numberOnPage('<p>Số (No.): x17</p>', 'Số (No.):')])
      .toEqual(['17', '17', null, null, null]);
  });
});
