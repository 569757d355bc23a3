import { createHmac } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from '../observability/logger.js';
import type { Database, Queryable } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { BoundCallback, Processed } from './callback-binding.js';
import type { CallbackOutcome, CallbackReply, CallbackRequest, Verification } from './callback-receiver-port.js';
import { sealingContextOf } from './callback-store.js';
import type { CallbackName, CallbackStore, NewCallback, StoredCallback } from './callback-store.js';
import type { ClockSkew } from './clock-skew.js';

export interface CallbackObservation {
  readonly party: string;
  readonly kind: string;
  /** `repeated`: answered as the first time, without effect. */
  readonly outcome: CallbackOutcome | 'repeated';
  /** Id of the key that verified it; `none` where nothing did. Shows when an old key may go. */
  readonly verifiedBy: string;
}

/** Appends to the evidence in the given transaction; EvidenceLog has this shape. */
export interface CallbackEvidence {
  append(client: Queryable, entries: readonly { readonly chain: string; readonly kind: string; readonly actor: string; readonly subject: string; readonly message: string }[]): Promise<void>;
}

export interface CallbackInboxDeps {
  readonly database: Database;
  readonly store: CallbackStore;
  readonly skew: ClockSkew;
  readonly cipher: FieldCipher;
  /** Keys the digests by which a repeat is told from a conflict. */
  readonly digestKey: Buffer;
  /** Null where no evidence is kept. */
  readonly evidence: CallbackEvidence | null;
  readonly observe: (seen: CallbackObservation) => void;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** What became of a stored message, now or before. */
export interface Settled {
  readonly outcome: Processed['outcome'] | 'repeated';
  readonly reply: CallbackReply;
}

type Verified = Extract<Verification, { kind: 'verified' }>;

const LONGEST_KEY = 200;

const againOf = ({ receiver }: BoundCallback, first: CallbackReply): CallbackReply => receiver.repeated?.(first) ?? first;

/** Verifies, stores once, then applies. What was applied is answered again, without effect: as the first time, or in the party's own word for it. */
export class CallbackInbox {
  readonly #deps: CallbackInboxDeps;

  constructor(deps: CallbackInboxDeps) {
    this.#deps = deps;
  }

  /** @throws what the database throws before the message is stored; the party will send it again */
  async receive(bound: BoundCallback, request: CallbackRequest): Promise<CallbackReply> {
    const { receiver } = bound;
    const verification = receiver.verify(request);
    if (verification.kind === 'refused' || verification.uniqueKey === '' || verification.uniqueKey.length > LONGEST_KEY) {
      return this.#turnAway(bound, { bytes: request.bytes, outcome: 'unverified', verifiedBy: 'none', reason: verification.kind === 'refused' ? verification.reason : 'key-length' });
    }
    const name: CallbackName = { party: receiver.party, kind: receiver.kind, uniqueKey: verification.uniqueKey };
    const known = receiver.timeWindowMs === null ? null : await this.#deps.store.find(name);
    if (known === null && await this.#isStale(bound, name, verification)) {
      return this.#turnAway(bound, { bytes: request.bytes, outcome: 'stale', verifiedBy: verification.verifiedBy, reason: 'time-window' });
    }
    const callback = this.#seal(name, verification, request.bytes);
    const stored = known ?? await this.#store(callback);
    if (!stored.digest.equals(callback.digest)) return this.#conflict(bound, callback, request.bytes);
    if (stored.reply !== null) return this.#answer(bound, { callback, outcome: 'repeated', reply: againOf(bound, stored.reply) });
    const settled = await this.applyOrPostpone(bound, stored);
    if (settled === null) return this.#turnAway(bound, { bytes: request.bytes, outcome: 'unavailable', verifiedBy: callback.verifiedBy, reason: 'not-applied' });
    return this.#answer(bound, { callback, ...settled });
  }

