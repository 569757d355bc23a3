import type { Logger } from '../observability/logger.js';
import type { Sealer } from './sealer.js';
import type { TimeStamper } from './time-stamper.js';
import { startTurns } from './turn-loop.js';

/** Short enough that little is unsealed when a database is stolen or cut off, long enough to gather many records into a block. */
const SEAL_EVERY_MS = 5_000;
/** Heads are rare; what failed waits longer than this anyway. */
const STAMP_EVERY_MS = 5_000;
const DAY_MS = 24 * 3_600_000;

/** Seals every few seconds and signs once a day; a turn that fails is logged and made up for by the next. Returns how to stop. */
export const startSealing = (sealer: Sealer, logger: Logger): (() => Promise<void>) => startTurns(SEAL_EVERY_MS, async () => {
  try {
    await sealer.seal();
    const head = await sealer.signHead(DAY_MS);
    if (head !== null) logger.info({ head: head.number, digest: head.digest }, 'evidence head signed');
  } catch (error) {
    logger.warn({ err: error }, 'evidence could not be sealed; trying again');
  }
});

/** Has heads time-stamped, in turns of their own: an authority that hangs does not keep anything from being sealed. */
export const startStamping = (stamper: TimeStamper, logger: Logger): (() => Promise<void>) => startTurns(STAMP_EVERY_MS, async () => {
  try {
    await stamper.run(logger);
  } catch (error) {
    logger.warn({ err: error }, 'time-stamps of evidence could not be looked after; trying again');
  }
});
