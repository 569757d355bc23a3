import { describe, expect, it } from '@jest/globals';
import { LedgerChecker, checkLedger } from '../../../src/payments/ledger-check.js';
import type { LedgerEntry, LedgerReport } from '../../../src/payments/ledger-check.js';
import { ledgerOf, owner, paid, recordsOf, TRANSIT } from './checked-ledgers.js';
import type { Owner } from './checked-ledgers.js';

const check = (...owners: readonly Owner[]): Promise<LedgerReport> => checkLedger(recordsOf(ledgerOf(owners)));
const entry = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({ id: '1', transactionId: '1', kind: 'PAID', account: TRANSIT, amountVnd: 100, paymentId: '1', refundId: null, ...change });
/** Entries alone: that they are of no payment is one fault more, at the end. */
const faultsOf = async (...entries: readonly LedgerEntry[]): Promise<readonly string[]> =>
  (await checkLedger(entries.map((each) => ({ entry: each })))).faults.map(({ kind, entryId }) => `${kind} ${String(entryId)}`);
const PAIR = [entry({ account: 'CITIZEN', amountVnd: -100 }), entry({ id: '2' })] as const;

describe('entries of the ledger', () => {
  it('are sound in pairs', async () => {
    expect(await faultsOf(...PAIR)).toEqual(['ORPHAN null']);
    expect(await faultsOf(PAIR[0], entry({ id: '2', account: 'AGENCY/12' }))).toEqual(['ORPHAN null']);
  });

  it.each(['XTRANSIT/vnpay', 'TRANSIT/vnpay ', 'TRANSIT/', 'TRANSIT', 'AGENCY/', 'AGENCY/1x', 'CITIZENS', 'REFUND_DUE/1', ''])('are none on the account %j', async (account) => {
    expect((await faultsOf(PAIR[0], entry({ id: '2', account })))[0]).toBe('TRANSACTION 1');
    expect(await faultsOf(PAIR[0], entry({ id: '2', account }))).toContain('ENTRY 2');
  });

  it.each([0, 0.5, NaN, Number.MAX_SAFE_INTEGER + 1])('are none of %d VND', async (amountVnd) => {
    expect(await faultsOf(entry({ amountVnd }))).toEqual(['ENTRY 1', 'ORPHAN null']);
  });

  it.each<readonly [string, Partial<LedgerEntry>]>([['kind', { kind: 'SURPLUS' }], ['payment', { paymentId: '2' }], ['refund', { refundId: '1' }]])('do not belong together with another %s', async (_what, change) => {
    expect(await faultsOf(PAIR[0], entry({ id: '2', ...change }))).toEqual(['KIND 1', 'ORPHAN null']);
  });

  it('go where their kind goes, and nowhere else', async () => {
    const sides = { CITIZEN: 'CITIZEN', TRANSIT, AGENCY: 'AGENCY/9', REFUND_DUE: 'REFUND_DUE', DISPUTED: 'DISPUTED/vnpay' } as const;
    const legal: string[] = [];
    for (const kind of ['PAID', 'SURPLUS', 'SURPLUS_KEPT', 'DISPUTED', 'DISPUTE_WON', 'DISPUTE_LOST', 'REFUND_DECIDED', 'REFUND_REFUSED', 'REFUNDED', 'PAID_OUT', 'GIFT']) {
      for (const [from, giver] of Object.entries(sides)) {
        for (const [to, taker] of Object.entries(sides)) {
          const faults = await faultsOf(entry({ kind, account: giver, amountVnd: -100 }), entry({ id: '2', kind, account: taker }));
          if (!faults.includes('KIND 1')) legal.push(`${kind} ${from} ${to}`);
        }
      }
    }
    expect(legal).toEqual([
      'PAID CITIZEN TRANSIT', 'PAID CITIZEN AGENCY', 'SURPLUS TRANSIT REFUND_DUE', 'SURPLUS AGENCY REFUND_DUE', 'SURPLUS_KEPT REFUND_DUE TRANSIT', 'SURPLUS_KEPT REFUND_DUE AGENCY',
      'DISPUTED CITIZEN DISPUTED', 'DISPUTED TRANSIT DISPUTED', 'DISPUTED AGENCY DISPUTED', 'DISPUTED REFUND_DUE DISPUTED', 'DISPUTE_WON DISPUTED TRANSIT', 'DISPUTE_WON DISPUTED AGENCY',
      'DISPUTE_LOST DISPUTED CITIZEN', 'REFUND_DECIDED TRANSIT REFUND_DUE', 'REFUND_DECIDED AGENCY REFUND_DUE', 'REFUND_REFUSED REFUND_DUE TRANSIT', 'REFUND_REFUSED REFUND_DUE AGENCY',
      'REFUNDED REFUND_DUE CITIZEN', 'PAID_OUT TRANSIT AGENCY',
    ]);
  });

  it('do not come in threes', async () => {
    expect(await faultsOf(PAIR[0], entry({ id: '2', amountVnd: 60 }), entry({ id: '3', amountVnd: 40 }))).toEqual(['KIND 1', 'ORPHAN null']);
  });

  it('have ids that rise', async () => {
    expect(await faultsOf(entry({ account: 'CITIZEN', amountVnd: -100 }), entry())).toEqual(['ORDER 1', 'ORPHAN null']);
    expect(await faultsOf(entry({ id: '9', account: 'CITIZEN', amountVnd: -100 }), entry({ id: '10' }))).toEqual(['ORPHAN null']);
  });

  it('take from no account what is not there, and give no citizen what none gave', async () => {
    const backAtOnce = [entry({ kind: 'REFUNDED', account: 'REFUND_DUE', amountVnd: -100 }), entry({ id: '2', kind: 'REFUNDED', account: 'CITIZEN' })];
    expect(await faultsOf(...backAtOnce)).toEqual(['NEGATIVE 1', 'NEGATIVE 2', 'ORPHAN null']);
    const second = [entry({ id: '3', transactionId: '2', kind: 'PAID_OUT', amountVnd: -100 }), entry({ id: '4', transactionId: '2', kind: 'PAID_OUT', account: 'AGENCY/1' })];
    const third = [entry({ id: '5', transactionId: '3', kind: 'PAID_OUT', amountVnd: -1 }), entry({ id: '6', transactionId: '3', kind: 'PAID_OUT', account: 'AGENCY/1', amountVnd: 1 })];
    expect(await faultsOf(...PAIR, ...second, ...third)).toEqual(['NEGATIVE 5', 'ORPHAN null']);
  });
});

