import type { GatewayWord, PaymentNotice, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { fromWallClock, toWallClock } from '../support/wall-clock.js';
import { codeText, confirmSays, isKnownState, querySays } from './errors.js';
import { infoFlaws, receiptInfo } from './mapping-receipt-info.js';
import type { ExpectedInfo, ReceiptTerms } from './mapping-receipt-info.js';
import { sign } from './signature.js';
import { ASK_ORDER, CONFIRM_ORDER, INIT_ORDER } from './wire.js';
import type { AskFields, Confirmation, InitFields, QueryReply, ReceiptInfo } from './wire.js';

/** What configuration adds to every INIT. */
export interface OrderTerms extends ReceiptTerms {
  readonly version: string;
  readonly partnerCode: string;
  readonly serverIp: string;
}

/** What configuration says of codes. */
export interface CodeTerms {
  readonly failedCodes: readonly string[];
  readonly notFoundCodes: readonly string[];
}

type Asked = Pick<PaymentOrder, 'reference' | 'createdAt'>;

const LONGEST_DESCRIPTION = 100;
const DESCRIPTION = 'THANH TOAN HO SO ';

/** Letters without marks, digits, blank, dot and hyphen: nothing that a bank's system spoils, and no bar. */
export const plainText = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').replace(/[^A-Za-z0-9 .-]+/g, ' ').replace(/ +/g, ' ').trim();

export const descriptionOf = (dossierCode: string): string => `${DESCRIPTION}${plainText(dossierCode)}`.slice(0, LONGEST_DESCRIPTION);

const valuesOf = <Name extends string>(order: readonly Name[], fields: Readonly<Record<Name, string>>): readonly string[] => order.map((name) => fields[name]);

const initFields = (order: PaymentOrder, terms: OrderTerms): InitFields => ({
  LoaiBanTin: 'INIT',
  PhienBan: terms.version,
  MaDoiTac: terms.partnerCode,
  MaThamChieu: order.reference,
  SoTien: String(order.amountVnd),
  LoaiHinhThanhToan: 'PAY',
  MaKenhThanhToan: '1',
  MaThietBi: '1',
  NgonNgu: order.language === 'en' ? 'en-US' : 'vi-VN',
  MaTienTe: 'VND',
  MaNganHang: 'PAYMENT',
  ThongTinGiaoDich: descriptionOf(order.dossierCode),
  ThoiGianGD: toWallClock(order.createdAt),
  Ip: terms.serverIp,
});

export const initBody = (order: PaymentOrder, terms: OrderTerms, secret: string): InitFields & { readonly ThongTinBienLai: ReceiptInfo; readonly MaXacThuc: string } => {
  const fields = initFields(order, terms);
  const info = receiptInfo({ ...order, agencyCode: order.agencyCodes[0] ?? '', description: fields.ThongTinGiaoDich }, terms);
  return { ...fields, ThongTinBienLai: info, MaXacThuc: sign(valuesOf(INIT_ORDER, fields), secret) };
};

/** Body of QUERY or GET_BILL: the original time once more. */
export const askBody = (kind: AskFields['LoaiBanTin'], order: Asked, terms: Pick<OrderTerms, 'version' | 'partnerCode'> & { readonly secret: string }): AskFields & { readonly MaXacThuc: string } => {
  const fields: AskFields = { LoaiBanTin: kind, PhienBan: terms.version, MaDoiTac: terms.partnerCode, MaThamChieu: order.reference, ThoiGianGD: toWallClock(order.createdAt) };
  return { ...fields, MaXacThuc: sign(valuesOf(ASK_ORDER, fields), terms.secret) };
};

/** The values that a callback's signature covers, in their order. */
export const confirmValues = (fields: Confirmation): readonly string[] => valuesOf(CONFIRM_ORDER, fields);

/** Whole VND; null where it is none. */
export const amountVndOf = (wire: string): number | null => (/^\d{1,13}$/.test(wire) ? Number(wire) : null);

const orNull = (text: string): string | null => (text === '' ? null : text);

/** Nothing else is ever ours to book. */
const isVnd = ({ MaTienTe }: Confirmation): boolean => MaTienTe === '' || MaTienTe === 'VND';

/** The dossier that the signed description names, where we wrote it. */
const describedDossier = (description: string): string | null => (description.startsWith(DESCRIPTION) ? description.slice(DESCRIPTION.length) : null);

/** Ours, as the signed part of a callback tells it: the callback's reader knows no order. */
const expectedOf = (fields: Confirmation, dossierCode: string | null): ExpectedInfo => ({ dossierCode, amountVnd: amountVndOf(fields.SoTien), account: null });

const noticeFlaws = (fields: Confirmation): readonly string[] => {
  const described = describedDossier(fields.ThongTinGiaoDich);
  const isOther = described !== null && fields.MaHoSo !== '' && plainText(fields.MaHoSo) !== described;
  return [...(isOther ? ['dossier'] : []), ...infoFlaws(fields.ThongTinBienLai, expectedOf(fields, orNull(fields.MaHoSo)))];
};

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('/');

const said = (fields: Confirmation): Pick<GatewayWord, 'amountVnd' | 'gatewayTransaction' | 'bankCode' | 'text'> => ({
  amountVnd: amountVndOf(fields.SoTien), gatewayTransaction: orNull(fields.MaGiaoDich), bankCode: orNull(fields.MaNganHang), text: codeText(fields.MaLoi),
});

/** @returns null where the amount is no whole VND: nothing that we could book */
export const noticeOf = (fields: Confirmation, terms: CodeTerms): PaymentNotice | null => {
  if (amountVndOf(fields.SoTien) === null || !isVnd(fields)) return null;
  const says = confirmSays(fields.MaLoi, terms.failedCodes);
  return {
    ...said(fields), reference: fields.MaThamChieu, dossierCode: orNull(fields.MaHoSo), merchant: fields.MaDoiTac, says, code: joined(fields.MaLoi, ...noticeFlaws(fields)),
    paidAt: says === 'paid' ? fromWallClock(fields.ThoiGianGD) : null,
  };
};

/** What a callback says of itself: a repeat has the same, another word on the same payment another. */
export const confirmKey = ({ MaDoiTac, MaThamChieu, MaGiaoDich, MaLoi, SoTien }: Confirmation): string => [MaDoiTac, MaThamChieu, MaGiaoDich, MaLoi, SoTien].join('/');

/** What two tellings of one thing have in common: what is signed but for the time, which a repeat may give anew. */
export const confirmSameness = (fields: Confirmation): Buffer => Buffer.from(confirmValues({ ...fields, ThoiGianGD: '' }).join('|'), 'utf8');

export const confirmTime = ({ ThoiGianGD }: Confirmation): Date | null => fromWallClock(ThoiGianGD);

/** Is the answer about the payment that was asked for, in our money? */
export const isAbout = (reply: QueryReply, asked: { readonly reference: string; readonly partnerCode: string }): boolean =>
  reply.MaThamChieu === asked.reference && (reply.MaDoiTac === '' || reply.MaDoiTac === asked.partnerCode) && isVnd(reply);

/** Codes that say of the transaction nothing, where no state stands beside them. */
export const hasNoState = ({ TrangThaiGD }: QueryReply): boolean => !isKnownState(TrangThaiGD);

export const codeWord = (says: 'not-found' | 'pending', code: string): GatewayWord => ({ says, code, text: codeText(code), amountVnd: null, gatewayTransaction: null, bankCode: null, paidAt: null });

/** Differences between what came back and what was sent stand behind the code; the signed amount is compared by the domain. */
export const wordOf = (reply: QueryReply, order: PaymentOrder): GatewayWord => {
  const says = querySays(reply.MaLoi, reply.TrangThaiGD);
  const flaws = [
    ...(reply.ThongTinGiaoDich === '' || reply.ThongTinGiaoDich === descriptionOf(order.dossierCode) ? [] : ['description']),
    ...infoFlaws(reply.ThongTinBienLai, { dossierCode: order.dossierCode, amountVnd: order.amountVnd, account: order.account }),
  ];
  return { ...said(reply), says, code: joined(reply.MaLoi, reply.TrangThaiGD, ...flaws), paidAt: says === 'paid' ? fromWallClock(reply.ThoiGianGD) : null };
};
