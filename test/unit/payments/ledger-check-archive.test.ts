import { describe, expect, it } from '@jest/globals';
import { LedgerArchiveWriter, checkLedgerArchive } from '../../../src/payments/ledger-check-archive.js';
import type { CheckedPayment, LedgerEntry, LedgerRecord } from '../../../src/payments/ledger-check-records.js';
import { TRANSIT, ledgerOf, owner, paid, recordsOf } from './checked-ledgers.js';

const AT = new Date('2026-11-23T00:00:00Z');
const OWNERS = [owner(1, { state: 'REFUNDING', refunds: [{ id: '5', amountVnd: 30, state: 'PROCESSING' }], steps: [paid, ['REFUND_DECIDED', TRANSIT, 'REFUND_DUE', 30, '5']] })];

/** An archive of these records, whatever they are, whose counts and digest are those of its lines. */
const archived = async (records: readonly unknown[]): Promise<{ lines: string[]; end: { entries: number; payments: number; sha256: string } }> => {
  const lines: string[] = [];
  const writer = new LedgerArchiveWriter((line) => void lines.push(line));
  await writer.begin(AT);
  for (const record of records) await writer.add(record as LedgerRecord);
  return { end: await writer.end(), lines };
};
const ledger = (): { entries: LedgerEntry[]; payments: CheckedPayment[] } => ledgerOf(OWNERS);
const faultsOf = async (lines: readonly string[]): Promise<readonly string[]> => (await checkLedgerArchive(lines)).faults.map(({ kind }) => kind);
/** The first entry, and the first payment, as they are changed; in both places where an entry stands. */
const withEntry = (change: object): readonly unknown[] => {
  const { entries, payments } = ledger();
  const changed = entries.map((entry, index) => (index === 0 ? { ...entry, ...change } : entry));
  return [...changed.map((entry) => ({ entry })), ...payments.map((payment) => ({ payment: { ...payment, entries: changed } }))];
};
const withPayment = (change: object): readonly unknown[] => {
  const { entries, payments } = ledger();
  return [...entries.map((entry) => ({ entry })), ...payments.map((payment) => ({ payment: { ...payment, ...change } }))];
};

describe('an archive of the ledger', () => {
  it('begins with what it is and from when, and ends with how much it holds and its digest', async () => {
    const { lines, end } = await archived(recordsOf(ledger()));
    expect(JSON.parse(lines[0] ?? '')).toEqual({ archive: 'onestop-ledger', version: 1, at: AT.toISOString() });
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ end });
    expect(end).toEqual({ entries: 4, payments: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await checkLedgerArchive(lines)).toMatchObject({ faultCount: 0, sha256: end.sha256, entries: 4, payments: 1 });
  });

  it('is read from a stream as from a list', async () => {
    const { lines } = await archived(recordsOf(ledger()));
    const stream = async function* (): AsyncGenerator<string> {
      for (const line of lines) yield await Promise.resolve(line);
    };
    expect(await checkLedgerArchive(stream())).toEqual(await checkLedgerArchive(lines));
  });

  it.each<readonly [string, (lines: string[]) => string[]]>([
    ['has no beginning', (lines) => lines.slice(1)], ['begins twice', (lines) => [lines[0] ?? '', ...lines]], ['begins anew in the middle', (lines) => [...lines.slice(0, 3), lines[0] ?? '', ...lines.slice(3)]],
    ['is of another version', ([head = '', ...rest]) => [head.replace('"version":1', '"version":2'), ...rest]], ['is something else', ([head = '', ...rest]) => [head.replace('onestop-ledger', 'ledger'), ...rest]],
    ['has no time', ([head = '', ...rest]) => [head.replace(/,"at":"[^"]*"/, ''), ...rest]],
    ['has no end', (lines) => lines.slice(0, -1)], ['goes on behind its end', (lines) => [...lines, '{}']], ['ends twice', (lines) => [...lines, lines.at(-1) ?? '']], ['holds an empty line', (lines) => [...lines.slice(0, 2), '', ...lines.slice(2)]],
    ['says that it holds more', (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').replace('"entries":4', '"entries":5')]], ['says more of its end', (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').replace('"entries":4', '"entries":4,"more":1')]],
  ])('that %s is not believed', async (_what, change) => {
    const report = await checkLedgerArchive(change((await archived(recordsOf(ledger()))).lines));
    expect(report.faults).toContainEqual({ kind: 'ARCHIVE', entryId: null, transactionId: null, reference: null });
  });

  it.each<readonly [string, readonly unknown[]]>([
    ...['0', '01', '-1', '1x', 'x1', '', '1'.repeat(20)].map((id) => [`the number ${JSON.stringify(id)}`, withEntry({ id })] as const),
    ['a number that is none', withEntry({ id: 1 })], ['an entry of no transaction', withEntry({ transactionId: '' })], ['an entry of half a đồng', withEntry({ amountVnd: -100.5 })], ['an entry without a refund said', withEntry({ refundId: undefined })],
    ['an entry of a refund that is no number', withEntry({ refundId: 'x' })], ['an entry with more', withEntry({ more: 1 })], ['an entry of no kind', withEntry({ kind: null })], ['an entry of no account', withEntry({ account: null })],
    ['a payment with more', withPayment({ more: 1 })], ['a payment of half a đồng', withPayment({ paidVnd: 100.5 })], ['a payment with a surplus in words', withPayment({ surplus: 'yes' })], ['a payment of no account', withPayment({ accountId: '' })],
    ['a refund with more', withPayment({ refunds: [{ id: '5', amountVnd: 30, state: 'PROCESSING', more: 1 }] })], ['a refund of half a đồng', withPayment({ refunds: [{ id: '5', amountVnd: 30.5, state: 'PROCESSING' }] })],
    ['a record of two things', [...recordsOf(ledger()), { entry: ledger().entries[0], payment: ledger().payments[0] }]],
  ])('that holds %s is not believed, though its digest is right', async (_what, records) => {
    expect(await faultsOf((await archived(records)).lines)).toContain('ARCHIVE');
  });

  it.each<readonly [string, Partial<LedgerEntry>]>([
    ['number', { id: '9' }], ['transaction', { transactionId: '9' }], ['kind', { kind: 'SURPLUS' }], ['account', { account: 'AGENCY/9' }], ['amount', { amountVnd: -99 }], ['payment', { paymentId: '9' }], ['refund', { refundId: '9' }],
  ])('in which the payment has an entry with another %s than the list is not believed, though its digest is right', async (_what, change) => {
    const { entries, payments } = ledger();
    const other = payments.map((payment) => ({ payment: { ...payment, entries: payment.entries.map((entry, index) => (index === 0 ? { ...entry, ...change } : entry)) } }));
    expect(await faultsOf((await archived([...entries.map((entry) => ({ entry })), ...other])).lines)).toContain('ARCHIVE');
  });
});
