import type { SandboxCaller } from '../support/sandbox-caller.js';
import type { Notice, NoticeFlaw, NoticeReply, NoticeRequest } from '../support/sandbox-notice.js';
import { parseObject } from '../support/sandbox-request.js';
import type { Transfer } from './sandbox-ledger.js';

export interface PushClient {
  readonly name: string;
  readonly password: string;
}

const EXPIRED = `1000000000000.${'0'.repeat(32)}.${'0'.repeat(64)}`;
const JSON_HEADER = { 'content-type': 'application/json' } as const;

/** A bank answers by its own table: only "no error" ends the tries. */
export const isPushTaken = (reply: NoticeReply): boolean => reply.status === 200 && parseObject(reply.body)?.['error'] === false;

/** The side of MB that tells us of balances: it asks us for a token, and pushes with it. */
export class SandboxPush {
  readonly #caller: SandboxCaller;
  readonly #client: PushClient;
  #token = '';
  #endsAt = 0;
  #pushes = 0;

  constructor(caller: SandboxCaller, client: PushClient) {
    this.#caller = caller;
    this.#client = client;
  }

  /** `channel` is that of QR codes where the code named an order; its push is worded in another way. */
  async tell(transfer: Transfer, channel: 'balance' | 'qr' = 'balance'): Promise<void> {
    if (Date.now() >= this.#endsAt) await this.#logIn();
    await this.#caller.notify(this.#notice(transfer, channel));
  }

  forget(): void {
    this.#endsAt = 0;
    this.#token = '';
  }

  async #logIn(): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${this.#client.name}:${this.#client.password}`).toString('base64')}`;
    const reply = await this.#caller.ask({ method: 'POST', path: 'token_generate', headers: { ...JSON_HEADER, authorization }, body: '{}' });
    const grant = reply?.status === 200 ? parseObject(reply.body) : null;
    const token = grant?.['access_token'];
    this.#token = typeof token === 'string' ? token : '';
    this.#endsAt = grant === null ? 0 : Date.now() + Number(grant['expires_in'] ?? 0) * 800;
  }

  #notice(transfer: Transfer, channel: 'balance' | 'qr'): Notice {
    return {
      operation: 'transaction-sync', key: transfer.ft, build: (flaw) => this.#request(transfer, channel, flaw),
      onReply: ({ status }) => { if (status === 401) this.#logIn().catch(() => undefined); },
    };
  }

  #request(transfer: Transfer, channel: 'balance' | 'qr', flaw: NoticeFlaw | null): NoticeRequest {
    this.#pushes += 1;
    const content = channel === 'qr' ? `QR ${transfer.content}` : transfer.content;
    const body = {
      transactionid: `MB${this.#pushes}`, transactiontime: transfer.at, referencenumber: transfer.ft,
      amount: transfer.amountVnd + (flaw === 'other-amount' ? 1_000 : 0),
      content: flaw === 'altered' ? 'chuyen tien' : content,
      bankaccount: transfer.account, transType: transfer.type, reciprocalAccount: '9704360000001', reciprocalBankCode: 'VCB', va: '', valueDate: transfer.at,
      ...(channel === 'qr' ? { orderId: transfer.purpose, terminalCode: 'T001', sign: '' } : {}),
    };
    const token = flaw === 'old-key' ? EXPIRED : this.#token;
    return { method: 'POST', path: 'transaction-sync', headers: { ...JSON_HEADER, ...(flaw === 'unsigned' ? {} : { authorization: `Bearer ${token}` }) }, body: JSON.stringify(body) };
  }
}
