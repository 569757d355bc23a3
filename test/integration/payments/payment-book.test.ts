import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OpeningStore } from '../../../src/payments/opening-store.js';
import type { GatewayWord, PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import type { PaymentRow } from '../../../src/payments/payment-rows.js';
import { PaymentStore } from '../../../src/payments/payment-store.js';
import { PaymentBook } from '../../../src/payments/payment-words.js';
import type { Hearing, Heard, OwnMove } from '../../../src/payments/payment-words.js';
import type { PaymentSource } from '../../../src/payments/payment.js';
import { insertAccount } from '../../support/payment-gateway.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

const NOW = new Date('2026-03-15T10:00:00.000Z');
const inMs = (ms: number): Date => new Date(NOW.getTime() + ms);
const [SECOND, HOUR, DAY] = [1_000, 3_600_000, 86_400_000];
const WINDOWS = { payWithinMs: HOUR, askAfterMs: 20 * SECOND, askEveryMs: 30 * SECOND, settleMs: HOUR, giveUpMs: 2 * DAY };
/** Some other payment. */
const ANOTHER = '(SELECT min(id) FROM payments)';
const PAID: GatewayWord = { says: 'paid', code: '00', text: 'their words', amountVnd: 50_000, gatewayTransaction: 'T1', bankCode: null, paidAt: inMs(-SECOND) };
const said = (says: GatewayWord['says'], over: Partial<GatewayWord> = {}): GatewayWord => ({ says, code: 'c', text: null, amountVnd: null, gatewayTransaction: null, bankCode: null, paidAt: null, ...over });

let test: TestDatabase;
let accountId = '';
/** Each test has a payment of its own: what was is not taken away. */
let number = 0;
let reference = '';
let observed: unknown[];
let paidHooks: PaymentRow[];
const store = new PaymentStore();

const gateway = (over: Partial<PaymentGateway> = {}): PaymentGateway => ({
  party: 'bank', moneyGoes: 'transit', accountRegistration: 'in-order', opensUnsent: false, windows: WINDOWS, refunds: null, serves: () => true, opensUnder: () => ({}), merchantOf: () => null,
  open: () => Promise.reject(new Error('nothing is opened here')), ask: () => Promise.reject(new Error('nothing is asked here')), ...over,
});
const bookOf = (of: PaymentGateway | null = gateway()): PaymentBook => new PaymentBook({
  store, gateways: new Map(of === null ? [] : [[of.party, of]]), onPaid: [(_client, payment) => Promise.resolve(void paidHooks.push(payment))], observe: (moved) => void observed.push(moved),
});
const hearing = (source: PaymentSource, over: Partial<Hearing> = {}): Hearing => ({ source, actor: 'party/bank', now: NOW, ...over });
/** Rows of this test's payment, which is `$1`. */
const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await test.database.query(sql, [reference])).rows;
const set = (to: string): Promise<unknown> => rows(`UPDATE payments SET ${to} WHERE reference = $1`);
const setFee = (to: string): Promise<unknown> => rows(`UPDATE fee_items SET ${to} WHERE dossier_code = $1`);

/** A payment of one fee of 50 000, opened an hour ago and to be paid until now, as the test wants it. */
const given = async (state: string, over = ''): Promise<void> => {
  await test.database.transaction(async (client) => {
    const { rows: [fee] } = await client.query<{ id: string }>(`INSERT INTO fee_items (dossier_code, key, kind, name, amount_vnd, agency_code, client) VALUES ($1, 'LP', 'FEE', 'Phí', 50000, 'H42', 'p') RETURNING id`, [reference]);
    await new OpeningStore().insert(client, {
      reference, dossierCode: reference, agencyCode: 'H42', client: 'p', gateway: 'bank', moneyGoes: 'transit', accountId, amountVnd: 50_000, firstAttempt: null, keyId: 'k1', content: '', gatewayData: {},
      orderData: { agencyCodes: ['H42'], agencyName: 'A', procedureCode: 'P', procedureName: 'P', language: 'vi' }, createdAt: inMs(-HOUR), expiresAt: NOW, askAt: inMs(7 * SECOND), giveUpAt: inMs(DAY),
    }, [{ id: fee?.id ?? '', amountVnd: 50_000 }]);
  });
  await set(`state = '${state}', paid_vnd = CASE WHEN '${state}' IN ('PAID', 'REFUNDING', 'REFUNDED', 'DISPUTED') THEN amount_vnd ELSE 0 END`);
  if (over !== '') await set(over);
};
const hear = (word: GatewayWord, source: PaymentSource = 'query', { book = bookOf(), of = {} }: { book?: PaymentBook; of?: Partial<Hearing> } = {}): Promise<Heard | null> =>
  test.database.transaction((client) => book.hear(client, reference, { word, hearing: hearing(source, of) }));
