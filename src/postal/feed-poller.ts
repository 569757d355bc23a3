import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { DEFAULT_BACKOFF, backoffMs } from '../deliveries/retry-policy.js';
import { PartyError } from '../errors/party-error.js';
import { newCorrelationId } from '../observability/correlation.js';
import type { Database } from '../store/database.js';
import type { FeedStore, LeasedFeed } from './feed-store.js';
import { fedFact } from './heard-facts.js';
import type { PostalCarrier, TrackingFeed } from './postal-carrier-port.js';
import type { ShipmentBook } from './shipment-book.js';

export interface FeedPollerDeps {
  readonly database: Database;
  readonly feeds: FeedStore;
  readonly book: ShipmentBook;
  readonly logger: Logger;
  /** How often a feed that has nothing more is read. */
  readonly everyMs: number;
  readonly leaseMs?: number;
}

const PAGE_DEADLINE_MS = 60_000;
/** Longer than a page may take; a reader that died is followed by another after it. */
const LEASE_MS = 90_000;
/** An open breaker lets a probe through by itself. */
const CIRCUIT_OPEN_MS = 2_000;

/** Reads what carriers tell of all our parcels, page by page. A page and the cursor behind it are one transaction: a crash repeats a page and loses none. */
export class FeedPoller {
  readonly #deps: FeedPollerDeps;
  readonly #stop = new AbortController();
  readonly #failures = new Map<string, number>();

  constructor(deps: FeedPollerDeps) {
    this.#deps = deps;
  }

  /** Ends a call under way. */
  stop(): void {
    this.#stop.abort();
  }

  /** Reads on while there is more at once. Gives how many pages were kept. Never rejects. */
  async turn({ party, feed }: Pick<PostalCarrier, 'party' | 'feed'>): Promise<number> {
    const { feeds, logger, leaseMs = LEASE_MS } = this.#deps;
    if (feed === null) return 0;
    try {
      for (let pages = 0; ; pages += 1) {
        const leased = this.#stop.signal.aborted ? null : await feeds.lease({ carrier: party, start: feed.start, token: randomUUID(), leaseMs });
        if (leased === null || !(await this.#page(party, feed, leased))) return pages;
      }
    } catch (error) {
      logger.warn({ err: error, party }, 'a feed of parcels could not be read');
      return 0;
    }
  }

  /** True where the page was kept. */
  async #page(party: string, feed: TrackingFeed, leased: LeasedFeed): Promise<boolean> {
    try {
      // No journal: what the carrier tells is kept fact by fact, and reading changes nothing.
      const page = await feed.next(leased.cursor, {
        correlationId: newCorrelationId(), traceparent: null, journal: () => undefined, signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PAGE_DEADLINE_MS)]),
      });
      const isKept = await this.#keep(party, leased, page);
      this.#failures.delete(party);
      return isKept;
    } catch (error) {
      await this.#failed(party, leased, error);
      return false;
    }
  }

  #keep(party: string, { token, cursor: before }: LeasedFeed, { events, cursor, full }: Awaited<ReturnType<TrackingFeed['next']>>): Promise<boolean> {
    const { database, feeds, book, everyMs } = this.#deps;
    return database.transaction(async (client) => {
      if (!(await feeds.holds(client, party, token))) return false;
      const { added } = await book.record(client, party, events.map(fedFact));
      // A carrier that calls a page full and does not move on would be asked without end.
      await feeds.advance(client, { carrier: party, cursor, events: added, dueInMs: full && cursor !== before ? 0 : everyMs });
      return true;
    });
  }

  async #failed(party: string, { token }: LeasedFeed, error: unknown): Promise<void> {
    const { feeds, logger } = this.#deps;
    const failures = (this.#failures.get(party) ?? 0) + 1;
    this.#failures.set(party, failures);
    const code = error instanceof PartyError ? error.code : 'internal-error';
    if (error instanceof PartyError) logger.info({ party, code }, 'the carrier did not tell of parcels');
    else logger.error({ err: error, party }, 'a page of a feed could not be kept');
    await feeds.fail({ carrier: party, token, code, dueInMs: waitingMs(error, failures) });
  }
}

const waitingMs = (error: unknown, failures: number): number => {
  if (error instanceof PartyError && error.code === 'circuit-open') return CIRCUIT_OPEN_MS;
  if (error instanceof PartyError && error.kind === 'refused-credentials') return DEFAULT_BACKOFF.capMs;
  const told = error instanceof PartyError ? error.retryAfterMs : undefined;
  return told ?? backoffMs(failures, { backoff: DEFAULT_BACKOFF, random: Math.random });
};
