import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startBidv } from './bidv-harness.js';
import type { BidvContestant } from './bidv-harness.js';
import { paymentGatewayContract } from './payment-gateway-suite.js';
import { newReference } from './sample-payment.js';

paymentGatewayContract({
  name: 'BIDV', operations: { open: null, ask: null, refund: null }, partialRefunds: false,
  twists: { unknownStatus: null, otherAmount: null, badSignature: null, notFound: null }, refusal: null,
  refusedOrder: (order) => ({ ...order, amountVnd: 10_000_000_000_000 }), start: () => startBidv(),
});

const SERVICES = (secret: string, previousSecret?: string): string => JSON.stringify([{ agency: '*', serviceId: 'DEMO01', secret, previousSecret }]);

describe('bills of BIDV, from its sandbox over HTTP', () => {
  let bidv: BidvContestant;
  let reference: string;
  beforeEach(async () => {
    bidv = await startBidv();
    reference = newReference();
    bidv.due.set(reference, 58_000);
  });
  afterEach(async () => { await bidv.close(); });

  const restart = async (options: Parameters<typeof startBidv>[0]): Promise<void> => {
    await bidv.close();
    bidv = await startBidv(options);
    bidv.due.set(reference, 58_000);
  };
  const states = async (): Promise<readonly string[]> => (await bidv.payments(reference)).map(({ state }) => state);
  const areSettled = (expected: readonly string[]): Promise<unknown> => eventually(expected.join(), async () => JSON.stringify((await states()).slice().sort()) === JSON.stringify(expected));
  const codes = async (): Promise<readonly string[]> => {
    const sent = await bidv.control.get<readonly { readonly reply: { readonly body: string } | null }[]>('notices');
    return sent.map(({ reply }) => (JSON.parse(reply?.body ?? '{}') as { result_code?: string }).result_code ?? '');
  };

  it('are found by a number typed in any way, paid, and booked once', async () => {
    expect((await bidv.counter(`${reference.slice(0, 5).toLowerCase()} ${reference.slice(5)}`)).status).toBe(200);
    await areSettled(['booked']);
    expect(bidv.heard).toMatchObject([{ verification: 'verified', message: { reference, amountVnd: 58_000, says: 'paid' } }]);
    const at = bidv.heard[0]?.message?.paidAt ?? new Date(0);
    expect(Math.abs(at.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('that are not there, or owe nothing, take no money', async () => {
    expect(await bidv.counter('OG0000000000000')).toEqual({ status: 409, body: { error: 'no bill', code: '011' } });
    bidv.due.set(reference, 0);
    expect(await bidv.counter(reference)).toEqual({ status: 409, body: { error: 'no bill', code: '012' } });
  });

  it('paid with another amount, or twice, are refused, and the bank gives the money back', async () => {
    await bidv.misbehave({ kind: 'other-amount', operation: 'pay' });
    await bidv.counter(reference);
    await areSettled(['reversed']);
    await bidv.misbehave({ kind: 'two-transfers', operation: 'pay' });
    await bidv.counter(reference);
    await areSettled(['booked', 'reversed', 'reversed']);
    expect((await codes()).slice().sort()).toEqual(['000', '022', '023']);
    expect(await bidv.charges(reference)).toEqual([58_000]);
  });

  it('paid twice or unknown are taken where configuration says so', async () => {
    await restart({ env: { BIDV_DUPLICATE_CODE: '000', BIDV_UNKNOWN_BILL_CODE: '000' } });
    await bidv.misbehave({ kind: 'two-transfers', operation: 'pay' });
    await bidv.counter(reference);
    await areSettled(['booked', 'booked']);
    await bidv.misbehave({ kind: 'unasked', operation: 'pay' });
    await bidv.counter('OG0000000000000', 5_000);
    await eventually('an answer', async () => (await codes()).length === 3);
    expect(await codes()).toEqual(['000', '000', '000']);
  });

  it('that are unknown are refused', async () => {
    await bidv.misbehave({ kind: 'unknown-bill', operation: 'pay' });
    await bidv.counter(reference);
    await eventually('an answer', async () => (await codes()).length === 1);
    expect(await codes()).toEqual(['021']);
    expect(await bidv.charges('OG0000000000000')).toEqual([]);
  });

  it.each([['unsigned', '001'], ['altered', '004'], ['old-key', '004']])('are not booked on a message that is %s, and the bank keeps asking', async (kind, code) => {
    await bidv.control.post('misbehave-notices', { kind });
    await bidv.counter(reference);
    await eventually('two tries', async () => (await codes()).length >= 2);
    expect(new Set(await codes())).toEqual(new Set([code]));
    expect(bidv.due.get(reference)).toBe(58_000);
  });

  it('come again until they are answered, and only once', async () => {
    await bidv.counter(reference);
    await areSettled(['booked']);
    const other = newReference();
    bidv.due.set(other, 7_000);
    await bidv.control.post('misbehave-notices', { kind: 'late', delayMs: 50 });
    await bidv.counter(other);
    bidv.listener.breakNext(2);
    await eventually('a booked one', async () => (await bidv.payments(other)).every(({ state }) => state === 'booked'));
    expect(bidv.due.get(other)).toBe(0);
  });

  it.each<readonly [string, 'md5' | 'hmac', string, number]>([['md5', 'md5', 'md5', 200], ['hmac', 'hmac', 'hmac', 200], ['both', 'hmac', 'both', 200], ['hmac', 'md5', 'hmac', 409]])('with checksums configured as %s and sent as %s', async (_name, checksum, configured, status) => {
    await restart({ sandbox: { side: { checksum } }, env: { BIDV_CHECKSUM: configured } });
    expect((await bidv.counter(reference)).status).toBe(status);
  });

  it('are refused with the code of what is wrong: password, service, checksum', async () => {
    await restart({ env: { BIDV_CLIENTS: 'bidv:another-password' } });
    expect(await bidv.counter(reference)).toEqual({ status: 409, body: { error: 'no bill', code: '003' } });
    await restart({ env: { BIDV_SERVICES: JSON.stringify([{ agency: '*', serviceId: 'OTHER1', secret: 'BIDVDEMOSECRET' }]) } });
    expect(await bidv.counter(reference)).toEqual({ status: 409, body: { error: 'no bill', code: '006' } });
    await restart({ env: { BIDV_SERVICES: SERVICES('ANOTHERSECRET') } });
    expect(await bidv.counter(reference)).toEqual({ status: 409, body: { error: 'no bill', code: '004' } });
    await restart({ env: { BIDV_SERVICES: SERVICES('ANOTHERSECRET', 'BIDVDEMOSECRET') } });
    expect((await bidv.counter(reference)).status).toBe(200);
  });
});