const payment = (): Promise<PaymentRow | null> => store.find(test.database, reference);
const move = (to: Partial<OwnMove> & Pick<OwnMove, 'to'>, source: PaymentSource, book = bookOf()): Promise<void> => test.database.transaction(async (client) => {
  const locked = await store.lock(client, reference);
  if (locked !== null) await book.move(client, locked, { reason: 'why', hearing: hearing(source), ...to });
});
const history = () => rows('SELECT source, from_state, to_state, applied, reason, code, amount_vnd::integer AS vnd, gateway_transaction AS number, gateway_at AS at, actor, callback_id AS callback FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY id');
const feed = async () => (await rows('SELECT type, reason FROM events WHERE payment_reference = $1 ORDER BY id')).map(({ type, reason }) => [type, reason]);
const ledger = () => rows('SELECT kind, account, amount_vnd::integer AS vnd FROM ledger WHERE amount_vnd > 0 AND payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY id');

beforeAll(async () => {
  test = await createTestDatabase();
  accountId = await insertAccount(test.database, 'H42', { gateways: [] });
  reference = 'OG0000000000000';
  await given('AWAITING');
});
afterAll(() => test.drop());
beforeEach(() => {
  observed = [];
  paidHooks = [];
  reference = `OG${String(number += 1).padStart(13, '0')}`;
});

