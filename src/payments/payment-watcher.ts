import type { Logger } from 'pino';
import type { Exchange } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import { PartyError } from '../errors/party-error.js';
import { newCorrelationId } from '../observability/correlation.js';
import type { Database } from '../store/database.js';
import { isGivenUp, provableAt } from './payment-decision.js';
import type { GatewayWord, PaymentGateway } from './payment-gateway-port.js';
import { LATE_EVERY_MS, LEFT_BEHIND_MS } from './payment-limits.js';
import type { PaymentOrders } from './payment-order.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { Hearing, PaymentBook } from './payment-words.js';
import type { RefundWatch } from './refund-watch.js';
import type { WatchStore } from './watch-store.js';

export interface WatcherDeps {
  readonly database: Database;
  readonly store: PaymentStore;
  readonly watch: WatchStore;
  readonly book: PaymentBook;
  readonly orders: PaymentOrders;
  readonly refunds: RefundWatch;
  readonly gateways: readonly PaymentGateway[];
  readonly logger: Logger;
  /** Questions to one gateway at once. */
  readonly concurrency: number;
  readonly tickMs: number;
  readonly now: () => Date;
}

const ASK_DEADLINE_MS = 60_000;
/** Short, for a worker that is being replaced may not know a gateway that the next one asks. */
const ORPHANS_EVERY_MS = 300_000;
/** Name of the rhythm at which payments of no gateway are looked at; no party can have it. */
const NO_GATEWAY = '';

