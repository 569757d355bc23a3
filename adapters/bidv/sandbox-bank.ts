import { createHash, createHmac } from 'node:crypto';
import type { SandboxCaller } from '../support/sandbox-caller.js';
import type { Notice, NoticeFlaw, NoticeReply, NoticeRequest } from '../support/sandbox-notice.js';
import { parseObject } from '../support/sandbox-request.js';
import { isFinal } from './sandbox-ledger.js';
import type { BidvLedger, BidvPayment } from './sandbox-ledger.js';

export interface BankSide {
  readonly serviceId: string;
  readonly secret: string;
  readonly client: string;
  readonly checksum: 'md5' | 'hmac';
}

/** Under this one `old-key` is signed. */
export const OLD_SECRET = 'BIDVOLDSECRET';
const JSON_HEADER = { 'content-type': 'application/json' } as const;

export const codeIn = (reply: NoticeReply | null): string => {
  const code = reply === null ? null : parseObject(reply.body)?.['result_code'];
  return typeof code === 'string' ? code : '';
};

export const isAnswered = (reply: NoticeReply): boolean => isFinal(codeIn(reply));

const wallClock = (at: number): string => new Date(at + 25_200_000).toISOString().replace(/\D/g, '').slice(0, 14);

/** BIDV as it calls us: a token, a bill, and what was paid. */
export class SandboxBank {
  readonly #caller: SandboxCaller;
  readonly #side: BankSide;
  readonly #ledger: BidvLedger;
  #token = '';
  #endsAt = 0;

  constructor(caller: SandboxCaller, side: BankSide, ledger: BidvLedger) {
    this.#caller = caller;
    this.#side = side;
    this.#ledger = ledger;
  }

  async getbill(customerId: string): Promise<NoticeReply | null> {
    await this.#logIn();
    const body = { customer_id: customerId, service_id: this.#side.serviceId, checksum: this.#sign([this.#side.serviceId, customerId]) };
    return this.#caller.ask({ method: 'POST', path: 'getbill', headers: this.#headers(), body: JSON.stringify(body) });
  }

  async paybill(payment: BidvPayment): Promise<void> {
    await this.#logIn();
    await this.#caller.notify(this.#notice(payment));
  }

  forget(): void {
    this.#endsAt = 0;
  }

  #notice(payment: BidvPayment): Notice {
    return {
      operation: 'paybill', key: payment.transId, build: (flaw) => this.#request(payment, flaw),
      onReply: (reply) => {
        this.#ledger.answered(payment, codeIn(reply));
        if (codeIn(reply) === '003') this.#logIn(true).catch(() => undefined);
      },
    };
  }

  #request(payment: BidvPayment, flaw: NoticeFlaw | null): NoticeRequest {
    const amount = String(payment.amountVnd + (flaw === 'other-amount' ? 1_000 : 0));
    const secret = flaw === 'old-key' ? OLD_SECRET : this.#side.secret;
    const body = {
      trans_id: payment.transId, trans_date: wallClock(payment.at), customer_id: payment.billId, service_id: this.#side.serviceId, bill_id: payment.billId,
      amount: flaw === 'altered' ? '1000' : amount, ...(flaw === 'unsigned' ? {} : { checksum: this.#sign([payment.transId, payment.billId, amount], secret) }), additionalData: '',
    };
    return { method: 'POST', path: 'paybill', headers: this.#headers(), body: JSON.stringify(body) };
  }

  #sign(values: readonly string[], secret = this.#side.secret): string {
    const text = secret + values.join('');
    return this.#side.checksum === 'md5' ? createHash('md5').update(text).digest('hex') : createHmac('sha256', secret).update(text).digest('base64');
  }

  #headers(): Record<string, string> {
    return { ...JSON_HEADER, authorization: `Bearer ${this.#token}` };
  }

  async #logIn(anew = false): Promise<void> {
    if (!anew && Date.now() < this.#endsAt) return;
    const headers = { ...JSON_HEADER, authorization: `Basic ${Buffer.from(this.#side.client).toString('base64')}` };
    const reply = await this.#caller.ask({ method: 'POST', path: 'token_generate', headers, body: '' });
    const grant = reply?.status === 200 ? parseObject(reply.body) : null;
    const token = grant?.['access_token'];
    this.#token = typeof token === 'string' ? token : '';
    this.#endsAt = grant === null ? 0 : Date.now() + Number(grant['expires_in'] ?? 0) * 800;
  }
}
