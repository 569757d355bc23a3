import { describe, expect, it } from '@jest/globals';
import { DEFAULT_BACKOFF, backoffMs, decide } from '../../../src/deliveries/retry-policy.js';
import type { AttemptEnd, Decision } from '../../../src/deliveries/retry-policy.js';
import { failed, NOW, situation } from './situations.js';

type Given = Parameters<typeof situation>[0];

/** Chance is one half: a wait after n failures is half of 2^n seconds. */
const REST: Omit<Decision, 'to' | 'outcome'> = { reason: null, reasonText: null, delayMs: 0, failures: 0, maybeSent: false, holdMs: 0, pause: false };
const asked = (kind: 'done' | 'not-done' | 'repeat'): AttemptEnd => ({ kind: 'asked', inquiry: { kind } as never });
const unsendable: AttemptEnd = { kind: 'unsendable', reason: 'content-missing', broughtBy: null };
const asking = { purpose: 'ask', maybeSent: true, failures: 2 } as const;
const late = { parkAt: NOW } as const;

describe('a decision after one attempt', () => {
  it.each<readonly [string, AttemptEnd, Given, Partial<Decision>]>([
    ['accepted', { kind: 'sent', result: { kind: 'accepted' } }, { delivery: { failures: 4 } }, { to: 'accepted', outcome: 'accepted', maybeSent: true }],
    ['rejected', { kind: 'sent', result: { kind: 'rejected', code: '5', text: 'no' } }, {}, { to: 'rejected', outcome: 'rejected', reason: '5', reasonText: 'no', maybeSent: true }],
    ['answered in part', { kind: 'sent', result: { kind: 'partial', items: new Map() } }, { delivery: { failures: 1 } }, { to: 'due', outcome: 'retry', reason: 'items-unanswered', delayMs: 2_000, failures: 2 }],
    ['found done', asked('done'), { delivery: asking }, { to: 'accepted', outcome: 'accepted', maybeSent: true }],
    ['found not done', asked('not-done'), { delivery: asking }, { to: 'due', outcome: 'not-done', failures: 2 }],
    ['found to be repeated', asked('repeat'), { delivery: asking }, { to: 'due', outcome: 'not-done', failures: 2, maybeSent: true }],
    ['unsendable', unsendable, {}, { to: 'parked', outcome: 'parked', reason: 'content-missing' }],
    ['stopped by a defect while it was sent', { kind: 'failed', error: new Error('x') }, {}, { to: 'parked', outcome: 'parked', reason: 'internal-error', maybeSent: true }],
    ['stopped by a defect while it was asked for', { kind: 'failed', error: new Error('x') }, { delivery: { purpose: 'ask' } }, { to: 'parked', outcome: 'parked', reason: 'internal-error' }],
    ['stopped by a defect after an earlier send', { kind: 'failed', error: new Error('x') }, { delivery: { purpose: 'ask', maybeSent: true } }, { to: 'parked', outcome: 'parked', reason: 'internal-error', maybeSent: true }],
    ['not sent, the party being down', failed('unavailable', { code: 'refused' }), { delivery: { failures: 2 } }, { to: 'due', outcome: 'retry', reason: 'refused', delayMs: 4_000, failures: 3 }],
    ['not asked for, the party being down', failed('unavailable', { code: 'refused' }), { delivery: asking }, { to: 'unknown', outcome: 'unknown', reason: 'refused', delayMs: 4_000, failures: 3, maybeSent: true }],
    ['held by an open breaker', failed('unavailable', { code: 'circuit-open' }), { delivery: { failures: 2 } }, { to: 'due', outcome: 'retry', reason: 'circuit-open', delayMs: 1_000, failures: 2 }],
    ['told to wait', failed('rate-limited', { retryAfterMs: 7_000 }), { delivery: { failures: 2 } }, { to: 'due', outcome: 'retry', reason: 'rate-limited', delayMs: 7_000, holdMs: 7_000, failures: 2 }],
    ['told to wait for as long as we like', failed('rate-limited'), { delivery: { failures: 2 } }, { to: 'due', outcome: 'retry', reason: 'rate-limited', delayMs: 4_000, holdMs: 4_000, failures: 2 }],
    ['refused for its credentials', failed('refused-credentials'), { delivery: { failures: 1, reason: 'timeout' } }, { to: 'due', outcome: 'retry', reason: 'refused-credentials', delayMs: 2_000, failures: 2 }],
    ['refused for its credentials again', failed('refused-credentials'), { delivery: { failures: 1, reason: 'refused-credentials' } }, { to: 'due', outcome: 'retry', reason: 'refused-credentials', delayMs: 2_000, failures: 2, pause: true }],
    ['called nonsense', failed('bad-request', { code: 'http-400' }), { delivery: { failures: 1 } }, { to: 'parked', outcome: 'parked', reason: 'http-400', failures: 2 }],
    ['without an answer', failed('outcome-unknown', { code: 'timeout' }), {}, { to: 'unknown', outcome: 'unknown', reason: 'timeout', delayMs: 91_000, failures: 1, maybeSent: true }],
    ['without an answer to a question', failed('outcome-unknown', { code: 'timeout' }), { delivery: asking }, { to: 'unknown', outcome: 'unknown', reason: 'timeout', delayMs: 4_000, failures: 3, maybeSent: true }],
    ['a read without an answer', failed('outcome-unknown', { code: 'timeout' }), { effect: 'read' }, { to: 'due', outcome: 'retry', reason: 'timeout', delayMs: 1_000, failures: 1 }],
    ['without an answer, and nobody to ask', failed('outcome-unknown', { code: 'timeout' }), { whenUnknown: { act: 'park' } }, { to: 'parked', outcome: 'unknown', reason: 'timeout', failures: 1, maybeSent: true }],
    ['a read with a broken answer', failed('bad-reply', { code: 'html' }), { effect: 'read' }, { to: 'parked', outcome: 'parked', reason: 'html', failures: 1 }],
    ['with a broken answer', failed('bad-reply', { code: 'html' }), { delivery: { failures: 1, reason: 'html' } }, { to: 'unknown', outcome: 'unknown', reason: 'html', delayMs: 92_000, failures: 2, maybeSent: true }],
    ['with the same broken answer for the third time', failed('bad-reply', { code: 'html' }), { delivery: { failures: 2, reason: 'html' } }, { to: 'parked', outcome: 'parked', reason: 'html', failures: 3, maybeSent: true }],
    ['without an answer for the third time', failed('outcome-unknown', { code: 'timeout' }), { delivery: { failures: 2, reason: 'timeout' } }, { to: 'unknown', outcome: 'unknown', reason: 'timeout', delayMs: 94_000, failures: 3, maybeSent: true }],
  ])('%s', (_what, end, given, expected) => {
    expect(decide(end, situation(given))).toEqual({ ...REST, ...expected });
  });
});

