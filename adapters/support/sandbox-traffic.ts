import type { ServerResponse } from 'node:http';

/** Requests kept for `/control/requests`. */
const KEEP_REQUESTS = 2_000;

/** What a sandbox was asked: the latest requests in order, and how many calls it had in hand at once. */
export class SandboxTraffic<Entry extends object> {
  #entries: (Entry & { readonly seq: number })[] = [];
  #seen = 0;
  #open = 0;
  #mostAtOnce = 0;

  /** Of all requests noted, the forgotten ones included. */
  get seen(): number {
    return this.#seen;
  }

  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  /** Counts a call as in hand until its answer is out or the caller has gone. */
  open(response: ServerResponse): void {
    this.#open += 1;
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#open);
    response.once('close', () => { this.#open -= 1; });
  }

  note(entry: Entry): void {
    this.#seen += 1;
    this.#entries.push({ seq: this.#seen, ...entry });
    // Cut in big slices: shifting one by one would move the whole array at each call.
    if (this.#entries.length > 2 * KEEP_REQUESTS) this.#entries = this.#entries.slice(-KEEP_REQUESTS);
  }

  /** Entries that came after number `seq`. */
  after(seq: number, limit: number): readonly (Entry & { readonly seq: number })[] {
    return this.#entries.filter((entry) => entry.seq > seq).slice(0, limit);
  }

  clear(): void {
    this.#entries = [];
    this.#seen = 0;
    this.#mostAtOnce = 0;
  }
}
