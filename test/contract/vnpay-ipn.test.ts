import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { OLD_SECRET } from '../../adapters/vnpay/sandbox-cashier.js';
import { eventually } from '../support/eventually.js';
import { recordedCall } from './sample-dossier.js';
import { afterOpening, sampleOrder } from './sample-payment.js';
import type { Opened } from './sample-payment.js';
import { startVnpay } from './vnpay-harness.js';
import type { VnpayContestant } from './vnpay-harness.js';

interface Heard {
  readonly verification: string;
  readonly notice: PaymentNotice | null;
}

interface SentIpn {
  readonly key: string;
  readonly attempt: number;
  readonly taken: boolean;
  readonly reply: { readonly body: string } | null;
}

/** Answers as the gateway would, from what the receiver says; the inbox has tests of its own. */
const listenFor = (receive: (query: string) => string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => { response.end(receive((request.url ?? '').split('?')[1] ?? '')); });
    server.listen(0, '127.0.0.1', () => { resolve(server); });
  });

describe('the IPN of VNPAY, from its sandbox over HTTP', () => {
  let vnpay: VnpayContestant;
  let server: Server;
  let heard: Heard[];
  let isDown: boolean;

  beforeEach(async () => {
    heard = [];
    isDown = false;
    vnpay = await startVnpay({ sandbox: { ipnRetryMs: 30 } });
    server = await listenFor((query) => {
      const { callback } = vnpay;
      const bytes = Buffer.from(query);
      const verification = callback.verify({ bytes, headers: {}, peer: { address: '127.0.0.1', certificate: null } });
      const notice = verification.kind === 'verified' ? callback.read(bytes) : null;
      heard.push({ verification: verification.kind === 'verified' ? 'verified' : verification.reason, notice });
      if (isDown) return callback.reply('unavailable', null).body;
      return (verification.kind === 'verified' ? callback.reply('applied', 'confirmed') : callback.reply('unverified', null)).body;
    });
    await vnpay.control.post('callback-address', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/vnpay` });
  });

  const restart = async (env: Readonly<Record<string, string>>): Promise<void> => {
    await vnpay.close();
    vnpay = await startVnpay({ sandbox: { ipnRetryMs: 30, callbackAddress: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/vnpay` }, env });
  };

  afterEach(async () => {
    await vnpay.close();
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  });

  const opened = async (): Promise<{ readonly order: ReturnType<typeof sampleOrder>; readonly opened: Opened }> => {
    const order = sampleOrder();
    const answer = await vnpay.gateway.open(order, recordedCall().call);
    if (answer.kind !== 'opened') throw new Error('refused');
    return { order: afterOpening(order, answer), opened: answer };
  };

  const paid = async (): Promise<ReturnType<typeof sampleOrder>> => {
    const { order, opened: answer } = await opened();
    await vnpay.press(order.reference, answer, 'pay');
    return order;
  };

  const isHeard = (count: number): Promise<void> => eventually(`${count} IPN`, () => heard.length === count).then(() => undefined);
  const notices = (): Promise<readonly SentIpn[]> => vnpay.control.get('notices');

  it('is verified, tells of the payment and is taken at the first try', async () => {
    const order = await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'verified', notice: { reference: order.reference, says: 'paid', amountVnd: order.amountVnd, code: '00/00' } });
    await eventually('one that is taken', async () => (await notices()).length === 1);
    expect(await notices()).toMatchObject([{ attempt: 1, taken: true }]);
  });

  it('comes for a payment that the citizen gave up, too', async () => {
    const { order, opened: answer } = await opened();
    await vnpay.press(order.reference, answer, 'cancel');
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'verified', notice: { says: 'failed', code: '24/02' } });
  });

  it('comes again until it is taken', async () => {
    isDown = true;
    await paid();
    await eventually('three tries', () => heard.length >= 3);
    isDown = false;
    await eventually('the end of tries', async () => (await notices()).at(-1)?.taken === true);
    expect(new Set(heard.map(({ notice }) => JSON.stringify(notice))).size).toBe(1);
  });

  it('may come twice, and says the same', async () => {
    await vnpay.control.post('misbehave-notices', { kind: 'twice' });
    await paid();
    await isHeard(2);
    expect(heard[0]).toEqual(heard[1]);
  });

  it('may be here before the browser is sent back', async () => {
    await vnpay.control.post('misbehave-notices', { kind: 'early' });
    await paid();
    expect(heard).toHaveLength(1);
  });

  it.each(['altered', 'unsigned', 'old-key'])('is refused when it is %s', async (kind) => {
    await vnpay.control.post('misbehave-notices', { kind });
    await paid();
    await eventually('an answer', async () => (await notices()).length > 0);
    expect(heard[0]).toEqual({ verification: 'signature', notice: null });
    expect((await notices())[0]?.reply?.body).toBe('{"RspCode":"97","Message":"Invalid Checksum"}');
  });

  it('is believed with an old key as long as that is configured', async () => {
    await restart({ VNPAY_MERCHANTS: JSON.stringify([{ agency: '*', tmnCode: 'DEMOTMN1', secret: 'DEMOSECRETDEMOSECRETDEMOSECRET01', previousSecret: OLD_SECRET }]) });
    await vnpay.control.post('misbehave-notices', { kind: 'old-key' });
    await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'verified', notice: { says: 'paid' } });
  });

  it('with another amount is passed on as said', async () => {
    await vnpay.control.post('misbehave-notices', { kind: 'other-amount' });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]?.notice?.amountVnd).toBe(order.amountVnd + 1_000);
  });

  it('may be overtaken by an older word, which says neither paid nor failed', async () => {
    await vnpay.misbehave({ kind: 'overtaken', operation: 'pay' });
    await paid();
    await isHeard(2);
    expect(heard.map(({ notice }) => notice?.says).sort()).toEqual(['paid', 'pending']);
  });

  it.each([['fraud', 'disputed', '07/07'], ['reversed', 'disputed', '99/04'], ['no-money', 'failed', '51/02']])('tells of %s as %s', async (kind, says, code) => {
    await vnpay.misbehave({ kind, operation: 'pay' });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]?.notice).toMatchObject({ says, code });
    expect(await vnpay.charges(order.reference)).toEqual(says === 'disputed' ? [order.amountVnd] : []);
    expect((await vnpay.gateway.ask?.(order, recordedCall().call))?.says).toBe(says);
  });

  it.each(['clock-7h', 'clock-2min', 'clock-12h'])('is believed with a wrong clock: %s', async (kind) => {
    await vnpay.misbehave({ kind, operation: 'pay' });
    await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'verified', notice: { says: 'paid' } });
  });
});

