import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { chanceShape, delayMs, MischiefBook, namesOperation, times } from './sandbox-mischief.js';

/** How a notice can be wrong. `other-amount` is signed properly over a wrong amount; `altered` was changed after it was signed. */
export const FLAWS = ['other-amount', 'altered', 'unsigned', 'old-key'] as const;
export type NoticeFlaw = (typeof FLAWS)[number];

/** `twice`: both at the same moment. `early`: before the call that caused it is answered. `late`: after `delayMs`. `lost`: never. */
const KINDS = ['twice', 'early', 'late', 'lost', ...FLAWS] as const;
export type NoticeMischief = (typeof KINDS)[number];

export interface NoticeRequest {
  readonly method: 'GET' | 'POST';
  /** Last part of the address with its query, such as `ipn?vnp_Amount=100`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One thing that the party tells us. */
export interface Notice {
  /** Kind of notice, by which orders choose it: `ipn`, `balance`. */
  readonly operation: string;
  /** The party's own key of what it is about: a transaction, an order. */
  readonly key: string;
  /** Builds the request anew at each attempt, so that time and signature are fresh; null where this flaw makes no sense here: then it is sent honestly. */
  readonly build: (flaw: NoticeFlaw | null) => NoticeRequest | null;
  /** What came back, at each attempt that got a reply: a bank gives money back that we did not take. */
  readonly onReply?: (reply: NoticeReply) => void;
}

export interface NoticeReply {
  readonly status: number;
  /** At most 10,000 characters. */
  readonly body: string;
}

export interface NoticeOrder {
  readonly kind: NoticeMischief;
  readonly operation: string;
  readonly key: string | null;
  readonly times: number;
  readonly delayMs: number | null;
}

const orderSchema = z.strictObject({ kind: z.enum(KINDS), operation: z.string().default('*'), key: z.string().nullable().default(null), times, delayMs });
const chanceSchema = z.strictObject({ ...chanceShape(KINDS), operation: z.string().default('*') });
type NoticeChance = z.infer<typeof chanceSchema>;

/** Orders for wrong, late, lost and doubled notices, by command or by seed. */
export const noticeBook = (): MischiefBook<NoticeOrder, NoticeChance, Notice> => new MischiefBook({
  kinds: KINDS, order: orderSchema, chance: chanceSchema,
  orderFits: ({ operation, key }, notice) => namesOperation(operation, notice.operation) && (key === null || key === notice.key),
  chanceFits: ({ operation }, notice) => namesOperation(operation, notice.operation),
});

/** The flaw that an order stands for; null where it is not about the content. */
export const flawOf = (kind: NoticeMischief | null): NoticeFlaw | null => FLAWS.find((flaw) => flaw === kind) ?? null;

const MAX_REPLY_CHARACTERS = 10_000;

/** One request without a connection to be kept: a sandbox that is closed leaves nothing open. @returns null where no whole reply came */
export const sendNotice = (url: URL, request: NoticeRequest, signal: AbortSignal): Promise<NoticeReply | null> =>
  new Promise((resolve) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const fail = (): void => { resolve(null); };
    const body = Buffer.from(request.body, 'utf8');
    const outgoing = open(url, { method: request.method, agent: false, signal, headers: { ...request.headers, ...(body.length > 0 ? { 'content-length': body.length } : {}) } }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => { if (text.length < MAX_REPLY_CHARACTERS) text += chunk; });
      reply.on('error', fail);
      reply.on('close', fail);
      reply.on('end', () => { resolve({ status: reply.statusCode ?? 0, body: text.slice(0, MAX_REPLY_CHARACTERS) }); });
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
