import type { Logger } from '../observability/logger.js';
import type { Database, Queryable } from '../store/database.js';
import type { Caller } from './caller.js';

/** One kind of refusal; what is counted under one row a day. */
interface CountedRefusal {
  readonly kind: 'forbidden' | 'unauthenticated';
  /** Empty where nobody proved who he is. */
  readonly client: string;
  readonly operation: string;
  readonly reason: string;
  readonly role: string | null;
}

export interface RefusalLogDeps {
  readonly database: Pick<Database, 'query'>;
  readonly logger: Logger;
}

/** What somebody who floods us costs: one statement in so long a time. Counts of repeats that are younger are lost with a killed process. */
const FLUSH_EVERY_MS = 10_000;
const VIETNAM_OFFSET_MS = 7 * 3_600_000;

const today = (): string => new Date(Date.now() + VIETNAM_OFFSET_MS).toISOString().slice(0, 10);

/** Forgets counts of days that are older; the evidence of them stays. Returns how many rows went. */
export const pruneRefusals = async (database: Queryable, keepDays: number): Promise<number> =>
  (await database.query('DELETE FROM access_refusals WHERE day < current_date - $1::integer', [keepDays])).rowCount ?? 0;

/**
 * Counts who was refused at the door (access_refusals, which leaves evidence by itself). The first refusal of a kind on a day is
 * written at once, repeats are gathered.
 */
export class RefusalLog {
  readonly #deps: RefusalLogDeps;
  readonly #written = new Set<string>();
  #pending = new Map<string, number>();
  #day = '';
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(deps: RefusalLogDeps) {
    this.#deps = deps;
  }

  /** A role may not make this change. Resolves when it is on record, or when that cannot be now; never rejects. */
  forbidden({ client, role }: Caller, operation: string): Promise<void> {
    return this.#count({ kind: 'forbidden', client, operation, reason: '', role });
  }

  /** A call proved nothing: it came without a proof, or with one that is not good. Costs the call no waiting. */
  unauthenticated(hasProof: boolean): void {
    void this.#count({ kind: 'unauthenticated', client: '', operation: 'graphql', reason: hasProof ? 'BAD_PROOF' : 'NO_PROOF', role: null });
  }

  /** Writes what is gathered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#flush();
  }

  #count(refusal: CountedRefusal): Promise<void> {
    const day = today();
    if (day !== this.#day) this.#written.clear();
    this.#day = day;
    const key = JSON.stringify(refusal);
    this.#pending.set(key, (this.#pending.get(key) ?? 0) + 1);
    if (this.#written.has(key)) {
      this.#later();
      return Promise.resolve();
    }
    this.#written.add(key);
    return this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const taken = this.#pending;
    this.#pending = new Map();
    // One statement each: rows of several would wait in a circle with the chain that they all append to.
    for (const [key, attempts] of taken) await this.#write(key, attempts);
  }

  async #write(key: string, attempts: number): Promise<void> {
    const { kind, client, operation, reason, role } = JSON.parse(key) as CountedRefusal;
    try {
      await this.#deps.database.query({ text: 'SELECT count_access_refusal($1, $2, $3, $4, $5, $6)', values: [kind, client, operation, reason, role, attempts] });
    } catch (error) {
      this.#deps.logger.warn({ err: error, kind }, 'a refusal could not be written; it is kept and written later');
      this.#pending.set(key, (this.#pending.get(key) ?? 0) + attempts);
      this.#later();
    }
  }

  #later(): void {
    if (!this.#isStopped) this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_EVERY_MS).unref();
  }
}
