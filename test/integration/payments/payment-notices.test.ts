import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApplyAnswer } from '../../../src/callbacks/callback-binding.js';
import type { BankCredit } from '../../../src/payments/bank-credit-port.js';
import type { PaymentNotice } from '../../../src/payments/payment-gateway-port.js';
import { creditContext } from '../../../src/payments/payment-content.js';
import { AMOUNT_VND, DESK_CIPHER, PaymentDesk, bank, said } from '../../support/payment-desk.js';

const RECEIVED = new Date('2026-03-15T10:00:00.000Z');
let desk: PaymentDesk;
let number = 0;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

const moduleOf = () => desk.module([bank({ merchantOf: () => 'M1' })]);
const context = { callbackId: '7', uniqueKey: 'k', receivedAt: RECEIVED, partyAt: null };
const tell = (reference: string, over: Partial<PaymentNotice> = {}, party = 'bank'): Promise<ApplyAnswer> => desk.database.transaction((client) =>
  moduleOf().applyNotice(party)({ ...said('paid', { amountVnd: AMOUNT_VND, gatewayTransaction: `N-${String(number += 1)}` }), reference, dossierCode: null, merchant: 'M1', ...over }, { client, ...context }));
const kept = (reference: string) => desk.rows(reference, 'SELECT party, bank_reference AS number, amount_vnd::integer AS vnd, reason, at FROM unmatched_credits WHERE reference = $1 ORDER BY id');

describe('a notice of a gateway', () => {
  it('pays its payment, is answered with its dossier, and a repeat hears that it was', async () => {
    const reference = await desk.given('AWAITING');
    const same = { gatewayTransaction: 'N-same' };
    expect([await tell(reference, same), await tell(reference, same)]).toEqual([{ outcome: 'applied', code: 'confirmed', dossierCode: reference }, { outcome: 'applied', code: 'already', dossierCode: reference }]);
    expect(await desk.history(reference)).toEqual(['AWAITING PAID callback party/bank', 'PAID PAID repeat callback party/bank']);
    expect([await desk.rows(reference, 'SELECT DISTINCT callback_id AS id FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1)'), await kept(reference)]).toEqual([[{ id: '7' }], []]);
  });

  it('of another amount is refused, and nothing is booked', async () => {
    const reference = await desk.given('AWAITING');
    expect([await tell(reference, { amountVnd: 1 }), (await desk.payment(reference))?.state, await kept(reference)]).toEqual([{ outcome: 'refused', code: 'amount', dossierCode: reference }, 'AWAITING', []]);
  });

  it.each([['paid', true], ['disputed', true], ['pending', false], ['failed', false]] as const)('of a payment that is none of ours (%s) is refused; what tells of money is kept for a person', async (says, isKept) => {
    const reference = `OGNONE${says.toUpperCase()}`;
    expect(await tell(reference, { says, gatewayTransaction: `NO-${says}`, paidAt: says === 'paid' ? new Date(0) : null })).toEqual({ outcome: 'refused', code: 'unknown-order' });
    expect(await kept(reference)).toEqual(isKept ? [{ party: 'bank', number: `NO-${says}`, vnd: AMOUNT_VND, reason: 'unknown-order', at: says === 'paid' ? new Date(0) : RECEIVED }] : []);
  });

  it('is kept under the reference where it has no number', async () => {
    await tell('OGNUMBERLESS1', { gatewayTransaction: null });
    expect(await kept('OGNUMBERLESS1')).toMatchObject([{ number: 'OGNUMBERLESS1' }]);
  });

  it('is kept with the dossier that it names, sealed, and with none where it names none', async () => {
    const sealed = async (gatewayTransaction: string): Promise<unknown> => (await desk.rows(gatewayTransaction, 'SELECT content_sealed AS sealed FROM unmatched_credits WHERE bank_reference = $1'))[0]?.['sealed'];
    await tell('OGPORTAL00001', { gatewayTransaction: 'D-1', dossierCode: 'H42.1-260315-0001' });
    await tell('OGPORTAL00002', { gatewayTransaction: 'D-2' });
    expect(DESK_CIPHER.open(String(await sealed('D-1')), creditContext('bank', 'D-1'))).toBe('H42.1-260315-0001');
    expect([String(await sealed('D-1')).includes('260315'), await sealed('D-2')]).toEqual([false, null]);
  });

  it('that another code\'s secret vouches for settles nothing, nor one of another gateway', async () => {
    const reference = await desk.given('AWAITING');
    expect(await tell(reference, { merchant: 'M2', gatewayTransaction: 'M-2' })).toEqual({ outcome: 'refused', code: 'unknown-order', dossierCode: reference });
    expect(await tell(reference, { gatewayTransaction: 'O-1' }, 'other')).toEqual({ outcome: 'refused', code: 'unknown-order' });
    expect((await desk.payment(reference))?.state).toBe('AWAITING');
    expect(await kept(reference)).toMatchObject([{ party: 'bank', number: 'M-2', reason: 'merchant' }, { party: 'other', number: 'O-1', reason: 'unknown-order' }]);
  });

  it('of a gateway that is configured no more settles nothing, and one whose reference is no text of ours is looked for nowhere', async () => {
    const reference = await desk.given('AWAITING', `gateway = 'gone'`);
    expect(await tell(reference, { gatewayTransaction: 'G-1' }, 'gone')).toEqual({ outcome: 'refused', code: 'unknown-order', dossierCode: reference });
    expect([(await desk.payment(reference))?.state, await kept(reference)]).toMatchObject(['AWAITING', [{ party: 'gone', number: 'G-1', reason: 'merchant' }]]);
    expect(await tell('OG\0', { says: 'failed' })).toEqual({ outcome: 'refused', code: 'unknown-order' });
  });

  it.each([[undefined, true], [false, true], [true, false]])('of a second transaction is money for a person, unless the party gives it back itself (%s)', async (secondGoesBack, isKept) => {
    const reference = await desk.given('PAID', `gateway_transaction = 'FIRST'`);
    const second = `S-${String(secondGoesBack)}`;
    expect(await tell(reference, { gatewayTransaction: second, ...(secondGoesBack === undefined ? {} : { secondGoesBack }) })).toEqual({ outcome: 'applied', code: 'already', dossierCode: reference });
    expect(await kept(reference)).toMatchObject(isKept ? [{ number: second, reason: 'paid-already' }] : []);
    expect((await desk.payment(reference))?.personReason).toBe('paid-twice');
  });
});

