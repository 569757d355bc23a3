import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controlOf } from '../../contract/sandbox-control.js';
import type { SandboxControl } from '../../contract/sandbox-control.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';

interface Sent {
  readonly key: string;
  readonly reply: { readonly status: number; readonly body: string } | null;
}

const PLATFORM = 'payment-platform';
const AMOUNT_VND = 50_000;

/** Nobody asks here: what is booked is booked by the notices themselves. */
describe('what each party hears of its notices, through the whole gateway', () => {
  let stage: PaymentStage;
  let vnpay: SandboxControl;
  let platform: SandboxControl;

  beforeAll(async () => {
    stage = await startPaymentStage({ PAYMENT_GATEWAYS: `vnpay,${PLATFORM}` });
    await insertAccount(stage.database, '000.12.34.H42', { gateways: ['vnpay', PLATFORM] });
    vnpay = controlOf(stage.vnpayUrl);
    platform = controlOf(new URL(stage.gateway.environment['PAYMENT_PLATFORM_URL'] ?? '').origin);
    await platform.post('callback-address', { url: `${stage.gateway.url}/callbacks/${PLATFORM}` });
  });
  afterAll(() => stage.gateway.close());

  /** Answers about this payment, once there are so many, in the order in which they came. */
  const heard = (party: SandboxControl, reference: string, count: number): Promise<readonly unknown[]> => eventually(`${String(count)} answers about ${reference}`, async () => {
    const replies = (await party.get<readonly Sent[]>('notices')).flatMap(({ key, reply }) => (key === reference && reply !== null ? [JSON.parse(reply.body) as unknown] : []));
    return replies.length < count ? undefined : replies;
  });

  it('VNPAY: the amount, then the truth, then that it is known; and of a signature that is none only that', async () => {
    const { reference, payUrl } = await stage.opened(990);
    await vnpay.post('misbehave-notices', { kind: 'other-amount' });
    await stage.press(reference, payUrl);
    expect(await heard(vnpay, reference, 1)).toEqual([{ RspCode: '04', Message: 'Invalid amount' }]);
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0, person: { code: 'amount' } });
    for (const flaw of [null, null, 'unsigned', 'altered', 'old-key', 'other-amount']) await vnpay.post('notify-again', { key: reference, flaw });
    expect((await heard(vnpay, reference, 7)).slice(1)).toEqual([
      { RspCode: '00', Message: 'Confirm Success' }, { RspCode: '02', Message: 'Order already confirmed' }, ...Array<object>(3).fill({ RspCode: '97', Message: 'Invalid Checksum' }), { RspCode: '04', Message: 'Invalid amount' },
    ]);
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: AMOUNT_VND });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -AMOUNT_VND, 'TRANSIT/vnpay': AMOUNT_VND });
  });

  it('the national payment platform: its own fields back, and nothing of them to a stranger', async () => {
    const code = await stage.dossier(991);
    await stage.declare(code, [['LP1', AMOUNT_VND]]);
    const { reference, payUrl } = paymentOf(await stage.open(code, { gateway: PLATFORM }));
    const key = String(reference);
    await platform.post('misbehave-notices', { kind: 'other-amount' });
    await fetch(new URL('/pay', String(payUrl)), { method: 'POST', body: new URLSearchParams({ ref: key, action: 'pay' }) });
    const [refused] = await heard(platform, key, 1);
    const fields = { MaThamChieu: key, MaDoiTac: 'DEMO-PARTNER', ThoiGianGD: expect.stringMatching(/^\d{14}$/), MaXacThuc: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(refused).toMatchObject({ ...fields, MaLoi: '99', MoTaLoi: 'Số tiền không khớp' });
    expect(await stage.read(key)).toMatchObject({ state: 'AWAITING', paidVnd: 0, person: { code: 'amount' } });
    for (const flaw of [null, null, 'unsigned']) await platform.post('notify-again', { key, flaw });
    const [taken, again, stranger] = (await heard(platform, key, 4)).slice(1);
    for (const reply of [taken, again]) expect(reply).toMatchObject({ ...fields, MaLoi: '00' });
    expect(stranger).toEqual({ MaLoi: '99', MoTaLoi: 'Chữ ký không hợp lệ', MaDoiTac: '', MaThamChieu: '', ThoiGianGD: '', MaXacThuc: '' });
    expect(await stage.read(key)).toMatchObject({ state: 'PAID', paidVnd: AMOUNT_VND });
    expect(await stage.ledger(key)).toEqual({ CITIZEN: -AMOUNT_VND, [`TRANSIT/${PLATFORM}`]: AMOUNT_VND });
  });
});
