import { describe, expect, it } from '@jest/globals';
import { DELIVERY_STATES, isTerminal, mayMove } from '../../../src/deliveries/delivery.js';

/** Written down a second time on purpose: what may become of an effect that is owed, and who may say so. */
const LEGAL: readonly string[] = [
  'due leased worker', 'due parked sweeper',
  'leased accepted worker', 'leased rejected worker', 'leased due worker', 'leased due sweeper', 'leased unknown worker', 'leased unknown sweeper', 'leased parked worker', 'leased parked sweeper',
  'unknown leased worker', 'unknown parked sweeper', 'unknown accepted operator', 'unknown rejected operator',
  'parked due operator', 'parked due correction', 'parked unknown operator', 'parked accepted operator', 'parked rejected operator',
];
const MOVERS = ['worker', 'sweeper', 'operator', 'correction'] as const;

describe('moves of a delivery', () => {
  it('are these and no other', () => {
    const every = DELIVERY_STATES.flatMap((from) => DELIVERY_STATES.flatMap((to) => MOVERS.map((by) => ({ from, to, by }))));
    expect(every.filter(({ from, to, by }) => mayMove(from, to, by)).map(({ from, to, by }) => `${from} ${to} ${by}`).sort()).toEqual([...LEGAL].sort());
  });

  it('end where the party has answered', () => {
    expect(DELIVERY_STATES.filter(isTerminal)).toEqual(['accepted', 'rejected']);
  });
});
