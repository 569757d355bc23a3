import type { BeneficiaryAccount } from '../../src/payments/payment-gateway-port.js';
import type { FeeItem, Payer } from '../../src/payments/payment.js';
import { cutByCodePoint } from '../support/vietnamese-text.js';
import { returnedInfo } from './wire.js';
import type { FeeFields, ReceiptInfo } from './wire.js';

/** What configuration adds to the information that a receipt is written from. */
export interface ReceiptTerms {
  readonly serviceSuffix: string;
  readonly feeWord: string;
  readonly chargeWord: string;
}

/** What a receipt is about: a payment that is opened, or what a dossier owes. */
export interface ReceiptSubject {
  readonly dossierCode: string;
  readonly procedureCode: string;
  readonly procedureName: string;
  readonly agencyCode: string;
  readonly agencyName: string;
  readonly account: BeneficiaryAccount;
  readonly items: readonly FeeItem[];
  readonly payer: Payer | null;
  readonly description: string;
}

/** Fees and charges; "1" would be a penalty, which is none of ours. */
const FEES_AND_CHARGES = '2';
/** What both known clients send for a payer without a number. */
const NO_ID = '000000000';

const cut = (text: string | null | undefined, limit: number): string => cutByCodePoint(text ?? '', limit);

const NO_PENALTY = {
  MaLoaiHinhThuPhat: '', TenLoaiHinhThuPhat: '', MaCoQuanQD: '', TenCoQuanQD: '', KhoBac: '', NgayQD: '', SoQD: '', ThoiGianViPham: '', DiaDiemViPham: '', TenNguoiViPham: '',
  TaiKhoanThuNSNN: '',
} as const;

export const feeFields = (items: readonly FeeItem[], terms: ReceiptTerms): readonly FeeFields[] =>
  items.map(({ key, kind, name, amountVnd }) => ({
    LoaiPhiLePhi: kind === 'FEE' ? terms.feeWord : terms.chargeWord, MaPhiLePhi: key, TenPhiLePhi: cut(name, 200), SoTien: String(amountVnd),
  }));

const payerFields = (payer: Payer | null) => ({
  HoTenNguoiNop: cut(payer?.name, 100), SoCMNDNguoiNop: cut(payer?.idNumber ?? NO_ID, 25), DiaChiNguoiNop: cut(payer?.address, 300),
  HuyenNguoiNop: payer?.district ?? '', TinhNguoiNop: payer?.province ?? '',
});

export const receiptInfo = (subject: ReceiptSubject, terms: ReceiptTerms): ReceiptInfo => ({
  MaDichVu: FEES_AND_CHARGES,
  MaDVC: `${subject.procedureCode}${terms.serviceSuffix}`,
  TenDVC: cut(subject.procedureName, 200),
  MaTTHC: subject.procedureCode,
  TenTTHC: cut(subject.procedureName, 200),
  MaDonVi: subject.agencyCode,
  TenDonVi: cut(subject.agencyName, 200),
  MaHoSo: subject.dossierCode,
  TKThuHuong: subject.account.number.slice(0, 50),
  MaNHThuHuong: subject.account.bankCode,
  TenTKThuHuong: cut(subject.account.holderName, 100),
  PhiLePhi: feeFields(subject.items, terms),
  ...NO_PENALTY,
  NoiDungThanhToan: subject.description,
  ...payerFields(subject.payer),
  DSKhoanNop: subject.items.map(({ name, amountVnd }) => ({ NoiDung: cut(name, 200), SoTien: String(amountVnd) })),
});

/** What unsigned information is compared with; null where nothing of ours is known. */
export interface ExpectedInfo {
  readonly dossierCode: string | null;
  readonly amountVnd: number | null;
  readonly account: Pick<BeneficiaryAccount, 'bankCode' | 'number'> | null;
}

const differs = (returned: string, expected: string | null | undefined): boolean => expected !== null && expected !== undefined && returned !== '' && returned !== expected;

/**
 * Where the information that came back differs from ours: a word for each kind, to be kept with the code. What did not come back differs
 * in nothing. It proves nothing either way: no signature covers it.
 */
export const infoFlaws = (returned: unknown, expected: ExpectedInfo): readonly string[] => {
  if (returned === undefined || returned === null || returned === '') return [];
  const parsed = returnedInfo.safeParse(returned);
  if (!parsed.success) return ['info-shape'];
  const { MaHoSo, TKThuHuong, MaNHThuHuong, PhiLePhi } = parsed.data;
  const sumVnd = (PhiLePhi ?? []).reduce((sum, { SoTien }) => sum + Number(SoTien), 0);
  return [
    ...(differs(MaHoSo, expected.dossierCode) ? ['info-dossier'] : []),
    ...(differs(TKThuHuong, expected.account?.number) || differs(MaNHThuHuong, expected.account?.bankCode) ? ['info-account'] : []),
    ...(expected.amountVnd !== null && (PhiLePhi ?? []).length > 0 && sumVnd !== expected.amountVnd ? ['info-fees'] : []),
  ];
};
