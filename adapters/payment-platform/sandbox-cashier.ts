import type { Notice, NoticeFlaw, NoticeRequest } from '../support/sandbox-notice.js';
import { vietnamTime } from './sandbox-clock.js';
import type { ClockFault } from './sandbox-clock.js';
import { digestOf } from './sandbox-hash.js';
import type { OrderState, PlatformLedger, SandboxOrder } from './sandbox-ledger.js';

/** Secret by partner code. */
export type SandboxPartners = Readonly<Record<string, string>>;

/** How a visit to the pay page ends. */
export interface Outcome {
  readonly state: Exclude<OrderState, 'open'>;
  readonly code: string;
  readonly clock?: ClockFault;
  /** QUERY knows nothing for so long after the money was taken. */
  readonly hiddenMs?: number;
}

/** An old secret of every partner, which the platform by mistake still signs with. */
export const OLD_SECRET = 'PLATFORMOLDSECRET0000';
/** How much more a callback with another amount names, in VND. */
const SURPLUS_VND = 1_000;

export const CONFIRM_NAMES = 'LoaiBanTin MaLoi MaDoiTac MaThamChieu SoTien MaTienTe MaGiaoDich MaNganHang ThoiGianGD ThongTinGiaoDich';

type Fields = Readonly<Record<string, unknown>>;

export const resultFields = (order: SandboxOrder, type: string): Fields => ({
  LoaiBanTin: type, MaLoi: order.code, MaDoiTac: order.partnerCode, MaThamChieu: order.ref, SoTien: order.amountVnd, MaTienTe: 'VND', MaGiaoDich: order.transaction,
  MaNganHang: order.bankCode, ThoiGianGD: order.paidTime, ThongTinGiaoDich: order.description,
});

/** Fields that no signature covers. */
const extras = (order: SandboxOrder): Fields => ({ Token: '', Sothe: '', Thangthe: '', Namthe: '', MaHoSo: order.dossierCode });

const signed = (fields: Fields, secret: string): Fields => ({ ...fields, MaXacThuc: digestOf(CONFIRM_NAMES, fields, secret) });

const spoilt = (fields: Fields, secret: string, flaw: NoticeFlaw | null): Fields => {
  const other = { ...fields, SoTien: Number(fields['SoTien']) + SURPLUS_VND };
  if (flaw === 'other-amount') return signed(other, secret);
  if (flaw === 'altered') return { ...other, MaXacThuc: digestOf(CONFIRM_NAMES, fields, secret) };
  if (flaw === 'unsigned') return fields;
  return signed(fields, flaw === 'old-key' ? OLD_SECRET : secret);
};

/** Takes the money, and says so. */
export class SandboxCashier {
  readonly #ledger: PlatformLedger;
  readonly #partners: SandboxPartners;

  constructor(ledger: PlatformLedger, partners: SandboxPartners) {
    this.#ledger = ledger;
    this.#partners = partners;
  }

  /** @returns false where the order is over already: nobody pays one reference twice */
  settle(order: SandboxOrder, outcome: Outcome): boolean {
    if (order.state !== 'open') return false;
    order.state = outcome.state;
    order.code = outcome.code;
    order.transaction = this.#ledger.nextNumber();
    order.bankCode = 'VIETINBANK';
    order.paidTime = vietnamTime(outcome.clock ?? null);
    order.hiddenUntil = Date.now() + (outcome.hiddenMs ?? 0);
    if (outcome.state !== 'failed') order.taken.push(order.amountVnd);
    this.#ledger.keep(order);
    return true;
  }

  /** @param code of another word than the order's own, such as one that was overtaken */
  notice(order: SandboxOrder, code: string = order.code): Notice {
    // As it was then; later changes do not reach it.
    const fields = { ...resultFields(order, 'CONFIRM'), MaLoi: code };
    const secret = this.#partners[order.partnerCode] ?? '';
    const build = (flaw: NoticeFlaw | null): NoticeRequest => ({
      method: 'POST', path: 'confirm', headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify({ ...spoilt(fields, secret, flaw), ...extras(order) }),
    });
    return { operation: 'confirm', key: order.ref, build };
  }
}
