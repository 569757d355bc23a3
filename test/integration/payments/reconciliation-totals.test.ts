import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ROLES } from '../../../src/access/caller.js';
import type { Caller } from '../../../src/access/caller.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { UserInputError } from '../../../src/errors/gateway-error.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import { PaymentTotals } from '../../../src/payments/reconciliation-totals.js';
import { TotalsStore } from '../../../src/payments/reconciliation-totals-store.js';
import type { PaymentTotal } from '../../../src/payments/reconciliation-totals-store.js';
import { DossierGateway, PORTAL } from '../../support/dossier-gateway.js';
import { AMOUNT_VND, bank } from '../../support/payment-desk.js';
import { FIELD_KEY, insertAccount } from '../../support/payment-gateway.js';
import { ReconciliationDesk } from '../../support/reconciliation-desk.js';

const [PROVINCE, WARD] = ['H42', '000.12.34.H42'];
const ALL = { first: 200, after: null };

let desk: ReconciliationDesk;
let totals: PaymentTotals;
/** The agency's second account. */
let second = '';

const list = (of: Partial<Record<'from' | 'to', string>> & { gateway?: string } = {}, { page = ALL, by = {} }: { page?: { first: number; after: string | null }; by?: Partial<Caller> } = {}) =>
  totals.list(desk.payments.call('p', by), { from: desk.day, to: desk.day, gateway: null, ...of }, page);
const places = async (...call: Parameters<typeof list>): Promise<string[]> => (await list(...call)).rows.map(placeOf);
const placeOf = ({ day, gateway, agencyCode, accountId, payments }: PaymentTotal): string => [day, gateway, agencyCode, accountId === second ? 'second' : 'first', payments].join(' ');
const move = (reference: string, kind: string, [from, to, vnd]: readonly [string, string, number]): Promise<unknown> => desk.payments.rows(reference, `SELECT post_ledger('${kind}', '${from}', '${to}', ${String(vnd)}, id, NULL) FROM payments WHERE reference = $1`);
const problemOf = (read: Promise<unknown>): Promise<unknown> => read.then(() => 'nothing', (error: unknown) => (error instanceof UserInputError ? error.problems : error));

beforeAll(async () => {
  desk = await ReconciliationDesk.open();
  second = await insertAccount(desk.database, PROVINCE, { gateways: [], number: '999' });
  await desk.database.query(`INSERT INTO agencies (code, parent_code, name_vi, kind, level) VALUES ($1, NULL, 'Tỉnh', 'PROVINCE', 'PROVINCE'), ($2, $1, 'Phường', 'WARD', 'COMMUNE')`, [PROVINCE, WARD]);
  await desk.database.query(`INSERT INTO agency_codes (agency_code, code, confidence) VALUES ($1, $1, 'HIGH'), ($2, $2, 'HIGH')`, [PROVINCE, WARD]);
  totals = new PaymentTotals({ store: new TotalsStore(desk.database), agencies: createAgencyModule({ database: desk.database, settings: { tenantAgencyCodes: [PROVINCE], fingerprintKey: FIELD_KEY, keepHours: 1 } }) });
});
afterAll(() => desk.close());
beforeEach(() => desk.nextDay());

