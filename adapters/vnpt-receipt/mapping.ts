import { Builder } from 'xml2js';
import type { IssuedReceipt, ReceiptOrder } from '../../src/receipts/receipt-port.js';
import type { FeeItem, Payer } from '../../src/payments/payment.js';
import { toWallClock } from '../support/wall-clock.js';
import { amountInWords } from './amount-in-words.js';
import type { PaymentMethod } from './wire.js';

/** What configuration gives of the one who issues. */
export interface Issuer {
  readonly account: string;
  readonly accountPassword: string;
  readonly username: string;
  readonly password: string;
  readonly pattern: string;
  readonly serial: string;
  readonly taxCode?: string | undefined;
}

export type PayableOrder = ReceiptOrder & { readonly payer: Payer };

const ONLINE: PaymentMethod = 'TTO';

/** XML has no place for control characters and halves of characters; names on paper have none either. */
const clean = (text: string): string => text.normalize('NFC').replace(/[\p{Cc}\p{Surrogate}\uFFFE\uFFFF]+/gu, ' ').replace(/ +/g, ' ').trim();

const dateOf = (instant: Date): string => {
  const wall = toWallClock(instant);
  return `${wall.slice(6, 8)}/${wall.slice(4, 6)}/${wall.slice(0, 4)}`;
};

const addressOf = ({ address, district, province }: Payer): string => clean([address, district, province].filter((part) => part !== null && part !== '').join(', '));

const productOf = ({ key, kind, name, amountVnd }: FeeItem): object => ({
  FEEID: key, Extra1: '', Extra2: kind === 'FEE' ? '0' : '1', Code: key, ProdName: clean(name), ProdUnit: 'Lần', ProdQuantity: 1, ProdPrice: amountVnd,
  VATRate: 0, Total: amountVnd, Amount: amountVnd,
});

/** Element order as public clients send it. */
const bodyOf = ({ dossierCode, items, totalVnd, paidAt, payer }: PayableOrder, { taxCode }: Issuer): Record<string, unknown> => ({
  Extra1: dossierCode, CusCode: dossierCode, ArisingDate: dateOf(paidAt), CusName: clean(payer.name), CusTaxCode: '', Total: totalVnd, Amount: totalVnd,
  AmountInWords: amountInWords(totalVnd), VATAmount: 0, VATRate: 0, ComTaxCode: taxCode ?? '', CusAddress: addressOf(payer), Email: '', PaymentMethod: ONLINE,
  PaymentStatus: 1, Extra: '', Products: { Product: items.map(productOf) },
});

const xmlOf = (root: object): string => new Builder({ headless: true, renderOpts: { pretty: false } }).buildObject(root);

/** One receipt for the whole payment, built and escaped by a writer of XML. */
export const receiptXml = (order: PayableOrder, issuer: Issuer): string => xmlOf({ Invoices: { Inv: { key: order.key, Invoice: bodyOf(order, issuer) } } });

/** What the adjusted receipt says from now on. `type` by the contract. */
export const adjustmentXml = (order: PayableOrder, issuer: Issuer, type: string): string => xmlOf({ AdjustInv: { key: order.key, ...bodyOf(order, issuer), Type: type } });

const STAFF = ({ account, accountPassword }: Issuer) => ({ Account: account, ACpass: accountPassword });

export const publishArgs = (xml: string, issuer: Issuer): Readonly<Record<string, unknown>> =>
  ({ ...STAFF(issuer), xmlInvData: xml, username: issuer.username, password: issuer.password, pattern: issuer.pattern, serial: issuer.serial, convert: 0 });

export const adjustArgs = (xml: string, adjusts: string, issuer: Issuer): Readonly<Record<string, unknown>> =>
  ({ ...STAFF(issuer), xmlInvData: xml, username: issuer.username, pass: issuer.password, fkey: adjusts, AttachFile: '', convert: 0, pattern: issuer.pattern, serial: issuer.serial });

export const lookUpArgs = (key: string, { username, password }: Issuer): Readonly<Record<string, unknown>> => ({ fkey: key, userName: username, userPass: password });

export const unconfirmArgs = (key: string, { username, password }: Issuer): Readonly<Record<string, unknown>> => ({ lstFkey: key, userName: username, userPass: password });

export const cancelArgs = (key: string, issuer: Issuer): Readonly<Record<string, unknown>> => ({ ...STAFF(issuer), ...lookUpArgs(key, issuer) });

/** Values of the order that must not be legible anywhere. */
export const personalOf = ({ payer }: ReceiptOrder): readonly string[] =>
  payer === null ? [] : [payer.name, payer.idNumber, payer.address, payer.district].filter((value): value is string => value !== null && value !== '');

/** The page pads the number, the result does not. */
const plainNumber = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

/**
 * `OK:pattern;serial-key_no`, with our own key in its place. Form and series hold no semicolon, and the key no regular expression.
 * @returns null where it is of another key or another form
 */
export const readIssued = (result: string, key: string): IssuedReceipt | null => {
  const [pattern = '', rest = ''] = result.trim().replace(/^OK:/, '').split(';', 2);
  const at = rest.lastIndexOf(`-${key}_`);
  const number = at < 0 ? '' : rest.slice(at + key.length + 2);
  return !result.trim().startsWith('OK:') || pattern === '' || at < 1 || !/^\d{1,12}$/.test(number) ? null : { pattern, serial: rest.slice(0, at), number: plainNumber(number) };
};

/** The number behind a label on a page whose layout is the tenant's own. */
export const numberOnPage = (page: string, label: string): string | null => {
  if (label === '') return null;
  const text = page.replace(/<[^<>]*>/g, ' ').replace(/\s+/g, ' ').normalize('NFC');
  const at = text.indexOf(label.normalize('NFC'));
  const digits = at < 0 ? undefined : /^ ?(\d{1,12})(?!\d)/.exec(text.slice(at + label.normalize('NFC').length))?.[1];
  return digits === undefined ? null : plainNumber(digits);
};

// No groups: on megabytes they fill the stack of the matcher.
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Null where it is no PDF. */
export const readPdf = (result: string): Buffer | null => {
  const text = result.replace(/\s+/g, '');
  const bytes = text.length % 4 === 0 && BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  return bytes.subarray(0, 5).toString('latin1') === '%PDF-' ? bytes : null;
};
