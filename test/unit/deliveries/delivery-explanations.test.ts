import { describe, expect, it } from '@jest/globals';
import { DELIVERY_STATES } from '../../../src/deliveries/delivery.js';
import { REFUSALS, explain } from '../../../src/deliveries/delivery-explanations.js';

const REASONS = ['too-old', 'prerequisite-missing', 'internal-error', 'content-missing', 'content-unreadable', 'procedure-not-usable', 'circuit-open', 'resolved-as-done', 'resolved-as-not-done'];

const sentence = { en: expect.stringMatching(/^\p{Lu}.{10,}[.]$/u), vi: expect.stringMatching(/^\p{Lu}.{5,}[.]$/u) };

describe('what an operator reads beside a delivery', () => {
  it('is a sentence of its own in both languages for each state and each reason that changes what there is to do', () => {
    const texts = [...DELIVERY_STATES.map((state) => explain({ state, reason: null })), ...REASONS.map((reason) => explain({ state: 'parked', reason }))];
    for (const text of texts) expect(text).toEqual(sentence);
    expect(new Set(texts.flatMap(({ en, vi }) => [en, vi])).size).toBe(2 * texts.length);
  });

  it('is that of the state where the reason is a party\'s own code', () => {
    expect(explain({ state: 'rejected', reason: '9' })).toEqual(explain({ state: 'rejected', reason: null }));
  });

  it('says why an action was refused, in both languages', () => {
    expect(Object.keys(REFUSALS).sort()).toEqual(['ASK_FIRST', 'IN_FLIGHT', 'NOT_FOUND', 'NOT_OPEN']);
    for (const text of Object.values(REFUSALS)) expect(text).toEqual(sentence);
  });
});
