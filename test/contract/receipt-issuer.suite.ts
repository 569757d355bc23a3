import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { ReceiptIssuer, ReceiptOrder } from '../../src/receipts/receipt-port.js';
import { warmed } from './hasty.js';
import { newReference } from './sample-payment.js';

/** Canaries: none of these may ever be legible in a journal or an error. All invented. */
export const RECEIPT_CANARIES = ['NGUYỄN THỊ <CANARY> & "CON"', '036199054321', 'Số 9 ngõ Canary & Đông'] as const;
const [NAME, ID_NUMBER, ADDRESS] = RECEIPT_CANARIES;

export const sampleReceipt = (changes: Partial<ReceiptOrder> = {}): ReceiptOrder => ({
  key: newReference(), dossierCode: '000.12.34.H42-260315-0001', agencyCodes: ['H42.05.12', 'H42.05', 'H42'], totalVnd: 58_000, paidAt: new Date('2026-03-15T18:30:00Z'),
  items: [
    { key: 'le-phi', kind: 'CHARGE', name: 'Lệ phí hộ tịch & <khác>', amountVnd: 8_000 },
    { key: 'phi', kind: 'FEE', name: 'Phí cấp bản sao trích lục', amountVnd: 50_000 },
  ],
  payer: { name: NAME, idNumber: ID_NUMBER, address: ADDRESS, province: 'Ninh Bình', district: null },
  ...changes,
});

/** One issuer over its sandbox. */
export interface ReceiptContestant {
  readonly issuer: ReceiptIssuer;
  /** The same at the same sandbox with a deadline of `HASTY_MS`. */
  readonly hasty: ReceiptIssuer;
  /** Of the issuer's own book; null where it has none under the key. */
  held(key: string): Promise<{ readonly totalVnd: number; readonly state: 'issued' | 'cancelled'; readonly adjusts: string | null } | null>;
  misbehave(order: { readonly kind: string; readonly operation: string; readonly times?: number; readonly delayMs?: number; readonly value?: string }): Promise<void>;
  /** As the sandbox names them. */
  readonly operations: { readonly issue: string; readonly find: string; readonly download: string; readonly cancel: string; readonly adjust: string };
  reset(): Promise<void>;
  close(): Promise<void>;
}

export const receiptCall = (journal: unknown[] = []): PartyCall =>
  ({ correlationId: 'c', signal: new AbortController().signal, traceparent: null, journal: (exchange) => { journal.push(exchange); } });

export const kindOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    return JSON.stringify(await work);
  } catch (error) {
    if (error instanceof PartyError) return error.kind;
    throw error;
  }
};