describe('the total of a day', () => {
  it('says where the money of its payments is now', async () => {
    const [moved, calm] = [await desk.given('PAID'), await desk.given('PAID')];
    for (const [kind, ...step] of [['PAID_OUT', 'TRANSIT/bank', 'AGENCY/1', 20_000], ['REFUND_DECIDED', 'TRANSIT/bank', 'REFUND_DUE', 10_000], ['REFUNDED', 'REFUND_DUE', 'CITIZEN', 4_000], ['DISPUTED', 'TRANSIT/bank', 'DISPUTED/bank', 7_000]] as const) {
      await move(moved, kind, step);
    }
    expect((await list()).rows).toEqual([{
      day: desk.day, gateway: 'bank', agencyCode: PROVINCE, accountId: (await desk.payments.payment(calm))?.accountId, payments: 2,
      paidVnd: 2 * AMOUNT_VND, settledVnd: 20_000, inTransitVnd: 2 * AMOUNT_VND - 37_000, refundDueVnd: 6_000, disputedVnd: 7_000, refundedVnd: 4_000,
    }]);
  });

  it('is nothing where nothing was booked', async () => {
    await desk.given('AWAITING', { paid_at: desk.noon().toISOString() });
    expect((await list()).rows).toMatchObject([{ payments: 1, paidVnd: 0, settledVnd: 0, inTransitVnd: 0, refundDueVnd: 0, disputedVnd: 0, refundedVnd: 0 }]);
  });

  it('is from midnight to midnight in Vietnam; days stand apart', async () => {
    const [midnight, next] = [vietnamMidnight(desk.day), vietnamMidnight(dayAfter(desk.day))];
    for (const at of [midnight.getTime() - 1, midnight.getTime(), next.getTime() - 1, next.getTime()]) await desk.given('PAID', { paid_at: new Date(at).toISOString() });
    expect(await places()).toEqual([`${desk.day} bank H42 first 2`]);
    expect(await places({ from: dayAfter(desk.day, -1), to: dayAfter(desk.day) })).toEqual([[-1, 1], [0, 2], [1, 1]].map(([days = 0, count]) => `${dayAfter(desk.day, days)} bank H42 first ${String(count)}`));
  });
});

describe('totals', () => {
  const given = async (): Promise<string[]> => {
    for (const over of [{ gateway: 'till' }, { account_id: second }, { agency_code: WARD }, {}]) await desk.given('PAID', over);
    return [`${desk.day} bank ${WARD} first 1`, `${desk.day} bank ${PROVINCE} first 1`, `${desk.day} bank ${PROVINCE} second 1`, `${desk.day} till ${PROVINCE} first 1`];
  };

  it('are of each gateway, agency and account by itself, in that order', async () => {
    const all = await given();
    expect(await places()).toEqual(all);
    expect([await places({ gateway: 'till' }), await places({ gateway: 'nobody' })]).toEqual([all.slice(3), []]);
  });

  it('are listed page by page', async () => {
    const all = await given();
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await list({}, { page: { first: 1, after } });
      seen.push(...page.rows.map(placeOf));
      expect(page.hasNextPage).toBe(seen.length < all.length);
      if (!page.hasNextPage) {
        expect(await list({}, { page: { first: 1, after: page.endCursor } })).toEqual({ rows: [], hasNextPage: false, endCursor: null });
        break;
      }
      after = page.endCursor;
    }
    expect(seen).toEqual(all);
    expect((await list({}, { page: { first: all.length, after: null } })).hasNextPage).toBe(false);
  });

  it('are of what the caller may see', async () => {
    const all = await given();
    await desk.given('PAID', { client: 'q', gateway: 'other' });
    expect(await places({}, { by: { agencyScope: WARD } })).toEqual(all.slice(0, 1));
    expect(await places({}, { by: { agencyScope: PROVINCE } })).toEqual([...all.slice(0, 3), `${desk.day} other ${PROVINCE} first 1`, ...all.slice(3)]);
    expect([await places({}, { by: { role: 'portal' } }), await places({}, { by: { role: 'portal', client: 'q' } })]).toEqual([all, [`${desk.day} other ${PROVINCE} first 1`]]);
    expect(await places({}, { by: { role: 'agency' } })).toEqual([]);
  });

  it('are open to every role, through the API', async () => {
    await given();
    const module = desk.module([bank()]);
    const schema = new DossierGateway(desk.database, { also: { sdl: ['payment.graphql', 'reconciliation.graphql'], resolvers: () => [...desk.payments.module([bank()]).resolvers, module.resolvers] } });
    const source = 'query ($day: LocalDate!, $gateway: String) { paymentTotals(from: $day, to: $day, gateway: $gateway, first: 1) { nodes { gateway payments paidVnd } pageInfo { hasNextPage } } }';
    const asked = async (caller: Caller, gateway: string | null): Promise<unknown> => {
      const { data, errors } = await schema.call(caller, source, { day: desk.day, gateway });
      return errors.length > 0 ? errors.map(({ message }) => message) : data['paymentTotals'];
    };
    for (const role of ROLES) expect([role, await asked({ ...PORTAL, client: 'p', role, agencyScope: PROVINCE }, null)]).toEqual([role, { nodes: [{ gateway: 'bank', payments: 1, paidVnd: AMOUNT_VND }], pageInfo: { hasNextPage: true } }]);
    expect(await asked({ ...PORTAL, client: 'p' }, 'till')).toEqual({ nodes: [{ gateway: 'till', payments: 1, paidVnd: AMOUNT_VND }], pageInfo: { hasNextPage: false } });
  });
});

