import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaymentPlatformSandboxOptions } from '../../adapters/payment-platform/sandbox.js';
import { OLD_SECRET } from '../../adapters/payment-platform/sandbox-cashier.js';
import type { PaymentNotice, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { eventually } from '../support/eventually.js';
import { warmed } from './hasty.js';
import { failure } from './payment-gateway-stage.js';
import { recordedCall } from './sample-dossier.js';
import { afterOpening, sampleOrder } from './sample-payment.js';
import type { Opened } from './sample-payment.js';
import { startPlatform } from './payment-platform-harness.js';
import type { PlatformContestant } from './payment-platform-harness.js';

interface Heard {
  readonly verification: string;
  readonly notice: PaymentNotice | null;
}

interface SentNotice {
  readonly attempt: number;
  readonly taken: boolean;
  readonly reply: { readonly body: string } | null;
}

const DEMO_SECRET = 'DEMOPLATFORMSECRET01';

/** Answers as the gateway would, from what the receivers say; inbox and question desk have tests of their own. */
const listenFor = (receive: (path: string, body: Buffer, authorization: string) => string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => { response.end(receive(request.url ?? '', Buffer.concat(chunks), request.headers.authorization ?? '')); });
    });
    server.listen(0, '127.0.0.1', () => { resolve(server); });
  });

let platform: PlatformContestant;
let server: Server;
let heard: Heard[];
let isDown: boolean;
const PEER = { address: '127.0.0.1', certificate: null };
const DUE_TOKEN = 'a-token-of-the-portal-0123456789';

const confirm = (bytes: Buffer): string => {
  const { callback } = platform;
  const verification = callback.verify({ bytes, headers: {}, peer: PEER });
  const notice = verification.kind === 'verified' ? callback.read(bytes) : null;
  heard.push({ verification: verification.kind === 'verified' ? verification.verifiedBy : verification.reason, notice });
  if (isDown) return callback.reply('unavailable', null, bytes).body;
  return (verification.kind === 'verified' ? callback.reply('applied', 'confirmed', bytes) : callback.reply('unverified', null, bytes)).body;
};

const askDue = (bytes: Buffer, authorization: string): string => {
  const { dueQuestion } = platform.party;
  if (dueQuestion === null) return '{}';
  const proof = dueQuestion.verify({ bytes, headers: { authorization }, peer: PEER });
  const question = proof.kind === 'verified' ? dueQuestion.read(bytes) : null;
  return question === null ? dueQuestion.fail('unverified').body : dueQuestion.reply({ kind: 'nothing-due' }, question).body;
};

