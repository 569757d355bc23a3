import { Agent, request } from 'undici';
import { guardedConnector } from '../net/guarded-connect.js';
import type { StampCertificate } from './stamp-certificates.js';
import { newNonce, timeStampRequest } from './time-stamp-request.js';
import type { StampFault } from './time-stamp.js';
import { verifyTimeStamp } from './time-stamp-verifier.js';

export interface TimeStampSettings {
  /** Fixed by configuration; redirects are not followed. */
  readonly url: string;
  readonly roots: readonly StampCertificate[];
  /** OID; null for the authority's own choice. */
  readonly policy: string | null;
  readonly timeoutMs: number;
  /** Whether the host may lead to the local network, where an authority of the state's own may stand. */
  readonly allowPrivateAddresses: boolean;
}

export interface FetchedStamp {
  readonly response: Buffer;
  /** What the authority states. */
  readonly at: Date;
}

/** No stamp could be had this time; the head keeps, and is stamped later. `fault` is null where no answer came. */
export class TimeStampError extends Error {
  override readonly name = 'TimeStampError';
  readonly fault: StampFault | null;
  constructor(text: string, options: { readonly fault?: StampFault; readonly cause?: unknown } = {}) {
    super(text, { cause: options.cause });
    this.fault = options.fault ?? null;
  }
}

/** Certificates of a deep chain take some kilobytes. */
const MAX_ANSWER_BYTES = 65_536;
/** An authority whose time is further from ours than this has, or we have, a clock that proves nothing. */
const MAX_SKEW_MS = 300_000;

const readAll = async (body: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new RangeError('The answer is longer than a time-stamp');
    parts.push(part);
  }
  return Buffer.concat(parts);
};

/** Asks one time-stamping authority over HTTP (RFC 3161, 3.4). */
export class TimeStampClient {
  readonly #settings: TimeStampSettings;
  readonly #agent: Agent;

  constructor(settings: TimeStampSettings) {
    this.#settings = settings;
    const connect = guardedConnector({ origin: new URL(settings.url), allowPrivate: settings.allowPrivateAddresses, connectTimeoutMs: settings.timeoutMs });
    this.#agent = new Agent({ connect });
  }

  /** Stamp over a SHA-256 digest, checked as it will be checked later. @throws TimeStampError */
  async stamp(imprint: Buffer): Promise<FetchedStamp> {
    const { roots, policy } = this.#settings;
    const nonce = newNonce();
    const asked = Date.now();
    const response = await this.#ask(timeStampRequest(imprint, { nonce, policy }));
    const verdict = verifyTimeStamp(response, { imprint, nonce, policy, roots });
    const fault = !verdict.ok ? verdict.fault
      : verdict.at.getTime() < asked - MAX_SKEW_MS || verdict.at.getTime() > Date.now() + MAX_SKEW_MS ? 'other-time' : null;
    if (!verdict.ok || fault !== null) throw new TimeStampError(`The time-stamp is refused: ${fault ?? ''}`, fault === null ? {} : { fault });
    return { response, at: verdict.at };
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #ask(body: Buffer): Promise<Buffer> {
    const { url, timeoutMs } = this.#settings;
    try {
      const answer = await request(url, {
        method: 'POST', dispatcher: this.#agent, signal: AbortSignal.timeout(timeoutMs), body,
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      });
      if (answer.statusCode === 200) return await readAll(answer.body);
      answer.body.on('error', () => undefined).destroy();
      throw new TimeStampError(`The time-stamping authority answered ${String(answer.statusCode)}`);
    } catch (error) {
      throw error instanceof TimeStampError ? error : new TimeStampError('The time-stamping authority gave no answer', { cause: error });
    }
  }
}
