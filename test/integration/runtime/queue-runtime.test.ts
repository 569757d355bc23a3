import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineJob, type JobContext, type JobDefinition } from '../../../queues/define-job.js';
import { migratePostgresCarrier } from '../../../queues/runtime/postgres-carrier.js';
import { QueueRuntime } from '../../../queues/runtime/queue-runtime.js';
import { findRedisProblems } from '../../../queues/runtime/redis-checks.js';
import { parseRedisUrl, type RedisTarget } from '../../../src/config/redis-target.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { hasRedis, startTestRedis, type TestRedis } from '../../support/redis.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

const onRedis = hasRedis() ? describe : describe.skip;
const silent = { warn: () => undefined, error: () => undefined };
const ring = defineJob({
  name: 'ring', schema: z.object({ party: z.string().max(20) }),
  options: { attempts: 2, backoffMs: 10, keepFailed: 10, maxStalled: 100, lockMs: 30_000, coalesceBy: (payload: { party: string }) => payload.party },
});
const plain = defineJob({ name: 'plain', schema: z.object({ id: z.string() }), options: { attempts: 2, backoffMs: 10, keepFailed: 10, maxStalled: 100, lockMs: 30_000 } });
/** Again until the carrier has said that it took the job. It may have taken one of which it said so too late, which then runs as well. */
const enqueued = <Payload>(runtime: QueueRuntime, job: JobDefinition<Payload>, payload: Payload): Promise<unknown> => {
  let tries = 0;
  return eventually('the carrier', () => runtime.enqueue(job, payload, `try-${String(tries += 1)}`).then(() => true, () => false));
};
const countsOf = (runtime: QueueRuntime): ReturnType<QueueRuntime['counts']> => eventually('the counts', () => runtime.counts().catch(() => null));
const targetOf = (redis: TestRedis): RedisTarget => {
  const target = parseRedisUrl(redis.url);
  if (target === null) throw new Error('unreadable test address');
  return target;
};

const carrierSuite = (open: () => QueueRuntime): void => {
  const runtimes: QueueRuntime[] = [];
  const create = (): QueueRuntime => {
    const runtime = open();
    runtimes.push(runtime);
    return runtime;
  };
  afterEach(async () => {
    for (const runtime of runtimes.splice(0)) await runtime.close();
  });

  it('brings payload and correlation id to the handler of another runtime', async () => {
    const seen: { payload: unknown; context: JobContext }[] = [];
    create().work(plain, (payload, context) => {
      seen.push({ payload, context });
      return Promise.resolve();
    }, { concurrency: 2 });
    await enqueued(create(), plain, { id: '17' });
    await eventually('the job', () => seen.length > 0);
    expect(seen[0]).toMatchObject({ payload: { id: '17' }, context: { correlationId: expect.stringMatching(/^try-\d+$/) } });
  });

  it('runs a failing job again and then keeps it as failed', async () => {
    const runtime = create();
    const runs = new Map<string | null, number>();
    runtime.work(plain, (_payload, { correlationId }) => {
      runs.set(correlationId, (runs.get(correlationId) ?? 0) + 1);
      return Promise.reject(new Error('no'));
    }, { concurrency: 1 });
    await enqueued(runtime, plain, { id: '18' });
    await eventually('two runs', () => runs.size > 0 && [...runs.values()].every((count) => count === 2));
    await eventually('the failed job', async () => (await countsOf(runtime)).some((entry) => entry.queue === 'plain' && entry.state === 'failed' && entry.count === runs.size));
    expect(new Set(runs.values())).toEqual(new Set([2]));
  });

  it('holds many rings for one party as one waiting job, and forgets none that comes while one runs', async () => {
    const runtime = create();
    await enqueued(runtime, ring, { party: 'one' });
    await Promise.all(Array.from({ length: 20 }, () => enqueued(runtime, ring, { party: 'one' })));
    expect((await countsOf(runtime)).find((entry) => entry.queue === 'ring' && entry.state === 'waiting')?.count).toBe(1);
    let runs = 0;
    runtime.work(ring, async () => {
      runs += 1;
      if (runs === 1) await runtime.enqueue(ring, { party: 'one' });
    }, { concurrency: 1 });
    await eventually('the second run', () => runs === 2);
  });

  it('refuses a payload that does not fit before it reaches the carrier', async () => {
    await expect(create().enqueue(ring, { party: 'x'.repeat(21) })).rejects.toThrow();
  });

  it('answers a ping and shows its queues', async () => {
    const runtime = create();
    await eventually('the ping', () => runtime.ping().then(() => true, () => false));
    expect(runtime.queues().map((queue) => queue.name)).toEqual(['ring', 'plain']);
  });
};

