import { afterEach, describe, expect, it } from '@jest/globals';
import { deliverJob } from '../../../queues/deliver/job.js';
import { JOBS } from '../../../queues/queues.js';
import { QueueRuntime } from '../../../queues/runtime/queue-runtime.js';
import { findRedisProblems } from '../../../queues/runtime/redis-checks.js';
import { parseRedisUrl } from '../../../src/config/redis-target.js';
import type { RedisTarget } from '../../../src/config/redis-target.js';
import { eventually } from '../../support/eventually.js';
import { hasRedis, startTestRedis } from '../../support/redis.js';
import { startRedisCluster, startRedisSentinels } from '../../support/redis-topologies.js';
import type { RedisTopology } from '../../support/redis-topologies.js';
import { startScriptedSentinel } from '../../support/scripted-sentinel.js';

const onRedis = hasRedis() ? describe : describe.skip;
const silent = { warn: () => undefined, error: () => undefined };

const targetOf = (topology: RedisTopology): RedisTarget => {
  const target = parseRedisUrl(topology.url);
  if (target === null) throw new Error('unreadable test address');
  return target;
};

let topology: RedisTopology | undefined;
const runtimes: QueueRuntime[] = [];
afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close(500)));
  await topology?.stop();
});

const open = (target: RedisTarget): QueueRuntime => {
  const runtime = new QueueRuntime({ redis: target, databaseUrl: '' }, { logger: silent, jobs: JOBS });
  runtimes.push(runtime);
  return runtime;
};

/** A Sentinel that finds itself held up for two seconds trusts nobody's clock and leads no failover for half a minute; that may come more than once. */
const FAILOVER_MS = 120_000;

/** Rings until the carrier takes it, as the sweeper would. */
const ringUntilHeard = async (producer: QueueRuntime, heard: string[], party: string, timeoutMs = 40_000): Promise<void> => {
  await eventually(`the ring for ${party}`, async () => {
    await producer.enqueue(deliverJob, { party }).catch(() => undefined);
    return heard.includes(party);
  }, { timeoutMs, everyMs: 200 });
};

onRedis('Redis in its larger forms', () => {
  it('carries rings over a cluster of three masters', async () => {
    topology = await startRedisCluster();
    const target = targetOf(topology);
    const heard: string[] = [];
    open(target).work(deliverJob, ({ party }) => {
      heard.push(party);
      return Promise.resolve();
    }, { concurrency: 2 });
    const producer = open(target);
    for (const party of ['national-portal', 'vnpost', 'bank']) await ringUntilHeard(producer, heard, party);
    await producer.ping();
    expect(await findRedisProblems(target)).toEqual([]);
  });

  it('carries rings again after the master was killed and a Sentinel made the replica master', async () => {
    topology = await startRedisSentinels();
    const target = targetOf(topology);
    const heard: string[] = [];
    open(target).work(deliverJob, ({ party }) => {
      heard.push(party);
      return Promise.resolve();
    }, { concurrency: 2 });
    const producer = open(target);
    await ringUntilHeard(producer, heard, 'before');
    topology.killMaster();
    await ringUntilHeard(producer, heard, 'after', FAILOVER_MS);
    expect(heard).toContain('after');
  }, 2 * FAILOVER_MS);

  it('carries rings again where a client hears of the new master in the moment in which it asks for it', async () => {
    const [old, young] = [await startTestRedis(), await startTestRedis()];
    const sentinel = await startScriptedSentinel('gateway', (nth) => (nth <= 2 ? old.port : young.port));
    topology = { url: `redis+sentinel://127.0.0.1:${String(sentinel.port)}/gateway`, killMaster: () => undefined, stop: async () => {
      await sentinel.close();
      await Promise.all([old.stop(), young.stop()]);
    } };
    const target = targetOf(topology);
    const producer = open(target);
    await eventually('the first master', () => producer.enqueue(deliverJob, { party: 'before' }).then(() => true, () => false));
    await old.kill('SIGKILL');
    await eventually('the new master', () => producer.enqueue(deliverJob, { party: 'after' }).then(() => true, () => false));
    const counts = await eventually('the counts', () => producer.counts().catch(() => null));
    expect(counts.find(({ queue, state }) => queue === deliverJob.name && state === 'waiting')?.count).toBe(1);
  });
});
