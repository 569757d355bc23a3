import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '../observability/logger.js';
import type { ApiClientStore, LiveKey } from './api-client-store.js';
import { prefixOf } from './api-key.js';
import { keyDigest, type BearerKind } from './bearer-keys.js';
import type { Caller } from './caller.js';

/** From this age on the copy is compared with the database beside the calls that go on. */
const REFRESH_AFTER_MS = 300;
/** At this age no call passes before it was compared: with the time of the comparison, a revocation holds within a second. */
const TRUSTED_MS = 800;
const NOTE_USE_EVERY_MS = 600_000;

export interface IssuedKeysDeps {
  readonly store: Pick<ApiClientStore, 'version' | 'liveKeys' | 'noteUse'>;
  readonly logger: Logger;
  /** Milliseconds that never go back. */
  readonly monotonicMs?: () => number;
}

/**
 * Issued keys as this process knows them: all live ones (hundreds at most), so that a known key costs a hash.
 * A version row tells when the copy is old. Without the database nobody passes: calls reject once the copy cannot be trusted.
 */
export class IssuedKeys implements BearerKind {
  readonly #deps: IssuedKeysDeps;
  readonly #monotonicMs: () => number;
  #keys: ReadonlyMap<string, LiveKey> = new Map();
  #version: string | null = null;
  #confirmedMs = Number.NEGATIVE_INFINITY;
  #confirming: Promise<void> | null = null;
  readonly #notedMs = new Map<string, number>();

  constructor(deps: IssuedKeysDeps) {
    this.#deps = deps;
    this.#monotonicMs = deps.monotonicMs ?? (() => performance.now());
  }

  find(bearer: string): Caller | null | undefined | Promise<Caller | null> {
    const prefix = prefixOf(bearer);
    if (prefix === null) return undefined;
    const nowMs = this.#monotonicMs();
    // An unknown key may be younger than the copy. Whoever guesses keys makes one comparison after the other, never many at once.
    if (!this.#keys.has(prefix)) return this.#afterConfirming(prefix, bearer, nowMs);
    const ageMs = nowMs - this.#confirmedMs;
    if (ageMs >= TRUSTED_MS) return this.#afterConfirming(prefix, bearer, nowMs - TRUSTED_MS);
    if (ageMs >= REFRESH_AFTER_MS) this.#confirm().catch((error: unknown) => this.#deps.logger.warn({ err: error }, 'keys could not be compared'));
    return this.#look(prefix, bearer);
  }

  /** A comparison that was under way may have begun too early for this call; the next one is surely good enough. */
  async #afterConfirming(prefix: string, bearer: string, neededMs: number): Promise<Caller | null> {
    do await this.#confirm();
    while (this.#confirmedMs < neededMs);
    return this.#look(prefix, bearer);
  }

  #look(prefix: string, bearer: string): Caller | null {
    const key = this.#keys.get(prefix);
    if (key === undefined || !timingSafeEqual(key.digest, keyDigest(bearer)) || key.expiresAt.getTime() <= Date.now()) return null;
    this.#noteUse(prefix);
    return key.caller;
  }

  #confirm(): Promise<void> {
    this.#confirming ??= this.#compare().finally(() => {
      this.#confirming = null;
    });
    return this.#confirming;
  }

  /** The version is read before the keys: a change in between makes the next comparison read them again. */
  async #compare(): Promise<void> {
    const startedMs = this.#monotonicMs();
    const version = await this.#deps.store.version();
    if (version !== this.#version) {
      this.#keys = new Map((await this.#deps.store.liveKeys()).map((key) => [key.prefix, key]));
      this.#version = version;
    }
    this.#confirmedMs = startedMs;
  }

  #noteUse(prefix: string): void {
    const nowMs = this.#monotonicMs();
    if (nowMs - (this.#notedMs.get(prefix) ?? Number.NEGATIVE_INFINITY) < NOTE_USE_EVERY_MS) return;
    this.#notedMs.set(prefix, nowMs);
    this.#deps.store.noteUse(prefix).catch((error: unknown) => {
      this.#notedMs.delete(prefix);
      this.#deps.logger.warn({ err: error }, 'the use of a key could not be noted');
    });
  }
}
