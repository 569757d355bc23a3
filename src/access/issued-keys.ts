import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '../observability/logger.js';
import { ComparedCopy } from '../store/compared-copy.js';
import type { ApiClientStore, LiveKey } from './api-client-store.js';
import { prefixOf } from './api-key.js';
import { keyDigest, type BearerKind } from './bearer-keys.js';
import type { Caller } from './caller.js';

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
  readonly #keys: ComparedCopy<ReadonlyMap<string, LiveKey>>;
  readonly #notedMs = new Map<string, number>();

  constructor(deps: IssuedKeysDeps) {
    this.#deps = deps;
    this.#monotonicMs = deps.monotonicMs ?? (() => performance.now());
    this.#keys = new ComparedCopy({
      empty: new Map(), monotonicMs: this.#monotonicMs,
      version: () => deps.store.version(),
      read: async () => new Map((await deps.store.liveKeys()).map((key) => [key.prefix, key])),
      onFailure: (error) => deps.logger.warn({ err: error }, 'keys could not be compared'),
    });
  }

  find(bearer: string): Caller | null | undefined | Promise<Caller | null> {
    const prefix = prefixOf(bearer);
    if (prefix === null) return undefined;
    const keys = this.#keys.current();
    if (keys === null) return this.#keys.trusted().then((trusted) => this.#orNewer(trusted, prefix, bearer));
    return keys.has(prefix) ? this.#look(keys, prefix, bearer) : this.#orNewer(keys, prefix, bearer);
  }

  /** An unknown key may be younger than the copy. Whoever guesses keys makes one comparison after the other, never many at once. */
  async #orNewer(keys: ReadonlyMap<string, LiveKey>, prefix: string, bearer: string): Promise<Caller | null> {
    return this.#look(keys.has(prefix) ? keys : await this.#keys.asOfNow(), prefix, bearer);
  }

  #look(keys: ReadonlyMap<string, LiveKey>, prefix: string, bearer: string): Caller | null {
    const key = keys.get(prefix);
    if (key === undefined || !timingSafeEqual(key.digest, keyDigest(bearer)) || key.expiresAt.getTime() <= Date.now()) return null;
    this.#noteUse(prefix);
    return key.caller;
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
