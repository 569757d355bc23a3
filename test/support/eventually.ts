import { setTimeout as pause } from 'node:timers/promises';

/** Polls until `check` gives a truthy value, which is returned; fails with `what` when the deadline passes. */
export const eventually = async <Value>(what: string, check: () => Value | Promise<Value>, options: { timeoutMs?: number; everyMs?: number } = {}): Promise<NonNullable<Value>> => {
  const deadline = Date.now() + (options.timeoutMs ?? 15_000);
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Not in time: ${what}`);
    await pause(options.everyMs ?? 20);
  }
};
