import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { CatalogueEntry } from './sandbox-catalogue.js';
import type { MischiefKind } from './sandbox-mischief.js';

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

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
