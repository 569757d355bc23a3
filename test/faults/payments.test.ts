import { describe, expect, it } from '@jest/globals';
import type { LedgerRecord } from '../../src/payments/ledger-check.js';
import { checkDoor } from './payments-door.js';
import type { DoorBooks, Fate } from './payments-door.js';
import { checkBooks } from './payments-history.js';
import type { Books, BreachKind, OurPayment } from './payments-history.js';
import { runHistory } from './payments-run.js';

/** `npm run history` makes the long run; this is the short one of `.ci/run`. */
const CITIZENS = Number(process.env['HISTORY_CITIZENS'] ?? 60);
const SEED = Number(process.env['HISTORY_SEED'] ?? 20_261_123);

type Defect = (books: Books) => Books;

const kinds = (books: Books): readonly BreachKind[] => [...new Set(checkBooks(books).map(({ kind }) => kind))];

const changed = (books: Books, reference: string, change: (payment: OurPayment) => Partial<OurPayment>): Books =>
  ({ ...books, payments: books.payments.map((payment) => (payment.reference === reference ? { ...payment, ...change(payment) } : payment)) });

/** A payment that was simply paid. */
const aPaid = ({ payments }: Books): OurPayment => {
  const found = payments.find(({ state, surplus, refunds, personReason }) => state === 'PAID' && !surplus && refunds.length === 0 && personReason === null);
  if (found === undefined) throw new Error('nobody paid');
  return found;
};

const entriesOf = (record: LedgerRecord, paymentId: string): boolean => ('entry' in record ? record.entry.paymentId === paymentId : record.payment.id === paymentId);

/** What a bug would leave behind, in a copy of the books, and the breach that must name it. */
const DEFECTS: Readonly<Record<string, { readonly breach: BreachKind; readonly plant: Defect }>> = {
  'a payment that was never booked': { breach: 'not-booked', plant: (books) => changed(books, aPaid(books).reference, () => ({ state: 'EXPIRED', paidVnd: 0 })) },
  'a payment that is gone altogether': { breach: 'not-booked', plant: (books) => ({ ...books, payments: books.payments.filter(({ id }) => id !== aPaid(books).id) }) },
  'money that nobody took': { breach: 'not-taken', plant: (books) => ({ ...books, theirs: books.theirs.filter(({ reference }) => reference !== aPaid(books).reference) }) },
  'another amount': { breach: 'amount', plant: (books) => changed(books, aPaid(books).reference, ({ paidVnd }) => ({ paidVnd: paidVnd + 1_000 })) },
  'a second charge of the same fee that is not due back': {
    breach: 'charged-twice', plant: (books) => ({ ...books, payments: [...books.payments, { ...aPaid(books), id: '999999', reference: 'OGTWICE000000' }] }),
  },
  'a surplus that is owed to nobody': { breach: 'charged-twice', plant: (books) => changed(books, aPaid(books).reference, () => ({ surplus: true, personReason: 'surplus', refundDueVnd: 0 })) },
  'a refund that went out twice': { breach: 'refund', plant: (books) => ({ ...books, theirs: books.theirs.map((order) => (order.reference === aPaid(books).reference ? { ...order, givenBack: [1_000] } : order)) }) },
  'an outcome that nobody knows and nobody looks for': { breach: 'unresolved', plant: (books) => changed(books, aPaid(books).reference, () => ({ state: 'UNKNOWN' })) },
  'a fee that is held by what is over': { breach: 'fee', plant: (books) => ({ ...books, fees: books.fees.map((fee) => (fee.paidBy === aPaid(books).id ? { ...fee, openPayment: fee.paidBy } : fee)) }) },
  'a payment that the portal never heard of': { breach: 'untold', plant: (books) => ({ ...books, told: new Set([...books.told].filter((reference) => reference !== aPaid(books).reference)) }) },
  'a ledger without one of two entries': {
    breach: 'ledger', plant: (books) => {
      const at = books.ledger.findIndex((record) => 'entry' in record && entriesOf(record, aPaid(books).id));
      return { ...books, ledger: books.ledger.filter((_, index) => index !== at) };
    },
  },
  'a ledger without a payment': { breach: 'totals', plant: (books) => ({ ...books, ledger: books.ledger.filter((record) => !entriesOf(record, aPaid(books).id)) }) },
};

