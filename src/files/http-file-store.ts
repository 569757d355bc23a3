import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { guardedConnector } from '../net/guarded-connect.js';
import type { FileStore, OpenFile } from './file-store-port.js';

export interface HttpFileStoreSettings {
  /** Fixed by configuration; a reference is only ever a path below it. */
  readonly baseUrl: string;
  readonly bearerToken: string | null;
  readonly maxBytes: number;
  /** Longest wait for the answer's head, and between two pieces of its body. */
  readonly timeoutMs: number;
}

/** Ends the stream with an error as soon as more arrives than is allowed, whatever the head said. */
const limited = (source: Readable, maxBytes: number): Readable => {
  let seen = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes) done(new RangeError('The file is larger than the file store may hand out'));
      else done(null, chunk);
    },
  });
  source.once('error', (error) => limit.destroy(error));
  limit.once('close', () => source.destroy());
  return source.pipe(limit);
};

/** Files behind the portal's file service. Follows no redirect: an answer elsewhere is no file of this store. */
export class HttpFileStore implements FileStore {
  readonly #settings: HttpFileStoreSettings;
  readonly #base: URL;
  readonly #agent: Agent;

  constructor(settings: HttpFileStoreSettings) {
    this.#settings = settings;
    this.#base = new URL(settings.baseUrl.endsWith('/') ? settings.baseUrl : `${settings.baseUrl}/`);
    const { timeoutMs } = settings;
    // The portal's own store stands on its own network as a rule.
    const connect = guardedConnector({ origin: this.#base, allowPrivate: true, connectTimeoutMs: timeoutMs });
    this.#agent = new Agent({ connect, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  }

  async open(reference: string, signal: AbortSignal): Promise<OpenFile | null> {
    const url = this.#urlOf(reference);
    if (url === null) return null;
    const { bearerToken, maxBytes } = this.#settings;
    const headers = bearerToken === null ? {} : { authorization: `Bearer ${bearerToken}` };
    const { statusCode, headers: answered, body } = await request(url, { dispatcher: this.#agent, headers, signal });
    const length = Number(answered['content-length'] ?? Number.NaN);
    const tooLarge = length > maxBytes;
    if (statusCode !== 200 || tooLarge) {
      body.on('error', () => undefined).destroy();
      if (statusCode === 200 || statusCode === 404 || statusCode === 410) return null;
      throw new Error(`The file store answered ${String(statusCode)}`);
    }
    return { stream: limited(body, maxBytes), sizeBytes: Number.isSafeInteger(length) ? length : null };
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  #urlOf(reference: string): URL | null {
    const url = new URL(reference.split('/').map(encodeURIComponent).join('/'), this.#base);
    return url.origin === this.#base.origin && url.pathname.startsWith(this.#base.pathname) ? url : null;
  }
}
