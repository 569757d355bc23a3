import type { Logger } from './observability/logger.js';

/** Expired rows cost nothing but space. */
const EVERY_MS = 10 * 60_000;

export interface HousekeepingTask {
  readonly name: string;
  /** Returns how many rows it removed. */
  readonly run: () => Promise<number>;
}

/** Runs each task now and then; one that fails is logged and tried at the next turn. Returns how to stop. */
export const startHousekeeping = (tasks: readonly HousekeepingTask[], logger: Logger): (() => void) => {
  const turn = async (): Promise<void> => {
    for (const { name, run } of tasks) {
      try {
        const removed = await run();
        if (removed > 0) logger.info({ task: name, removed }, 'expired rows removed');
      } catch (error) {
        logger.warn({ err: error, task: name }, 'housekeeping failed');
      }
    }
  };
  const timer = setInterval(() => void turn(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
};