describe('a word that pays', () => {
  it('moves row, fees, ledger, history and feed together, and what hangs on it is told', async () => {
    await given('AWAITING', `person_reason = 'amount'`);
    const heard = await hear(PAID, 'query', { of: { callbackId: '17' } });
    expect(heard).toMatchObject({ decision: { kind: 'move', to: 'PAID' }, payment: { state: 'AWAITING' } });
    expect(await payment()).toMatchObject({ state: 'PAID', paidVnd: 50_000, refundedVnd: 0, surplus: false, personReason: null, gatewayTransaction: 'T1', paidAt: inMs(-SECOND), askAt: null });
    expect(await rows('SELECT paid_by IS NOT NULL AS paid, open_payment FROM fee_items WHERE dossier_code = $1')).toEqual([{ paid: true, open_payment: null }]);
    expect(await ledger()).toEqual([{ kind: 'PAID', account: 'TRANSIT/bank', vnd: 50_000 }]);
    expect(await history()).toEqual([{ source: 'query', from_state: 'AWAITING', to_state: 'PAID', applied: true, reason: 'their words', code: '00', vnd: 50_000, number: 'T1', at: inMs(-SECOND), actor: 'party/bank', callback: '17' }]);
    expect(await feed()).toEqual([['payment.paid', null]]);
    expect(paidHooks).toEqual([expect.objectContaining({ reference: reference, state: 'PAID', paidVnd: 50_000, gatewayTransaction: 'T1' })]);
    expect(observed).toEqual([{ gateway: 'bank', from: 'AWAITING', to: 'PAID', source: 'query', reason: null }]);
  });

  it('of a reference that is none of ours moves nothing', async () => expect(await hear(PAID)).toBeNull());

  it.each([['as the gateway says', -3 * DAY - HOUR, -3 * DAY - HOUR], ['by our clock where it says nothing', null, 0], ['by our clock where it names a time long before the payment', -3 * DAY - HOUR - 1, 0],
    ['as it says, were it a little ahead', 3 * DAY, 3 * DAY], ['by our clock where it is far ahead', 3 * DAY + 1, 0]] as const)('is dated %s', async (_what, at, dated) => {
    await given('AWAITING');
    await hear({ ...PAID, paidAt: at === null ? null : inMs(at) });
    expect((await payment())?.paidAt).toEqual(inMs(dated));
  });

  it('keeps the day on which it was first paid', async () => {
    await given('DISPUTED', `paid_at = '2026-03-01T00:00:00Z', gateway_transaction = 'T0'`);
    await rows(`SELECT post_ledger('DISPUTED', 'CITIZEN', 'DISPUTED/bank', 50000, id, NULL) FROM payments WHERE reference = $1`);
    await hear({ ...PAID, gatewayTransaction: null });
    expect(await payment()).toMatchObject({ state: 'PAID', paidAt: new Date('2026-03-01T00:00:00Z'), gatewayTransaction: 'T0' });
    await set(`state = 'AWAITING', paid_vnd = 0, gateway_transaction = 'T0'`);
    await hear({ ...PAID, gatewayTransaction: null });
    expect(await payment()).toMatchObject({ state: 'PAID', gatewayTransaction: null });
  });

  it.each([['are paid otherwise', `paid_by = ${ANOTHER}`], ['are being paid otherwise', `open_payment = ${ANOTHER}`], ['are owed no longer', 'dropped_at = now()'], ['changed', 'amount_vnd = 1']])('is a surplus where its fees %s, for a person and no receipt', async (_what, fee) => {
    await given('EXPIRED');
    await setFee('open_payment = NULL');
    await setFee(fee);
    await hear(PAID);
    expect(await payment()).toMatchObject({ state: 'PAID', surplus: true, personReason: 'surplus' });
    expect(await feed()).toEqual([['payment.paid', null], ['payment.person', 'surplus']]);
    expect([paidHooks, await rows('SELECT 1 FROM fee_items WHERE paid_by = (SELECT id FROM payments WHERE reference = $1)')]).toEqual([[], []]);
    expect(observed).toMatchObject([{ reason: 'surplus' }]);
  });
});

describe('a word that moves nothing', () => {
  it('is history where it tells something, and a person is told once', async () => {
    await given('AWAITING');
    const other = { ...PAID, amountVnd: 40_000 };
    for (let n = 0; n < 2; n += 1) await hear(other, 'callback', { of: { callbackId: '17' } });
    expect(await payment()).toMatchObject({ state: 'AWAITING', personReason: 'amount', paidVnd: 0, gatewayTransaction: null });
    const kept = { source: 'callback', from_state: 'AWAITING', to_state: 'AWAITING', applied: false, reason: 'amount', code: '00', vnd: 40_000, number: 'T1', at: inMs(-SECOND), actor: 'party/bank', callback: '17' };
    expect(await history()).toEqual([kept, kept]);
    expect(await feed()).toEqual([['payment.person', 'amount']]);
    expect(observed[0]).toEqual({ gateway: 'bank', from: 'AWAITING', to: 'AWAITING', source: 'callback', reason: 'amount' });
  });

  it.each([['AWAITING', said('pending'), 'pending'], ['AWAITING', said('not-found'), 'too-early'], ['CANCELLED', said('pending'), 'over']] as const)('is no history where %s is asked for and nothing is new, and is when a gateway tells it unasked', async (state, word, reason) => {
    await given(state);
    await hear(word);
    expect([await history(), await feed(), observed]).toEqual([[], [], []]);
    await hear(word, 'callback');
    expect(await history()).toMatchObject([{ applied: false, reason, code: 'c' }]);
  });

  it('may bring the number that a paid payment lacks, and takes none away', async () => {
    await given('PAID');
    await hear({ ...PAID, gatewayTransaction: 'T7' });
    expect((await payment())?.gatewayTransaction).toBe('T7');
    await hear({ ...PAID, gatewayTransaction: null });
    expect((await payment())?.gatewayTransaction).toBe('T7');
    expect(await history()).toMatchObject([{ reason: 'repeat', number: 'T7' }, { reason: 'repeat', number: null }]);
  });

});

