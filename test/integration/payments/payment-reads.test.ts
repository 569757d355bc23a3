import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UserInputError } from '../../../src/errors/gateway-error.js';
import type { PaymentFilterInput, PaymentQueries } from '../../../src/payments/payment-queries.js';
import { PaymentDesk, bank } from '../../support/payment-desk.js';

let desk: PaymentDesk;
let queries: PaymentQueries;
let ids: string[];

const ELSEWHERE = { agencyScope: '000.99.99.H42' };
const ALL = { first: 200, after: null };
const list = async (filter: PaymentFilterInput = {}, page: { first: number; after: string | null } = ALL, over = {}): Promise<string[]> => (await queries.list(desk.call('p', over), filter, page)).rows.map(({ reference }) => reference);
const problemOf = (read: Promise<unknown>): Promise<unknown> => read.then(() => 'nothing', (error: unknown) => (error instanceof UserInputError ? error.problems.map(({ field, code, message }) => ({ field, code, en: message.en, vi: message.vi })) : error));

beforeAll(async () => {
  desk = await PaymentDesk.open();
  queries = desk.module([bank()]).services.queries;
  ids = [await desk.given('AWAITING'), await desk.given('PAID', `surplus = true, person_reason = 'surplus'`), await desk.given('UNKNOWN', `gateway = 'other', client = 'q', agency_code = 'H42.1', created_at = '2026-01-02T00:00:00Z'`)].reverse();
});
afterAll(() => desk.close());

describe('a payment', () => {
  it('is found by who may see it', async () => {
    const [, reference = ''] = ids;
    expect(await queries.find(desk.call(), reference)).toMatchObject({ reference, state: 'PAID', paidVnd: 50_000 });
    expect(await queries.find(desk.call('p', { role: 'portal' }), reference)).toMatchObject({ reference });
    expect([await queries.find(desk.call('q', { role: 'portal' }), reference), await queries.find(desk.call('far', ELSEWHERE), reference), await queries.find(desk.call(), 'OGNONE00'), await queries.find(desk.call(), 'a\0b')]).toEqual([null, null, null, null]);
    const payment = await desk.payment(reference);
    expect([...(await queries.byReferences(desk.call(), [reference, 'OGNONE00'])).keys()]).toEqual([payment?.id]);
    expect((await queries.byReferences(desk.call('far', ELSEWHERE), [reference])).size).toBe(0);
    expect(await queries.referencesOf([payment?.id ?? ''])).toEqual(new Map([[payment?.id, reference]]));
  });

  it('is listed with the newest first, page by page', async () => {
    expect(await list()).toEqual(ids);
    const first = await queries.list(desk.call(), {}, { first: 2, after: null });
    expect([first.rows.map(({ reference }) => reference), first.hasNextPage]).toEqual([ids.slice(0, 2), true]);
    const second = await queries.list(desk.call(), {}, { first: 2, after: first.endCursor });
    expect([second.rows.map(({ reference }) => reference), second.hasNextPage]).toEqual([ids.slice(2), false]);
    expect(await queries.list(desk.call(), {}, { first: 2, after: second.endCursor })).toEqual({ rows: [], hasNextPage: false, endCursor: null });
    expect((await queries.list(desk.call(), {}, { first: 3, after: null })).hasNextPage).toBe(false);
  });

  it('is listed as asked for', async () => {
    const [other = '', paid = '', open = ''] = ids;
    const cases: readonly (readonly [PaymentFilterInput, readonly string[]])[] = [
      [{ state: 'PAID' }, [paid]], [{ gateway: 'other' }, [other]], [{ gateway: 'bank' }, [paid, open]], [{ dossierCode: open }, [open]], [{ needsPerson: true }, [paid]], [{ needsPerson: false }, [other, open]], [{ surplus: true }, [paid]],
      [{ from: new Date('2026-01-02T00:00:00Z'), to: new Date('2026-01-02T00:00:01Z') }, [other]], [{ to: new Date('2026-01-02T00:00:00Z') }, []], [{ underCode: 'H42.1' }, [other]], [{ underCode: 'H42' }, [paid, open]],
      [{ dossierCode: 'a\0' }, []], [{ gateway: 'a\0' }, []],
    ];
    for (const [filter, found] of cases) expect([filter, await list(filter)]).toEqual([filter, found]);
    expect(await queries.list(desk.call(), { gateway: 'a\0' }, ALL)).toEqual({ rows: [], endCursor: null, hasNextPage: false });
    expect([await list({}, ALL, { role: 'portal' }), await list({}, ALL, ELSEWHERE)]).toEqual([[paid, open], []]);
  });

  it('has its history, refunds and settlements, in the order asked for', async () => {
    const [other = '', paid = ''] = ids;
    const { services } = desk.module([bank()]);
    await services.refunds.request(desk.call(), paid, 30_000);
    await services.settlements.request(desk.call(), other, { settleAs: 'NOT_PAID', bankReference: null });
    const of = [(await desk.payment(paid))?.id ?? '', (await desk.payment(other))?.id ?? ''];
    expect((await queries.refundsOf(of)).map((refunds) => refunds.map(({ amountVnd, state }) => [amountVnd, state]))).toEqual([[[30_000, 'REQUESTED']], []]);
    expect((await queries.settlementsOf(of)).map((settlements) => settlements.map(({ settleAs, state }) => [settleAs, state]))).toEqual([[], [['NOT_PAID', 'REQUESTED']]]);
    expect((await queries.itemsOf(of)).map((items) => items.map(({ key, amountVnd }) => [key, amountVnd]))).toEqual([[['LP', 50_000]], [['LP', 50_000]]]);
    await desk.rows(paid, `INSERT INTO payment_events (payment_id, source, from_state, to_state, applied, reason, amount_vnd, actor) SELECT id, 'callback', 'AWAITING', 'PAID', true, 'x', 50000, 'party/bank' FROM payments WHERE reference = $1`);
    await desk.rows(paid, `INSERT INTO payment_events (payment_id, source, from_state, to_state, applied, actor) SELECT id, 'query', 'PAID', 'PAID', false, 'party/bank' FROM payments WHERE reference = $1`);
    expect(await queries.historiesOf(of)).toMatchObject([[{ source: 'callback', amountVnd: 50_000, reason: 'x' }, { source: 'query', amountVnd: null, applied: false }], []]);
  });
});

