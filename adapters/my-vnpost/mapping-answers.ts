import type { CarrierEvent, ListedPlace, Quote } from '../../src/postal/postal-carrier-port.js';
import { redactText } from '../support/journal-redaction.js';
import { unreadable } from '../support/signals.js';
import { fromWallClock } from '../support/wall-clock.js';
import { statusMeaning } from './errors.js';
import { communeList, districtList, loginReply, order, orderList, provinceList, quoteList, refusal } from './wire.js';
import type { WireOrder, WireQuote } from './wire.js';

const VIETNAMESE = /^(\d{2})\/(\d{2})\/(\d{4}) (\d{2}):(\d{2}):(\d{2})$/;
/** Without a zone it is the clock on the wall. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const DOT_NET = /^\/Date\((\d{1,15})\)\/$/;

/** A time as a webhook writes it (DD/MM/YYYY HH:mm:ss), or as .NET does. Null where it is none. */
export const timeOf = (written: string): Date | null => {
  const [, day, month, year, hour, minute, second] = VIETNAMESE.exec(written) ?? [];
  if (day !== undefined) return fromWallClock([year, month, day, hour, minute, second].join(''));
  const iso = ISO.exec(written);
  if (iso !== null) return fromWallClock(iso.slice(1).join(''));
  const milliseconds = DOT_NET.exec(written)?.[1];
  if (milliseconds !== undefined) return new Date(Number(milliseconds));
  return ZONED.test(written) && !Number.isNaN(Date.parse(written)) ? new Date(written) : null;
};

const orNull = (value: string): string | null => (value === '' ? null : value);

/** The office that took it in, and once it is there the one that delivers. */
const placeIn = ({ OrderStatusId, AcceptanceName, DestinationName }: WireOrder): string | null =>
  (['91', '100', '110', '120'].includes(OrderStatusId) ? orNull(DestinationName) : OrderStatusId === '70' ? orNull(AcceptanceName) : null);

const UNLISTED = { means: null, failure: null, collection: null, vi: '' } as const;

const textIn = ({ OrderStatusName, CauseName }: WireOrder, { means, vi }: Pick<NonNullable<ReturnType<typeof statusMeaning>>, 'means' | 'vi'>): string | null => {
  const words = OrderStatusName === '' ? vi : OrderStatusName;
  return orNull(redactText(means === 'FAILED' && CauseName !== '' ? `${words}: ${CauseName}` : words));
};

/** What an order's present status says, and since when. The history before it is told by nobody. */
export const eventOf = (read: WireOrder): CarrierEvent => {
  const code = read.OrderStatusId;
  const meaning = statusMeaning(code) ?? UNLISTED;
  const at = timeOf(read.LastUpdateTime);
  return {
    orderNumber: read.OrderCode, carrierNumber: orNull(read.ItemCode), key: `${code}@${at?.toISOString() ?? read.LastUpdateTime}`, code, text: textIn(read, meaning), place: placeIn(read), at,
    means: meaning.means, failure: meaning.failure, collection: meaning.collection,
  };
};

/** Whole VND; null where the party writes none. */
const whole = (amount: number | null): number | null => (amount === null ? null : Math.round(amount));

export const feeOf = ({ TotalFreightIncludeVatEvaluation: fee }: WireOrder): number | null => whole(fee);
export const idOf = ({ Id }: WireOrder): string => Id;
export const itemCodeOf = ({ ItemCode }: WireOrder): string | null => orNull(ItemCode);
export const ourCodeOf = ({ OrderCode }: WireOrder): string => OrderCode;
export const statusOf = ({ OrderStatusId }: WireOrder): string => OrderStatusId;

/** @throws SignalError where it is no order */
export const readOrder = (json: unknown): WireOrder => {
  const parsed = order.safeParse(json);
  if (!parsed.success) throw unreadable('order-shape', json);
  return parsed.data;
};

/** @throws SignalError where it is no list of orders */
export const readOrders = (json: unknown): readonly WireOrder[] => {
  const parsed = orderList.safeParse(json);
  if (!parsed.success) throw unreadable('list-shape', json);
  return parsed.data;
};

/** @returns null where user or password are refused. @throws SignalError */
export const readToken = (json: unknown): string | null => {
  const parsed = loginReply.safeParse(json);
  if (!parsed.success) throw unreadable('token-shape');
  if (!parsed.data.IsSuccess) return null;
  if (!/^[\x21-\x7e]{8,8000}$/.test(parsed.data.Token)) throw unreadable('token-shape');
  return parsed.data.Token;
};

const quoteOf = ({ MaDichVu, TongCuocBaoGomDVCT, TongCuocSauVAT, ThoiGianPhatDuKien }: WireQuote): readonly Quote[] => {
  const feeVnd = whole(TongCuocBaoGomDVCT ?? TongCuocSauVAT);
  return feeVnd === null ? [] : [{ service: MaDichVu, feeVnd, expectedDelivery: orNull(ThoiGianPhatDuKien) }];
};

/** What can be had, and what the party says of the first service that cannot. @throws SignalError */
export const readQuotes = (json: unknown): { readonly quotes: readonly Quote[]; readonly refusal: string } => {
  const parsed = quoteList.safeParse(json);
  if (!parsed.success) throw unreadable('quote-shape', json);
  return { quotes: parsed.data.filter(({ Success }) => Success).flatMap(quoteOf), refusal: parsed.data.find(({ Success }) => !Success)?.Message ?? '' };
};

/** @throws SignalError */
export const readPlaces = {
  provinces: (json: unknown): readonly ListedPlace[] => {
    const parsed = provinceList.safeParse(json);
    if (!parsed.success) throw unreadable('list-shape');
    return parsed.data.map(({ MaTinhThanh, TenTinhThanh }) => ({ level: 'PROVINCE', code: MaTinhThanh, parentCode: null, name: TenTinhThanh.normalize('NFC').trim() }));
  },
  districts: (json: unknown): readonly ListedPlace[] => {
    const parsed = districtList.safeParse(json);
    if (!parsed.success) throw unreadable('list-shape');
    return parsed.data.map(({ MaQuanHuyen, TenQuanHuyen, MaTinhThanh }) => ({ level: 'DISTRICT', code: MaQuanHuyen, parentCode: MaTinhThanh, name: TenQuanHuyen.normalize('NFC').trim() }));
  },
  communes: (json: unknown): readonly ListedPlace[] => {
    const parsed = communeList.safeParse(json);
    if (!parsed.success) throw unreadable('list-shape');
    return parsed.data.map(({ MaPhuongXa, TenPhuongXa, MaQuanHuyen }) => ({ level: 'COMMUNE', code: MaPhuongXa, parentCode: MaQuanHuyen, name: TenPhuongXa.normalize('NFC').trim() }));
  },
} as const;

/** The words of a refusal, JSON or bare. */
export const refusalText = (body: string, json: unknown): string => {
  const parsed = refusal.safeParse(json);
  return (parsed.success ? parsed.data : body).trim();
};
