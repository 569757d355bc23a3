export interface HealthCheck {
  readonly name: string;
  /** Resolves when the thing answers; `ready` false tells that it answers and is nevertheless not fit. */
  check(): Promise<{ readonly ready: boolean; readonly detail?: Readonly<Record<string, unknown>> }>;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ready: boolean; readonly ms: number; readonly detail?: Readonly<Record<string, unknown>> }>>;
}

/** A probe that waits longer has given up already. */
const CHECK_TIMEOUT_MS = 2_000;
/** Probes are open to everyone; asked more often than this, they get the last answer again. */
const CACHE_MS = 500;

const late = (timeoutMs: number): { promise: Promise<never>; cancel(): void } => {
  let timer: NodeJS.Timeout;
  const promise = new Promise<never>((_fulfil, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs);
  });
  return { promise, cancel: () => clearTimeout(timer) };
};

const runCheck = async (check: HealthCheck): Promise<HealthReport['checks'][string]> => {
  const started = performance.now();
  const timeout = late(CHECK_TIMEOUT_MS);
  const ms = (): number => Math.round(performance.now() - started);
  try {
    const { ready, detail } = await Promise.race([check.check(), timeout.promise]);
    return { ready, ms: ms(), ...(detail === undefined ? {} : { detail }) };
  } catch {
    return { ready: false, ms: ms() };
  } finally {
    timeout.cancel();
  }
};

/** Readiness of this process: every check answers in time and is ready. */
export class Health {
  readonly #checks: readonly HealthCheck[];
  #last: { readonly at: number; readonly report: Promise<HealthReport> } | null = null;
  #stopping = false;

  constructor(checks: readonly HealthCheck[]) {
    this.#checks = checks;
  }

  /** From now on not ready: load balancers send elsewhere while this process drains. */
  stop(): void {
    this.#stopping = true;
  }

  async report(): Promise<HealthReport> {
    if (this.#stopping) return { ready: false, checks: { process: { ready: false, ms: 0 } } };
    if (this.#last === null || performance.now() - this.#last.at > CACHE_MS) this.#last = { at: performance.now(), report: this.#ask() };
    return this.#last.report;
  }

  async #ask(): Promise<HealthReport> {
    const results = await Promise.all(this.#checks.map(async (check) => [check.name, await runCheck(check)] as const));
    return { ready: results.every(([, result]) => result.ready), checks: Object.fromEntries(results) };
  }
}
