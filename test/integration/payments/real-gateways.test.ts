import { afterEach, describe, expect, it } from '@jest/globals';
import { controlOf } from '../../contract/sandbox-control.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';
import { startRecordingParty } from '../../support/recording-party.js';

const AGENCY = '000.12.34.H42';
const FIRST = 'vnpt-pay';
const SECOND = 'payment-platform';
/** Failures in a row that open a breaker. */
const BREAKS_AFTER = 10;

let stage: PaymentStage | null = null;
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  await stage?.gateway.close();
  for (const end of ended.splice(0)) await end();
});

/** The whole gateway with two parties whose opening is a call, in order. */
const start = async (env: Readonly<Record<string, string>> = {}): Promise<PaymentStage> => {
  stage = await startPaymentStage({ PAYMENT_GATEWAYS: `${FIRST},${SECOND}`, ...env });
  await insertAccount(stage.database, AGENCY, { gateways: [FIRST, SECOND] });
  return stage;
};
const tillOf = async ({ gateway }: PaymentStage): Promise<string> => {
  const till = new URL(gateway.environment['VNPT_PAY_URL'] ?? '').origin;
  await controlOf(till).post('callback-address', { url: `${gateway.url}/callbacks/${FIRST}` });
  return till;
};
const declared = async (on: PaymentStage, number: number): Promise<string> => {
  const code = await on.dossier(number);
  await on.declare(code, [['LP1', 50_000]]);
  return code;
};
const statesOf = async ({ database }: PaymentStage, code: string): Promise<readonly string[]> =>
  (await database.query<{ text: string }>(`SELECT gateway || ' ' || state AS text FROM payments WHERE dossier_code = $1 ORDER BY id`, [code])).rows.map(({ text }) => text);

describe('an IPN that comes before the answer to our opening', () => {
  it('pays, and the answer that comes later takes nothing back', async () => {
    const between = await startRecordingParty();
    ended.push(() => between.close());
    const on = await start({ VNPT_PAY_URL: `${between.url}/rest/payment/v1.0.5` });
    const till = await tillOf(on);
    between.aim(till);
    const code = await declared(on, 800);
    const answer = between.hold();
    await controlOf(till).post('misbehave-notices', { kind: 'early' });
    let isAnswered = false;
    const opening = on.open(code).finally(() => { isAnswered = true; });
    const reference = await eventually('the order at the gateway', async () => (await controlOf(till).get<readonly { reference: string }[]>('orders'))[0]?.reference);
    await fetch(`${till}/pay`, { method: 'POST', body: new URLSearchParams({ ref: reference, action: 'pay' }) });
    expect(isAnswered).toBe(false);
    expect(await on.read(reference)).toMatchObject({ state: 'PAID', payUrl: null, paidVnd: 50_000 });
    answer();
    const opened = paymentOf(await opening);
    expect(opened).toMatchObject({ reference, state: 'PAID', gateway: FIRST, payUrl: expect.stringContaining(till) as unknown });
    expect((opened['history'] as { toState: string; applied: boolean }[]).map(({ toState, applied }) => `${toState} ${String(applied)}`)).toEqual(['CREATED true', 'PAID true']);
    expect(await on.ledger(reference)).toEqual({ CITIZEN: -50_000, [`TRANSIT/${FIRST}`]: 50_000 });
    // The money is there once, though the answer speaks of an order that can be paid.
    await controlOf(till).post('notify-again', { key: reference });
    expect(await on.ledger(reference)).toEqual({ CITIZEN: -50_000, [`TRANSIT/${FIRST}`]: 50_000 });
    expect(await statesOf(on, code)).toEqual([`${FIRST} PAID`]);
  });
});

describe('the second of two real gateways', () => {
  it('opens what the first refused', async () => {
    const on = await start();
    await controlOf(await tillOf(on)).misbehave({ kind: 'refuse', operation: 'init' });
    const code = await declared(on, 810);
    expect(paymentOf(await on.open(code))).toMatchObject({ gateway: SECOND, state: 'AWAITING' });
    expect(await statesOf(on, code)).toEqual([`${FIRST} FAILED`, `${SECOND} AWAITING`]);
  });

  it('opens what the first cannot hear, and alone once its breaker is open', async () => {
    // Nothing listens there.
    const on = await start({ VNPT_PAY_URL: 'http://127.0.0.1:1/rest/payment/v1.0.5' });
    const codes: string[] = [];
    for (let count = 0; count <= BREAKS_AFTER; count += 1) {
      const code = await declared(on, 820 + count);
      expect(paymentOf(await on.open(code))).toMatchObject({ gateway: SECOND, state: 'AWAITING' });
      codes.push(code);
    }
    expect(await statesOf(on, codes[0] ?? '')).toEqual([`${FIRST} FAILED`, `${SECOND} AWAITING`]);
    expect(await statesOf(on, codes.at(-1) ?? '')).toEqual([`${SECOND} AWAITING`]);
    expect(await on.open(await declared(on, 840), { gateway: FIRST })).toMatchObject({ __typename: 'NoGateway' });
  });
});
