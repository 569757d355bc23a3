import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { vietnamTime } from './sandbox-clock.js';
import { hashedQuery, sha512 } from './sandbox-hash.js';
import type { SandboxOrder, VnpayLedger } from './sandbox-ledger.js';
import { qrContentOf } from './sandbox-qr.js';

/** Secret by terminal code. */
export type SandboxMerchants = Readonly<Record<string, string>>;

const SHAPES: Readonly<Record<string, RegExp>> = {
  vnp_Version: /^2\.1\.0$/, vnp_Command: /^(pay|genqr)$/, vnp_TmnCode: /^\w{4,20}$/, vnp_Amount: /^[1-9]\d{0,11}$/, vnp_CreateDate: /^\d{14}$/, vnp_CurrCode: /^VND$/,
  vnp_IpAddr: /^.{7,45}$/, vnp_Locale: /^(vn|en)$/, vnp_OrderInfo: /^[A-Za-z0-9 .:-]{1,255}$/, vnp_OrderType: /^.{1,100}$/, vnp_ReturnUrl: /^https?:\/\/.{3,247}$/,
  vnp_ExpireDate: /^\d{14}$/, vnp_TxnRef: /^[\w-]{1,100}$/,
};

const html = (status: number, body: string): WireAnswer =>
  ({ status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<!doctype html><html lang="vi"><meta charset="utf-8"><title>VNPAY sandbox</title><body>${body}</body></html>` });

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Why a query opens nothing; null where it may. Codes are those of the pay page. */
const refusalOf = (request: SandboxHttpRequest, fields: Readonly<Record<string, string>>, merchants: SandboxMerchants): string | null => {
  const names = [...request.query.keys()];
  const secret = merchants[fields['vnp_TmnCode'] ?? ''];
  if (new Set(names).size !== names.length || fields['vnp_SecureHashType'] !== undefined) return '03';
  if (secret === undefined) return '02';
  if (fields['vnp_SecureHash'] !== sha512(secret, hashedQuery(fields))) return '97';
  return Object.entries(SHAPES).every(([name, shape]) => shape.test(fields[name] ?? '')) ? null : '03';
};

const ORDER_OVER = '01';
const EXPIRED = '11';

export class SandboxPayPage {
  readonly #ledger: VnpayLedger;
  readonly #merchants: SandboxMerchants;

  constructor(ledger: VnpayLedger, merchants: SandboxMerchants) {
    this.#ledger = ledger;
    this.#merchants = merchants;
  }

  /** Null where the query is in order. */
  refusal(request: SandboxHttpRequest): WireAnswer | null {
    const fields = Object.fromEntries(request.query);
    const code = refusalOf(request, fields, this.#merchants);
    if (code === null) return null;
    return fields['vnp_Command'] === 'genqr' ? jsonAnswer(200, { code, message: 'Refused' }) : html(400, `<p data-code="${code}">Giao dịch bị từ chối (${code})</p>`);
  }

  /** Shows the page, which makes the order known. */
  show(request: SandboxHttpRequest): WireAnswer {
    const { order, code } = this.#visit(request);
    if (code !== null) return html(200, `<p data-code="${code}">Không thanh toán được (${code})</p>`);
    const button = (action: string, label: string): string =>
      `<form method="post" action="confirm.html"><input type="hidden" name="ref" value="${escaped(order.ref)}"><button name="action" value="${action}">${label}</button></form>`;
    return html(200, `<h1>${escaped(order.orderInfo)}</h1><p>${order.amount / 100} VND</p>${button('pay', 'Thanh toán')}${button('cancel', 'Hủy')}`);
  }

  /** Where the browser ends in a demonstration; whoever reads it knows no more than before. */
  returned(request: SandboxHttpRequest): WireAnswer {
    return html(200, `<p>${escaped(request.query.get('vnp_TxnRef') ?? '')}: ${escaped(request.query.get('vnp_ResponseCode') ?? '')}</p>`);
  }

  qr(request: SandboxHttpRequest): WireAnswer {
    const { order, code } = this.#visit(request);
    return code === null ? jsonAnswer(200, { code: '00', message: 'Success', qrcontent: qrContentOf(order) }) : jsonAnswer(200, { code, message: 'Refused' });
  }

  #visit(request: SandboxHttpRequest): { readonly order: SandboxOrder; readonly code: string | null } {
    const field = (name: string): string => request.query.get(`vnp_${name}`) ?? '';
    const order = this.#ledger.order(field('TmnCode'), field('TxnRef')) ?? this.#ledger.open({
      ref: field('TxnRef'), tmnCode: field('TmnCode'), amount: Number(field('Amount')), createDate: field('CreateDate'), expireDate: field('ExpireDate'),
      orderInfo: field('OrderInfo'), returnUrl: field('ReturnUrl'),
    });
    if (order.state !== 'open' || order.amount !== Number(field('Amount'))) return { order, code: ORDER_OVER };
    return { order, code: field('ExpireDate') < vietnamTime() ? EXPIRED : null };
  }
}
