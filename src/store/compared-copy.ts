/** From this age on the copy is compared with the database beside the calls that go on. */
const REFRESH_AFTER_MS = 300;
/** At this age no call passes before it was compared: with the time of the comparison, what ended ends within a second. */
const TRUSTED_MS = 800;

export interface ComparedCopyDeps<Held> {
  readonly empty: Held;
  /** Version of what is copied, as the database has it. */
  readonly version: () => Promise<string>;
  /** The copy anew, after the version moved on. */
  readonly read: () => Held | Promise<Held>;
  /** A comparison failed of which no call waits for the end. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds that never go back. */
  readonly monotonicMs?: () => number;
}

/** What a process holds of the database, so that calls need not ask for it. A version row tells when it is old. */
export class ComparedCopy<Held> {
  readonly #deps: ComparedCopyDeps<Held>;
  readonly #monotonicMs: () => number;
  #held: Held;
  #version: string | null = null;
  #comparedMs = Number.NEGATIVE_INFINITY;
  #comparing: Promise<void> | null = null;

  constructor(deps: ComparedCopyDeps<Held>) {
    this.#deps = deps;
    this.#monotonicMs = deps.monotonicMs ?? (() => performance.now());
    this.#held = deps.empty;
  }

  /** The copy, while it may be trusted; else null. */
  current(): Held | null {
    const ageMs = this.#monotonicMs() - this.#comparedMs;
    if (ageMs >= TRUSTED_MS) return null;
    if (ageMs >= REFRESH_AFTER_MS) this.#compare().catch(this.#deps.onFailure);
    return this.#held;
  }

  /** The copy, compared first where it is too old. Rejects where that fails, so that nothing passes unchecked. */
  trusted(): Promise<Held> {
    return this.#comparedSince(this.#monotonicMs() - TRUSTED_MS);
  }

  /** The copy as the database is now: for what it does not hold and may have been added since. */
  asOfNow(): Promise<Held> {
    return this.#comparedSince(this.#monotonicMs());
  }

  /** A comparison that was under way may have begun too early for this call; the next one is surely good enough. */
  async #comparedSince(neededMs: number): Promise<Held> {
    do await this.#compare();
    while (this.#comparedMs < neededMs);
    return this.#held;
  }

  /** However many calls wait, one comparison is under way at a time. */
  #compare(): Promise<void> {
    this.#comparing ??= this.#compareOnce().finally(() => {
      this.#comparing = null;
    });
    return this.#comparing;
  }

  /** The version is read before the rest: a change in between makes the next comparison read it again. */
  async #compareOnce(): Promise<void> {
    const startedMs = this.#monotonicMs();
    const version = await this.#deps.version();
    if (version !== this.#version) {
      this.#held = await this.#deps.read();
      this.#version = version;
    }
    this.#comparedMs = startedMs;
  }
}
