import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { cutShort, failedPage, FIREWALL_PAGE, jsonAnswer } from './sandbox-answers.js';
import type { WireAnswer } from './sandbox-answers.js';
import { chanceShape, delayMs, MischiefBook, namesOperation, times } from './sandbox-mischief.js';
import { dripAnswer, resetConnection, sendAnswer, sendLater } from './sandbox-respond.js';

/**
 * Misbehaviour that any party is capable of. `hang`, `reset`, `5xx`, `html`, `empty`, `truncated` and `garbage` come after the request took
 * effect, those in `-before` and the refusals instead of it.
 */
export const CONDUCT_KINDS = [
  'hang', 'hang-before', 'reset', 'reset-before', '5xx', '5xx-before', 'html', 'html-before', 'empty', 'truncated', 'garbage', 'slow', 'drip', '429', '401', '403',
] as const;
export type ConductKind = (typeof CONDUCT_KINDS)[number];

/** One order to misbehave. */
export interface Conduct<Own extends string> {
  readonly kind: ConductKind | Own;
  /** Operation that it is for; `*` for all but `login`. */
  readonly operation: string;
  /** Only the call with this key of the party: an order number, a transaction; null for any. */
  readonly key: string | null;
  readonly times: number;
  /** Of `5xx`. */
  readonly status: number;
  readonly delayMs: number | null;
  /** Of `429`: seconds, or an HTTP date. */
  readonly retryAfter: string;
  /** For the party's own kinds: the code to answer with, the amount to name. */
  readonly value: string | number | null;
}

export interface ConductChance<Own extends string> {
  readonly seed: number;
  readonly rates: Readonly<Partial<Record<ConductKind | Own, number>>>;
  readonly operation: string;
  readonly delayMs: number | null;
}

/** What is about to be handled, as far as orders can name it. */
export interface ConductTarget {
  readonly operation: string;
  readonly key: string | null;
}

export type ConductBook<Own extends string> = MischiefBook<Conduct<Own>, ConductChance<Own>, ConductTarget>;

/** @param own kinds that only this party knows; each ends in a whole answer, worded by a `twist` */
export const conductBook = <Own extends string>(own: readonly Own[]): ConductBook<Own> => {
  const kinds: readonly (ConductKind | Own)[] = [...CONDUCT_KINDS, ...own];
  return new MischiefBook<Conduct<Own>, ConductChance<Own>, ConductTarget>({
    kinds,
    order: z.strictObject({
      kind: z.enum(kinds), operation: z.string().default('*'), key: z.string().nullable().default(null), times,
      status: z.number().int().min(500).max(599).default(502), delayMs, retryAfter: z.string().default('2'),
      value: z.union([z.string(), z.number()]).nullable().default(null),
    }),
    chance: z.strictObject({ ...chanceShape(kinds), operation: z.string().default('*') }) as unknown as z.ZodType<ConductChance<Own>>,
    orderFits: ({ operation, key }, target) => namesOperation(operation, target.operation) && (key === null || key === target.key),
    chanceFits: ({ operation }, target) => namesOperation(operation, target.operation),
  });
};

type Answer = WireAnswer | Promise<WireAnswer>;

/** One call that a sandbox understood. */
export interface SandboxOperation<Own extends string> extends ConductTarget {
  /** Takes effect and words the honest answer. Runs at most once for a request, and not at all where the party fails before. */
  readonly serve: () => Answer;
  /** Answers to the party's own kinds; one that stands here decides itself whether anything takes effect. Others are served honestly. */
  readonly twists?: Readonly<Partial<Record<Own, (conduct: Conduct<Own>) => Answer>>>;
}

/** Bytes that no reader of JSON, XML or forms takes for an answer. */
const garbled = (answer: WireAnswer): WireAnswer => ({ ...answer, body: '{"<\u0000' });

type Play = (turn: { readonly response: ServerResponse; readonly serve: () => Answer; readonly conduct: Conduct<string>; readonly hangMs: number }) => void | Promise<void>;

const PLAYS: Readonly<Record<ConductKind, Play>> = {
  hang: async ({ response, serve, conduct, hangMs }) => { sendLater(response, await serve(), conduct.delayMs ?? hangMs); },
  'hang-before': ({ response, conduct, hangMs }) => { sendLater(response, failedPage(504), conduct.delayMs ?? hangMs); },
  reset: async ({ response, serve }) => {
    await serve();
    resetConnection(response);
  },
  'reset-before': ({ response }) => { resetConnection(response); },
  '5xx': async ({ response, serve, conduct }) => {
    await serve();
    sendAnswer(response, failedPage(conduct.status));
  },
  '5xx-before': ({ response, conduct }) => { sendAnswer(response, failedPage(conduct.status)); },
  html: async ({ response, serve }) => {
    await serve();
    sendAnswer(response, FIREWALL_PAGE);
  },
  'html-before': ({ response }) => { sendAnswer(response, FIREWALL_PAGE); },
  empty: async ({ response, serve }) => { sendAnswer(response, { ...(await serve()), body: '' }); },
  truncated: async ({ response, serve }) => { sendAnswer(response, cutShort(await serve())); },
  garbage: async ({ response, serve }) => { sendAnswer(response, garbled(await serve())); },
  slow: async ({ response, serve, conduct }) => { sendLater(response, await serve(), conduct.delayMs ?? 1_000); },
  drip: async ({ response, serve, conduct, hangMs }) => {
    const answer = await serve();
    // Of a 204 there is nothing to drip but its head.
    if (answer.body === '') sendLater(response, answer, hangMs);
    else dripAnswer(response, answer, conduct.delayMs ?? 200);
  },
  '429': ({ response, conduct }) => { sendAnswer(response, jsonAnswer(429, { error: 'too many requests' }, { 'retry-after': conduct.retryAfter })); },
  '401': ({ response }) => { sendAnswer(response, jsonAnswer(401, { error: 'unauthorized' })); },
  '403': ({ response }) => { sendAnswer(response, failedPage(403)); },
};

const isConductKind = (kind: string): kind is ConductKind => Object.hasOwn(PLAYS, kind);

/** Serves one call, honestly or as ordered. */
export const conductCall = async <Own extends string>(
  response: ServerResponse, operation: SandboxOperation<Own>, how: { readonly conduct: Conduct<Own> | null; readonly hangMs: number },
): Promise<void> => {
  const { conduct, hangMs } = how;
  if (conduct === null) sendAnswer(response, await operation.serve());
  else if (isConductKind(conduct.kind)) await PLAYS[conduct.kind]({ response, serve: operation.serve, conduct, hangMs });
  else sendAnswer(response, await (operation.twists?.[conduct.kind]?.(conduct) ?? operation.serve()));
};
