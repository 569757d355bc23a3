import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { standingOf } from '../../../src/postal/shipment-history.js';
import type { ShipmentStanding } from '../../../src/postal/shipment-history.js';
import { ENDED_STATES, FAILURE_REASONS, SHIPMENT_MOVES, SHIPMENT_STATES } from '../../../src/postal/shipment.js';
import type { ShipmentEvent, ShipmentState } from '../../../src/postal/shipment.js';

const START = Date.parse('2026-03-15T10:00:00Z');
const at = (minutes: number): Date => new Date(START + minutes * 60_000);
const fact = (means: ShipmentState | null, minutes: number, over: Partial<ShipmentEvent> = {}): ShipmentEvent =>
  ({ key: `${String(means)}/${String(minutes)}`, source: 'FEED', code: '1', text: null, place: null, at: at(minutes), means, failure: null, collection: null, ...over });

const states = fc.constantFrom(...SHIPMENT_STATES.filter((state) => state !== 'REQUESTED'));
const facts: fc.Arbitrary<readonly ShipmentEvent[]> = fc.uniqueArray(fc.record({
  key: fc.stringMatching(/^[a-z0-9]{1,6}$/), source: fc.constantFrom('OURS', 'FEED', 'ANSWER', 'CLAIM', 'OPERATOR'), code: fc.constantFrom('1', '4', '91'), text: fc.constant(null), place: fc.constant(null),
  // Many share a minute: carriers cut their times.
  at: fc.integer({ min: 0, max: 5 }).map(at), means: fc.option(states, { nil: null }), failure: fc.option(fc.constantFrom(...FAILURE_REASONS), { nil: null }),
  collection: fc.option(fc.constantFrom('COLLECTED', 'PAID_OUT'), { nil: null }),
}) as fc.Arbitrary<ShipmentEvent>, { selector: ({ key }) => key, maxLength: 12 });

/** In another order, with repeats. */
const retold = facts.chain((told) => fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2, maxLength: told.length * 2 })));

describe('where a parcel stands', () => {
  it('is the same whatever the order in which the same facts are heard, and however often', () => {
    fc.assert(fc.property(retold, ([told, again]) => { expect(standingOf(again)).toEqual(standingOf(told)); }), { numRuns: 2_000 });
  });

  it('comes from where it stood by legal moves only, or by a person\'s word', () => {
    fc.assert(fc.property(facts, (told) => {
      const byKey = new Map(told.map((each) => [each.key, each]));
      let state: ShipmentState = 'REQUESTED';
      for (const key of standingOf(told).moved) {
        const next: ShipmentState = byKey.get(key)?.means ?? 'REQUESTED';
        expect(SHIPMENT_MOVES[state].includes(next) || (state === 'FAILED' && next === 'FAILED') || byKey.get(key)?.source === 'OPERATOR').toBe(true);
        state = next;
      }
      expect(standingOf(told).state).toBe(state);
    }), { numRuns: 1_000 });
  });

  it('does not change by claims, nor by codes that are not listed', () => {
    const deaf = facts.chain((told) => fc.tuple(fc.constant(told), facts.map((more) => more.map((each): ShipmentEvent => ({ ...each, key: `more/${each.key}`, collection: null, ...(each.source === 'CLAIM' ? {} : { means: null }) })))));
    fc.assert(fc.property(deaf, ([told, more]) => { expect(standingOf([...told, ...more])).toEqual(standingOf(told)); }), { numRuns: 1_000 });
  });

  it('never leaves an end, and a word against it is seen', () => {
    fc.assert(fc.property(facts, states, (told, word) => {
      const before = standingOf(told);
      fc.pre(before.state === 'DELIVERED' || before.state === 'RETURNED');
      const after = standingOf([...told, fact(word, 100)]);
      expect(after.state).toBe(before.state);
      expect(after.against).toEqual([...before.against, ...(word === before.state ? [] : [fact(word, 100).key])]);
    }), { numRuns: 2_000 });
  });

  it('keeps that money was paid out, whatever comes after', () => {
    const told = [fact('DELIVERED', 3), fact(null, 9, { key: 'a', collection: 'COLLECTED' }), fact(null, 5, { key: 'b', collection: 'PAID_OUT' })];
    expect(standingOf(told)).toMatchObject({ state: 'DELIVERED', collection: 'PAID_OUT' });
  });
});

const heard = (...told: readonly ShipmentEvent[]): Partial<ShipmentStanding> & { readonly isContradicted: boolean } => {
  const { state, failure, against, moved } = standingOf(told);
  return { state, failure, isContradicted: against.length > 0, moved: [...moved] };
};

