import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkLedgerArchive, LedgerArchiveWriter } from '../../../src/payments/ledger-check-archive.js';
import { checkLedger } from '../../../src/payments/ledger-check.js';
import type { LedgerReport } from '../../../src/payments/ledger-check.js';
import type { LedgerEntry } from '../../../src/payments/ledger-check-records.js';
import type { LedgerFault } from '../../../src/payments/ledger-check-faults.js';
import { AGENCY, DISPUTED, ledgerOf, owner, paid, recordsOf, TRANSIT } from './checked-ledgers.js';
import type { Owner, Step } from './checked-ledgers.js';

const check = (...owners: readonly Owner[]): Promise<LedgerReport> => checkLedger(recordsOf(ledgerOf(owners)));

/** Changes one entry in both places where it stands. */
const tampered = (owners: readonly Owner[], entryId: string, change: (entry: LedgerEntry) => LedgerEntry | null): Promise<LedgerReport> => {
  const { entries, payments } = ledgerOf(owners);
  const apply = (list: readonly LedgerEntry[]): LedgerEntry[] => list.flatMap((entry) => (entry.id === entryId ? change(entry) ?? [] : entry));
  return checkLedger(recordsOf({ entries: apply(entries), payments: payments.map((payment) => ({ ...payment, entries: apply(payment.entries) })) }));
};

const first = ({ faults }: LedgerReport): LedgerFault | undefined => faults[0];

const surplus = owner(2, { surplus: true, steps: [paid, ['SURPLUS', TRANSIT, 'REFUND_DUE', 100]] });
const refunded = owner(3, {
  state: 'REFUNDED', refundedVnd: 100, refunds: [{ id: '5', amountVnd: 100, state: 'DONE' }],
  steps: [paid, ['REFUND_DECIDED', TRANSIT, 'REFUND_DUE', 100, '5'], ['REFUNDED', 'REFUND_DUE', 'CITIZEN', 100, '5']],
});
const partly = owner(4, {
  state: 'REFUNDING', refundedVnd: 30, refunds: [{ id: '6', amountVnd: 30, state: 'DONE' }, { id: '7', amountVnd: 20, state: 'PROCESSING' }, { id: '8', amountVnd: 10, state: 'DECLINED' }],
  steps: [paid, ['PAID_OUT', TRANSIT, AGENCY, 100], ['REFUND_DECIDED', AGENCY, 'REFUND_DUE', 30, '6'], ['REFUNDED', 'REFUND_DUE', 'CITIZEN', 30, '6'], ['REFUND_DECIDED', AGENCY, 'REFUND_DUE', 20, '7']],
});
const disputed = owner(5, { state: 'DISPUTED', steps: [['DISPUTED', 'CITIZEN', DISPUTED, 100]] });
const lost = owner(6, { state: 'FAILED', paidVnd: 0, steps: [paid, ['DISPUTED', TRANSIT, DISPUTED, 100], ['DISPUTE_LOST', DISPUTED, 'CITIZEN', 100]] });
const won = owner(7, { steps: [['DISPUTED', 'CITIZEN', DISPUTED, 100], ['DISPUTE_WON', DISPUTED, TRANSIT, 100]] });
const refusedRefund = owner(8, {
  refunds: [{ id: '9', amountVnd: 100, state: 'REFUSED' }], steps: [paid, ['REFUND_DECIDED', TRANSIT, 'REFUND_DUE', 100, '9'], ['REFUND_REFUSED', 'REFUND_DUE', TRANSIT, 100, '9']],
});
const awaiting = owner(9, { state: 'AWAITING', paidVnd: 0, steps: [] });
const ALL = [owner(1), surplus, refunded, partly, disputed, lost, won, refusedRefund, awaiting];

