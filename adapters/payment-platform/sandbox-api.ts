import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { CONFIRM_NAMES, resultFields } from './sandbox-cashier.js';
import type { SandboxPartners } from './sandbox-cashier.js';
import { digestOf, textOf } from './sandbox-hash.js';
import type { OrderState, PlatformLedger, SandboxOrder } from './sandbox-ledger.js';

type Fields = Readonly<Record<string, unknown>>;

/** How an honest answer is spoilt. */
export type ApiTwist = 'not-found' | 'busy' | 'bad-signature' | 'unsigned' | 'unknown-status' | 'contradiction' | 'other-amount' | 'other-order' | 'other-info' | 'other-currency' | 'unlisted-code';

const INIT_NAMES = 'LoaiBanTin PhienBan MaDoiTac MaThamChieu SoTien LoaiHinhThanhToan MaKenhThanhToan MaThietBi NgonNgu MaTienTe MaNganHang ThongTinGiaoDich ThoiGianGD Ip';
const ASK_NAMES = 'LoaiBanTin PhienBan MaDoiTac MaThamChieu ThoiGianGD';

const SHAPES: Readonly<Record<string, RegExp>> = {
  LoaiBanTin: /^INIT$/, PhienBan: /^1\.0\.6$/, MaThamChieu: /^[\w-]{1,50}$/, SoTien: /^[1-9]\d{0,12}$/, LoaiHinhThanhToan: /^PAY$/, MaKenhThanhToan: /^1$/, MaThietBi: /^1$/,
  NgonNgu: /^(vi-VN|en-US)$/, MaTienTe: /^VND$/, MaNganHang: /^PAYMENT$/, ThongTinGiaoDich: /^THANH TOAN HO SO [A-Za-z0-9 .-]{1,83}$/, ThoiGianGD: /^\d{14}$/, Ip: /^[0-9A-Fa-f.:]{7,45}$/,
};

const INFO_TEXTS = 'MaDichVu MaDVC TenDVC MaTTHC TenTTHC MaDonVi TenDonVi MaHoSo TKThuHuong MaNHThuHuong TenTKThuHuong MaLoaiHinhThuPhat TenLoaiHinhThuPhat MaCoQuanQD '
  + 'TenCoQuanQD KhoBac NgayQD SoQD ThoiGianViPham DiaDiemViPham TenNguoiViPham TaiKhoanThuNSNN NoiDungThanhToan HoTenNguoiNop SoCMNDNguoiNop DiaChiNguoiNop HuyenNguoiNop TinhNguoiNop';
const INFO_NEEDED = 'MaDichVu MaDVC MaTTHC MaDonVi MaHoSo TKThuHuong MaNHThuHuong TenTKThuHuong';

const WORDS: Readonly<Record<string, string>> = {
  '00': 'Thành công', '02': 'Dữ liệu không đúng định dạng', '03': 'Mã tham chiếu đã tồn tại', '05': 'Không tìm thấy dữ liệu', '07': 'Chữ ký không đúng', '08': 'Đối tác đang bị khóa',
  '09': 'Đối tác không tồn tại', '99': 'Lỗi không xác định',
};

const STATES: Readonly<Record<OrderState, string>> = { open: '3', paid: '1', failed: '4', unsure: '3' };

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const sumOf = (list: unknown): number | null => (Array.isArray(list) && list.length > 0 && list.every((item) => isObject(item) && typeof item['SoTien'] === 'string')
  ? (list as readonly Fields[]).reduce((sum, item) => sum + Number(item['SoTien']), 0) : null);

/** Nobody signs it, so the platform looks at least whether it adds up. Every text must be there, an empty one where there is nothing to say. */
const isInfoFine = (info: unknown, amount: number): info is Fields =>
  isObject(info) && INFO_TEXTS.split(' ').every((name) => typeof info[name] === 'string') && INFO_NEEDED.split(' ').every((name) => info[name] !== '')
  && textOf(info['TenTTHC']).length <= 200 && textOf(info['TKThuHuong']).length <= 50 && textOf(info['HoTenNguoiNop']).length <= 100
  && sumOf(info['PhiLePhi']) === amount && sumOf(info['DSKhoanNop']) === amount;

const otherInfo = (info: unknown): unknown => (isObject(info) ? { ...info, TKThuHuong: '999999999', MaHoSo: 'X-1' } : info);

const TWISTS: Readonly<Record<ApiTwist, (fields: Fields) => Fields>> = {
  'not-found': () => ({ MaLoi: '05' }),
  busy: () => ({ MaLoi: '99' }),
  'unlisted-code': () => ({ MaLoi: '42' }),
  'unknown-status': (fields) => ({ ...fields, TrangThaiGD: '7' }),
  contradiction: (fields) => ({ ...fields, MaLoi: '01', TrangThaiGD: '1' }),
  'other-amount': (fields) => ({ ...fields, SoTien: Number(fields['SoTien']) + 1_000 }),
  'other-order': (fields) => ({ ...fields, MaThamChieu: 'OG0000000000000' }),
  'other-info': (fields) => ({ ...fields, ThongTinBienLai: otherInfo(fields['ThongTinBienLai']) }),
  'other-currency': (fields) => ({ ...fields, MaTienTe: 'USD' }),
  'bad-signature': (fields) => fields,
  unsigned: (fields) => fields,
};

