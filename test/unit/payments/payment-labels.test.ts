import { describe, expect, it } from '@jest/globals';
import { LEDGER_FAULTS, LEDGER_FAULT_TEXTS } from '../../../src/payments/ledger-check-faults.js';
import { PAYMENT_STATES } from '../../../src/payments/payment.js';
import { PAYMENT_LABELS, PERSON_REASONS, REFUND_LABELS } from '../../../src/payments/payment-labels.js';
import { PAYMENT_REFUSALS } from '../../../src/payments/payment-refusals.js';
import { ACTION_LABELS, CLASS_LABELS, FAILURE_LABELS } from '../../../src/payments/reconciliation-labels.js';

const WORDS = { en: expect.stringMatching(/^\p{Lu}[^.]+$/u), vi: expect.stringMatching(/^\p{Lu}[^.]+$/u) };

describe('words for people', () => {
  it.each([
    ['states of payments', PAYMENT_LABELS, PAYMENT_STATES],
    ['states of refunds', REFUND_LABELS, ['REQUESTED', 'DECLINED', 'APPROVED', 'BY_HAND', 'PROCESSING', 'DONE', 'REFUSED']],
    ['reasons to look', PERSON_REASONS, ['unknown', 'amount', 'contradiction', 'paid-twice', 'surplus', 'disputed', 'refund-stuck', 'refund-not-done', 'refunded-twice', 'refund-refused']],
    ['refusals', PAYMENT_REFUSALS, ['INPUT', 'ALREADY_OPEN', 'NOTHING_DUE', 'NO_ACCOUNT', 'NO_GATEWAY', 'NOT_FOUND', 'STATE', 'AMOUNT', 'TOO_MUCH', 'SAME_PERSON', 'DIFFERENT_NUMBER', 'ITEMS_NOT_FREE', 'ALREADY_DECIDED']],
    ['differences', CLASS_LABELS, ['MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'STATE', 'DUPLICATE']],
    ['what became of differences', ACTION_LABELS, ['TO_APPLY', 'APPLIED', 'RECORDED', 'NEXT_STATEMENT', 'WATCHED', 'WAITS', 'PERSON']],
    ['faults of the ledger', LEDGER_FAULT_TEXTS, LEDGER_FAULTS],
    ['failures of a run', FAILURE_LABELS, ['no-statement', 'gateway-unavailable', 'internal']],
  ] as const)('there are for all %s, in both languages, and no two are alike', (_what, labels, codes) => {
    expect(Object.keys(labels).sort()).toEqual([...codes].sort());
    const texts = Object.values(labels);
    for (const text of texts) expect(text).toEqual(WORDS);
    expect(new Set(texts.map(({ en }) => en)).size).toBe(texts.length);
    expect(new Set(texts.map(({ vi }) => vi)).size).toBe(texts.length);
  });
});