describe('a delivery at its age limit', () => {
  const before = { parkAt: new Date(NOW.getTime() + 1) };

  it('is parked where it would wait, to be sent or to be asked for, and not a moment earlier', () => {
    expect(decide(failed('unavailable', { code: 'refused' }), situation({ delivery: late }))).toEqual({ ...REST, to: 'parked', outcome: 'parked', reason: 'too-old', delayMs: 1_000, failures: 1 });
    expect(decide(failed('outcome-unknown'), situation({ delivery: late }))).toMatchObject({ to: 'parked', outcome: 'parked', reason: 'too-old', maybeSent: true });
    expect([decide(failed('unavailable'), situation({ delivery: before })).to, decide(failed('outcome-unknown'), situation({ delivery: before })).to]).toEqual(['due', 'unknown']);
  });

  it('is sent once more where the party says that it does not have it', () => {
    expect(decide(asked('not-done'), situation({ delivery: { ...asking, ...late } })).to).toBe('due');
  });

  it('keeps the reason for which it is parked anyway', () => {
    expect(decide(unsendable, situation({ delivery: late })).reason).toBe('content-missing');
  });
});

describe('waits', () => {
  it('double with each failure up to the cap, and are never nothing', () => {
    const waits = (random: number): readonly number[] => [0, 1, 2, 8, 9, 60].map((failures) => backoffMs(failures, { backoff: DEFAULT_BACKOFF, random: () => random }));
    expect(waits(1)).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
    expect(waits(0)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(backoffMs(60, { backoff: { baseMs: 1, capMs: Infinity }, random: () => 1 })).toBe(2 ** 20);
  });
});
