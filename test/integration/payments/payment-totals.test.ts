import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { UserInputError } from '../../../src/errors/gateway-error.js';
import { PaymentTotals } from '../../../src/payments/reconciliation-totals.js';
import { TotalsStore } from '../../../src/payments/reconciliation-totals-store.js';
import type { PaymentTotal } from '../../../src/payments/reconciliation-totals-store.js';
import { AMOUNT_VND, PaymentDesk, bank, refundPort, said } from '../../support/payment-desk.js';
import { FIELD_KEY, insertAccount } from '../../support/payment-gateway.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

const DAY = '2026-03-15';
const WARD = '000.12.34.H42';
const FOUR = { from: DAY, to: '2026-03-18', gateway: null } as const;

let test: TestDatabase;
let desk: PaymentDesk;
let totals: PaymentTotals;
let otherAccount = '';

const at = (day: string, time: string): string => `'${day}T${time}+07:00'`;
const list = (filter: Parameters<PaymentTotals['list']>[1] = FOUR, over: Partial<Caller> = {}, client = 'an') => totals.list(desk.call(client, over), filter, { first: 200, after: null });
const brief = ({ day, gateway, agencyCode, accountId, payments, paidVnd }: PaymentTotal): string => [day, gateway, agencyCode, accountId === otherAccount ? 'other' : 'own', payments, paidVnd].join(' ');
const whereIs = ({ paidVnd, settledVnd, inTransitVnd, refundDueVnd, disputedVnd, refundedVnd }: PaymentTotal): readonly number[] => [paidVnd, settledVnd, inTransitVnd, refundDueVnd, disputedVnd, refundedVnd];

/** Three on the first day, of which one went back in part and one is contested; one at midnight; others of another gateway, account, agency and client; one held back from its first word on. */
beforeAll(async () => {
  test = await createTestDatabase();
  const { database } = test;
  desk = await PaymentDesk.on(database);
  otherAccount = await insertAccount(database, 'H42', { gateways: [], number: '0099887766' });
  const agencies = createAgencyModule({ database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: FIELD_KEY, keepHours: 1 } });
  const tree = ['code,name_vi,kind,level,parent_code', '000.00.00.H42,Tỉnh,PROVINCE,PROVINCE,', `${WARD},Phường,WARD,COMMUNE,000.00.00.H42`];
  await agencies.service.importFile({ caller: desk.call().caller, idempotencyKey: 'tree', reason: 'kiểm thử' }, Buffer.from(tree.join('\n')), { dryRun: false });
  totals = new PaymentTotals({ store: new TotalsStore(database), agencies });
  const { services, book } = desk.module([bank({ refunds: refundPort() })]);
  await desk.given('PAID', `paid_at = ${at(DAY, '00:00:00')}`);
  await services.refunds.request(desk.call(), await desk.given('PAID', `paid_at = ${at(DAY, '12:00:00')}`), 20_000);
  const hear = (reference: string, says: 'disputed') => database.transaction((client) => book.hear(client, reference, { word: said(says, { amountVnd: AMOUNT_VND }), hearing: { source: 'query', actor: 'party/bank', now: desk.now } }));
  await hear(await desk.given('PAID', `paid_at = ${at(DAY, '23:59:59')}`), 'disputed');
  await desk.given('PAID', `paid_at = ${at('2026-03-16', '00:00:00')}`);
  await desk.given('PAID', `paid_at = ${at(DAY, '12:00:00')}, account_id = ${otherAccount}`);
  await desk.given('PAID', `paid_at = ${at(DAY, '12:00:00')}, gateway = 'till'`);
  await desk.given('PAID', `paid_at = ${at(DAY, '12:00:00')}, agency_code = '${WARD}', client = 'q'`);
  const held = await desk.given('AWAITING');
  await hear(held, 'disputed');
  await desk.rows(held, `UPDATE payments SET state_at = ${at('2026-03-18', '23:59:59')} WHERE reference = $1`);
  await desk.given('PAID', `paid_at = ${at('2026-03-19', '00:00:00')}`);
  await desk.given('EXPIRED');
});
afterAll(() => test.drop());

describe('totals', () => {
  it('are by day in Vietnam, gateway, agency and account', async () => {
    expect((await list()).rows.map(brief)).toEqual([
      `${DAY} bank ${WARD} own 1 50000`, `${DAY} bank H42 own 3 150000`, `${DAY} bank H42 other 1 50000`, `${DAY} till H42 own 1 50000`, '2026-03-16 bank H42 own 1 50000', '2026-03-18 bank H42 own 1 50000',
    ]);
    expect((await list({ ...FOUR, gateway: 'till' })).rows.map(brief)).toEqual([`${DAY} till H42 own 1 50000`]);
    expect((await list({ ...FOUR, to: DAY })).rows).toHaveLength(4);
  });

  it('say where each đồng is, also of money that was held back from the first word on, and add up to the ledger', async () => {
    const { rows } = await list({ from: DAY, to: '2026-03-31', gateway: null });
    expect(rows.map(whereIs)[1]).toEqual([150_000, 0, 80_000, 20_000, 50_000, 0]);
    expect(rows.find(({ day }) => day === '2026-03-18')).toMatchObject({ payments: 1, paidVnd: AMOUNT_VND, disputedVnd: AMOUNT_VND, inTransitVnd: 0 });
    for (const [paid = 0, ...places] of rows.map(whereIs)) expect(places.reduce((sum, place) => sum + place, 0)).toBe(paid);
    const { rows: [ledger] } = await test.database.query<{ taken: string }>(`SELECT -sum(amount_vnd) AS taken FROM ledger WHERE account = 'CITIZEN'`);
    expect(rows.reduce((sum, { paidVnd }) => sum + paidVnd, 0)).toBe(Number(ledger?.taken));
  });

  it('are read page by page, none twice and none left out', async () => {
    const found: PaymentTotal[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await totals.list(desk.call(), FOUR, { first: 1, after });
      found.push(...page.rows);
      after = page.hasNextPage ? page.endCursor : null;
    } while (after !== null);
    expect(found).toEqual((await list()).rows);
  });

  it('are those of the caller\'s agencies, and of a portal\'s own payments', async () => {
    expect((await list(FOUR, { role: 'agency', agencyScope: WARD })).rows.map(({ agencyCode }) => agencyCode)).toEqual([WARD]);
    expect((await list(FOUR, { role: 'portal' }, 'q')).rows.map(({ agencyCode }) => agencyCode)).toEqual([WARD]);
    expect((await list(FOUR, { role: 'portal' }, 'nobody')).rows).toEqual([]);
  });

  it.each([
    [{ ...FOUR, from: '2026-02-30' }, 200, null, 'DAYS'], [{ ...FOUR, to: '2026-03-14' }, 200, null, 'DAYS'], [{ ...FOUR, to: '2027-03-17' }, 200, null, 'DAYS'], [FOUR, 0, null, 'PAGE_SIZE'], [FOUR, 201, null, 'PAGE_SIZE'],
    [FOUR, 1, 'x', 'CURSOR'], [FOUR, 1, Buffer.from(JSON.stringify([DAY, 'bank', 'H42', 'x'])).toString('base64url'), 'CURSOR'],
  ] as const)('of %j, %d a page behind %s are refused as %s', async (filter, first, after, code) => {
    const problems = await totals.list(desk.call(), filter, { first, after }).catch((error: unknown) => (error instanceof UserInputError ? error.problems.map((problem) => problem.code) : error));
    expect(problems).toEqual([code]);
  });
});
