import type { Logger } from '../observability/logger.js';
import type { TimeStampClient } from './time-stamp-client.js';
import { stampImprint } from './time-stamp.js';
import type { TimeStampStore, UnstampedHead } from './time-stamp-store.js';

export interface TimeStamperDeps {
  readonly store: TimeStampStore;
  readonly client: Pick<TimeStampClient, 'stamp'>;
  /** Longest time that one try can take; another process waits that long before it takes the head. */
  readonly timeoutMs: number;
}

const FIRST_WAIT_SECONDS = 30;
/** An authority that was away for a night is asked again within the hour. */
const MAX_WAIT_SECONDS = 3_600;
/** Beyond the request's own deadline: storing what came. */
const LEASE_SLACK_SECONDS = 30;

const waitAfter = (failures: number): number => Math.min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** Math.min(failures, 20));

/** Fetches stamps for heads that lack one, whoever signed them and whenever; sealing and signing never wait for it. */
export class TimeStamper {
  readonly #deps: TimeStamperDeps;

  constructor(deps: TimeStamperDeps) {
    this.#deps = deps;
  }

  /** Stamps what is due, the newest head first, until one fails. Returns how many. */
  async run(logger: Logger): Promise<number> {
    for (let stamped = 0; ; stamped += 1) {
      const head = await this.#deps.store.take(Math.ceil(this.#deps.timeoutMs / 1_000) + LEASE_SLACK_SECONDS);
      if (head === null || !(await this.#stamp(head, logger))) return stamped;
    }
  }

  async #stamp(head: UnstampedHead, logger: Logger): Promise<boolean> {
    const { store, client } = this.#deps;
    try {
      const { response, at } = await client.stamp(stampImprint(head));
      await store.add({ head: head.number, at, response });
      logger.info({ head: head.number, at }, 'evidence head time-stamped');
      return true;
    } catch (error) {
      const waitSeconds = waitAfter(head.failures);
      await store.postpone(head.number, waitSeconds);
      logger.warn({ err: error, head: head.number, waitSeconds }, 'evidence head could not be time-stamped; trying again');
      return false;
    }
  }
}
