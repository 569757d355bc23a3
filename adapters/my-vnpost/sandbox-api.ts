import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { toWallClock } from '../support/wall-clock.js';
import { statusOf } from './sandbox-ledger.js';
import type { SandboxParcel } from './sandbox-ledger.js';

type Body = Readonly<Record<string, unknown>>;

/** DD/MM/YYYY HH:mm:ss on the wall. */
export const written = (atMs: number): string => toWallClock(new Date(atMs)).replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$3/$2/$1 $4:$5:$6');

const NAMES: Readonly<Record<number, string>> = { 20: 'Gửi sang MyVNPOST thành công', 60: 'Đã hủy', 70: 'Bưu cục đã nhận đơn hàng', 91: 'Phát không thành công', 100: 'Phát thành công', 170: 'Phát hoàn thành công' };

/** An order as the party writes it; `status` stands for another than its own. */
export const wireOrder = (parcel: SandboxParcel, changes: Body = {}): Body => {
  const step = parcel.steps.at(-1);
  return {
    Id: parcel.id, ItemCode: parcel.itemCode, OrderCode: parcel.orderCode, CustomerCode: parcel.customerCode, ServiceName: parcel.service, OrderStatusId: statusOf(parcel),
    OrderStatusName: NAMES[statusOf(parcel)] ?? null, ShippingStatusId: null, PaymentStatusId: null, CauseCode: null, CauseName: step?.cause === '' ? null : step?.cause ?? null, SolutionName: null,
    DeliveryTimes: parcel.steps.filter(({ status }) => status === 91).length, DeliveryNote: null, AcceptanceName: 'Bưu cục Hoa Lư', DestinationName: 'Bưu cục Bờ Hồ',
    LastUpdateTime: written(step?.atMs ?? 0), CodAmountEvaluation: parcel.collectVnd, OriginalCodAmountEvaluation: parcel.collectVnd, CodFreight: 0,
    TotalFreightIncludeVat: parcel.feeVnd, TotalFreightIncludeVatEvaluation: parcel.feeVnd, IsSuccess: false, Message: null, ...changes,
  };
};

const TARIFF: Readonly<Record<string, { readonly base: number; readonly per100g: number; readonly within: string }>> = {
  EMS: { base: 22_000, per100g: 1_500, within: '2 ngày' }, BK: { base: 15_000, per100g: 800, within: '5 ngày' }, TMDT_EMS: { base: 20_000, per100g: 1_200, within: '2 ngày' },
};

/** VAT (10 %) included; whole VND, though the wire writes a double. */
export const feeOf = (service: string, weightGrams: number, collectVnd: number): number => {
  const { base, per100g } = TARIFF[service] ?? { base: 25_000, per100g: 2_000 };
  const net = base + Math.ceil(weightGrams / 100) * per100g + (collectVnd > 0 ? 5_000 : 0);
  return Math.round(net * 1.1);
};

export const quoteAnswer = (weightGrams: number, collectVnd: number): WireAnswer => jsonAnswer(200, [
  ...Object.entries(TARIFF).map(([service, { within }]) => {
    const total = feeOf(service, weightGrams, collectVnd);
    return {
      MaDichVu: service, CuocChinh: Math.round(total / 1.1), TongCuocTruocVAT: Math.round(total / 1.1), VAT: total - Math.round(total / 1.1), TongCuocSauVAT: total, TongCuocBaoGomDVCT: total,
      ThoiGianPhatDuKien: within, Success: true, Message: null,
    };
  }),
  { MaDichVu: 'DONG_GIA', TongCuocSauVAT: 0, TongCuocBaoGomDVCT: 0, ThoiGianPhatDuKien: null, Success: false, Message: 'Dịch vụ chưa được cấp cho khách hàng' },
]);

const TEXTS = ['SenderTel', 'SenderFullname', 'SenderAddress', 'SenderProvinceId', 'SenderDistrictId', 'ReceiverTel', 'ReceiverFullname', 'ReceiverAddress', 'ReceiverProvinceId', 'ReceiverDistrictId', 'ServiceName'] as const;

export interface ReadOrder {
  readonly orderCode: string;
  readonly customerCode: string;
  readonly service: string;
  readonly weightGrams: number;
  readonly collectVnd: number;
}

/** What is wrong with an order, in the party's words; or the order. */
export const readOrder = (body: Body): ReadOrder | string => {
  const missing = TEXTS.find((field) => typeof body[field] !== 'string' || body[field] === '');
  if (missing !== undefined) return `Trường ${missing} là bắt buộc`;
  const { OrderCode, CustomerCode, ServiceName, WeightEvaluation, CodAmountEvaluation, PickupType } = body;
  if (typeof OrderCode !== 'string' || typeof CustomerCode !== 'string' || typeof ServiceName !== 'string') return 'Dữ liệu không hợp lệ';
  if (typeof WeightEvaluation !== 'number' || WeightEvaluation <= 0) return 'Khối lượng không hợp lệ';
  if (typeof CodAmountEvaluation !== 'number' || CodAmountEvaluation < 0) return 'Tiền thu hộ không hợp lệ';
  if (PickupType !== 1 && PickupType !== 2) return 'Hình thức thu gom không hợp lệ';
  return { orderCode: OrderCode, customerCode: CustomerCode, service: ServiceName, weightGrams: WeightEvaluation, collectVnd: CodAmountEvaluation };
};
