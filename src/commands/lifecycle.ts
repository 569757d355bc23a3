import type { Logger } from 'pino';

/** One Ctrl-C reaches us twice: from the terminal, and passed on by npm. Only a later one means impatience. */
const REPEATED_SIGNAL_MS = 1_000;

interface Stop {
  readonly what: string;
  readonly run: () => Promise<void>;
}

export class StoppedEarlyError extends Error {
  override readonly name = 'StoppedEarlyError';
}

/** What a command started, stopped in reverse order: at a signal, at the end, or when a later part fails to start. */
export class Lifecycle {
  readonly #stops: Stop[] = [];
  #stopping: Promise<void> | null = null;
  #logger: Pick<Logger, 'info' | 'warn'> | null = null;

  useLogger(logger: Pick<Logger, 'info' | 'warn'>): void {
    this.#logger = logger;
  }

  /** Throws when the command is being stopped already: whoever starts parts must not go on. */
  onStop(what: string, run: () => Promise<void>): void {
    this.#stops.push({ what, run });
    if (this.#stopping !== null) throw new StoppedEarlyError('stopped while starting');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  stopRest(): Promise<void> {
    return this.#stopAll();
  }

  /** Resolves after SIGINT or SIGTERM, when everything is stopped. A second signal ends the process at once. */
  async untilSignal(): Promise<void> {
    const signal = await new Promise<NodeJS.Signals>((fulfil) => {
      let firstAt: number | null = null;
      const onSignal = (received: NodeJS.Signals): void => {
        if (firstAt !== null && performance.now() - firstAt > REPEATED_SIGNAL_MS) process.exit(1);
        firstAt ??= performance.now();
        fulfil(received);
      };
      process.on('SIGINT', onSignal);
      process.on('SIGTERM', onSignal);
    });
    this.#logger?.info({ signal }, 'stopping');
    await this.stop();
    this.#logger?.info({}, 'stopped');
  }

  async #stopAll(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      const { what, run } = stop;
      try {
        await run();
      } catch (error) {
        this.#logger?.warn({ err: error, what }, 'part did not stop cleanly');
      }
    }
  }
}

/** Runs a command; whatever it started is stopped if it throws. */
export const withLifecycle = async (run: (lifecycle: Lifecycle) => Promise<void>): Promise<void> => {
  const lifecycle = new Lifecycle();
  try {
    await run(lifecycle);
  } catch (error) {
    if (!(error instanceof StoppedEarlyError)) throw error;
  } finally {
    await lifecycle.stop();
    // What was registered while the first round was under way.
    await lifecycle.stopRest();
  }
};
