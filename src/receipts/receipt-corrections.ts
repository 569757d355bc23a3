import { randomUUID } from 'node:crypto';
import type { Bell } from '../deliveries/bell-port.js';
import type { Logger } from '../observability/logger.js';
import type { Database, Queryable } from '../store/database.js';
import type { ReceiptStore, ReceiptSubject } from './receipt-store.js';
import { ADJUST_OPERATION, CANCEL_OPERATION, correctionOf } from './receipt.js';
import type { Receipt } from './receipt.js';

export interface ReceiptCorrectionsDeps {
  readonly database: Database;
  readonly store: ReceiptStore;
  readonly bell: Bell;
  readonly logger: Pick<Logger, 'warn'>;
  readonly maxAgeMs: number;
}

const BATCH = 50;

/** Receipts whose money went back: cancelled where all of it did, adjusted where a part did. Money first, paper later, in a worker. */
export class ReceiptCorrections {
  readonly #deps: ReceiptCorrectionsDeps;
  #turnedAt = performance.now();

  constructor(deps: ReceiptCorrectionsDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what fails is met again at the next turn. */
  async turn(): Promise<void> {
    const { database, store, logger } = this.#deps;
    try {
      for (const each of await store.toCorrect(database, BATCH)) await this.#one(each);
      this.#turnedAt = performance.now();
    } catch (error) {
      logger.warn({ err: error }, 'receipts could not be corrected');
    }
  }

  /** Since a turn went well, or since the start. */
  secondsSinceTurn(): number {
    return (performance.now() - this.#turnedAt) / 1_000;
  }

  /** One that fails keeps no other waiting. */
  async #one({ id, paymentId }: { readonly id: string; readonly paymentId: string }): Promise<void> {
    const { database, bell, logger } = this.#deps;
    try {
      const party = await database.transaction((client) => this.#correct(client, id, paymentId));
      if (party !== null) bell.ring(party);
    } catch (error) {
      logger.warn({ err: error, receiptId: id }, 'a receipt could not be corrected');
    }
  }

  /** @returns the party that has work now */
  async #correct(client: Queryable, id: string, paymentId: string): Promise<string | null> {
    const { store } = this.#deps;
    const subject = await store.lockSubject(client, paymentId);
    const receipt = await store.lock(client, id);
    if (receipt === null || receipt.state !== 'ISSUED' || receipt.personReason !== null) return null;
    const correction = correctionOf(receipt, await store.isAdjusted(client, id));
    if (correction === null) return null;
    await store.setSaid(client, id, correction.kind === 'person' ? correction.reason : null);
    if (correction.kind === 'cancel') await this.#cancel(client, receipt, subject);
    if (correction.kind === 'adjust') await this.#adjust(client, receipt, subject);
    return correction.kind === 'person' ? null : receipt.issuer;
  }

  async #cancel(client: Queryable, { id, issuer }: Receipt, subject: ReceiptSubject): Promise<void> {
    const { store, maxAgeMs } = this.#deps;
    await store.move(client, id, { to: 'CANCELLING', code: null, text: null, personReason: null });
    await store.enqueue(client, subject, { party: issuer, operation: CANCEL_OPERATION, receiptId: id, maxAgeMs, correlationId: randomUUID() });
  }

  async #adjust(client: Queryable, { id, key, issuer, paymentId, dueVnd }: Receipt, subject: ReceiptSubject): Promise<void> {
    const { store, maxAgeMs } = this.#deps;
    const receiptId = await store.insert(client, { key: `${key}A${String(await store.countOf(client, paymentId))}`, paymentId, issuer, totalVnd: dueVnd, adjusts: id });
    if (receiptId === null) throw new RangeError('An adjustment without a key of its own');
    await store.enqueue(client, subject, { party: issuer, operation: ADJUST_OPERATION, receiptId, maxAgeMs, correlationId: randomUUID() });
  }
}
