import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceAnswer, ServiceCall } from './sandbox-services.js';

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
}

export interface SandboxHttpRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export const jsonAnswer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer =>
  ({ status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) });

/** Sessions and tokens handed out, with their end. */
export class TokenBook {
  readonly #endsAt = new Map<string, number>();
  readonly #lifeMs: number;
  issued = 0;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  issue(): string {
    const token = randomUUID();
    this.issued += 1;
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

/** What arrived: a log-in, a call to be served, or something to be answered at once. */
export type Incoming =
  | { readonly kind: 'login'; readonly answer: () => WireAnswer }
  | { readonly kind: 'call'; readonly call: ServiceCall; readonly wire: SandboxWire }
  | { readonly kind: 'answered'; readonly answer: WireAnswer };

/** One wire generation as the sandbox speaks it. */
export interface SandboxWire {
  readonly name: 'g1' | 'g2';
  encode(answer: ServiceAnswer, call: ServiceCall): WireAnswer;
  refusedSession(): WireAnswer;
}

export const parseObject = (body: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

const codeOf = (item: unknown): string => {
  const code = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)['MaHoSo'] : undefined;
  return typeof code === 'string' ? code : '';
};

/** Codes of the dossiers in a call, by which orders to misbehave may choose it. */
export const dossierCodesOf = (data: readonly unknown[], fields: Readonly<Record<string, unknown>>): readonly string[] => {
  const asked = fields['mahoso'];
  return [...data.map(codeOf), codeOf(fields['data']), typeof asked === 'string' ? asked : ''].filter((code) => code !== '');
};
