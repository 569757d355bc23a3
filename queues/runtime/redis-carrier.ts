import { Queue, Worker } from 'bullmq';
import type { RedisTarget } from '../../src/config.js';
import { KEY_PREFIX, type Carrier } from './carrier.js';
import { connectProducer, connectWorker, isReady, type RedisClient } from './redis-connection.js';

/** Opens its connections when they are first needed: an API process never opens a worker's. */
export const createRedisCarrier = (target: RedisTarget): Carrier => {
  const producer = connectProducer(target);
  const workers: RedisClient[] = [];
  const listeners: ((error: Error) => void)[] = [];
  const report = (error: Error): void => {
    for (const listener of listeners) listener(error);
  };
  producer.on('error', report);
  const openWorkerConnection = (): RedisClient => {
    const client = connectWorker(target);
    client.on('error', report);
    workers.push(client);
    return client;
  };
  return {
    kind: 'redis',
    createQueue: (name, options) => new Queue(name, { ...options, connection: producer, prefix: KEY_PREFIX }),
    createWorker: (name, processor, options) => new Worker(name, processor, { ...options, connection: openWorkerConnection(), prefix: KEY_PREFIX }),
    isReady: () => isReady(producer),
    ping: async () => {
      await producer.ping();
    },
    onError: (listener) => {
      listeners.push(listener);
    },
    close: () => {
      for (const client of [producer, ...workers]) client.disconnect();
      return Promise.resolve();
    },
  };
};
