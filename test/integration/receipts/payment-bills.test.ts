import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../../src/access/caller.js';
import { controlOf } from '../../contract/sandbox-control.js';
import type { SandboxControl } from '../../contract/sandbox-control.js';
import { bearer } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';
import { impatiently, insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const PLATFORM = 'payment-platform';
const GATEWAYS = { PAYMENT_GATEWAYS: `${PLATFORM},vnpay` };
let stage: PaymentStage;
let platform: SandboxControl;
let till: string;

beforeAll(async () => {
  stage = await startPaymentStage(GATEWAYS);
  till = new URL(stage.gateway.environment['PAYMENT_PLATFORM_URL'] ?? '').origin;
  platform = controlOf(till);
  await platform.post('callback-address', { url: `${stage.gateway.url}/callbacks/${PLATFORM}` });
  await insertAccount(stage.database, '000.12.34.H42', { gateways: [PLATFORM, 'vnpay'] });
});
afterAll(() => stage.gateway.close());
afterEach(async () => { await platform.post('behave', {}); });

const BILL = 'query ($reference: ID!) { paymentBill(reference: $reference) { __typename ... on PaymentBill { paymentReference gateway form url } ... on NoPaymentBill { gateway code gatewayCode message { vi } } } }';
const bill = (reference: string, role: Role = 'portal', on = stage): Promise<Found> => on.as(role, BILL, { reference });
const opened = async (number: number, over: object = {}): Promise<{ readonly reference: string; readonly payUrl: string }> => {
  const code = await stage.dossier(number);
  await stage.declare(code, [['LP1', 50_000]]);
  const { reference, payUrl } = paymentOf(await stage.open(code, { gateway: PLATFORM, ...over }));
  return { reference: String(reference), payUrl: String(payUrl) };
};
const paid = async (number: number): Promise<string> => {
  const { reference, payUrl } = await opened(number);
  await fetch(payUrl);
  await fetch(`${till}/pay`, { method: 'POST', body: new URLSearchParams({ ref: reference, action: 'pay' }) });
  await stage.until(reference, 'PAID');
  return reference;
};
const follow = async (url: unknown): Promise<{ readonly status: number; readonly type: string | null; readonly name: string | null; readonly text: string }> => {
  const response = await fetch(String(url));
  return { status: response.status, type: response.headers.get('content-type'), name: response.headers.get('content-disposition'), text: await response.text() };
};

describe('the receipt that a gateway wrote itself', () => {
  it('comes as PDF over a signed link, to whoever may know the payer', async () => {
    const reference = await paid(950);
    const found = await bill(reference);
    expect(found).toMatchObject({ __typename: 'PaymentBill', paymentReference: reference, gateway: PLATFORM, form: 'PDF', url: expect.stringContaining('/files/') as unknown });
    const paper = await follow(found['url']);
    expect(paper).toMatchObject({ status: 200, type: 'application/pdf', name: `attachment; filename*=UTF-8''bien-lai-${PLATFORM}-${reference}.pdf` });
    expect(paper.text.startsWith('%PDF-')).toBe(true);
    expect(await bill(reference, 'operator')).toMatchObject({ __typename: 'PaymentBill' });
    for (const role of ['leader', 'auditor'] as const) expect(await bill(reference, role)).toEqual({ codes: ['FORBIDDEN'] });
    // Another agency's payment, and none at all, look alike.
    const strangers = await stage.gateway.query(bearer(stage.gateway.keys.agency), BILL, { reference });
    const nobodys = await stage.gateway.query(bearer(stage.gateway.keys.agency), BILL, { reference: 'OG0000000000000' });
    expect([strangers.data, strangers.codes]).toEqual([nobodys.data, nobodys.codes]);
    expect(JSON.stringify(strangers.data)).not.toContain('/files/');
    const link = String(found['url']);
    const other = link.at(-9) === 'A' ? 'B' : 'A';
    expect((await fetch(`${link.slice(0, -9)}${other}${link.slice(-8)}`)).status).toBe(404);
  });

  it('comes as JSON where the gateway has no paper, and a link of the other form gives nothing', async () => {
    const reference = await paid(951);
    const paper = await bill(reference);
    await platform.misbehave({ kind: 'bill-json', operation: 'bill', times: 3 });
    const found = await bill(reference);
    expect(found).toMatchObject({ __typename: 'PaymentBill', form: 'FIELDS' });
    const data = await follow(found['url']);
    expect(data).toMatchObject({ status: 200, type: 'application/json', name: expect.stringMatching(/\.json$/) as unknown });
    expect(JSON.parse(data.text)).toMatchObject({ MaThamChieu: reference, SoTien: 50_000 });
    expect((await follow(paper['url'])).status).toBe(404);
    expect((await follow(paper['url'])).status).toBe(200);
  });

  it('is not asked for before money was taken', async () => {
    const { reference } = await opened(952);
    await platform.misbehave({ kind: '5xx', operation: 'bill' });
    expect(await bill(reference)).toMatchObject({ __typename: 'NoPaymentBill', code: 'not-paid', gatewayCode: null });
    // The bad day is still to come: nobody asked.
    expect(await bill(await paid(953))).toMatchObject({ __typename: 'NoPaymentBill', code: 'unavailable' });
  });

  it('may not be there yet', async () => {
    const reference = await paid(954);
    const held = await stage.database.query('UPDATE payments SET created_at = created_at - interval \'1 hour\' WHERE reference = $1', [reference]);
    expect(held.rowCount).toBe(1);
    // Asked with another time than that of INIT the platform knows no such payment.
    expect(await bill(reference)).toMatchObject({ __typename: 'NoPaymentBill', gateway: PLATFORM, code: 'none-yet', gatewayCode: '05', message: { vi: expect.any(String) as unknown } });
  });

  it('is not said to be missing when nobody answered (hang)', async () => {
    const reference = await paid(960);
    await impatiently(stage, { ...GATEWAYS, PAYMENT_PLATFORM_DEADLINE_MS: '700' }, async (impatient) => {
      const url = await eventually('a bill in time', async () => (await bill(reference, 'portal', impatient))['url']);
      await platform.misbehave({ kind: 'hang', operation: 'bill', times: 100 });
      expect(await bill(reference, 'portal', impatient)).toMatchObject({ __typename: 'NoPaymentBill', code: 'unavailable', gatewayCode: null });
      expect((await follow(url)).status).toBe(404);
      await platform.post('behave', {});
      await eventually('the paper in time', async () => (await follow(url)).status === 200);
    });
  });

  it.each(['reset', '5xx', 'html', 'truncated', 'empty'])('is not said to be missing when nobody answered (%s)', async (kind) => {
    const reference = await paid(961 + ['reset', '5xx', 'html', 'truncated', 'empty'].indexOf(kind));
    const { url } = await bill(reference);
    await platform.misbehave({ kind, operation: 'bill' });
    expect(await bill(reference)).toMatchObject({ __typename: 'NoPaymentBill', code: 'unavailable', gatewayCode: null });
    await platform.misbehave({ kind, operation: 'bill' });
    expect((await follow(url)).status).toBe(404);
    expect((await follow(url)).status).toBe(200);
  });

  it('is none of a gateway that writes none', async () => {
    const code = await stage.dossier(970);
    await stage.declare(code, [['LP1', 50_000]]);
    const { reference, payUrl } = paymentOf(await stage.open(code, { gateway: 'vnpay' }, randomUUID()));
    await stage.press(String(reference), String(payUrl));
    await stage.until(String(reference), 'PAID');
    expect(await bill(String(reference))).toMatchObject({ __typename: 'NoPaymentBill', gateway: 'vnpay', code: 'no-bills' });
  });
});
