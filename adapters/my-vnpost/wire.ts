import { z } from 'zod';

/** Below the configured address. Source: several public clients; the three lists need no token. */
export const PATHS = {
  login: 'MobileAuthentication/GetAccessToken',
  provinces: 'TinhThanh/GetAll',
  districts: 'QuanHuyen/GetAll',
  communes: 'PhuongXa/GetAll',
  quote: 'CustomerConnect/TinhCuocTatCaDichVu',
  create: 'CustomerConnect/CreateOrder',
  cancel: 'CustomerConnect/CancelOrder',
  find: 'Order/GetOrder',
  list: 'Order/GetListOrderByManagerWithCustomCode',
} as const;

export const TOKEN_HEADER = 'h-token';

const text = z.string().max(4_000).nullish().transform((value) => (value ?? '').normalize('NFC').trim());
/** Codes come as text, and from some servers as a number. */
const code = z.union([z.string(), z.number().int()]).transform(String).pipe(z.string().regex(/^-?[\w.-]{1,50}$/));
/** Written as a double; what is meant is whole VND. */
const money = z.number().min(0).max(1_000_000_000_000).nullish().transform((value) => value ?? null);

export const loginReply = z.object({ IsSuccess: z.boolean(), ErrorMessage: text, Token: text });

export const provinceList = z.array(z.object({ MaTinhThanh: code, TenTinhThanh: z.string().min(1).max(200) })).max(1_000);
export const districtList = z.array(z.object({ MaQuanHuyen: code, TenQuanHuyen: z.string().min(1).max(200), MaTinhThanh: code })).max(10_000);
export const communeList = z.array(z.object({ MaPhuongXa: code, TenPhuongXa: z.string().min(1).max(200), MaQuanHuyen: code })).max(100_000);

export const quoteList = z.array(z.object({
  MaDichVu: code, Success: z.boolean(), Message: text, TongCuocSauVAT: money, TongCuocBaoGomDVCT: money, ThoiGianPhatDuKien: text,
})).max(200);
export type WireQuote = z.infer<typeof quoteList>[number];

/** What is read of an order: as the answer to its creation, when it is looked up, and within a webhook. */
export const order = z.object({
  Id: z.string().regex(/^[\w-]{1,64}$/),
  ItemCode: z.string().regex(/^[\w-]{0,50}$/).nullish().transform((value) => value ?? ''),
  OrderCode: z.string().max(100).nullish().transform((value) => value ?? ''),
  OrderStatusId: code,
  OrderStatusName: text,
  CauseName: text,
  AcceptanceName: text,
  DestinationName: text,
  LastUpdateTime: text,
  TotalFreightIncludeVatEvaluation: money,
});
export type WireOrder = z.infer<typeof order>;

/** The list was seen without a wrapper by no client for sure; both shapes are taken. */
export const orderList = z.union([z.array(order), z.object({ Items: z.array(order) }).transform(({ Items }) => Items)]);

/** A webhook: the order as JSON in a string. */
export const webhook = z.object({
  Data: z.string().min(2).max(200_000),
  SendDate: z.union([z.string().max(100), z.number()]).nullish().transform((value) => (value === null || value === undefined ? '' : String(value))),
  SignData: z.string().max(2_000).nullish().transform((value) => value ?? ''),
});
export type WireWebhook = z.infer<typeof webhook>;

/** A refusal, where it is JSON; others are bare text. */
export const refusal = z.union([z.string(), z.object({ Message: z.string() }).transform(({ Message }) => Message), z.object({ ErrorMessage: z.string() }).transform(({ ErrorMessage }) => ErrorMessage)]);

export interface WireOrderRequest {
  readonly SenderTel: string;
  readonly SenderFullname: string;
  readonly SenderAddress: string;
  readonly SenderWardId: string;
  readonly SenderDistrictId: string;
  readonly SenderProvinceId: string;
  readonly SenderAddressType: 1 | 2;
  readonly ReceiverTel: string;
  readonly ReceiverFullname: string;
  readonly ReceiverAddress: string;
  readonly ReceiverWardId: string;
  readonly ReceiverDistrictId: string;
  readonly ReceiverProvinceId: string;
  readonly ReceiverAddressType: 1 | 2;
  readonly ServiceName: string;
  readonly OrderCode: string;
  readonly PackageContent: string;
  readonly WeightEvaluation: number;
  readonly WidthEvaluation: number;
  readonly LengthEvaluation: number;
  readonly HeightEvaluation: number;
  readonly IsPackageViewable: boolean;
  readonly CustomerNote: string;
  readonly PickupType: 1 | 2;
  readonly CodAmountEvaluation: number;
  readonly OrderAmountEvaluation: number;
  readonly IsReceiverPayFreight: boolean;
  readonly UseBaoPhat: boolean;
  readonly UseHoaDon: boolean;
  readonly UseNhanTinSmsNguoiNhanTruocPhat: boolean;
  readonly UseNhanTinSmsNguoiNhanSauPhat: boolean;
  readonly CustomerCode: string;
  readonly VendorId?: number;
}

export interface WireQuoteRequest {
  readonly SenderDistrictId: string;
  readonly SenderProvinceId: string;
  readonly ReceiverDistrictId: string;
  readonly ReceiverProvinceId: string;
  readonly Weight: number;
  readonly Width: number;
  readonly Length: number;
  readonly Height: number;
  readonly CodAmount: number;
  readonly IsReceiverPayFreight: boolean;
  readonly OrderAmount: number;
  readonly UseBaoPhat: boolean;
  readonly UseHoaDon: boolean;
  readonly UseNhanTinSmsNguoiNhanTruocPhat: boolean;
  readonly UseNhanTinSmsNguoiNhanSauPhat: boolean;
  readonly CustomerCode: string;
}

/** What the journal may show of all this; names, phones, addresses, contents, notes, user and token stay masked. */
export const KEPT_FIELDS = {
  plain: new Set([
    'IsSuccess', 'Id', 'OrderId', 'ItemCode', 'OrderCode', 'OrderStatusId', 'OrderStatusName', 'LastUpdateTime', 'TotalFreightIncludeVatEvaluation', 'ListItemCode', 'PageSize',
    'SenderDistrictId', 'SenderProvinceId', 'ReceiverDistrictId', 'ReceiverProvinceId', 'ServiceName', 'WeightEvaluation', 'PickupType', 'CodAmountEvaluation', 'IsReceiverPayFreight',
    'CustomerCode', 'Weight', 'CodAmount', 'MaDichVu', 'TongCuocSauVAT', 'TongCuocBaoGomDVCT', 'ThoiGianPhatDuKien', 'Success',
    'MaTinhThanh', 'TenTinhThanh', 'MaQuanHuyen', 'TenQuanHuyen', 'MaPhuongXa', 'TenPhuongXa', 'refused',
  ]),
  text: new Set(['Message', 'ErrorMessage', 'CauseName', 'text']),
} as const;
