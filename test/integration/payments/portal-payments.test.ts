import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controlOf } from '../../contract/sandbox-control.js';
import type { SandboxControl } from '../../contract/sandbox-control.js';
import { bearer } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';

const PLATFORM = 'payment-platform';
const TOKEN = 'token-of-the-national-portal';
const AMOUNT_VND = 50_000;

interface DueReply {
  readonly error_code: number;
  readonly message: { readonly MaHoSo?: string; readonly PhiLePhi?: readonly { readonly SoTien: string }[] };
}

let stage: PaymentStage;
let platform: SandboxControl;

beforeAll(async () => {
  stage = await startPaymentStage({ PAYMENT_GATEWAYS: PLATFORM, PAYMENT_PLATFORM_DUE_TOKENS: `portal:${TOKEN}`, REFUND_FOUR_EYES_ABOVE_VND: '1000000' });
  await insertAccount(stage.database, '000.12.34.H42', { gateways: [PLATFORM] });
  platform = controlOf(new URL(stage.gateway.environment['PAYMENT_PLATFORM_URL'] ?? '').origin);
  await platform.post('callback-address', { url: `${stage.gateway.url}/callbacks/${PLATFORM}` });
});
afterAll(() => stage.gateway.close());

/** What the national portal hears when it asks what the dossier owes. */
const dueOf = async (dossierCode: string): Promise<DueReply> => {
  const answers = (): Promise<readonly { readonly operation?: string; readonly reply: { readonly status: number; readonly body: string } | null }[]> => platform.get('notices');
  const before = (await answers()).length;
  await platform.post('ask-due', { dossierCode, token: TOKEN });
  const { status, body } = await eventually('the answer of what is due', async () => (await answers()).slice(before).at(-1)?.reply);
  // We are to answer in time, or not at all: a machine that stood still is asked again.
  return status === 503 ? dueOf(dossierCode) : JSON.parse(body) as DueReply;
};
const kept = async (): Promise<readonly Record<string, unknown>[]> =>
  (await stage.as('operator', '{ unmatchedCredits(first: 50) { nodes { id party reference amountVnd content reason } } }'))['nodes'] as Record<string, unknown>[];

const told = async (): Promise<number | null> => (await stage.database.query(`SELECT 1 FROM events WHERE type = 'payment.unmatched'`)).rowCount;
const figures = async (): Promise<readonly string[]> =>
  (await (await fetch(`${stage.gateway.url}/metrics`, { headers: bearer(stage.gateway.keys.operator) })).text()).split('\n').filter((line) => /^onestop_(payments_open|unmatched_credits?)\{/.test(line));

describe('a payment that a citizen begins on the national portal', () => {
  it('is asked for as due, kept with its dossier for a person, brought to its fees, and due no more', async () => {
    const code = await stage.dossier(980);
    await stage.declare(code, [['LP1', AMOUNT_VND]]);
    expect(await dueOf(code)).toMatchObject({ error_code: 1, message: { MaHoSo: code, PhiLePhi: [{ SoTien: String(AMOUNT_VND) }] } });
    await platform.post('pay-at-portal', { dossierCode: code, amountVnd: AMOUNT_VND });
    const [credit] = await eventually('the money to be kept', async () => {
      const found = await kept();
      return found.length === 0 ? undefined : found;
    });
    expect(credit).toMatchObject({ party: PLATFORM, reference: expect.stringMatching(/^DVC/), amountVnd: AMOUNT_VND, content: code, reason: 'unknown-order' });
    expect(await stage.ledger()).toEqual({});
    expect(await figures()).toEqual([`onestop_unmatched_credits{party="${PLATFORM}",reason="unknown-order"} 1`]);
    expect((await stage.as('portal', '{ events(first: 200) { nodes { type dossierCode paymentReference operation reason } } }'))['nodes'])
      .toContainEqual({ type: 'PAYMENT_UNMATCHED', dossierCode: code, paymentReference: null, operation: 'payment', reason: PLATFORM });
    // Neither a repeat nor the same transaction with another amount is told once more.
    for (const flaw of [null, 'other-amount']) await platform.post('notify-again', { key: credit?.['reference'], flaw });
    expect(await told()).toBe(1);
    const { reference } = paymentOf(await stage.open(code, { gateway: PLATFORM }));
    expect(await figures()).toContain(`onestop_payments_open{gateway="${PLATFORM}",state="AWAITING"} 1`);
    expect(await stage.act('operator', 'matchCredit', `id: "${String(credit?.['id'])}", reference: "${String(reference)}"`)).toMatchObject({ credit: { resolution: 'matched' } });
    expect(await stage.read(String(reference))).toMatchObject({ state: 'PAID', paidVnd: AMOUNT_VND, surplus: false });
    expect(await stage.ledger()).toEqual({ CITIZEN: -AMOUNT_VND, [`TRANSIT/${PLATFORM}`]: AMOUNT_VND });
    expect(await dueOf(code)).toMatchObject({ error_code: 0 });
    expect(await figures()).toEqual([]);
  });

  it('for a dossier that nobody knows is kept, and told to nobody', async () => {
    await platform.post('pay-at-portal', { dossierCode: 'H42-NOBODYS-1', amountVnd: AMOUNT_VND });
    await eventually('the money to be kept', async () => (await kept()).some(({ content }) => content === 'H42-NOBODYS-1'));
    expect(await told()).toBe(1);
  });
});
