import { Agent, request } from 'undici';
import { AddressRefusedError, guardedConnector } from '../net/guarded-connect.js';
import type { LinkLook } from './public-service.js';

export type LinkFinding = Omit<LinkLook, 'at'>;

export interface LinkProbeSettings {
  /** Origins of the province's portals; nothing else is ever called, whatever a service's link says. */
  readonly origins: readonly string[];
  readonly timeoutMs: number;
}

const AGENT = 'onestop-gateway (service readiness)';
/** It answers when it shows a page or sends the citizen on to sign in; the page itself is not followed. */
const isAnswer = (status: number): boolean => status >= 200 && status < 400;

const problemOf = (error: unknown): string => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) if (cause instanceof AddressRefusedError) return 'ADDRESS_REFUSED';
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'TIMEOUT' : 'NO_ANSWER';
};

/** Looks whether deep links answer, on configured origins only and without following where they lead. */
export class LinkProbe {
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly #timeoutMs: number;

  constructor({ origins, timeoutMs }: LinkProbeSettings) {
    this.#timeoutMs = timeoutMs;
    this.#agents = new Map(origins.map((origin) => {
      const url = new URL(origin);
      // The portal stands on the province's own network as a rule.
      const connect = guardedConnector({ origin: url, allowPrivate: true, connectTimeoutMs: timeoutMs });
      return [url.origin, new Agent({ connect, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connections: 4 })];
    }));
  }

  get hasOrigins(): boolean {
    return this.#agents.size > 0;
  }

  /** Null: the link leads to no configured origin, and was not called. Never rejects. */
  async look(link: string): Promise<LinkFinding | null> {
    const dispatcher = URL.canParse(link) ? this.#agents.get(new URL(link).origin) : undefined;
    if (dispatcher === undefined) return null;
    try {
      const { statusCode, body } = await request(link, { dispatcher, method: 'GET', headers: { 'user-agent': AGENT }, signal: AbortSignal.timeout(this.#timeoutMs) });
      body.on('error', () => undefined).destroy();
      return { status: statusCode, problem: isAnswer(statusCode) ? null : 'HTTP_STATUS' };
    } catch (error) {
      return { status: null, problem: problemOf(error) };
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }
}
