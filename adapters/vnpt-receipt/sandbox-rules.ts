import { passXmlGate } from '../support/xml-gate.js';
import { readXmlTree } from '../support/xml-tree.js';
import type { XmlNode } from '../support/xml-tree.js';

/** What the sandbox takes from `xmlInvData`, after it checked it. */
export interface SentReceipt {
  readonly key: string;
  readonly totalVnd: number;
  readonly dossierCode: string;
  /** Of an adjustment. */
  readonly type: string;
}

const child = (node: XmlNode | undefined, name: string): XmlNode | undefined => node?.children.find((one) => one.name === name);
const textOf = (node: XmlNode | undefined, name: string): string => child(node, name)?.text.trim() ?? '';

const REQUIRED = ['CusCode', 'CusName', 'ArisingDate', 'AmountInWords', 'PaymentMethod', 'PaymentStatus'];
const DATE = /^(0[1-9]|[12]\d|3[01])\/(0[1-9]|1[0-2])\/\d{4}$/;
const WHOLE = /^\d{1,15}$/;

const isProduct = (product: XmlNode): boolean =>
  textOf(product, 'ProdName') !== '' && ['0', '1'].includes(textOf(product, 'Extra2')) && ['ProdPrice', 'ProdQuantity', 'Total', 'Amount'].every((name) => WHOLE.test(textOf(product, name)))
  && Number(textOf(product, 'ProdPrice')) * Number(textOf(product, 'ProdQuantity')) === Number(textOf(product, 'Amount'));

const isSound = (invoice: XmlNode): boolean => {
  const products = child(invoice, 'Products')?.children ?? [];
  const sum = products.reduce((total, product) => total + Number(textOf(product, 'Amount')), 0);
  return REQUIRED.every((name) => textOf(invoice, name) !== '') && DATE.test(textOf(invoice, 'ArisingDate')) && ['TM', 'CK', 'TTO'].includes(textOf(invoice, 'PaymentMethod'))
    && products.length > 0 && products.every((product) => product.name === 'Product' && isProduct(product))
    && WHOLE.test(textOf(invoice, 'Total')) && Number(textOf(invoice, 'Total')) === sum && textOf(invoice, 'Amount') === textOf(invoice, 'Total');
};

const read = (xml: string): XmlNode | null => {
  try {
    return readXmlTree(passXmlGate(xml));
  } catch {
    return null;
  }
};

const sent = (invoice: XmlNode | undefined, key: string): SentReceipt | null =>
  (invoice === undefined || !/^[\w.-]{1,50}$/.test(key) || !isSound(invoice) ? null
    : { key, totalVnd: Number(textOf(invoice, 'Total')), dossierCode: textOf(invoice, 'Extra1'), type: textOf(invoice, 'Type') });

/** Null where it is not as the interface wants it. */
export const readInvoices = (xml: string): SentReceipt | null => {
  const root = read(xml);
  const inv = root?.name === 'Invoices' && root.children.length === 1 ? child(root, 'Inv') : undefined;
  return sent(child(inv, 'Invoice'), textOf(inv, 'key'));
};

export const readAdjustment = (xml: string): SentReceipt | null => {
  const root = read(xml);
  return root?.name === 'AdjustInv' ? sent(root, textOf(root, 'key')) : null;
};

/** Key of whatever is asked, for orders to misbehave; null where there is none. */
export const keyOf = (content: XmlNode): string | null => {
  const direct = textOf(content, 'fkey') || textOf(content, 'lstFkey');
  const xml = textOf(content, 'xmlInvData');
  return (xml === '' ? direct : /<key>([^<]*)<\/key>/.exec(xml)?.[1] ?? direct) || null;
};
