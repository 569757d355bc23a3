import { setTimeout as pause } from 'node:timers/promises';

/** Polls until `check` gives a truthy value, which is returned; fails with `what` when one that began behind the deadline gives none: what stood still meanwhile is looked at once more. */
export const eventually = async <Value>(what: string, check: () => Value | Promise<Value>, options: { timeoutMs?: number; everyMs?: number } = {}): Promise<NonNullable<Value>> => {
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  for (;;) {
    const isLast = Date.now() > deadline;
    const value = await check();
    if (value) return value;
    if (isLast) throw new Error(`Not in time: ${what}`);
    await pause(options.everyMs ?? 20);
  }
};
