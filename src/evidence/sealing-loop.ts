import type { Logger } from '../observability/logger.js';
import type { Sealer } from './sealer.js';

/** Short enough that little is unsealed when a database is stolen or cut off, long enough to gather many records into a block. */
const EVERY_MS = 5_000;
const DAY_MS = 24 * 3_600_000;

/** Seals every few seconds and signs once a day; a turn that fails is logged and made up for by the next. Returns how to stop. */
export const startSealing = (sealer: Sealer, logger: Logger): (() => Promise<void>) => {
  let isStopped = false;
  let turn = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await sealer.seal();
      const head = await sealer.signHead(DAY_MS);
      if (head !== null) logger.info({ head: head.number, digest: head.digest }, 'evidence head signed');
    } catch (error) {
      logger.warn({ err: error }, 'evidence could not be sealed; trying again');
    }
    if (!isStopped) timer = schedule();
  };
  const schedule = (): NodeJS.Timeout => setTimeout(() => {
    turn = run();
  }, EVERY_MS).unref();
  let timer = schedule();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await turn;
  };
};
