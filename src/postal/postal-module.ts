import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { ApplyAnswer, ApplyContext } from '../callbacks/callback-binding.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { DeliveryOperation } from '../deliveries/delivery-operation.js';
import { startTurns } from '../evidence/turn-loop.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { ChoiceStore } from './choice-store.js';
import type { CollectionPort, OnStanding } from './collection-port.js';
import { DossierNotices } from './dossier-notices.js';
import { FactStore } from './fact-store.js';
import { FeedPoller } from './feed-poller.js';
import { FeedStore } from './feed-store.js';
import type { PlaceLookup, PostalOffices } from './postal-address.js';
import type { CarrierClaim, PostalCarrier } from './postal-carrier-port.js';
import { readPostalFigures } from './postal-figures.js';
import { PostalMonths } from './postal-months.js';
import { resealPost } from './postal-reseal.js';
import { ShipmentBook } from './shipment-book.js';
import type { ShipmentBookDeps } from './shipment-book.js';
import { ShipmentClaims } from './shipment-claims.js';
import { ShipmentDesk } from './shipment-desk.js';
import { createShipmentOperations } from './shipment-operations.js';
import { ShipmentOrdering } from './shipment-ordering.js';
import { ShipmentQueries } from './shipment-queries.js';
import { createShipmentResolvers } from './shipment-resolvers.js';
import { ShipmentSettling } from './shipment-settling.js';
import { ShipmentStore } from './shipment-store.js';
import { ShipmentWatchStore } from './shipment-watch-store.js';
import { ShipmentWatcher } from './shipment-watcher.js';

export interface PostalSettings {
  readonly fingerprintKey: Buffer;
  readonly keepHours: number;
  /** In the order in which they are preferred; empty for all. */
  readonly carriers: readonly string[];
  /** What follows the dossier code from its second parcel on; `{n}` stands for its number. */
  readonly suffix: string;
  /** Age at which a delivery waits for a person. */
  readonly maxAgeMs: number;
  /** How often a feed is read that has nothing more. */
  readonly pollEveryMs: number;
  /** How often a carrier without a feed is asked for a parcel. */
  readonly askEveryMs: number;
  /** A parcel of which nothing was heard for so long is a person's. */
  readonly silentMs: number;
  /** How often what is due is looked for; a second where not given. */
  readonly tickMs?: number;
}

export interface PostalModuleDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly agencies: AgencyAccess;
  readonly carriers: readonly PostalCarrier[];
  readonly places: PlaceLookup;
  readonly offices: PostalOffices;
  /** Null: nothing is collected at the door. */
  readonly collection: CollectionPort | null;
  readonly onStanding?: readonly OnStanding[];
  readonly bell: Bell;
  readonly logger: Logger;
  readonly settings: PostalSettings;
  readonly observe?: ShipmentBookDeps['observe'];
  readonly now?: () => Date;
}

const TICK_MS = 1_000;
const SILENT_EVERY_MS = 600_000;
/** No question that is due was asked for so long: the watcher is stuck, or the carrier does not answer. */
const LATE_SECONDS = 3_600;

const createCore = (deps: PostalModuleDeps) => {
  const { database, carriers, settings, now = () => new Date() } = deps;
  // Who has a feed tells by itself, and is asked only after a claim.
  const askEveryMs = new Map(carriers.flatMap(({ party, feed, questions }) => (feed === null && questions !== null ? [[party, settings.askEveryMs] as const] : [])));
  const store = new ShipmentStore();
  const book = new ShipmentBook({ store, facts: new FactStore(), askEveryMs, onStanding: deps.onStanding ?? [], observe: deps.observe ?? (() => undefined), now });
  return {
    ...deps, now, askEveryMs, store, book, choices: new ChoiceStore(), watch: new ShipmentWatchStore(database), feeds: new FeedStore(database), silentMs: settings.silentMs,
    order: { carriers: settings.carriers, suffix: settings.suffix, maxAgeMs: settings.maxAgeMs },
  };
};

type Core = ReturnType<typeof createCore>;

const createOperations = (core: Core): readonly DeliveryOperation[] => {
  const notices = new DossierNotices(core);
  const settling = new ShipmentSettling(core);
  return core.carriers.flatMap((carrier) => createShipmentOperations(carrier, { ...core, notices, settling, maxAgeMs: core.order.maxAgeMs }));
};

/** In a worker: each carrier has a rhythm of its own, so that one that hangs keeps no other waiting. Returns how to stop. */
const startWork = (core: Core): (() => Promise<void>) => {
  const { carriers, settings } = core;
  const tickMs = settings.tickMs ?? TICK_MS;
  const poller = new FeedPoller({ ...core, everyMs: settings.pollEveryMs });
  const watcher = new ShipmentWatcher(core);
  const stops = [
    ...carriers.flatMap((carrier) => [
      ...(carrier.feed === null ? [] : [startTurns(tickMs, () => poller.turn(carrier).then(() => undefined))]),
      ...(carrier.questions === null ? [] : [startTurns(tickMs, () => watcher.turn(carrier).then(() => undefined))]),
    ]),
    startTurns(SILENT_EVERY_MS, () => watcher.findSilent()),
  ];
  return async () => {
    poller.stop();
    watcher.stop();
    await Promise.all(stops.map((stop) => stop()));
  };
};

/** Joins the parts of the post. */
export const createPostalModule = (deps: PostalModuleDeps) => {
  const core = createCore(deps);
  const { database, cipher, feeds } = core;
  const queries = new ShipmentQueries(core);
  const ordering = new ShipmentOrdering(core);
  const desk = new ShipmentDesk(core);
  const claims = new ShipmentClaims(core);
  return {
    resolvers: [createShipmentResolvers({ queries, months: new PostalMonths(core), ordering, desk, cipher })] as const,
    /** What the engine carries. */
    operations: createOperations(core),
    /** For `bindCallback` of a carrier's receiver. */
    applyClaim: (party: string) => (claim: CarrierClaim, context: ApplyContext): Promise<ApplyAnswer> => claims.apply(party, claim, context),
    store: core.store,
    /** For facts from elsewhere, such as a statement of collected money, in the caller's transaction. */
    book: core.book,
    createPoller: (): FeedPoller => new FeedPoller({ ...core, everyMs: core.settings.pollEveryMs }),
    createWatcher: (): ShipmentWatcher => new ShipmentWatcher(core),
    start: (): (() => Promise<void>) => startWork(core),
    figures: () => readPostalFigures(database, feeds),
    reseal: (): Promise<number> => resealPost(database, cipher),
    /** Of a worker: what is under way, or fails at a carrier, makes no process unfit. */
    readiness: async () => {
      const { open, forPersons, feeds: states, askLateSeconds } = await readPostalFigures(database, feeds);
      const sum = (rows: readonly { readonly count: number }[]): number => rows.reduce((total, { count }) => total + count, 0);
      return {
        ready: askLateSeconds < LATE_SECONDS,
        detail: { open: sum(open), forPersons: sum(forPersons), askLateSeconds: Math.round(askLateSeconds), feeds: states.map(({ carrier, ageSeconds, failure }) => ({ carrier, ageSeconds: ageSeconds === null ? null : Math.round(ageSeconds), failure })) },
      };
    },
  };
};
export type PostalModule = ReturnType<typeof createPostalModule>;
