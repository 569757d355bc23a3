import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Logger } from '../observability/logger.js';

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TlsFilesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  readonly pollMs?: number;
}

const POLL_MS = 5_000;

/** Certificate and key on disk. They are read again when either file changes and at SIGHUP; a pair that does not fit is not taken. */
export class TlsFiles {
  readonly #options: TlsFilesOptions;
  readonly #listeners: ((pair: TlsPair) => void)[] = [];
  readonly #reload = (): void => this.#readAgain();

  constructor(options: TlsFilesOptions) {
    this.#options = options;
    for (const file of [options.certFile, options.keyFile]) watchFile(file, { interval: options.pollMs ?? POLL_MS, persistent: false }, this.#reload);
    process.on('SIGHUP', this.#reload);
  }

  /** Throws when a file cannot be read or the two do not belong together. */
  read(): TlsPair {
    const pair = { cert: readFileSync(this.#options.certFile), key: readFileSync(this.#options.keyFile) };
    createSecureContext(pair);
    return pair;
  }

  onChange(listener: (pair: TlsPair) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    for (const file of [this.#options.certFile, this.#options.keyFile]) unwatchFile(file, this.#reload);
    process.off('SIGHUP', this.#reload);
  }

  /** The two files change one after the other: in between, the pair in use stays. */
  #readAgain(): void {
    try {
      const pair = this.read();
      for (const listener of this.#listeners) listener(pair);
      this.#options.logger.info({}, 'TLS certificate was read again');
    } catch (error) {
      this.#options.logger.error({ err: error }, 'TLS certificate was not taken; the one in use stays');
    }
  }
}
