import { afterEach, describe, expect, it } from '@jest/globals';
import { startVnpaySandbox } from '../../../adapters/vnpay/sandbox.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';

const OLD = { tmnCode: 'OLDTMN01', secret: 'OLDSECRETOLDSECRETOLDSECRETOLD01' };
const NEW = { tmnCode: 'NEWTMN01', secret: 'NEWSECRETNEWSECRETNEWSECRETNEW01' };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** One province before and after its agencies got another terminal code, beside the same VNPAY; before that in a hurry, where VNPAY hangs. */
const stages = async (hurry: Readonly<Record<string, string>> = {}): Promise<{ readonly before: PaymentStage; readonly change: () => Promise<PaymentStage> }> => {
  const sandbox = await startVnpaySandbox({ merchants: { [OLD.tmnCode]: OLD.secret, [NEW.tmnCode]: NEW.secret } });
  closing.push(() => sandbox.close());
  const env = (...merchants: readonly object[]) => ({
    ...sandbox.environment, VNPAY_QR_CONTENT: 'true', REFUND_FOUR_EYES_ABOVE_VND: '1000000', VNPAY_MERCHANTS: JSON.stringify(merchants),
  });
  const before = await startPaymentStage({ ...env({ agency: '*', ...OLD }), ...hurry });
  closing.push(() => before.gateway.close());
  await insertAccount(before.database, '000.12.34.H42');
  const change = async (): Promise<PaymentStage> => {
    const after = await startPaymentStage(env({ agency: '*', ...NEW }, { agency: '-', ...OLD }), { worker: true, after: before });
    closing.push(() => after.gateway.close());
    return after;
  };
  return { before, change };
};

describe('a payment that was opened under another terminal code than the agency has today', () => {
  it('of which no answer came is asked for under its own, and pays', async () => {
    const { before, change } = await stages({ VNPAY_DEADLINE_MS: '700' });
    const code = await before.dossier(900);
    await before.declare(code, [['LP1', 50_000]]);
    await before.control('misbehave', { kind: 'hang', operation: 'genqr' });
    const opened = paymentOf(await before.open(code));
    const reference = String(opened['reference']);
    expect(opened).toMatchObject({ state: 'UNKNOWN' });
    const after = await change();
    await after.control('misbehave-notices', { kind: 'lost' });
    await fetch(`${after.vnpayUrl}/paymentv2/confirm.html`, { method: 'POST', body: new URLSearchParams({ ref: reference, action: 'pay' }), redirect: 'manual' });
    expect(await after.until(reference, 'PAID')).toMatchObject({ paidVnd: 50_000, person: null });
    expect(await after.control(`orders/${reference}`)).toMatchObject({ tmnCode: OLD.tmnCode });
  });

  it('takes the notice that is signed by the old secret, and gives back under the old code; the next one has the new', async () => {
    const { before, change } = await stages();
    const { reference, payUrl } = await before.opened(901);
    const after = await change();
    await after.press(reference, payUrl);
    await after.until(reference, 'PAID');
    await after.act('operator', 'requestRefund', `reference: "${reference}", amountVnd: 10000`);
    await eventually('the refund at the gateway', async () => ((await after.control(`orders/${reference}`))['givenBackVnd'] as number[])[0] === 10_000, { timeoutMs: 15_000 });
    expect(await after.control(`orders/${reference}`)).toMatchObject({ tmnCode: OLD.tmnCode, givenBackVnd: [10_000] });
    const next = await after.opened(902);
    expect(new URL(next.payUrl).searchParams.get('vnp_TmnCode')).toBe(NEW.tmnCode);
  });
});
