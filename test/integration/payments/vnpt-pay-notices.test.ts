import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controlOf } from '../../contract/sandbox-control.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';

interface SentIpn {
  readonly key: string;
  readonly taken: boolean;
  readonly reply: { readonly body: string } | null;
}

/** VNPT Pay answers and calls through the whole gateway: GraphQL, its own door, the inbox, the ledger. */
describe('a payment by VNPT Pay', () => {
  let stage: PaymentStage;
  let till: string;

  beforeAll(async () => {
    stage = await startPaymentStage({ PAYMENT_GATEWAYS: 'vnpt-pay', VNPT_PAY_ASK_AFTER_MS: '3600000', VNPT_PAY_ASK_EVERY_MS: '1000' }, { worker: true });
    await insertAccount(stage.database, '000.12.34.H42', { gateways: ['vnpt-pay'] });
    till = new URL(stage.gateway.environment['VNPT_PAY_URL'] ?? '').origin;
    await controlOf(till).post('callback-address', { url: `${stage.gateway.url}/callbacks/vnpt-pay` });
  });
  afterAll(() => stage.gateway.close());

  const opened = async (number: number): Promise<string> => {
    const code = await stage.dossier(number);
    await stage.declare(code, [['LP1', 50_000]]);
    const { reference, payUrl, gateway } = paymentOf(await stage.open(code, { gateway: 'vnpt-pay' }));
    expect([gateway, String(payUrl).startsWith(till)]).toEqual(['vnpt-pay', true]);
    return String(reference);
  };
  const pay = (reference: string): Promise<Response> => fetch(`${till}/pay`, { method: 'POST', body: new URLSearchParams({ ref: reference, action: 'pay' }) });
  const heardOf = async (reference: string): Promise<readonly SentIpn[]> => (await controlOf(till).get<readonly SentIpn[]>('notices')).filter(({ key }) => key === reference);
  const codeOf = (sent: SentIpn | undefined): unknown => (JSON.parse(sent?.reply?.body ?? '{}') as Record<string, unknown>)['RESPONSE_CODE'];

  it('is booked by its IPN, whose repeat hears "already" under a signature that the party accepts', async () => {
    const reference = await opened(700);
    await pay(reference);
    await stage.until(reference, 'PAID');
    await eventually('an answer', async () => (await heardOf(reference)).length === 1);
    await controlOf(till).post('notify-again', { key: reference });
    const heard = await heardOf(reference);
    expect(heard.map((sent) => [codeOf(sent), sent.taken])).toEqual([['00', true], ['02', true]]);
    expect(await stage.read(reference)).toMatchObject({ paidVnd: 50_000, gatewayTransaction: expect.stringMatching(/^VP\d{9}$/) });
    expect(Object.values(await stage.ledger(reference)).sort()).toEqual([-50_000, 50_000]);
  });

  it('is booked by a question where no IPN comes', async () => {
    await controlOf(till).post('misbehave-notices', { kind: 'lost' });
    const reference = await opened(701);
    await pay(reference);
    await stage.database.query('UPDATE payments SET ask_at = now() WHERE reference = $1', [reference]);
    expect((await stage.until(reference, 'PAID'))['history']).toContainEqual(expect.objectContaining({ source: 'QUERY', toState: 'PAID', applied: true }));
  });

  it('is unknown where its opening has no answer, and booked by whatever tells first', async () => {
    await controlOf(till).misbehave({ kind: 'reset', operation: 'init' });
    const code = await stage.dossier(702);
    await stage.declare(code, [['LP1', 50_000]]);
    const reference = String(paymentOf(await stage.open(code, { gateway: 'vnpt-pay' }))['reference']);
    await pay(reference);
    expect((await stage.until(reference, 'PAID'))['history']).toContainEqual(expect.objectContaining({ toState: 'UNKNOWN' }));
  });

  it('with another amount in its IPN is not booked as said', async () => {
    await controlOf(till).post('misbehave-notices', { kind: 'other-amount' });
    const reference = await opened(703);
    await pay(reference);
    await eventually('an answer', async () => (await heardOf(reference)).length > 0);
    expect(codeOf((await heardOf(reference))[0])).toBe('99');
    // The question that follows tells the true amount.
    expect(await stage.until(reference, 'PAID')).toMatchObject({ paidVnd: 50_000 });
  });
});