describe('what is asked of totals', () => {
  const DAYS = [{ field: 'from', code: 'DAYS', message: { vi: 'Khoảng ngày phải hợp lệ, dài nhất 366 ngày', en: 'The days must be in order, at most 366 of them' } }];

  it.each([['2026-02-30', '2026-03-02'], ['2026-02-01', '2026-02-30'], ['2026-02-02', '2026-02-01'], ['2025-01-01', '2026-01-02'], ['', ''], ['2026-02-01', '']])('is refused for the days %s to %s', async (from, to) => {
    expect(await problemOf(list({ from, to }))).toEqual(DAYS);
  });

  it.each([['2025-01-01', '2026-01-01'], ['2026-01-01', '2026-01-01']])('may be the days %s to %s', async (from, to) => {
    expect(await problemOf(list({ from, to }))).toBe('nothing');
  });

  it.each([0, 201, -1])('is refused for a page of %d', async (first) => {
    expect(await problemOf(list({}, { page: { first, after: null } }))).toEqual([{ field: 'first', code: 'PAGE_SIZE', message: { vi: 'Từ 1 đến 200', en: 'Between 1 and 200' } }]);
  });

  it.each<readonly [string, unknown]>([
    ['no list', {}], ['nothing', null], ['too little', ['2026-03-01', 'bank', 'H42']], ['too much', ['2026-03-01', 'bank', 'H42', '1', '1']], ['a number', ['2026-03-01', 'bank', 'H42', 1]], ['a text that cannot be stored', ['2026-03-01', 'b\0', 'H42', '1']],
    ['no day', ['2026-02-30', 'bank', 'H42', '1']], ['no account', ['2026-03-01', 'bank', 'H42', '']], ['another word for an account', ['2026-03-01', 'bank', 'H42', 'x1']], ['an account and more', ['2026-03-01', 'bank', 'H42', '1x']],
    ['too great an account', ['2026-03-01', 'bank', 'H42', '1'.repeat(19)]],
  ])('is refused behind a cursor that holds %s', async (_what, held) => {
    expect(await problemOf(list({}, { page: { first: 1, after: Buffer.from(JSON.stringify(held)).toString('base64url') } }))).toEqual([{ field: 'after', code: 'CURSOR', message: { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' } }]);
  });

  it('is refused behind what is no cursor at all, and given behind the greatest account', async () => {
    expect(await problemOf(list({}, { page: { first: 1, after: 'e30{' } }))).toMatchObject([{ field: 'after', code: 'CURSOR' }]);
    await desk.given('PAID', { gateway: 'till' });
    const after = Buffer.from(JSON.stringify([desk.day, 'bank', 'H42', '9'.repeat(18)])).toString('base64url');
    expect(await places({}, { page: { first: 1, after } })).toEqual([`${desk.day} till H42 first 1`]);
  });
});