describe('queue runtime on PostgreSQL', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    await migratePostgresCarrier(test.url);
  }, 60_000);
  afterAll(() => test.drop());
  carrierSuite(() => new QueueRuntime({ redis: null, databaseUrl: test.url }, { logger: silent, jobs: [ring, plain] }));

  it('migrates at once in two processes without harm', async () => {
    await expect(Promise.all([migratePostgresCarrier(test.url), migratePostgresCarrier(test.url)])).resolves.toHaveLength(2);
  });
});

describe('queue runtime that starts before its PostgreSQL answers', () => {
  it('lets the process live meanwhile, and takes jobs when it answers', async () => {
    const test = await createTestDatabase();
    await migratePostgresCarrier(test.url);
    const proxy = await startTcpProxy(Number(new URL(test.url).port));
    proxy.cut();
    const runtime = new QueueRuntime({ redis: null, databaseUrl: Object.assign(new URL(test.url), { hostname: '127.0.0.1', port: String(proxy.port) }).href }, { logger: silent, jobs: [plain] });
    const producer = new QueueRuntime({ redis: null, databaseUrl: test.url }, { logger: silent, jobs: [plain] });
    const ids: string[] = [];
    try {
      runtime.work(plain, ({ id }) => {
        ids.push(id);
        return Promise.resolve();
      }, { concurrency: 1 });
      // Timers of this very process fire only while nothing spins.
      await expect(runtime.ping()).rejects.toThrow();
      await enqueued(producer, plain, { id: 'early' });
      proxy.heal();
      await eventually('the job', () => ids.includes('early'), { timeoutMs: 30_000 });
    } finally {
      await runtime.close();
      await producer.close();
      await proxy.close();
      await test.drop();
    }
  }, 60_000);
});

onRedis('queue runtime on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 30_000);
  afterAll(() => redis.stop());
  carrierSuite(() => new QueueRuntime({ redis: targetOf(redis), databaseUrl: '' }, { logger: silent, jobs: [ring, plain] }));
});

onRedis('queue runtime without its Redis', () => {
  it('refuses at once when Redis was never there', async () => {
    const target = parseRedisUrl('redis://127.0.0.1:1');
    if (target === null) throw new Error('unreadable test address');
    const runtime = new QueueRuntime({ redis: target, databaseUrl: '' }, { logger: silent, jobs: [plain] });
    await expect(runtime.enqueue(plain, { id: '1' })).rejects.toThrow(/not connected/);
    await expect(runtime.ping()).rejects.toThrow();
    await runtime.close();
    expect(await findRedisProblems(target)).toEqual([expect.stringMatching(/Redis does not answer \(ECONNREFUSED\)/)]);
  }, 30_000);

  it('refuses while Redis is frozen or killed, and takes jobs again when it is back', async () => {
    const redis = await startTestRedis();
    const runtime = new QueueRuntime({ redis: targetOf(redis), databaseUrl: '' }, { logger: silent, jobs: [plain] });
    const ids: string[] = [];
    runtime.work(plain, (payload) => {
      ids.push(payload.id);
      return Promise.resolve();
    }, { concurrency: 1 });
    try {
      await enqueued(runtime, plain, { id: 'first' });
      await redis.kill('SIGSTOP');
      await expect(runtime.enqueue(plain, { id: 'frozen' })).rejects.toThrow();
      await redis.kill('SIGCONT');
      await redis.kill('SIGKILL');
      await expect(runtime.enqueue(plain, { id: 'dead' })).rejects.toThrow();
      await redis.start();
      await eventually('a job after the return', () => runtime.enqueue(plain, { id: 'back' }).then(() => true, () => false), { timeoutMs: 30_000 });
      await eventually('it to run', () => ids.includes('back'), { timeoutMs: 30_000 });
    } finally {
      await runtime.close();
      await redis.stop();
    }
  }, 90_000);

  it('names a Redis that evicts', async () => {
    const redis = await startTestRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']);
    try {
      expect(await findRedisProblems(targetOf(redis))).toEqual([expect.stringMatching(/evicts \(maxmemory-policy allkeys-lru\)/)]);
    } finally {
      await redis.stop();
    }
  }, 30_000);

  it('finds nothing wrong with one that does not', async () => {
    const redis = await startTestRedis();
    try {
      expect(await findRedisProblems(targetOf(redis))).toEqual([]);
    } finally {
      await redis.stop();
    }
  }, 30_000);
});
