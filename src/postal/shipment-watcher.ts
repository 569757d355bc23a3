import type { Logger } from 'pino';
import { PartyError } from '../errors/party-error.js';
import { newCorrelationId } from '../observability/correlation.js';
import type { Database } from '../store/database.js';
import { answeredFact } from './heard-facts.js';
import type { ParcelQuestions, PostalCarrier } from './postal-carrier-port.js';
import type { ShipmentBook } from './shipment-book.js';
import { refOf } from './shipment-orders.js';
import type { ShipmentRow } from './shipment-rows.js';
import type { ShipmentStore } from './shipment-store.js';
import type { ShipmentWatchStore } from './shipment-watch-store.js';

export interface ShipmentWatcherDeps {
  readonly database: Database;
  readonly store: ShipmentStore;
  readonly watch: ShipmentWatchStore;
  readonly book: ShipmentBook;
  readonly carriers: readonly PostalCarrier[];
  /** Carriers that are asked by the clock, with how often (ms); others are asked after a claim only. */
  readonly askEveryMs: ReadonlyMap<string, number>;
  readonly silentMs: number;
  readonly logger: Logger;
  readonly now: () => Date;
}

const ASK_DEADLINE_MS = 60_000;
/** A question whose process died, or that got no answer, is asked again after so long. */
const AGAIN_MS = 120_000;
const SILENT_BATCH = 500;

/** Asks carriers what became of parcels, and hands those of which nothing is heard to a person. */
export class ShipmentWatcher {
  readonly #deps: ShipmentWatcherDeps;
  readonly #stop = new AbortController();
  /** Carriers that told us to wait, and until when (ms). */
  readonly #heldUntil = new Map<string, number>();

  constructor(deps: ShipmentWatcherDeps) {
    this.#deps = deps;
  }

  /** Ends questions under way. */
  stop(): void {
    this.#stop.abort();
  }

  /** Asks for everything that is due at one carrier. Gives how many parcels were asked for. Never rejects. */
  async turn({ party, questions }: Pick<PostalCarrier, 'party' | 'questions'>): Promise<number> {
    const { watch, logger, now } = this.#deps;
    if (questions === null || this.#stop.signal.aborted || (this.#heldUntil.get(party) ?? 0) > now().getTime()) return 0;
    try {
      const due = await watch.claim({ carrier: party, againMs: AGAIN_MS, limit: questions.atOnce });
      if (due.length > 0) await this.#ask(party, questions, due);
      return due.length;
    } catch (error) {
      if (error instanceof PartyError) this.#unanswered(party, error);
      else logger.error({ err: error, party }, 'parcels could not be asked for');
      return 0;
    }
  }

  async #ask(party: string, questions: ParcelQuestions, due: readonly ShipmentRow[]): Promise<void> {
    const { database, store, book, watch, askEveryMs } = this.#deps;
    // No journal: what the carrier tells is kept fact by fact, and asking changes nothing.
    const answers = await questions.ask(due.map(refOf), {
      correlationId: newCorrelationId(), traceparent: null, journal: () => undefined, signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ASK_DEADLINE_MS)]),
    });
    await database.transaction(async (client) => {
      await book.record(client, party, [...answers.values()].flatMap(({ events }) => events.map(answeredFact)));
      for (const shipment of due) {
        const answer = answers.get(shipment.orderNumber);
        if (answer !== undefined) await store.keepTaken(client, shipment.id, { carrierNumber: answer.carrierNumber, carrierData: answer.carrierData, feeVnd: null });
      }
      await watch.asked(client, due, askEveryMs.get(party) ?? null);
    });
  }

  #unanswered(party: string, error: PartyError): void {
    const { logger, now } = this.#deps;
    logger.info({ party, code: error.code }, 'the carrier did not answer for parcels');
    if (error.kind === 'rate-limited') this.#heldUntil.set(party, now().getTime() + (error.retryAfterMs ?? AGAIN_MS));
  }

  /** Never rejects: what fails is met again at the next turn. */
  async findSilent(): Promise<void> {
    const { database, watch, store, silentMs, logger } = this.#deps;
    try {
      for (let count = SILENT_BATCH; count === SILENT_BATCH && !this.#stop.signal.aborted;) {
        count = await database.transaction(async (client) => {
          const silent = await watch.markSilent(client, { silentMs, limit: SILENT_BATCH });
          await store.tell(client, silent.map((each) => ({ ...each, type: 'shipment.person', reason: 'silent' })));
          return silent.length;
        });
      }
    } catch (error) {
      logger.warn({ err: error }, 'silent parcels could not be looked for');
    }
  }
}