describe('when a payment is asked for next', () => {
  const FIXED = 7 * SECOND;
  const NOT_ASKED = { ask: null };
  const nextAsk = async (): Promise<number | null> => {
    const at = (await payment())?.askAt ?? null;
    return at === null ? null : at.getTime() - NOW.getTime();
  };
  const other = { ...PAID, amountVnd: 1 };

  it.each<readonly [string, { state: string; set?: string; word: GatewayWord; source: PaymentSource; over?: Partial<PaymentGateway> }, number | null]>([
    ['at once where a notice does not fit', { state: 'AWAITING', word: other, source: 'callback' }, 0],
    ['at once where a notice of another amount comes when it is over', { state: 'CANCELLED', word: other, source: 'callback' }, 0],
    ['as before where that gateway cannot be asked', { state: 'AWAITING', word: other, source: 'callback', over: NOT_ASKED }, FIXED],
    ['as before while it is open', { state: 'AWAITING', word: said('pending'), source: 'query' }, FIXED],
    ['as before after a notice that paid it', { state: 'AWAITING', word: PAID, source: 'callback' }, FIXED],
    ['never after an answer that paid it', { state: 'AWAITING', word: PAID, source: 'query' }, null],
    ['in an hour while it is disputed', { state: 'AWAITING', word: { ...PAID, says: 'disputed' }, source: 'query' }, HOUR],
    ['no sooner than that gateway allows while it is disputed', { state: 'AWAITING', word: { ...PAID, says: 'disputed' }, source: 'query', over: { windows: { ...WINDOWS, askEveryMs: 2 * HOUR } } }, 2 * HOUR],
    ['never while it is disputed at one that cannot be asked', { state: 'AWAITING', word: { ...PAID, says: 'disputed' }, source: 'query', over: NOT_ASKED }, null],
    ['in an hour where it is over and its gateway still waits', { state: 'EXPIRED', word: said('pending'), source: 'query' }, HOUR],
    ['in an hour where it was cancelled and its gateway still waits', { state: 'CANCELLED', word: said('pending'), source: 'query' }, HOUR],
    ['no sooner than that gateway allows where it is over', { state: 'EXPIRED', word: said('pending'), source: 'query', over: { windows: { ...WINDOWS, askEveryMs: 2 * HOUR } } }, 2 * HOUR],
    ['soon where it is over and its gateway says unasked that it waits', { state: 'CANCELLED', word: said('pending'), source: 'callback' }, WINDOWS.askAfterMs],
    ['in an hour where it is over and its gateway may not know of it yet', { state: 'CANCELLED', word: said('not-found'), source: 'query' }, HOUR],
    ['never where it is over and its gateway surely has nothing', { state: 'CANCELLED', set: `expires_at = '${inMs(-HOUR).toISOString()}'`, word: said('not-found'), source: 'query' }, null],
    ['never where its gateway called it failed', { state: 'FAILED', word: said('pending'), source: 'query' }, null],
    ['never where it is over and failed there', { state: 'EXPIRED', word: said('failed'), source: 'query' }, null],
    ['never where it is over for longer than anybody waits', { state: 'EXPIRED', set: `give_up_at = '${NOW.toISOString()}'`, word: said('pending'), source: 'query' }, null],
    ['never where it is over and nobody waits', { state: 'EXPIRED', set: 'give_up_at = NULL', word: said('pending'), source: 'query' }, null],
    ['never where it is over at one that cannot be asked', { state: 'EXPIRED', word: said('pending'), source: 'query', over: NOT_ASKED }, null],
    ['soon where it failed and another amount was told of it', { state: 'FAILED', set: `person_reason = 'amount'`, word: said('pending'), source: 'query' }, WINDOWS.askEveryMs],
    ['soon where it is over and was contradicted, though its gateway knows nothing', { state: 'EXPIRED', set: `person_reason = 'contradiction', expires_at = '${inMs(-HOUR).toISOString()}'`, word: said('not-found'), source: 'query' }, WINDOWS.askEveryMs],
    ['in an hour where it is over and the answer has another amount', { state: 'CANCELLED', word: other, source: 'query' }, HOUR],
    ['never where it failed, another amount was told, and it failed again', { state: 'FAILED', set: `person_reason = 'amount'`, word: said('failed'), source: 'query' }, null],
    ['never where it failed and a person looks for another reason', { state: 'FAILED', set: `person_reason = 'disputed'`, word: said('pending'), source: 'query' }, null],
  ])('is %s', async (_what, { state, set: as = '', word, source, over = {} }, expected) => {
    await given(state, as);
    await hear(word, source, { book: bookOf(gateway(over)) });
    expect(await nextAsk()).toBe(expected);
  });

  it.each<readonly [string, PaymentSource, Partial<PaymentGateway>, number | null]>([
    ['soon after the portal ended it', 'portal', {}, WINDOWS.askAfterMs], ['soon after an operator ended it', 'operator', {}, WINDOWS.askAfterMs], ['never where its gateway cannot be asked', 'portal', NOT_ASKED, null],
  ])('is %s', async (_what, source, over, expected) => {
    await given('AWAITING');
    await move({ to: 'CANCELLED', items: 'freed' }, source, bookOf(gateway(over)));
    expect(await nextAsk()).toBe(expected);
  });

  it('is what the mover says, where he says it', async () => {
    await given('CREATED');
    await move({ to: 'AWAITING', askAt: inMs(SECOND) }, 'open');
    expect(await nextAsk()).toBe(SECOND);
    await move({ to: 'CANCELLED', askAt: null }, 'portal');
    expect(await nextAsk()).toBeNull();
  });

  it('needs no gateway that is configured still: not found there is proof after half an hour', async () => {
    await given('UNKNOWN', `sent_at = '${inMs(-30 * 60 * SECOND).toISOString()}'`);
    await hear(said('not-found'), 'query', { book: bookOf(null) });
    expect((await payment())?.state).toBe('EXPIRED');
    await set(`state = 'UNKNOWN', sent_at = '${inMs(-30 * 60 * SECOND + 1).toISOString()}'`);
    await hear(said('not-found'), 'query', { book: bookOf(null) });
    expect((await payment())?.state).toBe('UNKNOWN');
  });
});