describe('querydr of VNPAY', () => {
  let vnpay: VnpayContestant;
  beforeEach(async () => { vnpay = await startVnpay({ sandbox: { queryLimitMs: 60_000 } }); });
  afterEach(async () => { await vnpay.close(); });

  const pay = async (): Promise<ReturnType<typeof sampleOrder>> => {
    const order = sampleOrder();
    const answer = await vnpay.gateway.open(order, recordedCall().call);
    if (answer.kind === 'opened') await vnpay.press(order.reference, answer, 'pay');
    return order;
  };
  const failureOf = (order: ReturnType<typeof sampleOrder>): Promise<unknown> =>
    Promise.resolve(vnpay.gateway.ask?.(order, recordedCall().call)).then((word) => word?.says, (error: unknown) => {
      const { kind, code, retryAfterMs } = error as { kind: string; code: string; retryAfterMs?: number };
      return { kind, code, retryAfterMs };
    });

  it('asked again too soon waits as long as configured', async () => {
    const order = await pay();
    expect(await failureOf(order)).toBe('paid');
    expect(await failureOf(order)).toEqual({ kind: 'rate-limited', code: 'asked-too-often', retryAfterMs: 300_000 });
  });

  it('says "not found" for a while after the money was taken', async () => {
    await vnpay.misbehave({ kind: 'late-books', operation: 'pay', delayMs: 60_000 });
    expect(await failureOf(await pay())).toBe('not-found');
  });

  it('finds an order by the time of its pay URL, to the second', async () => {
    const order = await pay();
    expect(await failureOf({ ...order, createdAt: new Date(order.createdAt.getTime() + 1_000) })).toBe('not-found');
  });

  it.each([
    ['busy', { kind: 'unavailable', code: 'party-busy', retryAfterMs: undefined }], ['unlisted-code', { kind: 'bad-reply', code: 'code-unlisted', retryAfterMs: undefined }],
    ['unsigned', { kind: 'bad-reply', code: 'signature', retryAfterMs: undefined }], ['other-order', { kind: 'bad-reply', code: 'other-order', retryAfterMs: undefined }],
    ['limited', { kind: 'rate-limited', code: 'asked-too-often', retryAfterMs: 300_000 }],
  ])('that is %s', async (kind, expected) => {
    const order = await pay();
    await vnpay.misbehave({ kind, operation: 'querydr' });
    expect(await failureOf(order)).toEqual(expected);
  });

  it('goes on under the terminal code that the payment was opened with', async () => {
    const order = await pay();
    const moved = { ...order, gatewayData: { terminal: 'TERMINALGONE' } };
    expect(await failureOf(moved)).toEqual({ kind: 'refused-credentials', code: 'no-merchant', retryAfterMs: undefined });
    expect(await failureOf({ ...order, gatewayData: { terminal: 'DEMOTMN1' }, agencyCodes: ['NOBODY'] })).toBe('paid');
  });

  it('is what a probe asks: a good secret is told that there is no such order', async () => {
    expect(await vnpay.probe()).toEqual({ ok: true, detail: '1 terminal code(s) accepted' });
    const wrong = await startVnpay({ env: { VNPAY_MERCHANTS: JSON.stringify([{ agency: 'H42', tmnCode: 'DEMOTMN1', secret: 'A-SECRET-OF-NOBODY' }]) } });
    expect(await wrong.probe()).toEqual({ ok: false, detail: 'vnpay ask-payment: refused-credentials (merchant-refused)' });
    expect([wrong.gateway.serves(['H42.05', 'H42']), wrong.gateway.serves(['H43'])]).toEqual([true, false]);
    expect(await wrong.gateway.open(sampleOrder({ agencyCodes: ['H43'] }), recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-merchant' });
    await wrong.close();
  });

  it('shows a refund as it goes on', async () => {
    const order = await pay();
    const { refunds } = vnpay.gateway;
    const refund = { requestId: 'REFUND1', amountVnd: order.amountVnd, isFull: true, reason: '', approvedBy: 'canbo01', createdAt: new Date(), payment: order, gatewayTransaction: null };
    expect(await refunds?.refund(refund, recordedCall().call)).toMatchObject({ kind: 'processing' });
    await vnpay.control.post('settle-refund', { reference: order.reference, status: '09' });
    expect(await refunds?.askRefund(refund, recordedCall().call)).toMatchObject({ says: 'refused', code: '00/09/02' });
    expect(await vnpay.givenBack(order.reference)).toEqual([]);
  });
});

describe('the sandbox of VNPAY', () => {
  it('opens nothing for a pay URL that was changed or hashed with another key, and lets nobody pay twice', async () => {
    const vnpay = await startVnpay();
    const order = sampleOrder({ returnUrl: null });
    const answer = await vnpay.gateway.open(order, recordedCall().call);
    if (answer.kind !== 'opened' || answer.payUrl === null) throw new Error('refused');
    const page = async (url: string): Promise<string> => (await fetch(url)).text();
    expect(await page(answer.payUrl.replace('vnp_Amount=5800000', 'vnp_Amount=100'))).toContain('data-code="97"');
    expect(await page(`${answer.payUrl}&vnp_SecureHashType=HmacSHA512`)).toContain('data-code="03"');
    expect(await vnpay.held(order.reference)).toBe(0);
    const address = await vnpay.press(order.reference, answer, 'pay');
    expect(address.startsWith(`${vnpay.url}/return?`)).toBe(true);
    expect(await page(address)).toContain(`${order.reference}: 00`);
    expect(await page(answer.payUrl)).toContain('data-code="01"');
    await fetch(`${vnpay.url}/paymentv2/confirm.html`, { method: 'POST', body: `ref=${order.reference}&action=pay`, redirect: 'manual' });
    expect(await vnpay.charges(order.reference)).toEqual([order.amountVnd]);
    await vnpay.close();
  });

  it('remembers what it took when it is started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vnpay-'));
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    const first = await startVnpay({ sandbox });
    const order = sampleOrder();
    const answer = await first.gateway.open(order, recordedCall().call);
    if (answer.kind === 'opened') await first.press(order.reference, answer, 'pay');
    await first.close();
    const second = await startVnpay({ sandbox });
    expect(await second.charges(order.reference)).toEqual([order.amountVnd]);
    expect((await second.gateway.ask?.(order, recordedCall().call))?.says).toBe('paid');
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
