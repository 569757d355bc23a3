import { RateLimiterPostgres, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { CallBudget } from './call-budget.js';

export interface CallLimits {
  /** Takes one call of a client. 0: it may pass; otherwise milliseconds until the next may. */
  take(client: string): number | Promise<number>;
  /** Notes a call that proved nobody. Milliseconds that its address must wait when it sent too many, else 0. */
  takeUnproved(address: string): number | Promise<number>;
}

export interface CallLimitSettings {
  /** Calls a minute of one client; 0 for no limit. */
  readonly perClient: number;
  /** Calls a minute of all clients together; 0 for no limit. */
  readonly inAll: number;
  /** How long the shared store may take before it counts as away. */
  readonly storeTimeoutMs?: number;
}

/** Where calls of all processes are counted. `redis`: a client of ioredis, single or cluster. */
export type CallStore = { readonly kind: 'redis'; readonly redis: unknown } | { readonly kind: 'postgres'; readonly database: Database } | { readonly kind: 'process' };

/** Who hears that calls are counted by this process alone, because the shared store is away. */
export interface CallLimitWatch {
  readonly logger: Pick<Logger, 'warn'>;
  readonly onAlone: (calls: number) => void;
}

const WINDOW_SECONDS = 60;
/** Nobody mistypes a key more often; it is counted by each process for itself. */
const MAX_UNPROVED = 300;

const storeOf = (store: CallStore, name: string, points: number): RateLimiterAbstract | null => {
  const options = { points, duration: WINDOW_SECONDS, keyPrefix: `onestop-calls-${name}` };
  switch (store.kind) {
    case 'redis':
      return new RateLimiterRedis({ ...options, storeClient: store.redis, rejectIfRedisNotReady: true });
    case 'postgres':
      return new RateLimiterPostgres({ ...options, storeClient: store.database.pool, storeType: 'pool', tableName: 'rate_limits', tableCreated: true });
    case 'process':
      return null;
  }
};

/** Limits on calls: for each client, for all together, and for addresses that prove nobody. */
export const createCallLimits = (settings: CallLimitSettings, store: CallStore, watch: CallLimitWatch): CallLimits => {
  const common = { windowSeconds: WINDOW_SECONDS, ...watch, ...(settings.storeTimeoutMs === undefined ? {} : { storeTimeoutMs: settings.storeTimeoutMs }) };
  const budget = (name: string, points: number): CallBudget | null => (points === 0 ? null : new CallBudget({ ...common, points, store: storeOf(store, name, points) }));
  const [perClient, inAll] = [budget('client', settings.perClient), budget('all', settings.inAll)];
  const unproved = new CallBudget({ ...common, points: MAX_UNPROVED, store: null });
  const takeOfAll = (): number | Promise<number> => inAll?.take('all') ?? 0;
  return {
    take: (client) => {
      const waitMs = perClient?.take(client) ?? 0;
      if (waitMs === 0) return takeOfAll();
      return typeof waitMs === 'number' ? waitMs : waitMs.then((later) => (later === 0 ? takeOfAll() : later));
    },
    takeUnproved: (address) => unproved.take(address),
  };
};
