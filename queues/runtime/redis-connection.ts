import { Cluster, Redis, type RedisOptions as AllRedisOptions } from 'ioredis';
import type { RedisTarget } from '../../src/config.js';

export type RedisClient = Redis | Cluster;
type RedisOptions = Omit<AllRedisOptions, 'replyMapping'>;

/** A caller of the API waits for a ring at most this long, so no part of it may take longer. */
const PRODUCER_TIMEOUT_MS = 2_000;
/** Longer than BullMQ's blocking read of 5 s, so that silence means a frozen server; without it a frozen master is never noticed. */
const WORKER_SOCKET_TIMEOUT_MS = 15_000;
const MAX_RECONNECT_DELAY_MS = 2_000;
const RESEND_ON_NEW_MASTER = 2;

const sharedOptions = (target: RedisTarget): RedisOptions => ({
  ...(target.username === undefined ? {} : { username: target.username }),
  ...(target.password === undefined ? {} : { password: target.password }),
  ...(target.tls ? { tls: {} } : {}),
  connectTimeout: PRODUCER_TIMEOUT_MS,
  retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 8), MAX_RECONNECT_DELAY_MS),
  // After a failover the old master answers READONLY: reconnect to find the new one, and send the command again.
  reconnectOnError: (error) => (error.message.startsWith('READONLY') ? RESEND_ON_NEW_MASTER : false),
});

const connect = (target: RedisTarget, role: RedisOptions): RedisClient => {
  const options: RedisOptions = { ...sharedOptions(target), ...role };
  switch (target.kind) {
    case 'single':
      return new Redis({ ...options, host: target.node.host, port: target.node.port, db: target.database });
    case 'sentinel':
      // Without ioredis' failoverDetector: its word that the master changed, coming while the client asks who the master is, ends the client for good.
      return new Redis({
        ...options, sentinels: [...target.nodes], name: target.master, db: target.database,
        sentinelCommandTimeout: PRODUCER_TIMEOUT_MS, ...(target.tls ? { enableTLSForSentinelMode: true } : {}),
      });
    case 'cluster':
      return new Cluster([...target.nodes], { redisOptions: options, enableOfflineQueue: role.enableOfflineQueue ?? true, clusterRetryStrategy: (times) => Math.min(100 * times, MAX_RECONNECT_DELAY_MS) });
  }
};

/** For adding jobs and reading counts: fails fast, and keeps nothing back for a server that is away. */
export const connectProducer = (target: RedisTarget): RedisClient =>
  connect(target, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: PRODUCER_TIMEOUT_MS, socketTimeout: PRODUCER_TIMEOUT_MS + 500 });

/** For workers: waits for the server as long as it takes. */
export const connectWorker = (target: RedisTarget): RedisClient =>
  connect(target, { maxRetriesPerRequest: null, socketTimeout: WORKER_SOCKET_TIMEOUT_MS });

export const isReady = (client: RedisClient): boolean => client.status === 'ready';
