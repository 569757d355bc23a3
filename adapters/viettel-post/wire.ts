import { z } from 'zod';

/** Below the configured address. Source: the party's own document, but for `detail` (one client). */
export const PATHS = {
  login: 'v2/user/Login',
  quote: 'v2/order/getPriceAll',
  create: 'v2/order/createOrder',
  update: 'v2/order/UpdateOrder',
  provinces: 'v2/categories/listProvinceById?provinceId=-1',
  districts: 'v2/categories/listDistrict?provinceId=-1',
  communes: 'v2/categories/listWards?districtId=-1',
  newProvinces: 'v3/categories/listProvinceNew',
  newCommunes: 'v3/categories/listWardsNew?provinceId=',
} as const;

export const TOKEN_HEADER = 'token';
/** Question of an order's detail: the waybill stands in this field of the query. */
export const DETAIL_FIELD = 'o';

const text = z.string().max(4_000).nullish().transform((value) => (value ?? '').normalize('NFC').trim());
const code = z.union([z.string(), z.number().int()]).transform(String).pipe(z.string().regex(/^-?[\w.-]{1,50}$/));
const money = z.number().min(0).max(1_000_000_000_000).nullish().transform((value) => value ?? null);

/** Every answer but a good price list, and some lists of places. */
export const envelope = z.object({ status: z.number().int(), error: z.boolean().nullish().transform((value) => value === true), message: text, data: z.unknown() });

export const tokenData = z.object({ token: z.string().regex(/^[\x21-\x7e]{4,8000}$/) });

export const createData = z.object({ ORDER_NUMBER: code, MONEY_TOTAL: money });
export type CreateData = z.infer<typeof createData>;

export const priceList = z.array(z.object({ MA_DV_CHINH: code, GIA_CUOC: money, THOI_GIAN: text })).max(200);

export const provinceList = z.array(z.object({ PROVINCE_ID: code, PROVINCE_NAME: z.string().min(1).max(200) })).max(1_000);
export const districtList = z.array(z.object({ DISTRICT_ID: code, DISTRICT_VALUE: text, DISTRICT_NAME: z.string().min(1).max(200), PROVINCE_ID: code })).max(10_000);
export const wardList = z.array(z.object({ WARDS_ID: code, WARDS_NAME: z.string().min(1).max(200), DISTRICT_ID: code.nullish() })).max(100_000);

/** What is read of an order: in a webhook, and (assumed) in its detail. */
export const order = z.object({
  ORDER_NUMBER: code,
  ORDER_REFERENCE: z.string().max(100).nullish().transform((value) => value ?? ''),
  ORDER_STATUS: code,
  STATUS_NAME: text,
  ORDER_STATUSDATE: text,
  // Both spellings are sent.
  LOCATION_CURRENTLY: text,
  LOCALION_CURRENTLY: text,
  REASON_CODE: z.union([z.string(), z.number()]).nullish().transform((value) => (value === null || value === undefined ? '' : String(value))),
});
export type WireOrder = z.infer<typeof order>;

export const webhook = z.object({ DATA: order, TOKEN: z.string().max(512).nullish().transform((value) => value ?? '') });

export interface WireOrderRequest {
  readonly ORDER_NUMBER: string;
  readonly GROUPADDRESS_ID: 0;
  readonly SENDER_FULLNAME: string;
  readonly SENDER_PHONE: string;
  readonly SENDER_ADDRESS: string;
  readonly SENDER_PROVINCE: number;
  readonly SENDER_DISTRICT: number;
  readonly SENDER_WARD: number;
  readonly RECEIVER_FULLNAME: string;
  readonly RECEIVER_PHONE: string;
  readonly RECEIVER_ADDRESS: string;
  readonly RECEIVER_PROVINCE: number;
  readonly RECEIVER_DISTRICT: number;
  readonly RECEIVER_WARD: number;
  readonly PRODUCT_NAME: string;
  readonly PRODUCT_QUANTITY: 1;
  readonly PRODUCT_PRICE: 0;
  readonly PRODUCT_WEIGHT: number;
  readonly PRODUCT_TYPE: 'TH';
  /** 1 nothing is collected, 2 money and freight, 3 money, 4 freight. */
  readonly ORDER_PAYMENT: 1 | 2 | 3 | 4;
  readonly ORDER_SERVICE: string;
  readonly ORDER_SERVICE_ADD: string;
  readonly ORDER_NOTE: string;
  readonly MONEY_COLLECTION: number;
  readonly CHECK_UNIQUE: true;
}

export type WireQuoteRequest = Pick<WireOrderRequest,
  'SENDER_PROVINCE' | 'SENDER_DISTRICT' | 'SENDER_WARD' | 'RECEIVER_PROVINCE' | 'RECEIVER_DISTRICT' | 'RECEIVER_WARD' | 'PRODUCT_TYPE' | 'PRODUCT_WEIGHT' | 'PRODUCT_PRICE' | 'MONEY_COLLECTION'>
  & { readonly TYPE: 1 };

/** What the journal may show of all this; names, phones, addresses, contents, notes, user and token stay masked. */
export const KEPT_FIELDS = {
  plain: new Set([
    'status', 'error', 'ORDER_NUMBER', 'ORDER_REFERENCE', 'ORDER_STATUS', 'STATUS_NAME', 'ORDER_STATUSDATE', 'REASON_CODE', 'MONEY_TOTAL', 'MONEY_COLLECTION', 'ORDER_SERVICE', 'ORDER_PAYMENT',
    'PRODUCT_WEIGHT', 'SENDER_PROVINCE', 'SENDER_DISTRICT', 'SENDER_WARD', 'RECEIVER_PROVINCE', 'RECEIVER_DISTRICT', 'RECEIVER_WARD', 'TYPE', 'CHECK_UNIQUE', 'MA_DV_CHINH', 'GIA_CUOC', 'THOI_GIAN',
    'PROVINCE_ID', 'PROVINCE_NAME', 'DISTRICT_ID', 'DISTRICT_NAME', 'WARDS_ID', 'WARDS_NAME', 'o',
  ]),
  text: new Set(['message']),
} as const;