  /** Applies a stored message. Safe to call at any time and by several at once. Null when it could not be applied now. */
  async applyOrPostpone(bound: BoundCallback, stored: StoredCallback): Promise<Settled | null> {
    const { database, store, logger } = this.#deps;
    try {
      return await database.transaction((client) => this.#apply(bound, stored.id, client));
    } catch (error) {
      logger.error({ err: error, party: stored.party, kind: stored.kind, callbackId: stored.id }, 'callback could not be applied; it will be tried again');
      await store.postpone(stored.id).catch(() => undefined);
      return null;
    }
  }

  async #apply(bound: BoundCallback, id: string, client: pg.PoolClient): Promise<Settled> {
    const row = await this.#deps.store.lock(client, id);
    if (row === null) throw new Error('a stored callback is gone');
    if (row.reply !== null) return { outcome: 'repeated', reply: againOf(bound, row.reply) };
    if (row.body === null) throw new Error('the body of a callback was deleted before it was applied');
    const bytes = Buffer.from(this.#deps.cipher.open(row.body, sealingContextOf(row)), 'base64');
    const { outcome, reply, dossierCode } = await bound.process(bytes, { client, callbackId: id, uniqueKey: row.uniqueKey, receivedAt: row.receivedAt, partyAt: row.partyAt });
    await this.#deps.store.settle(client, id, { state: outcome === 'applied' ? 'applied' : 'refused', reply, dossierCode });
    await this.#record(client, row, outcome);
    return { outcome, reply };
  }

  #seal(name: CallbackName, verified: Verified, bytes: Buffer): NewCallback {
    const digest = createHmac('sha256', this.#deps.digestKey).update(sealingContextOf(name)).update('\n').update(verified.sameness ?? bytes).digest();
    return { ...name, partyAt: verified.partyAt, verifiedBy: verified.verifiedBy, digest, body: this.#deps.cipher.seal(bytes.toString('base64'), sealingContextOf(name)) };
  }

  async #store(callback: NewCallback): Promise<StoredCallback> {
    const { database, store, evidence } = this.#deps;
    const taken = evidence === null ? await store.take(database, callback) : await database.transaction(async (client) => {
      const found = await store.take(client, callback);
      if (found?.isNew === true) await this.#record(client, callback, 'received');
      return found;
    });
    const stored = taken?.row ?? await store.find(callback);
    if (stored === null) throw new Error('a callback that was just stored is gone');
    return stored;
  }

  async #isStale(bound: BoundCallback, name: CallbackName, { partyAt }: Verified): Promise<boolean> {
    const { timeWindowMs } = bound.receiver;
    if (timeWindowMs === null) return false;
    // A party that was to tell its time and does not cannot be told from a replay.
    return partyAt === null || await this.#deps.skew.judge(name, partyAt, this.#deps.now()) > timeWindowMs;
  }

  async #conflict(bound: BoundCallback, callback: NewCallback, bytes: Buffer): Promise<CallbackReply> {
    const { database, store } = this.#deps;
    await database.transaction(async (client) => {
      if (await store.insertConflict(client, callback)) await this.#record(client, callback, 'conflict');
    });
    this.#deps.logger.error({ party: callback.party, kind: callback.kind, uniqueKey: callback.uniqueKey, verifiedBy: callback.verifiedBy },
      'a party sent other content under a known key; a person must look');
    return this.#answer(bound, { callback, outcome: 'conflict', reply: bound.receiver.reply('conflict', null, bytes) });
  }

  async #record(client: Queryable, { party, kind, uniqueKey, digest }: CallbackName & { readonly digest: Buffer }, event: string): Promise<void> {
    await this.#deps.evidence?.append(client, [{
      chain: `callbacks/${party}`, kind: `callback.${event}`, actor: `party/${party}`, subject: `${kind}/${uniqueKey}`,
      message: JSON.stringify({ party, kind, uniqueKey, event, digest: digest.toString('hex') }),
    }]);
  }

  #answer(bound: BoundCallback, end: { readonly callback: NewCallback; readonly outcome: CallbackObservation['outcome']; readonly reply: CallbackReply }): CallbackReply {
    const { party, kind } = bound.receiver;
    this.#deps.observe({ party, kind, outcome: end.outcome, verifiedBy: end.callback.verifiedBy });
    return end.reply;
  }

  #turnAway(bound: BoundCallback, why: { readonly bytes: Buffer; readonly outcome: 'unverified' | 'stale' | 'unavailable'; readonly verifiedBy: string; readonly reason: string }): CallbackReply {
    const { party, kind } = bound.receiver;
    const { outcome, verifiedBy, reason } = why;
    if (outcome !== 'unavailable') this.#deps.logger.warn({ party, kind, outcome, verifiedBy, reason }, 'callback turned away');
    this.#deps.observe({ party, kind, outcome, verifiedBy });
    return bound.receiver.reply(outcome, outcome === 'unverified' ? reason : null, why.bytes);
  }
}