describe('a transaction whose second entry does not come', () => {
  /** So many first entries, and then the second of the first of them. */
  const waiting = (count: number): Promise<LedgerReport> => checkLedger([
    ...Array.from({ length: count }, (_, index) => ({ entry: entry({ id: String(index + 1), transactionId: String(index + 1), account: 'CITIZEN', amountVnd: -100 }) })),
    { entry: entry({ id: String(count + 1) }) },
  ]);

  it('is waited for while ten thousand others are, and then no more', async () => {
    expect(await waiting(10_000)).toMatchObject({ transactions: 1, faultCount: 9_999 + 1 });
    const report = await waiting(10_001);
    expect(report).toMatchObject({ transactions: 0, faultCount: 10_002 + 1 });
    expect(report.faults[0]).toEqual({ kind: 'TRANSACTION', entryId: '1', transactionId: '1', reference: null });
  });
});

describe('payments of the ledger', () => {
  it('come in the order of their ids, each once', async () => {
    const { entries, payments } = ledgerOf([owner(1), owner(2, { state: 'AWAITING', paidVnd: 0, steps: [] })]);
    const [one, two] = payments;
    if (one === undefined || two === undefined) throw new Error('There are two');
    const order = { kind: 'ORDER', entryId: null, transactionId: null };
    expect((await checkLedger(recordsOf({ entries, payments: [two, one] }))).faults).toEqual([{ ...order, reference: one.reference }]);
    expect((await checkLedger(recordsOf({ entries, payments: [one, two, two] }))).faults).toEqual([{ ...order, reference: two.reference }]);
  });
});

describe('faults', () => {
  it('are told as many as there are, each where it is', async () => {
    const report = await check(owner(1, { paidVnd: 90 }), owner(2, { steps: [['PAID_OUT', TRANSIT, 'AGENCY/9', 100], paid] }));
    expect(report.faults.map(({ kind, entryId }) => `${kind} ${String(entryId)}`)).toEqual(['PAID_AMOUNT 2', 'HOLDINGS 2', 'NEGATIVE 3']);
    expect(report.faultCount).toBe(report.faults.length);
  });

  it('are the first hundred of the ledger, in whatever order they were found', () => {
    const checker = new LedgerChecker();
    for (let place = 450; place >= 1; place -= 1) checker.addFault({ kind: 'ENTRY', entryId: String(place), transactionId: '1', reference: null });
    const { faults, faultCount } = checker.end();
    expect([faultCount, faults.length, faults[0]?.entryId, faults.at(-1)?.entryId]).toEqual([450, 100, '1', '100']);
  });
});