describe('a move that no gateway decides', () => {
  it('leaves what it does not name as it was', async () => {
    await given('AWAITING', `gateway_transaction = 'T0', person_reason = 'amount'`);
    await move({ to: 'CANCELLED', items: 'freed' }, 'portal');
    expect(await payment()).toMatchObject({ state: 'CANCELLED', personReason: 'amount', gatewayTransaction: 'T0', paidVnd: 0, surplus: false });
    expect(await rows('SELECT open_payment FROM fee_items WHERE dossier_code = $1')).toEqual([{ open_payment: null }]);
    expect(await history()).toEqual([{ source: 'portal', from_state: 'AWAITING', to_state: 'CANCELLED', applied: true, reason: 'why', code: null, vnd: null, number: null, at: null, actor: 'party/bank', callback: null }]);
    expect(await feed()).toEqual([['payment.cancelled', 'why']]);
  });

  it('takes on what it names', async () => {
    await given('CREATED');
    await move({ to: 'UNKNOWN', code: 'timeout', gatewayTransaction: 'T9', amountVnd: 50_000, personReason: 'unknown' }, 'open');
    expect(await payment()).toMatchObject({ state: 'UNKNOWN', gatewayTransaction: 'T9', personReason: 'unknown' });
    expect(await history()).toMatchObject([{ code: 'timeout', vnd: 50_000, number: 'T9' }]);
    expect(await feed()).toEqual([['payment.unknown', 'why'], ['payment.person', 'unknown']]);
    expect(await rows('SELECT open_payment IS NOT NULL AS held FROM fee_items WHERE dossier_code = $1')).toEqual([{ held: true }]);
  });

  it('is none where it is not allowed', async () => {
    await given('PAID');
    await expect(move({ to: 'EXPIRED' }, 'clock')).rejects.toThrow(`${reference} may not go from PAID to EXPIRED by clock`);
    expect((await payment())?.state).toBe('PAID');
  });

  it.each<readonly [string, Partial<OwnMove> & Pick<OwnMove, 'to'>, readonly [string, string | null]]>([
    ['of all the money', { to: 'REFUNDED', refundedVnd: 50_000, reason: 'refunded' }, ['payment.refunded', 'full']],
    ['of a part', { to: 'PAID', refundedVnd: 10_000, reason: 'refunded-partly' }, ['payment.refunded', 'partial']],
    ['that was refused', { to: 'PAID', reason: 'refund-refused' }, ['payment.refund-refused', null]],
    ['of nothing', { to: 'PAID', refundedVnd: 0, reason: 'declined' }, ['payment.refunded', null]],
  ])('tells the end of a refund %s, and no receipt is due for it', async (_what, to, told) => {
    await given('REFUNDING', `paid_at = '2026-03-01T00:00:00Z'`);
    await move({ ...to, items: 'paid' }, 'refund');
    expect(await feed()).toEqual([told]);
    expect([paidHooks, (await payment())?.paidAt]).toEqual([[], new Date('2026-03-01T00:00:00Z')]);
  });
});

