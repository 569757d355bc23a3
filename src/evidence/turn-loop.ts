/** Does something again and again, each turn so long after the end of the one before it. `turn` never rejects. Returns how to stop, which waits for a turn under way. */
export const startTurns = (everyMs: number, turn: () => Promise<void>): (() => Promise<void>) => {
  let isStopped = false;
  let current = Promise.resolve();
  const schedule = (): NodeJS.Timeout => setTimeout(() => {
    current = turn().then(() => {
      if (!isStopped) timer = schedule();
    });
  }, everyMs).unref();
  let timer = schedule();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await current;
  };
};
