import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage({ REFUND_FOUR_EYES_ABOVE_VND: '20000' }, { worker: true });
  await insertAccount(stage.database, '000.12.34.H42');
});
afterAll(() => stage.gateway.close());

const paid = async (number: number): Promise<string> => {
  const { reference, payUrl } = await stage.opened(number);
  await stage.press(reference, payUrl);
  await stage.until(reference, 'PAID');
  return reference;
};
/** A worker may carry what is approved before the answer is read: by whom it was approved stays. */
const APPROVED = { refund: { approvedBy: 'test-operator' } };
const request = (reference: string, amountVnd: number): Promise<Found> => stage.act('operator', 'requestRefund', `reference: "${reference}", amountVnd: ${String(amountVnd)}`);
const approve = (requestId: string): Promise<Found> => stage.act('supervisor', 'approveRefund', `requestId: "${requestId}"`);
const record = (role: 'operator' | 'supervisor', requestId: string, number: string): Promise<Found> => stage.act(role, 'recordManualRefund', `requestId: "${requestId}", bankReference: "${number}"`);
const idOf = (answer: Found): string => String((answer['refund'] as Found)['requestId']);
/** The bank carries out a refund that VNPAY took. */
const givenBack = async (reference: string, totalVnd: number): Promise<void> => {
  await eventually('the refund to be taken', async () => {
    const response = await fetch(`${stage.vnpayUrl}/control/settle-refund`, { method: 'POST', body: JSON.stringify({ reference, status: '00' }), headers: { 'content-type': 'application/json' } });
    return response.ok;
  }, { timeoutMs: 15_000 });
  await eventually('the money to go back', async () => (await stage.read(reference))['refundedVnd'] === totalVnd, { timeoutMs: 15_000 });
};
/** As if the person behind a key of this role had asked with his login, instead of the key. */
const loginOf = async (role: 'operator' | 'supervisor'): Promise<string> => {
  const { rows } = await stage.database.query<{ actor: string }>('SELECT actor FROM operator_actions WHERE role = $1 ORDER BY id DESC LIMIT 1', [role]);
  return `user:${(rows[0]?.actor ?? '').toUpperCase()}`;
};

describe('four eyes', () => {
  it('see refunds that are small one by one, and not together', async () => {
    const reference = await paid(300);
    expect(await request(reference, 15_000)).toMatchObject(APPROVED);
    await givenBack(reference, 15_000);
    const second = await request(reference, 10_000);
    expect(second).toMatchObject({ refund: { state: 'REQUESTED' } });
    await stage.act('operator', 'declineRefund', `requestId: "${idOf(second)}"`);
    expect(await request(reference, 5_000)).toMatchObject(APPROVED);
  });

  it('are those of two persons, not of a login and a key', async () => {
    const reference = await paid(301);
    const requestId = idOf(await stage.act('supervisor', 'requestRefund', `reference: "${reference}", amountVnd: 50000`));
    await stage.database.query('UPDATE refunds SET requested_by = $2 WHERE request_id = $1', [requestId, await loginOf('supervisor')]);
    expect(await approve(requestId)).toMatchObject({ code: 'SAME_PERSON' });
    const { reference: open } = await stage.opened(302);
    const settlements = paymentOf(await stage.act('supervisor', 'settlePaymentByHand', `reference: "${open}", settleAs: PAID, bankReference: "FT26031502"`))['settlements'] as { id: string }[];
    await stage.database.query('UPDATE payment_settlements SET requested_by = $2 WHERE id = $1', [settlements[0]?.id, await loginOf('supervisor')]);
    expect(await stage.act('supervisor', 'decideSettlement', `id: "${settlements[0]?.id ?? ''}", approve: true`)).toMatchObject({ code: 'SAME_PERSON' });
  });

  it('record what went back by hand, too, where it is much together', async () => {
    const reference = await paid(303);
    expect(await request(reference, 15_000)).toMatchObject(APPROVED);
    await givenBack(reference, 15_000);
    const asked = idOf(await request(reference, 15_000));
    await approve(asked);
    expect(await record('operator', asked, 'UNC-9')).toMatchObject({ refund: { state: 'BY_HAND' } });
    expect(await record('operator', asked, 'UNC-9')).toMatchObject({ code: 'SAME_PERSON' });
    expect(await record('supervisor', asked, 'UNC-9')).toMatchObject({ refund: { state: 'DONE' } });
  });
});

describe('a refund of the same amount as one before', () => {
  it('goes back by hand where the gateway could answer for the other', async () => {
    const reference = await paid(310);
    await request(reference, 10_000);
    await givenBack(reference, 10_000);
    expect(await request(reference, 10_000)).toMatchObject({ refund: { state: 'BY_HAND' } });
    expect(await stage.control(`orders/${reference}`)).toMatchObject({ givenBackVnd: [10_000] });
  });
});

describe('a callback', () => {
  it('belongs to the dossier that it pays, and is held and erased with it', async () => {
    const { code, reference, payUrl } = await stage.opened(320);
    await stage.press(reference, payUrl);
    await stage.until(reference, 'PAID');
    const { rows } = await stage.database.query(`SELECT DISTINCT dossier_code AS code FROM callbacks WHERE party = 'vnpay' AND unique_key LIKE '%' || $1 || '%'`, [reference]);
    expect(rows).toEqual([{ code }]);
  });
});

describe('a bank\'s number', () => {
  it('stands for money once: it settles no second payment by hand', async () => {
    const [first, second] = [await stage.opened(330), await stage.opened(331)];
    await stage.database.query(`UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd, gateway_transaction = 'FT26031599' WHERE reference = $1`, [first.reference]);
    const settled = (bankReference: string): Promise<Found> => stage.act('operator', 'settlePaymentByHand', `reference: "${second.reference}", settleAs: PAID, bankReference: "${bankReference}"`);
    expect(await settled('FT26031599')).toMatchObject({ code: 'STATE' });
    expect(await settled('FT26031598')).toMatchObject({ __typename: 'PaymentChanged' });
    // Taken by another while it waited for its second person.
    await stage.database.query(`UPDATE payments SET gateway_transaction = 'FT26031598' WHERE reference = $1`, [first.reference]);
    await stage.database.query(`UPDATE payment_settlements SET requested_by = 'someone-else' WHERE bank_reference = 'FT26031598'`);
    const { rows: [settlement] } = await stage.database.query<{ id: string }>(`SELECT id FROM payment_settlements WHERE bank_reference = 'FT26031598'`);
    expect(await stage.act('supervisor', 'decideSettlement', `id: "${settlement?.id ?? ''}", approve: true`)).toMatchObject({ code: 'STATE' });
    await stage.database.query(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at) VALUES ('mb-bank', 'FT26031598', 50000, 'k1', 'no-reference', now())`);
    const { rows: [credit] } = await stage.database.query<{ id: string }>(`SELECT id FROM unmatched_credits WHERE bank_reference = 'FT26031598'`);
    expect(await stage.act('operator', 'matchCredit', `id: "${credit?.id ?? ''}", reference: "${second.reference}"`)).toMatchObject({ code: 'STATE' });
  });
});