/** INIT, QUERY and GET_BILL over the ledger. */
export class SandboxApi {
  readonly #ledger: PlatformLedger;
  readonly #partners: SandboxPartners;
  readonly #isWrapped: boolean;

  /** @param isWrapped answers inside what an LGSP puts around them: JSON in a string */
  constructor(ledger: PlatformLedger, partners: SandboxPartners, isWrapped: boolean) {
    this.#ledger = ledger;
    this.#partners = partners;
    this.#isWrapped = isWrapped;
  }

  /** @returns the code that refuses an INIT; null where it may open an order */
  initRefusal(body: Fields): string | null {
    const secret = this.#partners[textOf(body['MaDoiTac'])];
    if (secret === undefined) return '09';
    if (body['MaXacThuc'] !== digestOf(INIT_NAMES, body, secret)) return '07';
    // A number would be signed alike: on this message the amount is a text.
    const isFine = typeof body['SoTien'] === 'string' && Object.entries(SHAPES).every(([name, shape]) => shape.test(textOf(body[name])));
    if (!isFine || !isInfoFine(body['ThongTinBienLai'], Number(body['SoTien']))) return '02';
    return this.#ledger.order(textOf(body['MaThamChieu'])) === null ? null : '03';
  }

  init(body: Fields): SandboxOrder {
    return this.#ledger.open({
      ref: textOf(body['MaThamChieu']), partnerCode: textOf(body['MaDoiTac']), amountVnd: Number(body['SoTien']), initTime: textOf(body['ThoiGianGD']),
      description: textOf(body['ThongTinGiaoDich']), dossierCode: textOf((body['ThongTinBienLai'] as Fields)['MaHoSo']), info: body['ThongTinBienLai'], isForeign: false,
    });
  }

  opened(order: SandboxOrder, payUrl: string): WireAnswer {
    const fields = { MaLoi: '00', MoTaLoi: WORDS['00'], MaThamChieu: order.ref, UrlThanhToan: payUrl };
    return this.said({ ...fields, MaXacThuc: digestOf('MaLoi MaThamChieu UrlThanhToan', fields, this.#partners[order.partnerCode] ?? '') });
  }

  refused(code: string, body: Fields): WireAnswer {
    return this.said({ MaLoi: code, MoTaLoi: WORDS[code] ?? 'Lỗi', MaThamChieu: textOf(body['MaThamChieu']) });
  }

  query(body: Fields, twist: ApiTwist | null = null): WireAnswer {
    const found = this.#asked(body);
    if (typeof found === 'string') return this.refused(found, body);
    const honest = { ...resultFields(found, 'QUERY'), MaLoi: found.code === '' ? '00' : found.code, MoTaLoi: '', TrangThaiGD: STATES[found.state], ThongTinBienLai: found.info };
    const fields = twist === null ? honest : TWISTS[twist](honest);
    const secret = this.#partners[found.partnerCode] ?? '';
    if (twist === 'unsigned') return this.said(fields);
    return this.said({ ...fields, MaXacThuc: digestOf(CONFIRM_NAMES, fields, twist === 'bad-signature' ? `${secret}x` : secret) });
  }

  /** One of the known clients reads a PDF, the other JSON. */
  bill(body: Fields, form: 'pdf' | 'json'): WireAnswer {
    const found = this.#asked(body);
    if (typeof found === 'string') return this.refused(found, body);
    if (found.state !== 'paid') return this.refused('05', body);
    if (form === 'json') return this.said({ MaLoi: '00', MoTaLoi: WORDS['00'], MaThamChieu: found.ref, SoTien: found.amountVnd });
    return { status: 200, headers: { 'content-type': 'application/pdf' }, body: `%PDF-1.4\n% Bien lai ${found.ref} ${found.amountVnd} VND\n%%EOF\n` };
  }

  /** As it goes out: flat, or as a string inside the wrapper. */
  said(fields: Fields): WireAnswer {
    return jsonAnswer(200, this.#isWrapped ? { error_code: '0', message: JSON.stringify(fields) } : fields);
  }

  /** @returns the order, or the code that refuses the question. The original time is part of it, compared as text. */
  #asked(body: Fields): SandboxOrder | string {
    const secret = this.#partners[textOf(body['MaDoiTac'])];
    if (secret === undefined) return '09';
    if (body['MaXacThuc'] !== digestOf(ASK_NAMES, body, secret)) return '07';
    const order = this.#ledger.order(textOf(body['MaThamChieu']));
    const isKnown = order !== null && order.partnerCode === body['MaDoiTac'] && order.initTime === body['ThoiGianGD'] && order.hiddenUntil <= Date.now();
    return isKnown ? order : '05';
  }
}
