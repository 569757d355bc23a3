import { setImmediate as nextTurn } from 'node:timers/promises';

/** Called often within a long computation; now and then it lets the process serve others. */
export type Breath = () => Promise<void>;

/** Far below what a caller would notice. */
const SLICE_MS = 12;

export const createBreath = (now: () => number = () => performance.now()): Breath => {
  let since = now();
  return async () => {
    if (now() - since < SLICE_MS) return;
    await nextTurn();
    since = now();
  };
};