const restart = async (sandbox: PaymentPlatformSandboxOptions = {}, env: Readonly<Record<string, string>> = {}): Promise<void> => {
  await platform.close();
  platform = await startPlatform({ sandbox: { confirmRetryMs: 30, callbackAddress: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/payment-platform`, ...sandbox }, env });
};

beforeEach(async () => {
  heard = [];
  isDown = false;
  server = await listenFor((path, body, authorization) => (path.endsWith('/due') ? askDue(body, authorization) : confirm(body)));
  platform = await startPlatform();
  await restart();
});

afterEach(async () => {
  await platform.close();
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
});

const opened = async (changes: Partial<PaymentOrder> = {}): Promise<{ readonly order: PaymentOrder; readonly answer: Opened }> => {
  const order = sampleOrder(changes);
  const answer = await platform.gateway.open(order, recordedCall().call);
  if (answer.kind !== 'opened') throw new Error(`refused: ${answer.code}`);
  return { order: afterOpening(order, answer), answer };
};
const paid = async (): Promise<PaymentOrder> => {
  const { order, answer } = await opened();
  await platform.press(answer, 'pay');
  return order;
};
const isHeard = (count: number): Promise<void> => eventually(`${count} callbacks`, () => heard.length === count).then(() => undefined);
const notices = (): Promise<readonly SentNotice[]> => platform.control.get('notices');
const ask = async (order: PaymentOrder) => platform.gateway.ask?.(order, recordedCall().call);

describe('CONFIRM of the payment platform, from its sandbox over HTTP', () => {
  it('is verified, tells of the payment, and is answered with its own fields', async () => {
    const order = await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'DEMO-PARTNER', notice: { reference: order.reference, dossierCode: order.dossierCode, says: 'paid', amountVnd: order.amountVnd, code: '00' } });
    await eventually('one that is taken', async () => (await notices()).length === 1);
    const [sent] = await notices();
    expect(sent).toMatchObject({ attempt: 1, taken: true });
    expect(JSON.parse(sent?.reply?.body ?? '')).toEqual({
      MaLoi: '00', MoTaLoi: 'Thành công', MaDoiTac: 'DEMO-PARTNER', MaThamChieu: order.reference, ThoiGianGD: expect.stringMatching(/^\d{14}$/), MaXacThuc: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('comes for a payment that the citizen gave up, too', async () => {
    const { answer } = await opened();
    await platform.press(answer, 'cancel');
    await isHeard(1);
    expect(heard[0]?.notice).toMatchObject({ says: 'failed', code: '01', paidAt: null });
  });

  it('comes again until it is taken', async () => {
    isDown = true;
    await paid();
    await eventually('three tries', () => heard.length >= 3);
    isDown = false;
    await eventually('the end of tries', async () => (await notices()).at(-1)?.taken === true);
    expect(new Set(heard.map(({ notice }) => JSON.stringify(notice))).size).toBe(1);
  });

  it('may come twice and says the same; may be here before the page answers; and late', async () => {
    await platform.control.post('misbehave-notices', [{ kind: 'twice' }]);
    await paid();
    await isHeard(2);
    expect(heard[0]).toEqual(heard[1]);
    await platform.control.post('misbehave-notices', { kind: 'early' });
    await paid();
    expect(heard).toHaveLength(3);
    await platform.control.post('misbehave-notices', { kind: 'late', delayMs: 100 });
    await paid();
    await isHeard(4);
  });

  it('may be here before INIT is answered', async () => {
    await platform.misbehave({ kind: 'paid-before-answer', operation: 'init' });
    const { order } = await opened();
    expect(heard[0]).toMatchObject({ notice: { reference: order.reference, says: 'paid' } });
    expect(await platform.charges(order.reference)).toEqual([order.amountVnd]);
  });

  it.each(['altered', 'unsigned', 'old-key'])('is refused when it is %s, and a stranger hears nothing of it again', async (kind) => {
    await platform.control.post('misbehave-notices', { kind });
    await paid();
    await eventually('an answer', async () => (await notices()).length > 0);
    expect(heard[0]).toEqual({ verification: 'signature', notice: null });
    expect(JSON.parse((await notices())[0]?.reply?.body ?? '')).toEqual({ MaLoi: '99', MoTaLoi: 'Chữ ký không hợp lệ', MaDoiTac: '', MaThamChieu: '', ThoiGianGD: '', MaXacThuc: '' });
  });

  it('is believed with an old key as long as that is configured', async () => {
    await restart({}, { PAYMENT_PLATFORM_PARTNERS: JSON.stringify([{ agency: '*', partnerCode: 'DEMO-PARTNER', secret: DEMO_SECRET, previousSecret: OLD_SECRET }]) });
    await platform.control.post('misbehave-notices', { kind: 'old-key' });
    await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'DEMO-PARTNER-previous', notice: { says: 'paid' } });
  });

  it('with another amount is passed on as said', async () => {
    await platform.control.post('misbehave-notices', { kind: 'other-amount' });
    const order = await paid();
    await isHeard(1);
    expect(heard[0]?.notice?.amountVnd).toBe(order.amountVnd + 1_000);
  });

  it('may be overtaken by an older word, which says neither paid nor failed', async () => {
    await platform.misbehave({ kind: 'overtaken', operation: 'pay' });
    await paid();
    await isHeard(2);
    expect(heard.map(({ notice }) => notice?.says).sort()).toEqual(['paid', 'pending']);
  });

  it.each(['clock-7h', 'clock-2min', 'clock-12h'])('is believed with a wrong clock: %s', async (kind) => {
    await platform.misbehave({ kind, operation: 'pay' });
    await paid();
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'DEMO-PARTNER', notice: { says: 'paid' } });
  });

  it('of a payment begun on the national portal names the dossier, under a reference that is not ours', async () => {
    await platform.control.post('pay-at-portal', { dossierCode: 'H42-260315-0009', amountVnd: 8_000 });
    await isHeard(1);
    expect(heard[0]?.notice).toMatchObject({ reference: expect.stringMatching(/^DVC/), dossierCode: 'H42-260315-0009', says: 'paid', amountVnd: 8_000 });
  });

  it('can ask what a dossier owes, with the token only', async () => {
    await restart({}, { PAYMENT_PLATFORM_DUE_TOKENS: `portal:${DUE_TOKEN}` });
    await platform.control.post('ask-due', { dossierCode: 'H42-260315-0009', token: DUE_TOKEN });
    await platform.control.post('ask-due', { dossierCode: 'H42-260315-0008', token: 'another' });
    await eventually('two answers', async () => (await notices()).length === 2);
    expect((await notices()).map(({ reply }) => (JSON.parse(reply?.body ?? '{}') as { error_code: number }).error_code).sort()).toEqual([-1, 0]);
  });
});

describe('QUERY of the payment platform', () => {
  it('says pending of money that the platform does not know yet, and the truth afterwards', async () => {
    await platform.misbehave({ kind: 'unsure', operation: 'pay' });
    const order = await paid();
    expect(await ask(order)).toMatchObject({ says: 'pending', code: '99/3' });
    expect(await platform.charges(order.reference)).toEqual([order.amountVnd]);
    await platform.control.post('resolve', { reference: order.reference, state: 'paid' });
    expect(await ask(order)).toMatchObject({ says: 'paid', code: '00/1' });
  });

  it('says "not found" for a while after the money was taken', async () => {
    await platform.misbehave({ kind: 'late-books', operation: 'pay', delayMs: 60_000 });
    expect(await ask(await paid())).toMatchObject({ says: 'not-found', code: '05' });
  });

  it('finds a payment by the time of its INIT, to the second', async () => {
    const order = await paid();
    expect(await ask({ ...order, createdAt: new Date(order.createdAt.getTime() + 1_000) })).toMatchObject({ says: 'not-found' });
  });

  it.each([['unlisted-code', { says: 'pending', code: '42' }], ['contradiction', { says: 'pending', code: '01/1' }], ['other-info', { says: 'paid', code: '00/1/info-dossier/info-account' }]])('that is %s', async (kind, word) => {
    const order = await paid();
    await platform.misbehave({ kind, operation: 'query' });
    expect(await ask(order)).toMatchObject(word);
  });

  it.each([['busy', 'unavailable', 'party-busy'], ['other-order', 'bad-reply', 'other-order'], ['other-currency', 'bad-reply', 'other-order']])('that is %s is no answer', async (kind, failed, code) => {
    const order = await paid();
    await platform.misbehave({ kind, operation: 'query' });
    expect(await failure(Promise.resolve(platform.gateway.ask?.(order, recordedCall().call)))).toEqual({ kind: failed, code });
  });

  it('goes on under the partner code that the payment was opened with', async () => {
    const order = await paid();
    expect(await failure(Promise.resolve(platform.gateway.ask?.({ ...order, gatewayData: { partner: 'GONE' } }, recordedCall().call)))).toEqual({ kind: 'refused-credentials', code: 'no-partner' });
    expect(await ask({ ...order, agencyCodes: ['NOBODY'] })).toMatchObject({ says: 'paid' });
  });

  it('is what a probe asks: a good secret is told that there is no such order', async () => {
    expect(await platform.party.probe()).toEqual({ ok: true, detail: '1 partner code(s) accepted' });
    await restart({}, { PAYMENT_PLATFORM_PARTNERS: JSON.stringify([{ agency: 'H42', partnerCode: 'DEMO-PARTNER', secret: 'A-SECRET-OF-NOBODY' }]) });
    expect(await platform.party.probe()).toEqual({ ok: false, detail: 'payment-platform ask-payment: refused-credentials (partner-refused)' });
    expect([platform.gateway.serves(['H42.05', 'H42']), platform.gateway.serves(['H43'])]).toEqual([true, false]);
    expect(await platform.gateway.open(sampleOrder({ agencyCodes: ['H43'] }), recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-partner' });
    expect(await failure(platform.gateway.open(sampleOrder(), recordedCall().call))).toEqual({ kind: 'refused-credentials', code: 'partner-refused' });
  });
});

describe('INIT of the payment platform', () => {
  it.each([
    ['init-busy', 'outcome-unknown', 'party-busy'], ['init-unlisted', 'bad-reply', 'code-unlisted'], ['no-pay-url', 'bad-reply', 'no-pay-url'],
    ['strange-pay-url', 'outcome-unknown', 'pay-url-refused'], ['lgsp-words', 'bad-reply', 'wrapper-refused'],
  ])('answered with %s opens nothing that could be shown', async (kind, failed, code) => {
    await platform.misbehave({ kind, operation: 'init' });
    expect(await failure(platform.gateway.open(sampleOrder(), recordedCall().call))).toEqual({ kind: failed, code });
  });

  it('sends a citizen to listed hosts only, where there is a list', async () => {
    await restart({}, { PAYMENT_PLATFORM_PAY_HOSTS: 'thanhtoan.example.gov.vn' });
    expect(await failure(platform.gateway.open(sampleOrder(), recordedCall().call))).toEqual({ kind: 'outcome-unknown', code: 'pay-url-refused' });
  });

  it('goes behind a bearer token, which is renewed once when it is refused', async () => {
    await restart({ needsToken: true, wrapped: true });
    await opened();
    await platform.control.post('expire-sessions');
    const { order } = await opened();
    expect(await platform.held(order.reference)).toBe(1);
    expect((await platform.control.get<{ counters: Record<string, number> }>('state')).counters).toMatchObject({ login: 2, init: 2 });
  });
});

describe('GET_BILL of the payment platform', () => {
  it('comes as a PDF or as JSON, and not before the payment', async () => {
    const { order, answer } = await opened();
    const fetched = () => platform.party.receipts?.fetch(order, recordedCall().call);
    expect(await fetched()).toEqual({ kind: 'none', code: '05' });
    await platform.press(answer, 'pay');
    const receipt = await fetched();
    expect(receipt?.kind === 'pdf' && receipt.bytes.toString()).toContain(order.reference);
    await platform.misbehave({ kind: 'bill-json', operation: 'bill' });
    expect(await fetched()).toMatchObject({ kind: 'fields' });
  });

  it('is a bad reply where a page comes in its place, and unavailable where none does', async () => {
    const order = await paid();
    const fetched = ({ receipts } = platform.party) => Promise.resolve(receipts?.fetch(order, recordedCall().call));
    for (const [mischief, kind] of [['garbage', 'bad-reply'], ['html', 'unavailable']] as const) {
      await platform.misbehave({ kind: mischief, operation: 'bill' });
      expect((await failure(fetched())).kind).toBe(kind);
    }
    const hasty = await warmed(platform.hastyParty, fetched);
    await platform.misbehave({ kind: 'hang', operation: 'bill' });
    expect((await failure(fetched(hasty))).kind).toBe('unavailable');
  });
});

describe('the sandbox of the payment platform', () => {
  it('remembers what it took when it is started again, and lets nobody pay twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'payment-platform-'));
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    await restart(sandbox);
    const { order, answer } = await opened();
    await platform.press(answer, 'pay');
    await platform.press(answer, 'pay');
    await restart(sandbox);
    expect(await platform.charges(order.reference)).toEqual([order.amountVnd]);
    rmSync(folder, { recursive: true });
  });
});