describe('a check of the ledger', () => {
  it('finds nothing in a sound one, and tells where all money is', async () => {
    expect(await check(...ALL)).toEqual({
      entries: 40, transactions: 20, payments: 9, faultCount: 0, faults: [],
      totals: { paidVnd: 800, settledVnd: 50, inTransitVnd: 300, refundDueVnd: 120, disputedVnd: 100, refundedVnd: 130, chargedBackVnd: 100 },
    });
  });

  it('takes an empty ledger for a sound one', async () => {
    expect(await check()).toMatchObject({ faultCount: 0, entries: 0 });
  });

  it.each(ledgerOf(ALL).entries.map(({ id, transactionId }) => [id, transactionId] as const))('names the transaction of entry %s (%s) when its amount is another', async (id, transactionId) => {
    const report = await tampered(ALL, id, (entry) => ({ ...entry, amountVnd: entry.amountVnd + 1 }));
    expect(first(report)).toMatchObject({ kind: 'TRANSACTION', transactionId });
  });

  it.each(ledgerOf(ALL).entries.map(({ id, transactionId }) => [id, transactionId] as const))('names the transaction of entry %s (%s) when the entry is gone', async (id, transactionId) => {
    expect(first(await tampered(ALL, id, () => null))).toMatchObject({ kind: 'TRANSACTION', transactionId });
  });

  it('finds money that goes where its kind does not go', async () => {
    const report = await check(owner(1), owner(2, { steps: [['PAID', 'CITIZEN', 'REFUND_DUE', 100]] }));
    expect(first(report)).toMatchObject({ kind: 'KIND', transactionId: '2' });
    expect(first(await check(owner(1, { steps: [['GIFT', 'CITIZEN', TRANSIT, 100]] })))).toMatchObject({ kind: 'KIND' });
  });

  it('finds a sum that is not what is somewhere, though each transaction is balanced', async () => {
    const report = await check(owner(1), owner(2, { steps: [['REFUND_DECIDED', 'CITIZEN', TRANSIT, 100]] }));
    expect(report.faults).toContainEqual({ kind: 'BALANCE', entryId: '3', transactionId: '2', reference: null });
  });

  it('finds money that leaves an account before it came, though it comes later', async () => {
    const report = await check(owner(1, { steps: [['PAID_OUT', TRANSIT, AGENCY, 100], paid] }));
    expect(first(report)).toMatchObject({ kind: 'NEGATIVE', transactionId: '1' });
  });

  it('finds it in one payment, though another has enough', async () => {
    const report = await check(owner(1, { amountVnd: 900, paidVnd: 900, steps: [['PAID', 'CITIZEN', TRANSIT, 900]] }), owner(2, { steps: [['PAID_OUT', TRANSIT, AGENCY, 100], paid] }));
    expect(first(report)).toMatchObject({ kind: 'NEGATIVE', transactionId: '2', reference: owner(2).reference });
  });

  it.each([
    ['a paid amount of which the ledger knows nothing', owner(1, { steps: [] }), 'PAID_AMOUNT'],
    ['a paid amount that is another', owner(1, { paidVnd: 90 }), 'PAID_AMOUNT'],
    ['money without a payment', owner(1, { state: 'AWAITING', paidVnd: 0 }), 'PAID_AMOUNT'],
    ['a payment that failed and has money', owner(1, { state: 'FAILED' }), 'HOLDINGS'],
    ['a surplus that is not due back', owner(1, { surplus: true }), 'HOLDINGS'],
    ['money due back of a payment that is just paid', owner(1, { steps: surplus.steps }), 'HOLDINGS'],
    ['a dispute that holds nothing', owner(1, { state: 'DISPUTED' }), 'HOLDINGS'],
    ['a refund that is under way on a payment that does not say so', owner(1, { refunds: [{ id: '5', amountVnd: 100, state: 'APPROVED' }], steps: [paid, ['REFUND_DECIDED', TRANSIT, 'REFUND_DUE', 100, '5']] }), 'HOLDINGS'],
    ['a refund under way for which nothing is set aside', owner(1, { state: 'REFUNDING', refunds: [{ id: '5', amountVnd: 100, state: 'APPROVED' }] }), 'HOLDINGS'],
    ['a refund that is done and of which the ledger knows nothing', owner(1, { refunds: [{ id: '5', amountVnd: 100, state: 'DONE' }] }), 'REFUNDED_AMOUNT'],
    ['a refunded amount that is another', { ...refunded, refundedVnd: 99 }, 'REFUNDED_AMOUNT'],
    ['a refund that was given twice', owner(1, { refundedVnd: 60, refunds: [{ id: '5', amountVnd: 30, state: 'DONE' }], steps: [paid, ...[1, 2].flatMap((): Step[] => [['REFUND_DECIDED', TRANSIT, 'REFUND_DUE', 30, '5'], ['REFUNDED', 'REFUND_DUE', 'CITIZEN', 30, '5']])] }), 'REFUNDED_AMOUNT'],
    ['entries of a refund that was declined', owner(1, { state: 'REFUNDED', refundedVnd: 100, refunds: [{ id: '5', amountVnd: 100, state: 'DECLINED' }], steps: refunded.steps }), 'REFUNDED_AMOUNT'],
    ['a refused refund whose money stays due', owner(1, { refunds: [{ id: '5', amountVnd: 100, state: 'REFUSED' }], steps: [paid, ['REFUND_DECIDED', TRANSIT, 'REFUND_DUE', 100, '5']] }), 'HOLDINGS'],
    ['money in the account of another agency', owner(1, { steps: [paid, ['PAID_OUT', TRANSIT, 'AGENCY/8', 100]] }), 'WRONG_ACCOUNT'],
    ['money at another gateway', owner(1, { gateway: 'mb-bank' }), 'WRONG_ACCOUNT'],
  ])('finds %s', async (_what, planted, kind) => {
    const report = await check(planted, { ...owner(20) });
    expect(report.faults.filter(({ reference }) => reference === planted.reference).map((fault) => fault.kind)).toContain(kind);
    expect(report.faults.some(({ reference }) => reference === owner(20).reference)).toBe(false);
  });

  it('finds entries of no payment, and entries out of order', async () => {
    const { entries, payments } = ledgerOf([owner(1), owner(2)]);
    expect(first(await checkLedger(recordsOf({ entries, payments: payments.slice(0, 1) })))).toMatchObject({ kind: 'ORPHAN' });
    expect((await checkLedger(recordsOf({ entries: [...entries].reverse(), payments }))).faults).toContainEqual(expect.objectContaining({ kind: 'ORDER' }));
    expect(first(await tampered([owner(1)], '1', (entry) => ({ ...entry, account: 'POCKET' })))).toMatchObject({ kind: 'ENTRY', transactionId: '1' });
  });

  it('counts all faults and names no more than a hundred, the first of the ledger first', async () => {
    const broken = Array.from({ length: 400 }, (_, index) => owner(index + 1, { paidVnd: 90 }));
    const report = await check(...broken);
    expect(report).toMatchObject({ faultCount: 800 });
    expect(report.faults).toHaveLength(100);
    expect(first(report)).toMatchObject({ transactionId: '1' });
  });

  it('holds for transactions that were written at the same moment, one within the other', async () => {
    const { entries, payments } = ledgerOf([owner(1), owner(2)]);
    const [a, b, c, d] = entries;
    const mixed = [a, c, d, b].map((entry, index) => ({ ...(entry as LedgerEntry), id: String(index + 1) }));
    const report = await checkLedger(recordsOf({ entries: mixed, payments: payments.map((payment) => ({ ...payment, entries: mixed.filter(({ paymentId }) => paymentId === payment.id) })) }));
    expect(report).toMatchObject({ faultCount: 0, transactions: 2 });
  });

  it('is right at any instant: each prefix of whole steps of any mix of payments is sound where its payments say what they are', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(owner(1), surplus, refunded, disputed, lost, won, refusedRefund), { maxLength: 30 }), async (mix) => {
      const owners = mix.map((each, index) => ({ ...each, id: String(index + 1), reference: `OG${String(index)}` }));
      const report = await checkLedger(recordsOf(ledgerOf(owners)));
      const { paidVnd, settledVnd, inTransitVnd, refundDueVnd, disputedVnd, refundedVnd, chargedBackVnd } = report.totals;
      // Ids of refunds repeat among payments here, which the check of one payment does not mind.
      expect(report.faults).toEqual([]);
      expect(settledVnd + inTransitVnd + refundDueVnd + disputedVnd + refundedVnd + chargedBackVnd).toBe(paidVnd);
    }));
  });
});

