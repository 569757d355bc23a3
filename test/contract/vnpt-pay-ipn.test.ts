import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IPN_DRESSES, OLD_SECRET } from '../../adapters/vnpt-pay/sandbox-cashier.js';
import type { PaymentNotice, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { eventually } from '../support/eventually.js';
import { recordedCall } from './sample-dossier.js';
import { afterOpening, sampleOrder } from './sample-payment.js';
import { startVnptPay } from './vnpt-pay-harness.js';
import type { VnptPayContestant, VnptPayStart } from './vnpt-pay-harness.js';

const SERVICE = '900001';
const SECRET = 'demo-secret-of-vnpt-pay-1';
const merchantsWith = (changes: object): Readonly<Record<string, string>> =>
  ({ VNPT_PAY_MERCHANTS: JSON.stringify([{ agency: '*', merchantServiceId: SERVICE, apiKey: '0123456789abcdef0123456789abcdef', secret: SECRET, ...changes }]) });

interface Heard {
  readonly verification: string;
  readonly notice: PaymentNotice | null;
}

interface SentIpn {
  readonly attempt: number;
  readonly taken: boolean;
  readonly reply: { readonly body: string } | null;
}

const bytesOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Answers as the gateway would, from what the receiver says; the inbox has tests of its own. */
const listenFor = (receive: (bytes: Buffer) => string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => { void bytesOf(request).then((bytes) => response.end(receive(bytes))); });
    server.listen(0, '127.0.0.1', () => { resolve(server); });
  });

const opened = async (party: VnptPayContestant): Promise<PaymentOrder> => {
  const order = sampleOrder();
  const answer = await party.gateway.open(order, recordedCall().call);
  if (answer.kind !== 'opened') throw new Error('refused');
  return afterOpening(order, answer);
};

const askedOf = (party: VnptPayContestant, order: PaymentOrder): Promise<unknown> =>
  Promise.resolve(party.gateway.ask?.(order, recordedCall().call)).then((word) => ({ says: word?.says, code: word?.code }), (error: unknown) => {
    const { kind, code } = error as { kind: string; code: string };
    return { kind, code };
  });

