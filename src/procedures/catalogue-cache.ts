import type { NationalProcedure } from './procedure.js';

/**
 * Cleaned content by code and version. Whoever reads has just read the row's version, so what is found is never stale, in however
 * many processes; the oldest use goes first when it is full.
 */
export class CatalogueCache {
  readonly #size: number;
  readonly #entries = new Map<string, { readonly version: number; readonly procedure: NationalProcedure }>();

  /** `size` 0 keeps nothing. */
  constructor(size: number) {
    this.#size = size;
  }

  get(code: string, version: number): NationalProcedure | null {
    const entry = this.#entries.get(code);
    if (entry?.version !== version) return null;
    this.#entries.delete(code);
    this.#entries.set(code, entry);
    return entry.procedure;
  }

  put(code: string, version: number, procedure: NationalProcedure): void {
    if (this.#size === 0) return;
    this.#entries.delete(code);
    this.#entries.set(code, { version, procedure });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#size && oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