/** Asks gateways what became of payments that are open, ends those whose time is over, and hands to a person what nobody can find out. */
export class PaymentWatcher {
  readonly #deps: WatcherDeps;
  readonly #stop = new AbortController();
  /** Gateways that told us to wait, and until when (ms). */
  readonly #heldUntil = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(deps: WatcherDeps) {
    this.#deps = deps;
  }

  /** Each gateway has a rhythm of its own: one that hangs keeps no other waiting. */
  start(): void {
    for (const gateway of this.#deps.gateways) this.#tick(gateway.party, () => this.#turnOf(gateway));
    this.#tick(NO_GATEWAY, () => this.#turnOfOrphans());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  /** One look at what is due now, at every gateway side by side. Gives how many payments and refunds were looked at. */
  async turn(): Promise<number> {
    const counts = await Promise.all([...this.#deps.gateways.map((gateway) => this.#turnOf(gateway)), this.#turnOfOrphans()]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #tick(party: string, turn: () => Promise<number>): void {
    const { logger, tickMs } = this.#deps;
    this.#running.set(party, turn().then(() => undefined, (error: unknown) => logger.error({ err: error, party }, 'open payments could not be looked at'))
      .then(() => { if (!this.#stop.signal.aborted) this.#timers.set(party, setTimeout(() => this.#tick(party, turn), tickMs)); }));
  }

  /** What is no gateway's turn. Nobody can be asked where the gateway is configured no more, and time proves nothing: a person finds out when their time is over. */
  async #turnOfOrphans(): Promise<number> {
    const { watch, gateways, refunds, concurrency, logger } = this.#deps;
    const due = await watch.claimOrphans({ gateways: gateways.map(({ party }) => party), everyMs: ORPHANS_EVERY_MS, limit: concurrency });
    for (const payment of due) {
      await (payment.state === 'CREATED' ? this.#leftBehind(payment) : this.#giveUpIfLate(payment))
        .catch((error: unknown) => logger.error({ err: error, reference: payment.reference }, 'a payment of no gateway could not be looked at'));
    }
    return due.length + await refunds.tellStuck(concurrency);
  }

  async #turnOf(gateway: PaymentGateway): Promise<number> {
    const { watch, concurrency, refunds, now } = this.#deps;
    if ((this.#heldUntil.get(gateway.party) ?? 0) > now().getTime()) return 0;
    const due = await watch.claim({ gateway: gateway.party, everyMs: gateway.windows.askEveryMs, limit: concurrency });
    await Promise.all(due.map((payment) => this.#look(gateway, payment)));
    return due.length + await refunds.turn(gateway, {
      limit: concurrency, callOf: (journal) => this.#callOf(journal), hold: (until) => { this.#heldUntil.set(gateway.party, until.getTime()); },
    });
  }

  async #look(gateway: PaymentGateway, payment: PaymentRow): Promise<void> {
    const { logger } = this.#deps;
    try {
      if (payment.state === 'CREATED') return await this.#leftBehind(payment);
      const word = gateway.ask === null ? null : await this.#ask(gateway, payment);
      await (word === null ? this.#byTheClock(payment) : this.#hear(payment, word));
    } catch (error) {
      if (error instanceof PartyError) {
        await this.#unanswered(gateway, payment, error);
        return;
      }
      logger.error({ err: error, reference: payment.reference, party: gateway.party }, 'a payment could not be looked at');
      // Who pays cannot be read, or the order not be made: a person hears of it in time all the same.
      await this.#giveUpIfLate(payment).catch((cause: unknown) => logger.error({ err: cause, reference: payment.reference }, 'a payment could not be handed to a person'));
    }
  }

  async #unanswered(gateway: PaymentGateway, payment: PaymentRow, error: PartyError): Promise<void> {
    const { watch, now, logger } = this.#deps;
    logger.info({ reference: payment.reference, party: gateway.party, code: error.code }, 'the gateway did not answer for a payment');
    if (error.kind === 'rate-limited') {
      const until = now().getTime() + (error.retryAfterMs ?? gateway.windows.askEveryMs);
      if (!error.isOfOne) this.#heldUntil.set(gateway.party, until);
      await watch.putOff(payment.id, new Date(until));
    }
    await this.#giveUpIfLate(payment);
  }

  /** Its process died between the row and the answer: the gateway may have it, but where opening sends nothing. */
  async #leftBehind(payment: PaymentRow): Promise<void> {
    const { database, store, book, gateways, now } = this.#deps;
    const at = now();
    await database.transaction(async (client) => {
      const locked = await store.lock(client, payment.reference);
      if (locked?.state !== 'CREATED') return;
      const isDue = (locked.sentAt ?? locked.createdAt).getTime() + LEFT_BEHIND_MS <= at.getTime();
      if (!isDue) return;
      const isUnsent = gateways.find(({ party }) => party === locked.gateway)?.opensUnsent === true;
      await book.move(client, locked, isUnsent
        ? { to: 'FAILED', reason: 'left-behind', items: 'freed', askAt: null, hearing: clock(at) }
        : { to: 'UNKNOWN', reason: 'left-behind', askAt: at, hearing: clock(at) });
    });
  }

  async #ask(gateway: PaymentGateway, payment: PaymentRow): Promise<GatewayWord | null> {
    const { orders, store, database } = this.#deps;
    const exchanges: Exchange[] = [];
    try {
      return await (gateway.ask?.(await orders.of(payment), this.#callOf((exchange) => exchanges.push(exchange))) ?? null);
    } finally {
      // The first question is evidence, answered or not; hundreds of equal ones are not.
      if (payment.asks <= 1) await store.recordExchanges(database, payment.reference, { source: 'query', party: gateway.party, exchanges });
    }
  }

  async #hear(payment: PaymentRow, word: GatewayWord): Promise<void> {
    const { database, book, now } = this.#deps;
    await database.transaction((client) => book.hear(client, payment.reference, { word, hearing: { source: 'query', actor: `party/${payment.gateway}`, now: now() } }));
    if (word.says === 'pending') await this.#byTheClock(payment);
    else await this.#giveUpIfLate(payment);
  }

  /**
   * Nothing came while it could be paid, nor in the time that the money needs: the fees are free again. A gateway that can be asked, and
   * calls it pending still, is asked on, for money that comes late is kept.
   */
  async #byTheClock(payment: PaymentRow): Promise<void> {
    const { database, store, book, gateways, now } = this.#deps;
    const at = now();
    const gateway = gateways.find(({ party }) => party === payment.gateway);
    await database.transaction(async (client) => {
      const locked = await store.lock(client, payment.reference);
      if (locked?.state !== 'AWAITING' || provableAt(locked, gateway?.windows.settleMs ?? 0) > at) return;
      await book.move(client, locked, { to: 'EXPIRED', reason: 'time-over', items: 'freed', askAt: gateway?.ask == null ? null : new Date(at.getTime() + Math.max(gateway.windows.askEveryMs, LATE_EVERY_MS)), hearing: clock(at) });
    });
    await this.#giveUpIfLate(payment);
  }

  /** Never failed by us: the fees stay held, and a person finds out. Already asked for all its time, it is asked no more. */
  async #giveUpIfLate(payment: PaymentRow): Promise<void> {
    const { database, store, book, now } = this.#deps;
    const at = now();
    if (payment.giveUpAt === null || payment.giveUpAt > at) return;
    await database.transaction(async (client) => {
      const locked = await store.lock(client, payment.reference);
      if (locked === null) return;
      if (isGivenUp(locked, at)) await book.note(client, locked, { reason: 'given-up', personReason: locked.personReason ?? 'unknown', askAt: null, hearing: clock(at) });
      else if (locked.state === 'DISPUTED') await book.note(client, locked, { reason: 'given-up', personReason: locked.personReason, askAt: null, hearing: clock(at) });
    });
  }

  #callOf(journal: (exchange: Exchange) => void): PartyCall {
    return { correlationId: newCorrelationId(), traceparent: null, signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ASK_DEADLINE_MS)]), journal };
  }
}

const clock = (now: Date): Hearing => ({ source: 'clock', actor: 'gateway', now });