describe('the IPN of VNPT Pay, from its sandbox over HTTP', () => {
  let party: VnptPayContestant;
  let server: Server;
  let heard: Heard[];
  let isDown: boolean;

  const callbackAddress = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/vnpt-pay`;
  const start = async (options: VnptPayStart = {}): Promise<void> => {
    party = await startVnptPay({ ...options, sandbox: { ipnRetryMs: 30, callbackAddress: callbackAddress(), ...options.sandbox } });
  };

  beforeEach(async () => {
    heard = [];
    isDown = false;
    server = await listenFor((bytes) => {
      const { callback } = party;
      const verification = callback.verify({ bytes, headers: {}, peer: { address: '127.0.0.1', certificate: null } });
      const notice = verification.kind === 'verified' ? callback.read(bytes) : null;
      heard.push({ verification: verification.kind === 'verified' ? verification.verifiedBy : verification.reason, notice });
      if (verification.kind === 'refused') return callback.reply('unverified', verification.reason, bytes).body;
      return callback.reply(isDown ? 'unavailable' : 'applied', isDown ? null : 'confirmed', bytes).body;
    });
    await start();
  });

  afterEach(async () => {
    await party.close();
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  });

  const paid = async (): Promise<PaymentOrder> => {
    const order = await opened(party);
    await party.press(order.reference, 'pay');
    return order;
  };
  const isHeard = (count: number): Promise<void> => eventually(`${count} IPN`, () => heard.length === count).then(() => undefined);
  const notices = (): Promise<readonly SentIpn[]> => party.control.get('notices');
  const firstReply = async (): Promise<string> => {
    const [sent] = await eventually('an answer', async () => ((await notices()).length > 0 ? notices() : null));
    return sent?.reply?.body ?? '';
  };

  it.each(IPN_DRESSES)('dressed as %s is verified, tells of the payment, and our signed answer ends it', async (dress) => {
    await party.control.post('ipn-dress', { dress });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: SERVICE, notice: { reference: order.reference, says: 'paid', amountVnd: order.amountVnd, code: '00', gatewayTransaction: 'VP000000001' } });
    await firstReply();
    expect(await notices()).toMatchObject([{ attempt: 1, taken: true }]);
  });

  it('comes for a payment that the citizen gave up, too', async () => {
    const order = await opened(party);
    await party.press(order.reference, 'cancel');
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: SERVICE, notice: { says: 'failed', code: '01', paidAt: null } });
  });

  it('comes again until it is taken', async () => {
    isDown = true;
    await paid();
    await eventually('three tries', () => heard.length >= 3);
    expect(await firstReply()).toContain('"RESPONSE_CODE":"08"');
    isDown = false;
    await eventually('the end of tries', async () => (await notices()).at(-1)?.taken === true);
    expect(new Set(heard.map(({ notice }) => JSON.stringify(notice))).size).toBe(1);
  });

  it('may come twice, and says the same', async () => {
    await party.control.post('misbehave-notices', { kind: 'twice' });
    await paid();
    await isHeard(2);
    expect(heard[0]).toEqual(heard[1]);
  });

  it('may be here before the citizen sees the next page', async () => {
    await party.control.post('misbehave-notices', { kind: 'early' });
    await paid();
    expect(heard).toHaveLength(1);
  });

  it.each(['altered', 'unsigned', 'old-key'])('is refused when it is %s, with an answer that we do not sign', async (kind) => {
    await party.control.post('misbehave-notices', { kind });
    await paid();
    expect(JSON.parse(await firstReply())).toMatchObject({ RESPONSE_CODE: '97', MERCHANT_ORDER_ID: '', SECURE_CODE: '' });
    expect(heard[0]).toEqual({ verification: 'signature', notice: null });
  });

  it('is believed with an old secret as long as that is configured, and answered under it', async () => {
    await party.close();
    await start({ env: merchantsWith({ previousSecret: OLD_SECRET }) });
    await party.control.post('misbehave-notices', { kind: 'old-key' });
    await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: `${SERVICE}-previous`, notice: { says: 'paid' } });
    await firstReply();
    expect(await notices()).toMatchObject([{ taken: true }]);
  });

  it('with another amount is passed on as said', async () => {
    await party.control.post('misbehave-notices', { kind: 'other-amount' });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]?.notice?.amountVnd).toBe(order.amountVnd + 1_000);
  });

  it('may be overtaken by an older word, which says neither paid nor failed', async () => {
    await party.misbehave({ kind: 'overtaken', operation: 'pay' });
    await paid();
    await isHeard(2);
    expect(heard.map(({ notice }) => notice?.says).sort()).toEqual(['paid', 'pending']);
  });

  it('that timed out with the money taken is pending, and a question tells', async () => {
    await party.misbehave({ kind: 'timed-out', operation: 'pay' });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]?.notice).toMatchObject({ says: 'pending', code: '04' });
    expect(await party.charges(order.reference)).toEqual([order.amountVnd]);
    expect(await askedOf(party, order)).toEqual({ says: 'paid', code: '00/DONE' });
  });

  it('tells of a citizen without money as failed', async () => {
    await party.misbehave({ kind: 'no-money', operation: 'pay' });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]?.notice).toMatchObject({ says: 'failed', code: '01' });
    expect(await party.charges(order.reference)).toEqual([]);
  });

  it.each(['clock-7h', 'clock-2min', 'clock-12h'])('is believed with a wrong clock: %s', async (kind) => {
    await party.misbehave({ kind, operation: 'pay' });
    await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: SERVICE, notice: { says: 'paid' } });
  });
});

describe('VNPT Pay, asked and opened', () => {
  let party: VnptPayContestant;
  beforeEach(async () => { party = await startVnptPay(); });
  afterEach(async () => { await party.close(); });

  const payed = async (): Promise<PaymentOrder> => {
    const order = await opened(party);
    await party.press(order.reference, 'pay');
    return order;
  };

  it('says "not found" for a while after the money was taken', async () => {
    await party.misbehave({ kind: 'late-books', operation: 'pay', delayMs: 60_000 });
    expect(await askedOf(party, await payed())).toEqual({ says: 'not-found', code: '05' });
  });

  it('finds an order by the time of its opening, to the second', async () => {
    const order = await payed();
    expect(await askedOf(party, { ...order, createdAt: new Date(order.createdAt.getTime() + 1_000) })).toMatchObject({ says: 'not-found' });
  });

  it.each([
    ['busy', { kind: 'unavailable', code: 'party-busy' }], ['unsigned', { kind: 'bad-reply', code: 'signature' }], ['other-order', { kind: 'bad-reply', code: 'other-order' }],
    ['bare', { says: 'pending', code: '00' }], ['turned', { says: 'paid', code: '00/DONE' }], ['unknown-status', { says: 'paid', code: '00/42' }],
  ])('a question that is answered %s', async (kind, expected) => {
    const order = await payed();
    await party.misbehave({ kind, operation: 'query' });
    expect(await askedOf(party, order)).toEqual(expected);
  });

  it.each([
    ['exists', { kind: 'outcome-unknown', code: 'order-exists' }], ['busy', { kind: 'outcome-unknown', code: 'party-busy' }], ['bare', { kind: 'outcome-unknown', code: 'nothing-to-pay-with' }],
    ['unlisted-code', { kind: 'bad-reply', code: 'code-unlisted' }], ['unsigned', { kind: 'bad-reply', code: 'signature' }], ['bad-signature', { kind: 'bad-reply', code: 'signature' }],
    ['other-order', { kind: 'bad-reply', code: 'other-order' }],
  ])('an opening that is answered %s may have begun, and a question tells', async (kind, expected) => {
    const order = sampleOrder();
    await party.misbehave({ kind, operation: 'init' });
    await expect(party.gateway.open(order, recordedCall().call)).rejects.toMatchObject(expected);
    expect(await party.held(order.reference)).toBe(1);
    expect(await askedOf(party, order)).toMatchObject({ says: 'pending' });
  });

  it('opens from an answer whose fields come in another order, signed in that order', async () => {
    await party.misbehave({ kind: 'turned', operation: 'init' });
    expect(await opened(party)).toMatchObject({ gatewayData: { service: SERVICE } });
  });

  it('books by configured statuses only, where they are configured', async () => {
    const strict = await startVnptPay({ env: { VNPT_PAY_STATUS_PAID: 'SUCCESS', VNPT_PAY_STATUS_PENDING: 'INIT' } });
    const order = await opened(strict);
    await strict.press(order.reference, 'pay');
    expect(await askedOf(strict, order)).toEqual({ says: 'pending', code: '00/DONE' });
    await strict.close();
  });

  it('goes on under the service that the payment was opened with', async () => {
    const order = await payed();
    expect(await askedOf(party, { ...order, gatewayData: { service: 'GONE' } })).toEqual({ kind: 'refused-credentials', code: 'no-merchant' });
    expect(await askedOf(party, { ...order, agencyCodes: ['NOBODY'] })).toMatchObject({ says: 'paid' });
  });

  it('is probed with a question: a good key and secret get a signed answer', async () => {
    expect(await party.probe()).toEqual({ ok: true, detail: '1 service(s) accepted' });
    const wrong = await startVnptPay({ env: merchantsWith({ agency: 'H42', secret: 'a-secret-of-nobody' }) });
    expect(await wrong.probe()).toEqual({ ok: false, detail: 'vnpt-pay ask-payment: refused-credentials (merchant-refused)' });
    await expect(wrong.gateway.open(sampleOrder(), recordedCall().call)).rejects.toMatchObject({ kind: 'refused-credentials', code: 'merchant-refused' });
    expect([wrong.gateway.serves(['H42.05', 'H42']), wrong.gateway.serves(['H43'])]).toEqual([true, false]);
    expect(await wrong.gateway.open(sampleOrder({ agencyCodes: ['H43'] }), recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-merchant' });
    await wrong.close();
    const keyless = await startVnptPay({ env: merchantsWith({ apiKey: 'ffffffffffffffffffffffffffffffff' }) });
    expect(await keyless.probe()).toEqual({ ok: false, detail: 'vnpt-pay ask-payment: refused-credentials (http-401)' });
    await keyless.close();
  });

  it('lets nobody pay twice, in its sandbox, and shows who has paid', async () => {
    const order = await payed();
    expect(await party.press(order.reference, 'pay')).toContain('data-code="03"');
    expect(await party.charges(order.reference)).toEqual([order.amountVnd]);
  });

  it('remembers in its sandbox what it took when it is started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vnpt-pay-'));
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    const first = await startVnptPay({ sandbox });
    const order = await opened(first);
    await first.press(order.reference, 'pay');
    await first.close();
    const second = await startVnptPay({ sandbox });
    expect(await second.charges(order.reference)).toEqual([order.amountVnd]);
    expect(await askedOf(second, order)).toMatchObject({ says: 'paid' });
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
