import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Province } from './province.js';

/** Small seeded generator: a failing run is repeated by its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

export type Fault = (province: Province, random: () => number) => Promise<void>;

/** What can befall a province; each ends with everything running again. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'worker killed': async ({ workers }, random) => {
    const worker = workers[Math.floor(random() * workers.length)];
    await worker?.end('SIGKILL');
    worker?.start(true);
  },
  'worker asked to end': async ({ workers }, random) => {
    const worker = workers[Math.floor(random() * workers.length)];
    await worker?.end('SIGTERM');
    worker?.start(true);
  },
  'worker frozen': async ({ workers }, random) => {
    const worker = workers[Math.floor(random() * workers.length)];
    worker?.signal('SIGSTOP');
    await pause(3_500);
    worker?.signal('SIGCONT');
  },
  'API killed': async ({ api }) => {
    await api.end('SIGKILL');
    api.start(true);
  },
  'API frozen': async ({ api }) => {
    api.signal('SIGSTOP');
    await pause(2_000);
    api.signal('SIGCONT');
  },
  'PostgreSQL frozen': (target) => target.freezePostgres(2_000),
  'PostgreSQL killed': (target) => target.killPostgres(),
  'PostgreSQL cut off': async ({ postgresProxy }) => {
    postgresProxy.cut();
    await pause(1_000);
    postgresProxy.heal();
  },
  'Redis frozen': async ({ redis }) => {
    await redis?.kill('SIGSTOP');
    await pause(3_000);
    await redis?.kill('SIGCONT');
  },
  'Redis killed': (target) => target.killRedis(),
  'Redis flushed': async ({ redis }) => {
    if (redis === null) return;
    const client = new Redis(redis.url, { retryStrategy: () => null });
    await client.flushall().catch(() => undefined);
    client.disconnect();
  },
  'Redis cut off': async ({ redisProxy }) => {
    redisProxy?.cut();
    await pause(1_000);
    redisProxy?.heal();
  },
};