describe('a story told late', () => {
  it('is put in order by the carrier\'s clock', () => {
    const [ordered, collected, delivered] = [fact('ORDERED', 0), fact('COLLECTED', 5), fact('DELIVERED', 9)];
    expect(heard(delivered, ordered, collected)).toMatchObject({ state: 'DELIVERED', moved: [ordered.key, collected.key, delivered.key] });
  });

  it('of one minute goes the way that parcels go', () => {
    expect(heard(fact('DELIVERED', 5), fact('AT_OFFICE', 5), fact('COLLECTED', 5))).toMatchObject({ state: 'DELIVERED', isContradicted: false });
  });

  it('tells each failed try, and forgets the reason when it goes on', () => {
    const tries = [fact('FAILED', 5, { failure: 'NOBODY_THERE' }), fact('FAILED', 6, { failure: 'WRONG_ADDRESS' })];
    expect(heard(...tries)).toMatchObject({ state: 'FAILED', failure: 'WRONG_ADDRESS' });
    expect(heard(...tries, fact('IN_TRANSIT', 7))).toMatchObject({ state: 'IN_TRANSIT', failure: null });
    expect(heard(fact('FAILED', 5))).toMatchObject({ failure: 'OTHER' });
  });

  it.each(['CANCELLED', 'REFUSED'] as const)('of one that was %s and is on the road is a person\'s', (end) => {
    expect(heard(fact(end, 1))).toMatchObject({ state: end, isContradicted: false });
    expect(heard(fact(end, 1), fact('IN_TRANSIT', 2))).toMatchObject({ state: 'IN_TRANSIT', isContradicted: true });
  });

  it('of one that was refused may end as an order after all, which is nobody\'s matter but a person\'s', () => {
    expect(heard(fact('UNKNOWN', 1), fact('ORDERED', 2))).toMatchObject({ state: 'ORDERED', isContradicted: false });
  });
});

describe('the word of a person', () => {
  const word = (means: ShipmentState, minutes: number): ShipmentEvent => fact(means, minutes, { source: 'OPERATOR', key: `person/${String(minutes)}` });

  it('holds from wherever it stood, an end too, and what was told before it of another end speaks against it', () => {
    const returned = fact('RETURNED', 3);
    expect(standingOf([fact('COLLECTED', 1), returned, word('DELIVERED', 5)])).toMatchObject({ state: 'DELIVERED', against: [returned.key] });
    expect(standingOf([fact('COLLECTED', 1), fact('DELIVERED', 3), word('IN_TRANSIT', 5)])).toMatchObject({ state: 'IN_TRANSIT', against: ['DELIVERED/3'] });
    expect(standingOf([fact('COLLECTED', 1), fact('IN_TRANSIT', 4), word('DELIVERED', 5)])).toMatchObject({ state: 'DELIVERED', against: [] });
  });

  it('settles what spoke against the end before, and is spoken against by what comes after', () => {
    const told = [fact('DELIVERED', 3), fact('IN_TRANSIT', 4), word('RETURNED', 5)];
    expect(standingOf(told)).toMatchObject({ state: 'RETURNED', against: ['DELIVERED/3'] });
    expect(standingOf([...told, fact('AT_OFFICE', 6)])).toMatchObject({ state: 'RETURNED', against: ['DELIVERED/3', 'AT_OFFICE/6'] });
    expect(standingOf([word('CANCELLED', 5), fact('IN_TRANSIT', 6)])).toMatchObject({ state: 'IN_TRANSIT', against: ['IN_TRANSIT/6'] });
  });

  it('of a failure has its reason, and what comes after goes on from there', () => {
    const lost = { ...word('FAILED', 5), failure: 'LOST' as const };
    expect(standingOf([fact('IN_TRANSIT', 1), lost])).toMatchObject({ state: 'FAILED', failure: 'LOST', against: [] });
    expect(standingOf([fact('IN_TRANSIT', 1), lost, fact('DELIVERED', 6)])).toMatchObject({ state: 'DELIVERED', failure: null, against: [] });
  });

  it('is governed by no other but a later one of a person', () => {
    fc.assert(fc.property(facts, states, (told, means) => {
      const standing = standingOf([...told, word(means, 50)]);
      expect(standing).toMatchObject({ state: means, moved: expect.arrayContaining(['person/50']) });
      expect(standing.collection).toBe(standingOf(told).collection);
    }), { numRuns: 500 });
  });
});

describe('the legal moves', () => {
  it('lead from every state but the two ends, never back before the order, and never to where it stands', () => {
    for (const state of SHIPMENT_STATES) {
      expect(SHIPMENT_MOVES[state]).not.toContain(state);
      expect(SHIPMENT_MOVES[state]).not.toContain('REQUESTED');
      expect(SHIPMENT_MOVES[state].length === 0).toBe(state === 'DELIVERED' || state === 'RETURNED');
    }
    expect(ENDED_STATES).toEqual(['REFUSED', 'CANCELLED', 'DELIVERED', 'RETURNED']);
  });
});
