import { z } from 'zod';

export const MISCHIEF_KINDS = [
  'session-expiry', 'hang', 'reset-after', 'reset-before', '5xx-after', '5xx-before', 'html', 'exists', 'codes', 'nfd', 'empty', 'truncated',
  'drip', 'item-refusal', 'refusal', 'busy', '429', '401',
] as const;
export type MischiefKind = (typeof MISCHIEF_KINDS)[number];

/** One order to misbehave, as the control call gives it. */
export const mischiefOrder = z.strictObject({
  kind: z.enum(MISCHIEF_KINDS),
  /** A service name such as DongBoHoSoMC, `login`, or `*` for all but log-ins. */
  service: z.string().default('*'),
  times: z.number().int().min(1).max(1_000_000).default(1),
  /** Only calls that carry this dossier code. */
  dossierCode: z.string().nullable().default(null),
  /** Is the effect applied before the misbehaviour? Null: as the kind says. */
  applied: z.boolean().nullable().default(null),
  /** error_code to answer with, int or string as written. */
  code: z.union([z.number(), z.string()]).nullable().default(null),
  message: z.string().nullable().default(null),
  status: z.number().int().min(500).max(599).nullable().default(null),
  delayMs: z.number().int().min(0).max(600_000).nullable().default(null),
  /** Seconds, or an HTTP date. */
  retryAfter: z.string().nullable().default(null),
});
export type Mischief = z.infer<typeof mischiefOrder>;

export const randomOrder = z.strictObject({
  seed: z.number().int().default(1),
  /** Share of calls by kind, 0 to 1; together at most 1. */
  rates: z.partialRecord(z.enum(MISCHIEF_KINDS), z.number().min(0).max(1)),
  services: z.array(z.string()).default(['*']),
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

const servesService = (pattern: string, service: string): boolean => pattern === service || (pattern === '*' && service !== 'login');

const PLAIN: Omit<Mischief, 'kind'> = {
  service: '*', times: 1, dossierCode: null, applied: null, code: null, message: null, status: null, delayMs: null, retryAfter: null,
};

/** What is about to be handled, as far as orders can name it. */
export interface Target {
  readonly service: string;
  readonly dossierCodes: readonly string[];
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
    if (this.#orders.length === 0 && this.#random === null) return null;
    const order = this.#orders.find((candidate) =>
      servesService(candidate.service, target.service)
      && (candidate.dossierCode === null || target.dossierCodes.includes(candidate.dossierCode)));
    if (order === undefined) return this.#byChance(target.service);
    order.left -= 1;
    if (order.left <= 0) this.#orders = this.#orders.filter((other) => other !== order);
    return order;
  }

  #byChance(service: string): Mischief | null {
    const random = this.#random;
    if (random === null || !random.services.some((pattern) => servesService(pattern, service))) return null;
    let roll = this.#next();
    for (const kind of MISCHIEF_KINDS) {
      roll -= random.rates[kind] ?? 0;
      if (roll < 0) return { ...PLAIN, kind, delayMs: random.delayMs };
    }
    return null;
  }
}
