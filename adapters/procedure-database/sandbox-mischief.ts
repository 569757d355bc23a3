import { z } from 'zod';

export const MISCHIEF_KINDS = [
  'hang', 'slow', 'drip', 'reset', '5xx', 'html', 'empty', 'truncated', '429', '401', '403', 'session-expiry', 'busy', 'refusal',
  'cursor-stuck', 'cursor-back', 'empty-list', 'missing', 'other-record', 'bad-record', 'vanish', 'change',
] as const;
export type MischiefKind = (typeof MISCHIEF_KINDS)[number];

/** One order to misbehave, as the control call gives it. */
export const mischiefOrder = z.strictObject({
  kind: z.enum(MISCHIEF_KINDS),
  /** `list-procedures`, `read-procedure`, `list-fields`, `list-agencies`, `read-decision`, `login`, or `*` for all but log-ins. */
  operation: z.string().default('*'),
  times: z.number().int().min(1).max(1_000_000).default(1),
  /** Only calls about this national code. */
  code: z.string().nullable().default(null),
  status: z.number().int().min(500).max(599).default(502),
  delayMs: z.number().int().min(0).max(600_000).nullable().default(null),
  /** Seconds, or an HTTP date. */
  retryAfter: z.string().default('2'),
});
export type Mischief = z.infer<typeof mischiefOrder>;

export const randomOrder = z.strictObject({
  seed: z.number().int().default(1),
  /** Share of calls by kind, 0 to 1; together at most 1. */
  rates: z.partialRecord(z.enum(MISCHIEF_KINDS), z.number().min(0).max(1)),
  operation: z.string().default('*'),
  delayMs: z.number().int().min(0).max(600_000).nullable().default(null),
});
export type RandomMischief = z.infer<typeof randomOrder>;

/** mulberry32: small, seedable, and good enough to pick faults. */
const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const serves = (pattern: string, operation: string): boolean => pattern === operation || (pattern === '*' && operation !== 'login');

/** What is about to be handled, as far as orders can name it. */
export interface Target {
  readonly operation: string;
  readonly code: string | null;
}

/** Orders to misbehave: those given by command first, in order, then chance by seed. */
export class MischiefBook {
  #orders: (Mischief & { left: number })[] = [];
  #random: RandomMischief | null = null;
  #next: () => number = seededRandom(1);

  order(mischief: Mischief): void {
    this.#orders.push({ ...mischief, left: mischief.times });
  }

  randomise(random: RandomMischief | null): void {
    this.#random = random;
    this.#next = seededRandom(random?.seed ?? 1);
  }

  clear(): void {
    this.#orders = [];
    this.randomise(null);
  }

  pending(): { readonly orders: readonly Mischief[]; readonly random: RandomMischief | null } {
    return { orders: this.#orders, random: this.#random };
  }

  /** The misbehaviour due for this call, used up by asking; null for an honest answer. */
  take(target: Target): Mischief | null {
    const order = this.#orders.find(({ operation, code }) => serves(operation, target.operation) && (code === null || code === target.code));
    if (order === undefined) return this.#byChance(target.operation);
    order.left -= 1;
    if (order.left <= 0) this.#orders = this.#orders.filter((other) => other !== order);
    return order;
  }

  #byChance(operation: string): Mischief | null {
    const random = this.#random;
    if (random === null || !serves(random.operation, operation)) return null;
    let roll = this.#next();
    for (const kind of MISCHIEF_KINDS) {
      roll -= random.rates[kind] ?? 0;
      if (roll < 0) return mischiefOrder.parse({ kind, delayMs: random.delayMs });
    }
    return null;
  }
}