const archiveOf = async (owners: readonly Owner[]): Promise<string[]> => {
  const lines: string[] = [];
  const writer = new LedgerArchiveWriter((line) => void lines.push(line));
  await writer.begin(new Date('2026-11-23T00:00:00Z'));
  for (const record of recordsOf(ledgerOf(owners))) await writer.add(record);
  await writer.end();
  return lines;
};

describe('an archive of the ledger', () => {
  it('says without a database what the ledger says', async () => {
    const { sha256, ...report } = await checkLedgerArchive(await archiveOf(ALL));
    expect(report).toEqual(await check(...ALL));
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names the first wrong transaction as the database does', async () => {
    const lines = (await archiveOf(ALL)).map((line) => line.replace('"transactionId":"3","kind":"PAID","account":"TRANSIT/vnpay","amountVnd":100', '"transactionId":"3","kind":"PAID","account":"TRANSIT/vnpay","amountVnd":101'));
    const report = await checkLedgerArchive(lines);
    expect(first(report)).toMatchObject({ kind: 'TRANSACTION', transactionId: '3' });
    expect(report.faults.map(({ kind }) => kind)).toContain('ARCHIVE');
  });

  it('is not believed when any one line is missing, doubled, swapped or changed', async () => {
    const lines = await archiveOf(ALL);
    for (const [index, line] of lines.entries()) {
      const without = lines.filter((_, position) => position !== index);
      const changes = [without, [...lines.slice(0, index), line, ...lines.slice(index)], [...without.slice(0, index), `${line} `, ...without.slice(index)]];
      // The head carries a time that nothing depends on, and blanks around it change nothing.
      for (const changed of index === 0 || index === lines.length - 1 ? changes.slice(0, 2) : changes) {
        expect((await checkLedgerArchive(changed)).faults.map(({ kind }) => kind)).toContain('ARCHIVE');
      }
    }
  });

  it('is no archive when it is something else', async () => {
    for (const lines of [[], ['{}'], ['not json'], ['{"archive":"onestop-ledger","version":2,"at":"x"}']]) {
      expect((await checkLedgerArchive(lines)).faultCount).toBeGreaterThan(0);
    }
  });
});