describe('refunds and money without a payment', () => {
  it('are listed page by page within what the caller may see', async () => {
    const { services } = desk.module([bank()]);
    const references = [await desk.given('PAID'), await desk.given('PAID')];
    for (const reference of references) await services.refunds.request(desk.call(), reference, 20_000);
    const refunds = async (state: 'BY_HAND' | 'DONE' | null, page: { first: number; after: string | null } = ALL, over = {}) => queries.refunds(desk.call('p', over), state, page);
    const all = await refunds('BY_HAND');
    expect([all.rows.length, all.hasNextPage, BigInt(all.rows[0]?.id ?? 0) > BigInt(all.rows[1]?.id ?? 0)]).toEqual([2, false, true]);
    const first = await refunds('BY_HAND', { first: 1, after: null });
    expect([first.rows.map(({ id }) => id), first.hasNextPage]).toEqual([[all.rows[0]?.id], true]);
    expect((await refunds('BY_HAND', { first: 1, after: first.endCursor })).rows.map(({ id }) => id)).toEqual([all.rows[1]?.id]);
    expect([(await refunds('DONE')).rows, (await refunds('BY_HAND', ALL, ELSEWHERE)).rows, (await refunds(null)).rows.length > 2]).toEqual([[], [], true]);
    expect(await queries.findRefund(all.rows[0]?.requestId ?? '')).toMatchObject({ id: all.rows[0]?.id });
    expect(await queries.findRefund('NONE')).toBeNull();
  });

  it('are listed with the oldest first where a person has to match them', async () => {
    for (const number of ['C1', 'C2', 'C3']) await desk.rows(number, `INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at) VALUES ('bank', $1, 1, 'k1', 'no-reference', now())`);
    await desk.rows('C2', `UPDATE unmatched_credits SET resolved_at = now(), resolution = 'closed', resolved_by = 'an' WHERE bank_reference = $1`);
    const numbers = (page: { rows: readonly { bankReference: string }[] }): string[] => page.rows.map(({ bankReference }) => bankReference);
    const first = await queries.credits(false, { first: 1, after: null });
    expect([numbers(first), first.hasNextPage, numbers(await queries.credits(false, { first: 1, after: first.endCursor })), numbers(await queries.credits(true, ALL))]).toEqual([['C1'], true, ['C3'], ['C2']]);
    expect([await queries.findCredit(first.rows[0]?.id ?? ''), await queries.findCredit('999999')]).toMatchObject([{ bankReference: 'C1', amountVnd: 1 }, null]);
  });
});

describe('a page', () => {
  it.each([0, 201, -1])('of %d is refused', async (first) => {
    const problem = [{ field: 'first', code: 'PAGE_SIZE', en: 'Between 1 and 200', vi: 'Từ 1 đến 200' }];
    for (const read of [() => queries.list(desk.call(), {}, { first, after: null }), () => queries.refunds(desk.call(), null, { first, after: null }), () => queries.credits(false, { first, after: null })]) expect(await problemOf(read())).toEqual(problem);
  });

  it.each(['money:', 'xmoney:1', 'money:1x', 'money:1234567890123456789'])('behind %s is refused', async (text) => {
    const after = Buffer.from(text).toString('base64url');
    const problem = [{ field: 'after', code: 'CURSOR', en: expect.stringMatching(/cursor/), vi: expect.stringMatching(/Con trỏ/) }];
    for (const read of [() => queries.list(desk.call(), {}, { first: 1, after }), () => queries.refunds(desk.call(), null, { first: 1, after }), () => queries.credits(false, { first: 1, after })]) expect(await problemOf(read())).toEqual(problem);
  });
});
