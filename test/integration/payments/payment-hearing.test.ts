import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayWord } from '../../../src/payments/payment-gateway-port.js';
import type { PaymentModule } from '../../../src/payments/payment-module.js';
import type { PaymentSource } from '../../../src/payments/payment.js';
import { AMOUNT_VND, PaymentDesk, bank, said } from '../../support/payment-desk.js';

let desk: PaymentDesk;
let payments: PaymentModule;

beforeAll(async () => {
  desk = await PaymentDesk.open();
  payments = desk.module([bank()]);
});
afterAll(() => desk.close());

const PAID = said('paid', { amountVnd: AMOUNT_VND, gatewayTransaction: 'T1' });
const hear = (reference: string, word: GatewayWord, { source = 'query', module = payments }: { source?: PaymentSource; module?: PaymentModule } = {}): Promise<unknown> =>
  desk.database.transaction((client) => module.book.hear(client, reference, { word, hearing: { source, actor: 'party/bank', now: desk.now } }));
/** A payment of two fees, of which the test may change the second. */
const ofTwo = async (state: string, second = ''): Promise<string> => {
  const reference = await desk.given(state);
  await desk.rows(reference, `INSERT INTO fee_items (dossier_code, key, kind, name, amount_vnd, agency_code, client, open_payment) SELECT dossier_code, 'X', 'FEE', 'Phí X', 1000, agency_code, client, id FROM payments WHERE reference = $1`);
  await desk.rows(reference, `INSERT INTO payment_items (payment_id, fee_item_id, amount_vnd) SELECT p.id, f.id, f.amount_vnd FROM payments p JOIN fee_items f ON f.dossier_code = p.dossier_code AND f.key = 'X' WHERE p.reference = $1`);
  if (second !== '') await desk.rows(reference, `UPDATE fee_items SET ${second} WHERE dossier_code = $1 AND key = 'X'`);
  return reference;
};
const feesOf = async (reference: string): Promise<unknown> => desk.rows(reference, `SELECT key, paid_by = p.id AS paid, open_payment = p.id AS held FROM fee_items f JOIN payments p ON p.reference = $1 WHERE f.dossier_code = p.dossier_code ORDER BY f.id`);

describe('a payment of several fees', () => {
  it('pays all of them, and frees all of them', async () => {
    const [paid, failed] = [await ofTwo('AWAITING'), await ofTwo('AWAITING')];
    await hear(paid, PAID);
    await hear(failed, said('failed'));
    expect([await feesOf(paid), await feesOf(failed)]).toEqual([['LP', 'X'].map((key) => ({ key, paid: true, held: null })), ['LP', 'X'].map((key) => ({ key, paid: null, held: null }))]);
  });

  it.each(['paid_by = (SELECT min(id) FROM payments), open_payment = NULL', 'open_payment = (SELECT min(id) FROM payments)', 'dropped_at = now()', 'amount_vnd = 2000'])('is a surplus where one of them is its own no more (%s), and pays none of them', async (second) => {
    const reference = await ofTwo('EXPIRED', second);
    await hear(reference, PAID);
    expect(await desk.payment(reference)).toMatchObject({ state: 'PAID', surplus: true, paidVnd: AMOUNT_VND });
    expect(await desk.rows(reference, 'SELECT 1 FROM fee_items WHERE paid_by = (SELECT id FROM payments WHERE reference = $1)')).toEqual([]);
    const kept = await payments.services.refunds.keepSurplus(desk.call('an'), reference);
    expect(kept).toMatchObject({ kind: 'refused', refusal: { code: 'ITEMS_NOT_FREE' } });
  });
});

describe('the gateway\'s number', () => {
  it.each<readonly [string, GatewayWord, string]>([['of an opened payment that failed', said('failed'), 'T0'], ['is the newer one where that is told', said('failed', { gatewayTransaction: 'T2' }), 'T2'], ['of a disputed payment', said('disputed', { amountVnd: AMOUNT_VND }), 'T0']])('%s is kept', async (_what, word, number) => {
    const reference = await desk.given('AWAITING', `gateway_transaction = 'T0'`);
    await hear(reference, word);
    expect((await desk.payment(reference))?.gatewayTransaction).toBe(number);
  });
});

describe('a payment that was not paid', () => {
  it('has no time at which it was, though its gateway names one', async () => {
    const reference = await desk.given('AWAITING');
    await hear(reference, said('failed', { paidAt: desk.now }));
    expect(await desk.payment(reference)).toMatchObject({ state: 'FAILED', paidAt: null });
  });

  it.each([['PAID', 'FT-1'], ['NOT_PAID', null]] as const)('as far as anybody knew is asked for no more when two persons settle it as %s', async (settleAs, bankReference) => {
    const { services: { settlements } } = desk.module([bank({ ask: () => Promise.resolve(said('pending')) })]);
    const reference = await desk.given('UNKNOWN', 'ask_at = now()');
    const asked = await settlements.request(desk.call('an'), reference, { settleAs, bankReference });
    await settlements.decide(desk.call('binh'), asked.kind === 'done' ? asked.result.id : '', true);
    expect(await desk.payment(reference)).toMatchObject({ state: settleAs === 'PAID' ? 'PAID' : 'FAILED', askAt: null });
  });
});

describe('a word about a payment whose gateway is configured no more', () => {
  it('is heard, and nobody is asked for it', async () => {
    const module = desk.module([]);
    const [other, disputed, over] = [await desk.given('AWAITING'), await desk.given('AWAITING'), await desk.given('EXPIRED')];
    await hear(other, { ...PAID, amountVnd: 1 }, { source: 'callback', module });
    await hear(disputed, said('disputed', { amountVnd: AMOUNT_VND }), { source: 'callback', module });
    await hear(over, said('pending'), { source: 'callback', module });
    expect([await desk.payment(other), await desk.payment(disputed), await desk.payment(over)]).toMatchObject([{ state: 'AWAITING', personReason: 'amount', askAt: null }, { state: 'DISPUTED', askAt: null }, { state: 'EXPIRED', askAt: null }]);
  });
});
