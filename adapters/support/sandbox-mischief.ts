import { z } from 'zod';
import { seededRandom } from './seeded-random.js';

export const delayMs: z.ZodType<number | null> = z.number().int().min(0).max(600_000).nullable().default(null);
export const times: z.ZodType<number> = z.number().int().min(1).max(1_000_000).default(1);

interface AnyOrder {
  readonly kind: string;
  /** How many calls it serves before it is used up. */
  readonly times: number;
}

interface AnyChance {
  readonly seed: number;
  /** Share of calls by kind, 0 to 1. */
  readonly rates: Readonly<Partial<Record<string, number>>>;
  readonly delayMs: number | null;
}

/** Fields that every order to misbehave by chance has. */
export const chanceShape = <const Kinds extends readonly string[]>(kinds: Kinds) => ({
  seed: z.number().int().default(1),
  /** Share of calls by kind, 0 to 1; together at most 1. */
  rates: z.partialRecord(z.enum(kinds), z.number().min(0).max(1)),
  delayMs,
});

export interface MischiefRules<Order extends AnyOrder, Chance extends AnyChance, Target> {
  /** Every kind, in the order in which chance goes through them: one seed, one story. */
  readonly kinds: readonly Order['kind'][];
  /** Must make an order of `kind` and `delayMs` alone, as chance does. */
  readonly order: z.ZodType<Order>;
  readonly chance: z.ZodType<Chance>;
  readonly orderFits: (order: Order, target: Target) => boolean;
  readonly chanceFits: (chance: Chance, target: Target) => boolean;
}

/** `*` stands for every operation but log-ins: those are only disturbed by name. */
export const namesOperation = (pattern: string, operation: string): boolean => pattern === operation || (pattern === '*' && operation !== 'login');

/** Orders to misbehave: those given by command first, in order, then chance by seed. */
export class MischiefBook<Order extends AnyOrder, Chance extends AnyChance, Target> {
  readonly #rules: MischiefRules<Order, Chance, Target>;
  #orders: { readonly order: Order; left: number }[] = [];
  #chance: Chance | null = null;
  #next: () => number = seededRandom(1);

  constructor(rules: MischiefRules<Order, Chance, Target>) {
    this.#rules = rules;
  }

  /** One order or a list of them, as a control call brings it; all or none are taken. @throws ZodError */
  command(body: unknown): void {
    const orders = (Array.isArray(body) ? (body as unknown[]) : [body]).map((one) => this.#rules.order.parse(one));
    this.#orders.push(...orders.map((order) => ({ order, left: order.times })));
  }

  /** As `randomise`, from a control call. @throws ZodError */
  commandChance(body: unknown): void {
    this.randomise(this.#rules.chance.parse(body));
  }

  /** Starts the story of a seed from its beginning; null ends it. */
  randomise(chance: Chance | null): void {
    this.#chance = chance;
    this.#next = seededRandom(chance?.seed ?? 1);
  }

  clear(): void {
    this.#orders = [];
    this.randomise(null);
  }

  pending(): { readonly orders: readonly (Order & { readonly left: number })[]; readonly random: Chance | null } {
    return { orders: this.#orders.map(({ order, left }) => ({ ...order, left })), random: this.#chance };
  }

  /** The misbehaviour due for this call, used up by asking; null for an honest answer. */
  take(target: Target): Order | null {
    if (this.#orders.length === 0 && this.#chance === null) return null;
    const due = this.#orders.find(({ order }) => this.#rules.orderFits(order, target));
    if (due === undefined) return this.#byChance(target);
    due.left -= 1;
    if (due.left <= 0) this.#orders = this.#orders.filter((other) => other !== due);
    return due.order;
  }

  #byChance(target: Target): Order | null {
    const chance = this.#chance;
    if (chance === null || !this.#rules.chanceFits(chance, target)) return null;
    let roll = this.#next();
    for (const kind of this.#rules.kinds) {
      roll -= chance.rates[kind] ?? 0;
      if (roll < 0) return this.#rules.order.parse({ kind, delayMs: chance.delayMs });
    }
    return null;
  }
}
