import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CatalogueEntry } from './sandbox-catalogue.js';
import type { MischiefKind } from './sandbox-mischief.js';

/** An answer ready for the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SandboxAccess {
  readonly username: string;
  readonly password: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly dstcode: string;
  readonly sessionLifeMs: number;
  /** Whose procedures G1 and G2 list, and whose departments records name. */
  readonly agencyCode: string;
}

export interface SandboxHttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A question, whichever wire brought it. */
export interface SandboxCall {
  readonly operation: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The procedure that is asked for; null where none is, or none is known by that name. */
  readonly entry: CatalogueEntry | null;
}

/** What arrived: a log-in, a call to be served, or something to be answered at once. */
export type Incoming =
  | { readonly kind: 'login'; readonly answer: () => WireAnswer }
  | { readonly kind: 'call'; readonly call: SandboxCall; readonly wire: SandboxWire }
  | { readonly kind: 'answered'; readonly answer: WireAnswer };

/** One wire generation as the sandbox speaks it. */
export interface SandboxWire {
  readonly name: 'g1' | 'g2' | 'g3';
  /** Null where the request is none of this wire's. */
  receive(request: SandboxHttpRequest): Incoming | null;
  /** @param twist a misbehaviour of content, null for an honest answer */
  answer(call: SandboxCall, twist: MischiefKind | null): WireAnswer;
  refusedSession(): WireAnswer;
  refusal(message: string): WireAnswer;
  expire(): void;
}

export const jsonAnswer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer =>
  ({ status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) });

/** Sessions and tokens handed out, with their end. */
export class TokenBook {
  readonly #endsAt = new Map<string, number>();
  readonly #lifeMs: number;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  issue(): string {
    const token = randomUUID();
    this.#endsAt.set(token, Date.now() + this.#lifeMs);
    return token;
  }

  isValid(token: string): boolean {
    return (this.#endsAt.get(token) ?? 0) > Date.now();
  }

  revokeAll(): void {
    this.#endsAt.clear();
  }
}

export const parseObject = (body: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