describe('a note', () => {
  const note = (of: { askAt?: Date | null; personReason: string | null }): Promise<void> => test.database.transaction(async (client) => {
    const locked = await store.lock(client, reference);
    if (locked !== null) await bookOf().note(client, locked, { reason: 'seen', hearing: hearing('clock', { actor: 'gateway' }), ...of });
  });

  it('is history, and moves nothing but who must look and when it is asked', async () => {
    await given('UNKNOWN');
    await note({ personReason: 'unknown' });
    expect(await payment()).toMatchObject({ state: 'UNKNOWN', personReason: 'unknown', askAt: inMs(7 * SECOND) });
    await note({ personReason: 'unknown', askAt: null });
    expect((await payment())?.askAt).toBeNull();
    const kept = { source: 'clock', from_state: 'UNKNOWN', to_state: 'UNKNOWN', applied: false, reason: 'seen', code: null, vnd: null, number: null, at: null, actor: 'gateway', callback: null };
    expect(await history()).toEqual([kept, kept]);
    expect([await feed(), observed]).toEqual([[['payment.person', 'unknown']], []]);
  });
});

describe('a surplus that is kept', () => {
  it('pays its fees after all, and its receipt is due', async () => {
    await given('EXPIRED');
    await setFee(`open_payment = ${ANOTHER}`);
    await hear(PAID);
    await setFee('open_payment = NULL');
    await test.database.transaction(async (client) => {
      const locked = await store.lockWhole(client, reference);
      if (locked !== null) await bookOf().keepSurplus(client, locked.payment, hearing('operator', { actor: 'operator/op' }));
    });
    expect(await payment()).toMatchObject({ state: 'PAID', surplus: false, personReason: null });
    expect(await ledger()).toEqual([{ kind: 'PAID', account: 'TRANSIT/bank', vnd: 50_000 }, { kind: 'SURPLUS', account: 'REFUND_DUE', vnd: 50_000 }, { kind: 'SURPLUS_KEPT', account: 'TRANSIT/bank', vnd: 50_000 }]);
    expect((await history())[1]).toEqual({ source: 'operator', from_state: 'PAID', to_state: 'PAID', applied: true, reason: 'surplus-kept', code: null, vnd: 50_000, number: null, at: null, actor: 'operator/op', callback: null });
    expect((await feed()).at(-1)).toEqual(['payment.paid', 'surplus-kept']);
    expect(paidHooks).toMatchObject([{ reference: reference, surplus: false, personReason: null }]);
    expect(await rows('SELECT 1 FROM fee_items WHERE paid_by IS NOT NULL AND dossier_code = $1')).toHaveLength(1);
  });
});
