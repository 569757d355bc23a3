import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { vietnamDay } from '../../../src/agencies/agency.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { BankAccountDirectory } from '../../../src/bank-accounts/account-directory.js';
import { AccountSeals } from '../../../src/bank-accounts/account-seals.js';
import { PartyError } from '../../../src/errors/party-error.js';
import { createLogger } from '../../../src/observability/logger.js';
import type { GatewayWord, PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { PaymentOrders } from '../../../src/payments/payment-order.js';
import { PaymentStore } from '../../../src/payments/payment-store.js';
import { PaymentBook } from '../../../src/payments/payment-words.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import { createReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import type { ReconciliationWork } from '../../../src/payments/reconciliation-work.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { insertAccount, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';

const HOUR_MS = 3_600_000;
const AT_MINUTES = 5 * 60 + 30;
const PAID = { says: 'paid', code: '00', text: null, amountVnd: 50_000, gatewayTransaction: '14400001', bankCode: 'NCB' } as const;

let stage: PaymentStage;
let reference = '';
/** The day of the payment, in Vietnam. */
let day = '';
let clock = new Date();
let word: GatewayWord | null = null;

/** A gateway that answers what the test says, or not at all. */
const gateway: PaymentGateway = {
  party: 'vnpay', moneyGoes: 'transit', accountRegistration: 'in-order', opensUnsent: false, refunds: null, serves: () => true, opensUnder: () => ({}), merchantOf: () => null,
  windows: { payWithinMs: HOUR_MS, askAfterMs: HOUR_MS, askEveryMs: HOUR_MS, settleMs: HOUR_MS, giveUpMs: 2 * HOUR_MS },
  open: () => Promise.reject(new Error('nothing is opened here')),
  ask: () => (word === null ? Promise.reject(new PartyError('unavailable', { party: 'vnpay', operation: 'querydr', code: 'connection-refused' })) : Promise.resolve(word)),
};

/** What a worker has, at the time of the test's clock. */
const worker = (): ReconciliationWork => {
  const { database } = stage;
  const key = Buffer.alloc(32, 5);
  const cipher = new FieldCipher([{ id: 'k1', key }]);
  const store = new PaymentStore();
  const now = (): Date => clock;
  const accounts = new BankAccountDirectory({ database, seals: new AccountSeals(cipher), indexKey: key, now });
  return createReconciliationModule({
    database, gateways: [gateway], logger: createLogger('silent'), now, settings: { fingerprintKey: key, keepHours: 1, atMinutes: AT_MINUTES, askConcurrency: 2 },
    agencies: createAgencyModule({ database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: key, keepHours: 1 } }),
    payments: { store, orders: new PaymentOrders({ database, accounts, cipher }), book: new PaymentBook({ store, gateways: new Map([['vnpay', gateway]]), onPaid: [], observe: () => undefined }) },
  }).createWork();
};
const at = (of: string, minutes: number): void => { clock = new Date(vietnamMidnight(of).getTime() + minutes * 60_000); };
const turn = (): Promise<number> => worker().turn();
const runs = async (): Promise<readonly string[]> =>
  (await stage.database.query<{ run: string }>(`SELECT concat_ws(' ', to_char(day, 'YYYY-MM-DD'), cause, coalesce(failure, 'done')) AS run FROM reconciliation_runs WHERE ended_at IS NOT NULL ORDER BY id`)).rows.map(({ run }) => run);
const checks = async (): Promise<readonly object[]> => (await stage.database.query(`SELECT to_char(day, 'YYYY-MM-DD') AS day, fault_count AS faults FROM ledger_checks ORDER BY id`)).rows;
const laterBy = (minutes: number) => stage.database.query(`UPDATE reconciliation_runs SET ended_at = ended_at - $1 * interval '1 minute'`, [minutes]);

beforeAll(async () => {
  stage = await startPaymentStage({ RECONCILE_AT: 'off', VNPAY_ASK_AFTER_MS: '3600000' });
  await insertAccount(stage.database, '000.12.34.H42');
  ({ reference } = await stage.opened(400));
  day = vietnamDay(new Date());
  // At noon, whenever that is: a payment that midnight divides would be two days' matter.
  await stage.database.query(`UPDATE payments SET created_at = $2, sent_at = $2 WHERE reference = $1`, [reference, new Date(vietnamMidnight(day).getTime() + 12 * HOUR_MS)]);
});
afterAll(() => stage.gateway.close());

it('leaves the day before alone until the hour, and compares it then', async () => {
  at(dayAfter(day), AT_MINUTES - 1);
  expect([await turn(), await runs(), await checks()]).toEqual([0, [], []]);
  at(dayAfter(day), AT_MINUTES);
  expect(await turn()).toBe(1);
  expect(await runs()).toEqual([`${day} SCHEDULE gateway-unavailable`]);
  expect(await checks()).toEqual([{ day: dayAfter(day), faults: 0 }]);
});

it('makes a failed run again after an hour, and not before; of two workers one does', async () => {
  await laterBy(58);
  expect(await turn()).toBe(0);
  await laterBy(3);
  word = { ...PAID, paidAt: vietnamMidnight(dayAfter(day)) };
  const done = await Promise.all([turn(), turn()]);
  expect(done.reduce((sum, each) => sum + each)).toBe(1);
  expect(await runs()).toEqual([`${day} SCHEDULE gateway-unavailable`, `${day} SCHEDULE done`]);
  expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: 50_000 });
  await laterBy(120);
  expect(await turn()).toBe(0);
  // The ledger has had its look of the day.
  expect(await checks()).toHaveLength(1);
});

it('makes up for the mornings on which no worker ran, a week back at most', async () => {
  at(dayAfter(day, 4), AT_MINUTES + 60);
  expect(await turn()).toBe(3);
  expect((await runs()).slice(2)).toEqual([1, 2, 3].map((days) => `${dayAfter(day, days)} SCHEDULE done`));
  at(dayAfter(day, 30), AT_MINUTES);
  expect(await turn()).toBe(7);
  expect((await runs()).slice(5)).toEqual([23, 24, 25, 26, 27, 28, 29].map((days) => `${dayAfter(day, days)} SCHEDULE done`));
  expect((await checks()).at(-1)).toEqual({ day: dayAfter(day, 30), faults: 0 });
});
