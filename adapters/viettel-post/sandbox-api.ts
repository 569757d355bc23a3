import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { toWallClock } from '../support/wall-clock.js';
import { statusOf } from './sandbox-ledger.js';
import type { NewParcel, SandboxParcel } from './sandbox-ledger.js';

type Body = Readonly<Record<string, unknown>>;

/** Everything goes out with HTTP 200, a refusal too. */
export const said = (data: unknown, message = 'OK'): WireAnswer => jsonAnswer(200, { status: 200, error: false, message, data });
export const refused = (status: number, message: string): WireAnswer => jsonAnswer(200, { status, error: true, message, data: null });

export const TOKEN_INVALID = refused(202, 'Token invalid');
/** The number is invented: the party's table of messages has none. */
const BAD_DATA = 400;
export const badData = (field: string): WireAnswer => refused(BAD_DATA, `Incorrect data: ${field}`);

const written = (atMs: number): string => toWallClock(new Date(atMs)).replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$3/$2/$1 $4:$5:$6');

const NAMES: Readonly<Record<number, string>> = { 100: 'Tiếp nhận đơn hàng', 104: 'Giao cho Bưu tá đi nhận', 107: 'Đối tác yêu cầu hủy qua API', 501: 'Phát thành công', 506: 'Phát thất bại' };

/** An order as a webhook has it, people included. */
export const wireOrder = (parcel: SandboxParcel, changes: Body = {}): Body => {
  const step = parcel.steps.at(-1);
  const place = 'NBH, HLU, Bưu cục Hoa Lư - NBH - Ninh Bình, 02293871234, 131003, PHƯỜNG HOA LƯ';
  return {
    ORDER_NUMBER: parcel.waybill, ORDER_REFERENCE: parcel.reference, ORDER_STATUSDATE: written(step?.atMs ?? 0), ORDER_STATUS: statusOf(parcel), STATUS_NAME: NAMES[statusOf(parcel)] ?? null,
    LOCALION_CURRENTLY: place, NOTE: `Phát cho ${parcel.recipient}`, MONEY_COLLECTION: parcel.collectVnd, MONEY_FEECOD: 0, MONEY_TOTALFEE: parcel.feeVnd, MONEY_TOTAL: parcel.feeVnd,
    EXPECTED_DELIVERY: null, PRODUCT_WEIGHT: 300, ORDER_SERVICE: parcel.service, ORDER_SERVICE_ADD: null, ORDER_PAYMENT: parcel.payment, EXPECTED_DELIVERY_DATE: null, DETAIL: [], VOUCHER_VALUE: 0,
    EMPLOYEE_NAME: 'Phạm Minh Đức', EMPLOYEE_PHONE: '84967299927', IS_RETURNING: false, POD: { IMAGES: [] }, REASON_CODE: step?.reason ?? null, RECEIVER_FULLNAME: parcel.recipient,
    LOCATION_CURRENTLY: place, ...changes,
  };
};

const TARIFF: Readonly<Record<string, { readonly base: number; readonly name: string; readonly within: string }>> = {
  VCN: { base: 22_000, name: 'Chuyển phát nhanh', within: '24 giờ' }, VTK: { base: 16_500, name: 'Chuyển phát tiết kiệm', within: '72 giờ' }, PHS: { base: 14_000, name: 'Nội tỉnh tiết kiệm', within: '48 giờ' },
};

export const feeOf = (service: string, weightGrams: number): number => (TARIFF[service]?.base ?? 30_000) + Math.ceil(weightGrams / 500) * 2_500;

export const priceAnswer = (weightGrams: number): WireAnswer => jsonAnswer(200, Object.entries(TARIFF).map(([service, { name, within }]) =>
  ({ MA_DV_CHINH: service, TEN_DICHVU: name, GIA_CUOC: feeOf(service, weightGrams), THOI_GIAN: within, EXCHANGE_WEIGHT: 0, EXTRA_SERVICE: [] })));

const TEXTS = ['SENDER_FULLNAME', 'SENDER_PHONE', 'SENDER_ADDRESS', 'RECEIVER_FULLNAME', 'RECEIVER_PHONE', 'RECEIVER_ADDRESS', 'ORDER_SERVICE'] as const;
const PLACES = ['SENDER_PROVINCE', 'SENDER_WARD', 'RECEIVER_PROVINCE', 'RECEIVER_WARD'] as const;
const LONGEST_TEXT_BYTES = 150;

const isPositive = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value > 0;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= LONGEST_TEXT_BYTES;

/** Money that is collected makes 2 or 3 of the kind of payment, freight 2 or 4. */
const isPaymentFine = (payment: unknown, collect: unknown): boolean =>
  typeof collect === 'number' && collect >= 0 && (collect > 0 ? payment === 2 || payment === 3 : payment === 1 || payment === 4);

/** The field that is wrong; null where none is. */
export const wrongPlace = (body: Body): string | null => PLACES.find((field) => !isPositive(body[field])) ?? null;

export interface ReadOrder extends NewParcel {
  readonly isUnique: boolean;
}

/** The order, or the field that is wrong. */
export const readOrder = (body: Body): ReadOrder | string => {
  const wrong = TEXTS.find((field) => !isText(body[field])) ?? wrongPlace(body);
  if (wrong !== null) return wrong;
  const { ORDER_NUMBER, ORDER_SERVICE, ORDER_PAYMENT, MONEY_COLLECTION, PRODUCT_WEIGHT, PRODUCT_TYPE, CHECK_UNIQUE, RECEIVER_FULLNAME } = body;
  if (PRODUCT_TYPE !== 'TH' && PRODUCT_TYPE !== 'HH') return 'PRODUCT_TYPE';
  if (!isPaymentFine(ORDER_PAYMENT, MONEY_COLLECTION)) return 'ORDER_PAYMENT';
  if (!isPositive(PRODUCT_WEIGHT)) return 'PRODUCT_WEIGHT';
  return {
    reference: String(ORDER_NUMBER), service: String(ORDER_SERVICE), payment: Number(ORDER_PAYMENT), collectVnd: Number(MONEY_COLLECTION), recipient: String(RECEIVER_FULLNAME),
    feeVnd: feeOf(String(ORDER_SERVICE), Number(PRODUCT_WEIGHT)), isUnique: CHECK_UNIQUE === true,
  };
};