/** What every issuer of receipts must keep. */
export const receiptIssuerSuite = (start: () => Promise<ReceiptContestant>): void => {
  let contestant: ReceiptContestant;
  const call = receiptCall();
  const { agencyCodes } = sampleReceipt();
  /** The hasty one where the party hangs, else the patient one. */
  const issuerFor = async (kind: string): Promise<ReceiptIssuer> =>
    kind.startsWith('hang') ? warmed(contestant.hasty, (hasty) => hasty.find(newReference(), agencyCodes, call)) : contestant.issuer;

  beforeAll(async () => { contestant = await start(); });
  afterEach(() => contestant.reset());
  afterAll(() => contestant.close());

  describe('an issuer of receipts', () => {
    it('issues one receipt under our key, and the same one when asked again', async () => {
      const order = sampleReceipt();
      expect(await contestant.issuer.issue(order, call)).toMatchObject({ kind: 'issued', already: false, receipt: { number: expect.stringMatching(/^\d+$/) } });
      expect(await contestant.issuer.issue(order, call)).toMatchObject({ kind: 'issued', already: true });
      expect(await contestant.held(order.key)).toMatchObject({ totalVnd: 58_000, state: 'issued' });
    });

    it('finds what was issued as it was issued, and nothing where nothing was', async () => {
      const order = sampleReceipt();
      expect(await contestant.issuer.find(order.key, agencyCodes, call)).toBeNull();
      const issued = await contestant.issuer.issue(order, call);
      const found = await contestant.issuer.find(order.key, agencyCodes, call);
      expect(issued).toMatchObject({ receipt: found });
      expect(found).not.toBeNull();
    });

    it('hands out the PDF, and null where there is none', async () => {
      const order = sampleReceipt();
      expect(await contestant.issuer.download(order.key, agencyCodes, call)).toBeNull();
      await contestant.issuer.issue(order, call);
      const pdf = await contestant.issuer.download(order.key, agencyCodes, call);
      expect(pdf?.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    });

    it('cancels once, and again without harm; never what it does not have', async () => {
      const order = sampleReceipt();
      await contestant.issuer.issue(order, call);
      expect(await contestant.issuer.cancel(order.key, agencyCodes, call)).toEqual({ kind: 'accepted' });
      expect(await contestant.issuer.cancel(order.key, agencyCodes, call)).toEqual({ kind: 'accepted' });
      expect(await contestant.held(order.key)).toMatchObject({ state: 'cancelled' });
      expect(await contestant.issuer.cancel(newReference(), agencyCodes, call)).toMatchObject({ kind: 'rejected' });
    });

    it('adjusts under a key of its own, once', async () => {
      const order = sampleReceipt();
      await contestant.issuer.issue(order, call);
      const smaller = { ...sampleReceipt({ totalVnd: 8_000, items: order.items.slice(0, 1) }), adjusts: order.key };
      expect(await contestant.issuer.adjust(smaller, call)).toMatchObject({ kind: 'issued', already: false });
      expect(await contestant.issuer.adjust(smaller, call)).toMatchObject({ kind: 'issued', already: true });
      expect(await contestant.held(smaller.key)).toMatchObject({ totalVnd: 8_000, adjusts: order.key });
      expect(await contestant.issuer.adjust({ ...sampleReceipt(), adjusts: newReference() }, call)).toMatchObject({ kind: 'rejected' });
    });

    it('issues nothing in nobody\'s name', async () => {
      const order = sampleReceipt({ payer: null });
      expect(await contestant.issuer.issue(order, call)).toMatchObject({ kind: 'rejected' });
      expect(await contestant.held(order.key)).toBeNull();
    });

    it.each(['hang', 'reset', '5xx', 'html', 'truncated', 'garbage', 'empty'])('is unsure after a lost answer (%s), and the receipt is found and not doubled', async (kind) => {
      const order = sampleReceipt();
      const issuer = await issuerFor(kind);
      await contestant.misbehave({ kind, operation: contestant.operations.issue });
      expect(['outcome-unknown', 'bad-reply']).toContain(await kindOf(issuer.issue(order, call)));
      expect(await contestant.issuer.find(order.key, agencyCodes, call)).not.toBeNull();
      expect(await contestant.issuer.issue(order, call)).toMatchObject({ kind: 'issued', already: true });
    });

    it.each(['hang-before', 'reset-before', '5xx-before'])('is unsure before the effect, too (%s), and finds nothing', async (kind) => {
      const order = sampleReceipt();
      const issuer = await issuerFor(kind);
      await contestant.misbehave({ kind, operation: contestant.operations.issue });
      expect(await kindOf(issuer.issue(order, call))).toBe('outcome-unknown');
      expect(await contestant.issuer.find(order.key, agencyCodes, call)).toBeNull();
    });

    it.each(['find', 'download'] as const)('never takes a failed look-up (%s) for "there is none"', async (name) => {
      const order = sampleReceipt();
      await contestant.issuer.issue(order, call);
      for (const kind of ['reset', '5xx', 'html', 'garbage', 'empty', 'truncated']) {
        await contestant.misbehave({ kind, operation: contestant.operations[name] });
        expect(['unavailable', 'bad-reply']).toContain(await kindOf(contestant.issuer[name](order.key, agencyCodes, call)));
      }
    });

    it('shows nobody in its journal', async () => {
      const journal: unknown[] = [];
      const order = sampleReceipt();
      await contestant.issuer.issue(order, receiptCall(journal));
      await contestant.issuer.find(order.key, agencyCodes, receiptCall(journal));
      await contestant.issuer.download(order.key, agencyCodes, receiptCall(journal));
      await contestant.issuer.cancel(order.key, agencyCodes, receiptCall(journal));
      const text = JSON.stringify(journal);
      expect(journal.length).toBeGreaterThan(3);
      expect(text).toContain(order.key);
      for (const canary of [...RECEIPT_CANARIES, 'CANARY', 'ngõ Canary', 'password', '%PDF', 'JVBERi']) expect(text.replace(/"(\w*pass\w*)":/gi, '')).not.toContain(canary);
    });
  });
};
