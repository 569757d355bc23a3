import { randomUUID } from 'node:crypto';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { PartyError } from '../errors/party-error.js';
import type { Logger } from '../observability/logger.js';
import type { Database, Queryable } from '../store/database.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import type { ListedPlace } from './postal-carrier-port.js';
import type { PlaceCarrier } from './place-directory.js';
import { readListing } from './place-listing.js';
import { planPlaces } from './place-plan.js';
import type { PlaceCall } from './place-register.js';
import type { PlaceStore } from './place-store.js';

/** What became of a carrier's list. Only `synced` changed anything. */
export type PlaceSyncResult =
  | { readonly kind: 'synced'; readonly carrier: string; readonly listed: number; readonly ignored: number; readonly added: number; readonly changed: number; readonly gone: number }
  /** It lost more than is believed, or is empty. */
  | { readonly kind: 'shrunk'; readonly carrier: string; readonly listed: number; readonly lostPercent: number }
  /** The carrier gave no list. `code`: of the failure. */
  | { readonly kind: 'failed'; readonly carrier: string; readonly code: string };

export type PlaceSyncAnswer =
  | { readonly kind: 'done'; readonly result: PlaceSyncResult }
  /** There is no such carrier, or it lists no places. */
  | { readonly kind: 'no-list' }
  | { readonly kind: 'conflict'; readonly key: string };

export interface PlaceSyncDeps {
  readonly database: Database;
  readonly store: PlaceStore;
  readonly carriers: readonly PlaceCarrier[];
  readonly logger: Logger;
  readonly settings: {
    readonly fingerprintKey: Buffer;
    readonly keepHours: number;
    /** A list that lacks a greater share of a level's places is not believed. */
    readonly maxLostShare: number;
    /** Null: on demand only. */
    readonly everyMs: number | null;
  };
}

/** A national list is some ten thousand places in many calls. */
const LIST_TIMEOUT_MS = 300_000;
const AGAIN_SECONDS = 3_600;

type SyncOrder = Omit<PlaceCall, 'reason'> & { readonly reason: string | null; readonly acceptsLoss: boolean };

/** Brings carriers' own lists of places in, each in one transaction. */
export class PlaceSync {
  readonly #deps: PlaceSyncDeps;

  constructor(deps: PlaceSyncDeps) {
    this.#deps = deps;
  }

  /** @throws UnavailableError where our own database is away */
  async run(order: SyncOrder, carrierName: string): Promise<PlaceSyncAnswer> {
    const { database, carriers, settings } = this.#deps;
    const carrier = carriers.find(({ party }) => party === carrierName);
    if (carrier?.listPlaces == null) return { kind: 'no-list' };
    const action = 'sync-postal-places';
    const { caller, idempotencyKey, reason, acceptsLoss } = order;
    const claim = {
      client: caller.client, key: idempotencyKey, operation: action, keepHours: settings.keepHours,
      fingerprint: fingerprintOf(settings.fingerprintKey, action, { carrier: carrier.party, acceptsLoss, reason }),
    };
    // Asked before the transaction, for it takes minutes: a repeat asks once more and changes nothing.
    const listed = await this.#list(carrier);
    return database.transaction((client) => once(client, claim, async () => {
      const result = listed.kind === 'failed' ? listed : await this.#write(client, carrier.party, { places: listed.places, acceptsLoss });
      await recordOperatorAction(client, { actor: caller.client, role: caller.role, reason, action, target: `carrier/${carrier.party}`, detail: { ...result, acceptsLoss } });
      await this.#settle(client, result);
      return result;
    }));
  }

  /** For a worker's clock: each carrier whose list is due, one worker at a time. Returns how many were asked. */
  async sweep(): Promise<number> {
    const { database, store, carriers, logger, settings: { everyMs } } = this.#deps;
    if (everyMs === null) return 0;
    let asked = 0;
    for (const { party, listPlaces } of carriers) {
      if (listPlaces === null) continue;
      await store.declare(database, party);
      if (!(await store.claim(database, party, LIST_TIMEOUT_MS / 500))) continue;
      asked += 1;
      const caller = { client: 'gateway', role: 'operator', agencyScope: null } as const;
      const answer = await this.run({ caller, idempotencyKey: randomUUID(), reason: null, acceptsLoss: false }, party);
      if (answer.kind === 'done' && answer.result.kind !== 'synced') logger.warn({ carrier: party, result: answer.result }, 'places of the carrier were not renewed');
    }
    return asked;
  }

  async #list({ party, listPlaces }: PlaceCarrier): Promise<{ readonly kind: 'listed'; readonly places: readonly ListedPlace[] } | Extract<PlaceSyncResult, { kind: 'failed' }>> {
    if (listPlaces === null) return { kind: 'failed', carrier: party, code: 'no-list' };
    try {
      const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
      // No journal: lists change nothing at the carrier and hold no person.
      return { kind: 'listed', places: await listPlaces({ correlationId: randomUUID(), signal, journal: () => undefined, traceparent: null }) };
    } catch (error) {
      if (!(error instanceof PartyError)) throw error;
      return { kind: 'failed', carrier: party, code: error.code };
    }
  }

  async #write(client: Queryable, carrier: string, { places, acceptsLoss }: { readonly places: readonly ListedPlace[]; readonly acceptsLoss: boolean }): Promise<PlaceSyncResult> {
    const { store, settings: { maxLostShare } } = this.#deps;
    const listing = readListing(places);
    await store.lock(client, carrier);
    const plan = planPlaces(await store.stored(client, carrier), listing.places, 'CARRIER');
    const listed = listing.places.length;
    if (listed === 0 || (plan.lostShare > maxLostShare && !acceptsLoss)) return { kind: 'shrunk', carrier, listed, lostPercent: listed === 0 ? 100 : Math.round(plan.lostShare * 100) };
    await store.apply(client, { carrier, source: 'CARRIER' }, plan);
    return { kind: 'synced', carrier, listed, ignored: listing.ignored, added: plan.added.length, changed: plan.changed.length, gone: plan.gone.length };
  }

  async #settle(client: Queryable, result: PlaceSyncResult): Promise<void> {
    await this.#deps.store.declare(client, result.carrier);
    const failure = result.kind === 'synced' ? null : result.kind === 'failed' ? result.code : 'list-shrunk';
    const everySeconds = Math.round((this.#deps.settings.everyMs ?? 0) / 1000);
    await this.#deps.store.settle(client, result.carrier, { failure, againSeconds: failure === null ? everySeconds : Math.min(everySeconds, AGAIN_SECONDS) });
  }
}
