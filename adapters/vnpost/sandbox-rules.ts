import type { SandboxHttpRequest } from '../support/sandbox-request.js';

export type Fields = Readonly<Record<string, unknown>>;

export const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' ? value.trim() : '';
};

export const numberIn = (fields: Fields, name: string): number | null => {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

const objectIn = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
};

const TEXTS = ['CustomerCode', 'OrderNumber', 'SenderAddress', 'SenderName', 'SenderTel', 'ReceiverAddress', 'ReceiverName', 'ReceiverTel'];
const PROVINCES = ['SenderProvince', 'ReceiverProvince'];
const DISTRICTS = ['SenderDistrict', 'ReceiverDistrict'];

const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;

/** Name of the first field that an order may not lack or have so; null for a good one. Optional ones may be null, a district 0 or missing. */
export const faultyField = (order: Fields): string | null =>
  TEXTS.find((name) => textIn(order, name) === '') ?? PROVINCES.find((name) => !isWhole(order[name], 1))
  ?? DISTRICTS.find((name) => order[name] !== undefined && order[name] !== null && !isWhole(order[name], 0))
  ?? (order['CODAmount'] === undefined || order['CODAmount'] === null || isWhole(order['CODAmount'], 0) ? null : 'CODAmount');

/** The same of a dossier's document. */
export const faultyDocument = (document: Fields): string | null => {
  if (textIn(document, 'CustomerCode') === '') return 'CustomerCode';
  if (textIn(document, 'OrderNumber') === '') return 'OrderNumber';
  const procedure = objectIn(document, 'Procedure');
  if (textIn(procedure, 'Code') === '' || textIn(procedure, 'Title') === '') return 'Procedure';
  if (document['IsSendDocument'] === true && textIn(objectIn(document, 'DocumentSender'), 'Phone') === '') return 'DocumentSender';
  if (document['IsReceiveResult'] === true && textIn(objectIn(document, 'ResultReceiver'), 'Phone') === '') return 'ResultReceiver';
  return numberIn(document, 'State') === null ? 'State' : null;
};

const BASE_VND = 26_000;
const FAR_VND = 6_000;
const PER_100_GRAMS_VND = 1_000;

/** The sandbox's tariff: by the two provinces and each 100 g begun. */
export const tariff = (fromProvince: number, toProvince: number, weightGrams: number): number =>
  BASE_VND + (fromProvince === toProvince ? 0 : FAR_VND) + Math.ceil(weightGrams / 100) * PER_100_GRAMS_VND;

/** Price of a question; null where it is none. */
export const priceOf = (question: Fields): number | null => {
  const from = numberIn(objectIn(question, 'sender'), 'provCode');
  const to = numberIn(objectIn(question, 'receiver'), 'provCode');
  const weight = numberIn(question, 'weight');
  if (from === null || to === null || weight === null || weight <= 0 || textIn(question, 'mainSrv') !== 'HCC') return null;
  return tariff(from, to, weight);
};

export type ServiceName = 'create' | 'cancel' | 'tracking' | 'document' | 'price';

const PATHS: readonly (readonly [string, ServiceName])[] = [
  ['/order/post', 'create'], ['/order/cancel', 'cancel'], ['/order/tracking', 'tracking'], ['/document/post', 'document'], ['/price', 'price'],
];
const SERVICES: Readonly<Record<string, ServiceName>> = {
  orderpost: 'create', ordercancel: 'cancel', ordertracking: 'tracking', document: 'document', getprice: 'price', pricehcc: 'price',
};

/** What is asked for, and in which of the two shapes; null where it is nothing of the post's. */
export const askedOf = ({ path, query }: SandboxHttpRequest): { readonly service: ServiceName; readonly shape: 'path' | 'service' } | null => {
  const name = query.get('service');
  if (name !== null) return Object.hasOwn(SERVICES, name) ? { service: SERVICES[name] ?? 'create', shape: 'service' } : null;
  const found = PATHS.find(([end]) => path.endsWith(end));
  return found === undefined ? null : { service: found[1], shape: 'path' };
};
