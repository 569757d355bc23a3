import type { Logger } from '../observability/logger.js';
import type { BoundCallback } from './callback-binding.js';
import type { CallbackInbox } from './callback-inbox.js';
import type { CallbackStore } from './callback-store.js';

/** Younger messages are still in the hands of the call that brought them. */
const LEAVE_ALONE_MS = 5_000;
const BATCH = 100;

export interface CallbackSweeperDeps {
  readonly bindings: readonly BoundCallback[];
  readonly inbox: Pick<CallbackInbox, 'applyOrPostpone'>;
  readonly store: Pick<CallbackStore, 'due'>;
  readonly logger: Logger;
  readonly leaveAloneMs?: number;
}

/** Applies what was stored and not applied: the process died in between, or the domain could not. */
export class CallbackSweeper {
  readonly #deps: CallbackSweeperDeps;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: CallbackSweeperDeps) {
    this.#deps = deps;
  }

  /** One turn; returns how many messages were applied or refused. Several processes may do it at once. */
  async sweep(): Promise<number> {
    const { bindings, inbox, store, leaveAloneMs } = this.#deps;
    const routes = bindings.map(({ receiver: { party, kind } }) => ({ party, kind }));
    let settled = 0;
    for (const callback of routes.length === 0 ? [] : await store.due(routes, { olderThanMs: leaveAloneMs ?? LEAVE_ALONE_MS, limit: BATCH })) {
      const bound = bindings.find(({ receiver }) => receiver.party === callback.party && receiver.kind === callback.kind);
      if (bound !== undefined && await inbox.applyOrPostpone(bound, callback) !== null) settled += 1;
    }
    return settled;
  }

  start(everyMs: number): void {
    const turn = (): void => {
      this.#running = this.sweep()
        .then((settled) => { if (settled > 0) this.#deps.logger.info({ settled }, 'stored callbacks applied'); })
        .catch((error: unknown) => { this.#deps.logger.warn({ err: error }, 'callbacks could not be swept'); })
        .finally(() => { if (this.#timer !== null) this.#timer = setTimeout(turn, everyMs).unref(); });
    };
    // The first turn at once: what a process that died left behind has waited long enough.
    this.#timer = setTimeout(turn, 0).unref();
  }

  /** Waits for the turn that is under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }
}
