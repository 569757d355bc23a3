import { z } from 'zod';
import { chanceShape, delayMs, MischiefBook, namesOperation, times } from '../support/sandbox-mischief.js';

export const MISCHIEF_KINDS = [
  'hang', 'slow', 'drip', 'reset', '5xx', 'html', 'empty', 'truncated', '429', '401', '403', 'session-expiry', 'busy', 'refusal',
  'cursor-stuck', 'cursor-back', 'empty-list', 'missing', 'other-record', 'bad-record', 'vanish', 'change',
] as const;
export type MischiefKind = (typeof MISCHIEF_KINDS)[number];

/** One order to misbehave, as the control call gives it. */
const mischiefOrder = z.strictObject({
  kind: z.enum(MISCHIEF_KINDS),
  /** `list-procedures`, `read-procedure`, `list-fields`, `list-agencies`, `read-decision`, `login`, or `*` for all but log-ins. */
  operation: z.string().default('*'),
  times,
  /** Only calls about this national code. */
  code: z.string().nullable().default(null),
  status: z.number().int().min(500).max(599).default(502),
  delayMs,
  /** Seconds, or an HTTP date. */
  retryAfter: z.string().default('2'),
});
export type Mischief = z.infer<typeof mischiefOrder>;

const randomOrder = z.strictObject({ ...chanceShape(MISCHIEF_KINDS), operation: z.string().default('*') });
type RandomMischief = z.infer<typeof randomOrder>;

/** What is about to be handled, as far as orders can name it. */
export interface Target {
  readonly operation: string;
  readonly code: string | null;
}

export type ProcedureMischief = MischiefBook<Mischief, RandomMischief, Target>;

export const procedureMischief = (): ProcedureMischief => new MischiefBook({
  kinds: MISCHIEF_KINDS, order: mischiefOrder, chance: randomOrder,
  orderFits: ({ operation, code }, target) => namesOperation(operation, target.operation) && (code === null || code === target.code),
  chanceFits: ({ operation }, target) => namesOperation(operation, target.operation),
});