describe('a bank that tells of money', () => {
  const credit = (over: Partial<BankCredit>): Promise<ApplyAnswer> => desk.database.transaction((client) => moduleOf().applyCredit('bank')(
    { bankReference: `FT-${String(number += 1)}`, amountVnd: AMOUNT_VND, content: 'thu phi', accountNumber: null, bankBin: null, reference: null, at: RECEIVED, ...over }, { client, ...context }));
  const ledgered = (bankReference: string) => desk.rows(bankReference, `SELECT u.reason, u.reference FROM unmatched_credits u WHERE u.bank_reference = $1`);
  const direct = (state: string): Promise<string> => desk.given(state, `money_goes = 'direct'`);

  it('pays the payment whose reference its text has, or a field of its own', async () => {
    const [inText, inField] = [await direct('AWAITING'), await direct('AWAITING')];
    expect(await credit({ content: `chuyen tien ${inText.toLowerCase()} xin cam on`, bankReference: 'FT-text' })).toEqual({ outcome: 'applied', code: 'confirmed', dossierCode: inText });
    expect(await credit({ reference: inField })).toEqual({ outcome: 'applied', code: 'confirmed', dossierCode: inField });
    expect(await desk.payment(inText)).toMatchObject({ state: 'PAID', gatewayTransaction: 'FT-text', paidAt: expect.any(Date) });
    expect([await desk.history(inText), await ledgered('FT-text')]).toEqual([['AWAITING PAID callback party/bank'], []]);
    expect(await desk.rows(inText, 'SELECT code, callback_id AS id, amount_vnd::integer AS vnd, gateway_at AS at FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1)')).toEqual([{ code: 'credit', id: '7', vnd: AMOUNT_VND, at: RECEIVED }]);
    expect(await desk.rows('FT-text', 'SELECT p.reference FROM bank_credits c JOIN payments p ON p.id = c.payment_id WHERE c.bank_reference = $1')).toEqual([{ reference: inText }]);
  });

  it('hears that a number was told before, if it asks', async () => {
    const reference = await direct('AWAITING');
    await credit({ reference, bankReference: 'FT-twice' });
    expect([await credit({ reference, bankReference: 'FT-twice' }), await credit({ content: reference, bankReference: 'FT-twice' })]).toEqual([{ outcome: 'applied', code: 'already' }, { outcome: 'applied', code: 'confirmed' }]);
    expect((await desk.history(reference)).length).toBe(1);
  });

  it.each([
    ['no reference', () => Promise.resolve({ content: 'thu phi' }), 'no-reference', 'confirmed', null],
    ['a reference that is none of ours', () => Promise.resolve({ reference: 'OGXXXXXXXXXXXXX' }), 'unknown-order', 'unknown-order', 'OGXXXXXXXXXXXXX'],
    ['in its text a reference that is none of ours', () => Promise.resolve({ content: 'thu phi OG000000000000Z' }), 'unknown-order', 'confirmed', 'OG000000000000Z'],
    ['a payment that a gateway collects', async () => ({ reference: await desk.given('AWAITING') }), 'not-direct', 'state', 'own'],
    ['two payments', async () => ({ content: `${await direct('AWAITING')} ${await direct('AWAITING')}` }), 'no-reference', 'confirmed', null],
    ['another amount', async () => ({ reference: await direct('AWAITING'), amountVnd: 1 }), 'amount', 'amount', 'own'],
    ['another account', async () => ({ reference: await direct('AWAITING'), accountNumber: '999', bankBin: '970436' }), 'account', 'state', 'own'],
    ['another bank', async () => ({ reference: await direct('AWAITING'), bankBin: '970499', accountNumber: '0011004251389' }), 'account', 'state', 'own'],
    ['a payment that another number paid', async () => ({ reference: await desk.given('PAID', `money_goes = 'direct', gateway_transaction = 'FT-0'`) }), 'paid-already', 'already', 'own'],
    ['a payment that went back', async () => ({ reference: await desk.given('PAID', `money_goes = 'direct', state = 'REFUNDED', refunded_vnd = paid_vnd, gateway_transaction = 'FT-0'`) }), 'paid-already', 'already', 'own'],
  ] as const)('keeps for a person what names %s', async (_what, made, reason, code, names) => {
    const bankReference = `FT-kept-${String(number += 1)}`;
    const told: Partial<BankCredit> = await made();
    const named = names === 'own' ? told.reference ?? null : names;
    expect(await credit({ ...told, bankReference })).toEqual({ outcome: code === 'confirmed' || code === 'already' ? 'applied' : 'refused', code, ...(names === 'own' ? { dossierCode: named } : {}) });
    expect(await ledgered(bankReference)).toEqual([{ reason, reference: named }]);
  });

  it('is kept with its text sealed and its account known by an index alone', async () => {
    const written = '0011.0042 51389';
    await credit({ bankReference: 'FT-sealed', content: 'nguyen van an nop phi', accountNumber: written });
    await credit({ bankReference: 'FT-bare' });
    const row = (bankReference: string) => desk.rows(bankReference, 'SELECT party, amount_vnd::integer AS vnd, key_id AS key, content_sealed AS sealed, account_index AS index, at FROM unmatched_credits WHERE bank_reference = $1');
    const [[sealed], [bare]] = [await row('FT-sealed'), await row('FT-bare')];
    expect(sealed).toEqual({ party: 'bank', vnd: AMOUNT_VND, key: 'k1', sealed: expect.stringMatching(/^k1\./), index: expect.any(Buffer), at: RECEIVED });
    expect(JSON.stringify(sealed)).not.toMatch(/nguyen|51389/);
    expect(DESK_CIPHER.open(String(sealed?.['sealed']), creditContext('bank', 'FT-sealed'))).toBe('nguyen van an nop phi');
    expect(bare?.['index']).toBeNull();
  });

  it('into the account of the payment pays it, however its number is written', async () => {
    const reference = await direct('AWAITING');
    expect(await credit({ reference, accountNumber: '0011.0042 51389', bankBin: '970436' })).toMatchObject({ code: 'confirmed' });
  });

  it('whose number stands for another payment pays no second one', async () => {
    const [first, second] = [await direct('AWAITING'), await direct('AWAITING')];
    await desk.rows(first, `UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd, gateway_transaction = 'FT-by-hand' WHERE reference = $1`);
    expect(await credit({ reference: second, bankReference: 'FT-by-hand' })).toEqual({ outcome: 'applied', code: 'already', dossierCode: second });
    expect([await ledgered('FT-by-hand'), (await desk.payment(second))?.state]).toEqual([[{ reason: 'paid-already', reference: second }], 'AWAITING']);
  });

  it('whose number a person gave to this very payment is known, and kept for nobody', async () => {
    const reference = await desk.given('PAID', `money_goes = 'direct', gateway_transaction = 'FT-known'`);
    expect(await credit({ reference, bankReference: 'FT-known' })).toEqual({ outcome: 'applied', code: 'already', dossierCode: reference });
    expect(await ledgered('FT-known')).toEqual([]);
  });
});
