import { describe, expect, it } from '@jest/globals';
import { PartyError } from '../../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../../src/errors/party-error.js';
import { reactTo } from '../../../src/procedures/sync-policy.js';
import { dueSlot } from '../../../src/procedures/sync-schedule.js';

const SETTINGS = { nightlyAtMinutes: 150, fullWeekday: 0 };
const vietnam = (local: string): Date => new Date(`${local}+07:00`);

describe('the nightly slot', () => {
  it.each([
    ['2026-11-23T02:29:59', null],
    ['2026-11-23T02:30:00', { slot: '2026-11-23', kind: 'incremental' }],
    ['2026-11-23T05:29:59', { slot: '2026-11-23', kind: 'incremental' }],
    ['2026-11-23T05:30:00', null],
    ['2026-11-22T03:00:00', { slot: '2026-11-22', kind: 'full' }],
  ])('at %s is %j', (local, slot) => {
    expect(dueSlot(vietnam(local), SETTINGS)).toEqual(slot);
  });

  it('of late in the evening keeps its day after midnight', () => {
    expect(dueSlot(vietnam('2026-11-24T00:10:00'), { nightlyAtMinutes: 23 * 60, fullWeekday: null })).toEqual({ slot: '2026-11-23', kind: 'incremental' });
  });

  it('is never due without a schedule', () => {
    expect(dueSlot(vietnam('2026-11-23T02:31:00'), { nightlyAtMinutes: null, fullWeekday: 0 })).toBeNull();
  });
});

describe('a failed call', () => {
  const failure = (kind: PartyErrorKind, code = 'x', retryAfterMs?: number): PartyError => new PartyError(kind, { party: 'p', operation: 'o', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

  it.each([
    [failure('rate-limited', 'http-429', 7_000), 1, { act: 'wait', waitMs: 7_000, reason: 'http-429' }],
    [failure('rate-limited'), 1, { act: 'wait', waitMs: 30_000, reason: 'x' }],
    [failure('unavailable', 'circuit-open'), 9, { act: 'wait', waitMs: 5_000, reason: 'circuit-open' }],
    [failure('refused-credentials'), 1, { act: 'stop', reason: 'x' }],
    [failure('bad-request'), 1, { act: 'give-up', reason: 'x' }],
    [failure('outcome-unknown'), 1, { act: 'retry', delayMs: 1_000, reason: 'x' }],
    [failure('bad-reply'), 4, { act: 'retry', delayMs: 8_000, reason: 'x' }],
    [failure('unavailable'), 5, { act: 'give-up', reason: 'x' }],
    [new TypeError('ours'), 1, { act: 'give-up', reason: 'internal-error' }],
  ])('%s at try %i leads to %j', (error, tries, reaction) => {
    expect(reactTo(error, tries, 1)).toEqual(reaction);
  });
});
