import type { CarrierClaim, CarrierEvent, ListedPlace, Quote } from '../../src/postal/postal-carrier-port.js';
import { redactText } from '../support/journal-redaction.js';
import { unreadable } from '../support/signals.js';
import { parseStrictJson } from '../support/strict-json.js';
import { fromWallClock } from '../support/wall-clock.js';
import { statusMeaning } from './errors.js';
import { createData, districtList, envelope, order, priceList, provinceList, tokenData, wardList, webhook } from './wire.js';
import type { CreateData, WireOrder } from './wire.js';

const WRITTEN = /^(\d{2})\/(\d{2})\/(\d{4}) (\d{2}):(\d{2}):(\d{2})$/;
const UNLISTED = { means: null, failure: null, vi: '' } as const;
/** "Skip this level": stands among the districts for those who write addresses of two levels. */
const NO_DISTRICT = 'NEW';

/** dd/MM/yyyy HH:mm:ss on the wall. Null where it is none. */
export const timeOf = (written: string): Date | null => {
  const [, day, month, year, hour, minute, second] = WRITTEN.exec(written) ?? [];
  return day === undefined ? null : fromWallClock([year, month, day, hour, minute, second].join(''));
};

const orNull = (value: string): string | null => (value === '' ? null : value);

export interface Said {
  readonly status: number;
  readonly error: boolean;
  readonly message: string;
  readonly data: unknown;
}

/** What it says around its answer; a bare list is a good answer. @throws SignalError */
export const readSaid = (json: unknown): Said => {
  if (Array.isArray(json)) return { status: 200, error: false, message: '', data: json };
  const parsed = envelope.safeParse(json);
  if (!parsed.success) throw unreadable('envelope-shape', json);
  return { ...parsed.data, data: parsed.data.data };
};

/** What an order's present status says, and since when. The money at the door is said of by no status. */
export const eventOf = (read: WireOrder): CarrierEvent => {
  const { ORDER_STATUS: code, STATUS_NAME, ORDER_STATUSDATE, LOCATION_CURRENTLY, LOCALION_CURRENTLY, REASON_CODE } = read;
  const { means, failure, vi } = statusMeaning(code, REASON_CODE) ?? UNLISTED;
  const at = timeOf(ORDER_STATUSDATE);
  return {
    orderNumber: read.ORDER_REFERENCE, carrierNumber: read.ORDER_NUMBER, key: `${code}@${at?.toISOString() ?? ORDER_STATUSDATE}`, code, text: orNull(redactText(STATUS_NAME === '' ? vi : STATUS_NAME)),
    place: orNull(redactText(LOCATION_CURRENTLY === '' ? LOCALION_CURRENTLY : LOCATION_CURRENTLY)), at, means, failure, collection: null,
  };
};

export const waybillOf = ({ ORDER_NUMBER }: WireOrder | CreateData): string => ORDER_NUMBER;
export const ourNumberOf = ({ ORDER_REFERENCE }: WireOrder): string => ORDER_REFERENCE;
export const statusOf = ({ ORDER_STATUS }: WireOrder): string => ORDER_STATUS;
export const feeOf = ({ MONEY_TOTAL }: CreateData): number | null => (MONEY_TOTAL === null ? null : Math.round(MONEY_TOTAL));

/** @throws SignalError */
export const readToken = (data: unknown): string => {
  const parsed = tokenData.safeParse(data);
  if (!parsed.success) throw unreadable('token-shape');
  return parsed.data.token;
};

/** @throws SignalError */
export const readCreated = (data: unknown): CreateData => {
  const parsed = createData.safeParse(data);
  if (!parsed.success) throw unreadable('order-shape');
  return parsed.data;
};

/** @throws SignalError */
export const readDetail = (data: unknown): WireOrder => {
  const parsed = order.safeParse(data);
  if (!parsed.success) throw unreadable('order-shape');
  return parsed.data;
};

/** @throws SignalError */
export const readPrices = (data: unknown): readonly Quote[] => {
  const parsed = priceList.safeParse(data);
  if (!parsed.success) throw unreadable('price-shape');
  return parsed.data.flatMap(({ MA_DV_CHINH, GIA_CUOC, THOI_GIAN }) => (GIA_CUOC === null ? [] : [{ service: MA_DV_CHINH, feeVnd: Math.round(GIA_CUOC), expectedDelivery: orNull(THOI_GIAN) }]));
};

const named = (name: string): string => name.normalize('NFC').trim();

/** @throws SignalError */
export const readProvinces = (data: unknown): readonly ListedPlace[] => {
  const parsed = provinceList.safeParse(data);
  if (!parsed.success) throw unreadable('list-shape');
  return parsed.data.map(({ PROVINCE_ID, PROVINCE_NAME }) => ({ level: 'PROVINCE', code: PROVINCE_ID, parentCode: null, name: named(PROVINCE_NAME) }));
};

/** @throws SignalError */
export const readDistricts = (data: unknown): readonly ListedPlace[] => {
  const parsed = districtList.safeParse(data);
  if (!parsed.success) throw unreadable('list-shape');
  return parsed.data.filter(({ DISTRICT_VALUE }) => DISTRICT_VALUE !== NO_DISTRICT)
    .map(({ DISTRICT_ID, DISTRICT_NAME, PROVINCE_ID }) => ({ level: 'DISTRICT', code: DISTRICT_ID, parentCode: PROVINCE_ID, name: named(DISTRICT_NAME) }));
};

/** Communes of the province that was asked for, or each below its district. @throws SignalError */
export const readCommunes = (data: unknown, provinceCode: string | null = null): readonly ListedPlace[] => {
  const parsed = wardList.safeParse(data);
  if (!parsed.success || (provinceCode === null && parsed.data.some(({ DISTRICT_ID }) => DISTRICT_ID == null))) throw unreadable('list-shape');
  return parsed.data.map(({ WARDS_ID, WARDS_NAME, DISTRICT_ID }) => ({ level: 'COMMUNE', code: WARDS_ID, parentCode: provinceCode ?? DISTRICT_ID ?? null, name: named(WARDS_NAME) }));
};

/** Null where it is not what was agreed. */
export const readWebhook = (bytes: Buffer): { readonly order: WireOrder; readonly token: string } | null => {
  try {
    const parsed = webhook.safeParse(parseStrictJson(bytes.toString('utf8')));
    return parsed.success && parsed.data.DATA.ORDER_REFERENCE !== '' ? { order: parsed.data.DATA, token: parsed.data.TOKEN } : null;
  } catch {
    return null;
  }
};

/** What makes two webhooks the same: money and employees may be named anew. */
export const identityOf = ({ ORDER_NUMBER, ORDER_REFERENCE, ORDER_STATUS, ORDER_STATUSDATE }: WireOrder): { readonly uniqueKey: string; readonly partyAt: Date | null; readonly sameness: Buffer } => ({
  uniqueKey: `${ORDER_NUMBER}/${ORDER_STATUS}/${ORDER_STATUSDATE}`.slice(0, 200),
  partyAt: timeOf(ORDER_STATUSDATE),
  sameness: Buffer.from(JSON.stringify([ORDER_NUMBER, ORDER_REFERENCE, ORDER_STATUS, ORDER_STATUSDATE]), 'utf8'),
});

export const claimOf = (read: WireOrder): CarrierClaim => ({ ...eventOf(read), claimed: true });
