import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BIDV } from '../../../adapters/registry.js';
import { controlOf } from '../../contract/sandbox-control.js';
import type { SandboxControl } from '../../contract/sandbox-control.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const OWN = { agency: '000.12.34.H42', serviceId: 'DEMO01', secret: 'BIDVDEMOSECRET' } as const;
const OTHER = { agency: '000.99.99.H42', serviceId: 'OTHER1', secret: 'another agency secret' } as const;
const OTHER_TERMINAL = { agency: '000.99.99.H42', tmnCode: 'OTHERTMN', secret: 'another terminal secret' } as const;
type Form = 'md5' | 'hmac';
const MOST_TRIES = 3;

interface Held {
  readonly transId: string;
  readonly state: 'taken' | 'booked' | 'reversed';
}

interface Caller {
  readonly service?: { readonly serviceId: string; readonly secret: string };
  readonly form?: Form;
}

/** "Cannot answer now": a bill is looked up within a second, or not at all. */
const NOT_NOW = '031';

/** Calls as BIDV does, under any service and in either form. */
const callBidv = async (stage: PaymentStage, path: 'getbill' | 'paybill', body: Readonly<Record<string, string>>, by: Caller = {}): Promise<Found> => {
  const { service = OWN, form = 'md5' } = by;
  const base = `${stage.gateway.url}/callbacks/bidv`;
  const [client = ''] = (stage.gateway.environment['BIDV_CLIENTS'] ?? '').split(',');
  const grant = await (await fetch(`${base}/token_generate`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(client).toString('base64')}` } })).json() as { access_token: string };
  const values = path === 'getbill' ? [service.serviceId, body['customer_id'] ?? ''] : [body['trans_id'] ?? '', body['bill_id'] ?? '', body['amount'] ?? ''];
  const text = service.secret + values.join('');
  const checksum = form === 'md5' ? createHash('md5').update(text).digest('hex') : createHmac('sha256', service.secret).update(text).digest('base64');
  const reply = await fetch(`${base}/${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${grant.access_token}` }, body: JSON.stringify({ service_id: service.serviceId, checksum, ...body }),
  });
  return await reply.json() as Found;
};

describe('a bill at the counter of BIDV', () => {
  let stage: PaymentStage;
  let counter: string;
  let control: SandboxControl;
  let stop: () => Promise<void>;
  let serial = 0;

  beforeAll(async () => {
    const vnpay = [{ agency: '*', tmnCode: 'DEMOTMN1', secret: 'DEMOSECRETDEMOSECRETDEMOSECRET01' }, OTHER_TERMINAL];
    stage = await startPaymentStage({ PAYMENT_GATEWAYS: 'bidv,vnpay', BIDV_SERVICES: JSON.stringify([OWN, OTHER]), VNPAY_MERCHANTS: JSON.stringify(vnpay) });
    await insertAccount(stage.database, OWN.agency, { gateways: ['bidv', 'vnpay'], bank: ['BIDV', '970418'] });
    const bank = await BIDV.startSandbox({ callbackAddress: `${stage.gateway.url}/callbacks/bidv`, paybillRetryMs: 100 });
    counter = bank.url;
    stop = () => bank.close();
    control = controlOf(counter);
  });
  afterAll(async () => {
    await stop();
    await stage.gateway.close();
  });

  const opened = async (number: number, gateway = 'bidv'): Promise<string> => {
    const code = await stage.dossier(number);
    await stage.declare(code, [['LP1', 50_000]]);
    const payment = paymentOf(await stage.open(code, { gateway }));
    expect(payment).toMatchObject({ gateway, state: 'AWAITING' });
    return String(payment['reference']);
  };
  /** At the counter, which has one bad moment where that is wanted; a machine that stood still while the bill was looked up is asked again. */
  const pay = async (number: string, kind: string | null = null): Promise<number> => eventually('a bill in time', async () => {
    if (kind !== null) await control.misbehave({ kind, operation: 'pay' });
    const reply = await fetch(`${counter}/counter/pay`, { method: 'POST', body: JSON.stringify({ number }) });
    return (await reply.json() as Found)['code'] === NOT_NOW ? null : reply.status;
  });
  const held = (number: string): Promise<readonly Held[]> => control.get<readonly Held[]>(`payments/${number}`);
  const settled = async (number: string, states: readonly string[]): Promise<void> => {
    await eventually(`the bank to be at ${states.join()}`, async () => (await held(number)).map(({ state }) => state).sort().join() === states.join(), { timeoutMs: 10_000 });
  };
  const call = (path: Parameters<typeof callBidv>[1], body: Parameters<typeof callBidv>[2], by: Caller = {}): Promise<Found> => eventually('an answer in time', async () => {
    const answer = await callBidv(stage, path, body, by);
    return answer['result_code'] === NOT_NOW ? null : answer;
  });
  const paybill = (billId: string, over: Readonly<Record<string, string>> = {}, by: Caller = {}): Promise<Found> =>
    call('paybill', { trans_id: `T${String((serial += 1))}`, trans_date: '20260315083000', customer_id: billId, bill_id: billId, amount: '50000', ...over }, by);
  const reasonOf = async (reference: string): Promise<readonly string[]> =>
    (await stage.database.query<{ reason: string }>('SELECT reason FROM unmatched_credits WHERE reference = $1', [reference])).rows.map(({ reason }) => reason);

  it('is asked for, paid and booked into the agency\'s account', async () => {
    const reference = await opened(950);
    expect(await pay(reference.toLowerCase().replace(/(.{5})/g, '$1 '))).toBe(200);
    expect(await stage.until(reference, 'PAID')).toMatchObject({ paidVnd: 50_000, person: null });
    await settled(reference, ['booked']);
    expect(Object.values(await stage.ledger(reference))).toEqual([50_000, -50_000]);
    expect(await pay(reference)).toBe(409);
  });

  it('of another amount, of a number that is none, and paid once more leaves the money with the bank', async () => {
    const reference = await opened(951);
    await pay(reference, 'other-amount');
    await settled(reference, ['reversed']);
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0, person: { code: 'amount' } });
    await pay(reference, 'unknown-bill');
    await settled('OG0000000000000', ['reversed']);
    await pay(reference, 'two-transfers');
    await settled(reference, ['booked', 'reversed', 'reversed']);
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: 50_000 });
    expect(Object.values(await stage.ledger(reference))).toEqual([50_000, -50_000]);
    // Only the bill that is none: the bank gives the second transfer back.
    expect(await reasonOf(reference)).toEqual([]);
  });

  it.each<Form>(['md5', 'hmac'])('is answered by its table under a checksum by %s', async (form) => {
    const reference = await opened(form === 'md5' ? 952 : 953);
    expect(await call('getbill', { customer_id: reference }, { form })).toMatchObject({ result_code: '000', data: [{ type: 1, amount: 50_000, bill_id: reference }] });
    expect(await call('getbill', { customer_id: 'OG0000000000000' }, { form })).toMatchObject({ result_code: '011' });
    expect(await paybill(reference, { checksum: '0'.repeat(32) }, { form })).toMatchObject({ result_code: '004' });
    expect(await paybill(reference, { amount: '49999' }, { form })).toMatchObject({ result_code: '022' });
    expect(await paybill('OG0000000000000', {}, { form })).toMatchObject({ result_code: '021' });
    expect(await paybill(reference, {}, { form })).toMatchObject({ result_code: '000' });
    expect(await paybill(reference, {}, { form })).toMatchObject({ result_code: '023' });
    expect(await call('getbill', { customer_id: reference }, { form })).toMatchObject({ result_code: '012' });
  });

  it('that cannot be looked up is refused within a second, not shown later', async () => {
    const reference = await opened(959);
    let leastMs = Infinity;
    await stage.database.transaction(async (client) => {
      await client.query('LOCK TABLE payments IN ACCESS EXCLUSIVE MODE');
      // Half of it is for a machine that has other work; one that stood still is asked once more.
      for (let tries = 0; tries < MOST_TRIES && leastMs >= 2_000; tries += 1) {
        const startedAt = Date.now();
        expect(await callBidv(stage, 'getbill', { customer_id: reference })).toMatchObject({ result_code: NOT_NOW });
        leastMs = Math.min(leastMs, Date.now() - startedAt);
      }
    });
    expect(leastMs).toBeLessThan(2_000);
    expect(await call('getbill', { customer_id: reference })).toMatchObject({ result_code: '000' });
  });

  it('is neither shown to nor paid by the service of another agency', async () => {
    const reference = await opened(954);
    expect(await call('getbill', { customer_id: reference }, { service: OTHER })).toMatchObject({ result_code: '011' });
    expect(await paybill(reference, {}, { service: OTHER })).toMatchObject({ result_code: '021' });
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    expect(await reasonOf(reference)).toEqual(['merchant']);
  });

  it('is never paid by the word of another gateway, nor a payment there by a bill', async () => {
    const [bill, order] = [await opened(955), await opened(956, 'vnpay')];
    expect(await ipn(bill, { tmnCode: 'DEMOTMN1', secret: 'DEMOSECRETDEMOSECRETDEMOSECRET01' })).toMatchObject({ RspCode: '01' });
    expect(await call('getbill', { customer_id: order })).toMatchObject({ result_code: '011' });
    expect(await paybill(order)).toMatchObject({ result_code: '021' });
    expect([await reasonOf(bill), await reasonOf(order)]).toEqual([['unknown-order'], ['unknown-order']]);
    expect(await ipn(order, OTHER_TERMINAL)).toMatchObject({ RspCode: '01' });
    expect((await reasonOf(order)).toSorted()).toEqual(['merchant', 'unknown-order']);
    for (const reference of [bill, order]) expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    expect(await ipn(order, { tmnCode: 'DEMOTMN1', secret: 'DEMOSECRETDEMOSECRETDEMOSECRET01' })).toMatchObject({ RspCode: '00' });
    expect(await stage.read(order)).toMatchObject({ state: 'PAID' });
  });

  /** VNPAY says that an order is paid, signed for this terminal. */
  const ipn = async (reference: string, { tmnCode, secret }: { readonly tmnCode: string; readonly secret: string }): Promise<Found> => {
    const stamp = new Date(Date.now() + 7 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14);
    const query = new URLSearchParams({
      vnp_Amount: '5000000', vnp_BankCode: 'NCB', vnp_CardType: 'ATM', vnp_OrderInfo: 'Thanh toan', vnp_PayDate: stamp, vnp_ResponseCode: '00', vnp_TmnCode: tmnCode,
      vnp_TransactionNo: String(14_000_000 + (serial += 1)), vnp_TransactionStatus: '00', vnp_TxnRef: reference,
    }).toString();
    const hash = createHmac('sha512', secret).update(query).digest('hex');
    return await (await fetch(`${stage.gateway.url}/callbacks/vnpay/ipn?${query}&vnp_SecureHash=${hash}`)).json() as Found;
  };
});

describe('a bank that keeps a second transfer', () => {
  it('hears 000, and the money waits for a person', async () => {
    const stage = await startPaymentStage({ PAYMENT_GATEWAYS: 'bidv', BIDV_SERVICES: JSON.stringify([OWN]), BIDV_DUPLICATE_CODE: '000', BIDV_UNKNOWN_BILL_CODE: '000' });
    try {
      await insertAccount(stage.database, OWN.agency, { gateways: ['bidv'], bank: ['BIDV', '970418'] });
      const code = await stage.dossier(960);
      await stage.declare(code, [['LP1', 50_000]]);
      const reference = String(paymentOf(await stage.open(code, { gateway: 'bidv' }))['reference']);
      for (const [transId, billId] of [['T1', reference], ['T2', reference], ['T3', 'OG0000000000000']] as const) {
        expect(await callBidv(stage, 'paybill', { trans_id: transId, trans_date: '20260315083000', customer_id: billId, bill_id: billId, amount: '50000' })).toMatchObject({ result_code: '000' });
      }
      expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: 50_000, person: { code: 'paid-twice' } });
      const { rows } = await stage.database.query('SELECT bank_reference, amount_vnd::int, reason FROM unmatched_credits ORDER BY bank_reference');
      expect(rows).toEqual([{ bank_reference: 'T2', amount_vnd: 50_000, reason: 'paid-already' }, { bank_reference: 'T3', amount_vnd: 50_000, reason: 'unknown-order' }]);
    } finally {
      await stage.gateway.close();
    }
  });
});
