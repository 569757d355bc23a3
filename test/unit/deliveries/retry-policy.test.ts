import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERY_STATES, isTerminal, mayMove } from '../../../src/deliveries/delivery.js';
import type { WhenUnknown } from '../../../src/deliveries/delivery-operation.js';
import { DEFAULT_BACKOFF, backoffMs, decide } from '../../../src/deliveries/retry-policy.js';
import type { AttemptEnd } from '../../../src/deliveries/retry-policy.js';
import type { PartyErrorKind } from '../../../src/errors/party-error.js';
import { failed, NOW, situation } from './situations.js';

describe('what becomes of a delivery', () => {
  it('a refusal by the party ends it, and is never tried again', () => {
    expect(decide({ kind: 'sent', result: { kind: 'rejected', code: '5', text: 'no' } }, situation())).toMatchObject({ to: 'rejected', reason: '5', reasonText: 'no' });
  });

  it('a lost answer is asked about, and not before the party\'s longest in-flight time', () => {
    const decision = decide(failed('outcome-unknown'), situation());
    expect(decision).toMatchObject({ to: 'unknown', maybeSent: true });
    expect(decision.delayMs).toBeGreaterThanOrEqual(90_000);
  });

  it('a lost answer to an unsafe effect without a question goes to a person', () => {
    expect(decide(failed('outcome-unknown'), situation({ effect: 'unsafe', whenUnknown: { act: 'park' } }))).toMatchObject({ to: 'parked', maybeSent: true });
  });

  it('a lost answer to a read is only another try', () => {
    expect(decide(failed('outcome-unknown'), situation({ effect: 'read' }))).toMatchObject({ to: 'due', maybeSent: false });
  });

  it('what surely was not processed is tried again without a question', () => {
    expect(decide(failed('unavailable'), situation())).toMatchObject({ to: 'due', maybeSent: false, failures: 1 });
  });

  it('an open breaker costs neither an attempt nor a longer back-off', () => {
    expect(decide(failed('unavailable', { code: 'circuit-open' }), situation({ delivery: { failures: 3 } }))).toMatchObject({ to: 'due', failures: 3, delayMs: 1_000 });
  });

  it('a question that fails leaves the outcome unknown: nothing is sent on the strength of it', () => {
    for (const kind of ['unavailable', 'outcome-unknown', 'bad-reply', 'rate-limited', 'refused-credentials'] as const) {
      expect(decide(failed(kind), situation({ delivery: { purpose: 'ask', maybeSent: true } })).to).toBe('unknown');
    }
  });

  it('is told to wait: waits that long and holds the party', () => {
    expect(decide(failed('rate-limited', { retryAfterMs: 7_000 }), situation())).toMatchObject({ to: 'due', delayMs: 7_000, holdMs: 7_000 });
  });

  it('is told to wait with this one: waits that long, and holds nothing else', () => {
    expect(decide(failed('rate-limited', { retryAfterMs: 7_000, isOfOne: true }), situation({ delivery: { purpose: 'ask', maybeSent: true } }))).toMatchObject({ to: 'unknown', delayMs: 7_000, holdMs: 0, failures: 0 });
  });

  it('refused credentials keep the delivery, and pause the party when they are refused again', () => {
    expect(decide(failed('refused-credentials'), situation())).toMatchObject({ to: 'due', pause: false, failures: 1 });
    expect(decide(failed('refused-credentials'), situation({ delivery: { reason: 'refused-credentials' } }))).toMatchObject({ to: 'due', pause: true });
  });

  it('our own nonsense and our own defects go to a person', () => {
    expect(decide(failed('bad-request'), situation()).to).toBe('parked');
    expect(decide({ kind: 'failed', error: new TypeError('x') }, situation())).toMatchObject({ to: 'parked', reason: 'internal-error', maybeSent: true });
  });

  it('the same broken answer for the third time in a row goes to a person', () => {
    expect(decide(failed('bad-reply', { code: 'empty-reply' }), situation({ delivery: { failures: 2, reason: 'empty-reply' } })).to).toBe('parked');
    expect(decide(failed('bad-reply', { code: 'empty-reply' }), situation({ delivery: { failures: 2, reason: 'timeout' } })).to).toBe('unknown');
  });

  it('is parked, not tried for ever, when it is past its age limit', () => {
    expect(decide(failed('unavailable'), situation({ delivery: { parkAt: NOW } }))).toMatchObject({ to: 'parked', reason: 'too-old' });
  });

  it('an answer that comes after the age limit still counts', () => {
    expect(decide({ kind: 'sent', result: { kind: 'accepted' } }, situation({ delivery: { parkAt: NOW } })).to).toBe('accepted');
  });
});

describe('properties', () => {
  const ends: fc.Arbitrary<AttemptEnd> = fc.oneof(
    fc.constantFrom<AttemptEnd>({ kind: 'sent', result: { kind: 'accepted' } }, { kind: 'sent', result: { kind: 'rejected', code: '1', text: '' } },
      { kind: 'sent', result: { kind: 'partial', items: new Map() } }, { kind: 'unsendable', reason: 'content-missing', broughtBy: null }, { kind: 'failed', error: new Error('x') }),
    fc.constantFrom<PartyErrorKind>('unavailable', 'rate-limited', 'outcome-unknown', 'bad-reply', 'bad-request', 'refused-credentials').map((kind) => failed(kind)),
  );
  const situations = fc.record({
    purpose: fc.constantFrom('send' as const, 'ask' as const), effect: fc.constantFrom('read' as const, 'keyed' as const, 'unsafe' as const),
    whenUnknown: fc.constantFrom<WhenUnknown>({ act: 'ask', afterMs: 10 }, { act: 'repeat', afterMs: 10, because: 'x' }, { act: 'park' }),
    failures: fc.nat(50), maybeSent: fc.boolean(), random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });

  it('makes only moves that a worker may make, whatever happens', () => {
    fc.assert(fc.property(ends, situations, (end, s) => {
      const decision = decide(end, situation({ effect: s.effect, whenUnknown: s.whenUnknown, random: () => s.random, delivery: { purpose: s.purpose, failures: s.failures, maybeSent: s.maybeSent } }));
      expect(mayMove('leased', decision.to, 'worker')).toBe(true);
      expect(decision.delayMs).toBeGreaterThanOrEqual(0);
    }));
  });

  it('never makes an unsafe effect due again after a send whose outcome is unknown', () => {
    fc.assert(fc.property(situations, (s) => {
      const decision = decide(failed('outcome-unknown'), situation({ effect: 'unsafe', whenUnknown: s.whenUnknown, delivery: { failures: s.failures } }));
      expect(['unknown', 'parked']).toContain(decision.to);
      expect(decision.maybeSent).toBe(true);
    }));
  });

  it('backs off with jitter between a tenth of the first wait and the cap', () => {
    fc.assert(fc.property(fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const waitMs = backoffMs(failures, { backoff: DEFAULT_BACKOFF, random: () => random });
      expect(waitMs).toBeGreaterThanOrEqual(DEFAULT_BACKOFF.baseMs / 10);
      expect(waitMs).toBeLessThanOrEqual(DEFAULT_BACKOFF.capMs);
    }));
  });

  it('nothing leaves a finished state', () => {
    for (const from of DELIVERY_STATES.filter(isTerminal)) {
      for (const to of DELIVERY_STATES) {
        for (const by of ['worker', 'sweeper', 'operator', 'correction'] as const) expect(mayMove(from, to, by)).toBe(false);
      }
    }
  });
});