/** The first parcel as a statement would have it. */
const withFate = (doors: DoorBooks, fate: Fate): DoorBooks => ({ ...doors, fates: new Map([...doors.fates, [doors.ours[0]?.number ?? '', fate]]) });

/** The same of parcels that collect. */
const DOOR_DEFECTS: Readonly<Record<string, { readonly breach: BreachKind; readonly plant: (doors: DoorBooks) => DoorBooks }>> = {
  'a payout with another amount, or a second one, that no person has': { breach: 'unresolved', plant: (doors) => ({ ...withFate(doors, 'amount'), afterSecond: { ...doors.afterSecond, waiting: [] } }) },
  'a person who is shown a payout that is right': { breach: 'unresolved', plant: (doors) => ({ ...withFate(doors, 'right'), afterSecond: { ...doors.afterSecond, waiting: [doors.ours[0]?.reference ?? ''] } }) },
  'a payment that was booked by a line with another amount': { breach: 'not-taken', plant: (doors) => ({ ...withFate(doors, 'amount-corrected'), afterFirst: { waiting: [], booked: [doors.ours[0]?.reference ?? ''] } }) },
  'a payment that was booked although the statement lacked it': { breach: 'not-taken', plant: (doors) => ({ ...withFate(doors, 'missing'), afterFirst: { waiting: [], booked: [doors.ours[0]?.reference ?? ''] } }) },
  'fees that are held by a parcel that was called off': { breach: 'fee', plant: (doors) => ({ ...doors, ours: doors.ours.map((parcel) => ({ ...parcel, state: 'CANCELLED', paymentState: 'AWAITING' })) }) },
  'a payment that was booked at the word "delivered"': { breach: 'not-taken', plant: (doors) => ({ ...doors, early: [doors.ours[0]?.reference ?? ''] }) },
  'fees that are held by a parcel that came back': {
    breach: 'fee', plant: (doors) => ({
      ...doors, theirs: doors.theirs.map((parcel) => ({ ...parcel, codes: [...parcel.codes, 9, 10] })), ours: doors.ours.map((parcel) => ({ ...parcel, paymentState: 'AWAITING' })),
    }),
  },
  'a parcel whose end was never heard': { breach: 'unresolved', plant: (doors) => ({ ...doors, ours: doors.ours.map((parcel, index) => (index === 0 ? { ...parcel, state: 'IN_TRANSIT' } : parcel)) }) },
};

describe('payments at every gateway and at the door, with everything being killed, frozen, cut off and lied to', () => {
  it('loses no đồng, books none that was not taken, charges no fee twice, and leaves nothing unknown', async () => {
    const report = await runHistory({ citizens: CITIZENS, seed: SEED, chaosSeconds: 15, carrier: 'redis', settleSeconds: 120 });
    process.stdout.write(`seed ${String(SEED)}: ${report.summary}\n`);
    if (report.breaches.length > 0) throw new Error(`seed ${String(SEED)}\n${report.histories}`);
    expect(report.crashes).toEqual([]);
    expect(report.books.theirs.filter(({ taken }) => taken.length > 0).length).toBeGreaterThan(0);
    // The judgement is worth something only if it can fail: a defect in a copy of the same books is named.
    const { doors } = report;
    if (doors === null) throw new Error('nobody pays at the door');
    expect(Object.entries(DOOR_DEFECTS).filter(([, { breach, plant }]) => !checkDoor(plant(doors)).some(({ kind }) => kind === breach)).map(([name]) => name)).toEqual([]);
    expect(Object.entries(DEFECTS).filter(([, { breach, plant }]) => !kinds(plant(report.books)).includes(breach)).map(([name]) => name)).toEqual([]);
  }, 900_000);
});
