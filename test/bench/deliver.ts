import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue, createPostgresBackend } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { PortalClient, dossierInput, todaysDossierCode } from '../support/portal-client.js';
import { BenchGateway } from './bench-gateway.js';
import type { Carrier } from './bench-gateway.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const CONCURRENCY = 32;
const BATCH = 100;

/** Deliveries a second between the first twentieth and the last arrival at the sandbox: start-up does not count. */
export async function arrivalRate(gateway: BenchGateway, before: number, count: number): Promise<number> {
  const deadline = performance.now() + 600_000;
  let first: { at: number; received: number } | null = null;
  for (;;) {
    const received = (await gateway.received()) - before;
    const at = performance.now();
    if (first === null && received >= count * 0.05) first = { at, received };
    if (received >= count && first !== null) return (received - first.received) / ((at - first.at) / 1000);
    if (at > deadline) throw new Error(`only ${String(received)} of ${String(count)} arrived`);
    await pause(count > 20_000 ? 100 : 10);
  }
}

/** Files dossiers through the API while no worker runs, so that they wait. */
export async function fileDossiers(gateway: BenchGateway, from: number, count: number): Promise<void> {
  const client = new PortalClient(gateway.apiUrl);
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, index) => from + index * BATCH);
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let start = batches.shift(); start !== undefined; start = batches.shift()) {
      await client.upsert(Array.from({ length: Math.min(BATCH, from + count - start) }, (_, index) => dossierInput((start ?? 0) + index)));
    }
  }));
}

/** Rate of the gateway's worker over dossiers that wait. */
export async function deliverWaiting(gateway: BenchGateway, from: number, count: number): Promise<number> {
  await fileDossiers(gateway, from, count);
  const before = await gateway.received();
  gateway.startWorker();
  const rate = await arrivalRate(gateway, before, count);
  await gateway.end('worker');
  return rate;
}

async function addBareJobs(gateway: BenchGateway, items: readonly object[]): Promise<void> {
  const data = items.map((item) => ({ name: 'bare', data: { madonvi: '000.00.00.H42', item } }));
  const redis = gateway.redis === null ? null : new Redis(gateway.redis.url, { maxRetriesPerRequest: null });
  const pool = redis === null ? new pg.Pool({ connectionString: gateway.databaseUrl, options: '-c search_path=bullmq,public' }) : null;
  const queue = redis === null ? new Queue('bare', { connection: pool as never }, createPostgresBackend as never) : new Queue('bare', { connection: redis });
  for (let start = 0; start < data.length; start += BATCH) await queue.addBulk(data.slice(start, start + BATCH));
  await queue.close();
  redis?.disconnect();
  await pool?.end();
}

/** Rate of a bare BullMQ worker that posts the same bodies on the same carrier. */
async function bareRate(gateway: BenchGateway, from: number, count: number): Promise<number> {
  const reply = await fetch(`${gateway.sandboxUrl}/control/dossiers/${todaysDossierCode(from - 1)}`);
  const { body } = (await reply.json()) as { body: object };
  await addBareJobs(gateway, Array.from({ length: count }, (_, index) => ({ ...body, MaHoSo: todaysDossierCode(from + index) })));
  const before = await gateway.received();
  const address = gateway.redis?.url ?? gateway.databaseUrl;
  const worker = spawn(process.execPath, ['--import', 'tsx', 'test/bench/bare-worker.ts', gateway.sandboxUrl, String(CONCURRENCY), gateway.carrier, address, 'demo-one-stop', 'demo-password'], {
    stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_ENV: 'production' },
  });
  try {
    return await arrivalRate(gateway, before, count);
  } finally {
    worker.kill('SIGKILL');
  }
}

async function benchCarrier(carrier: Carrier, options: { readonly count: number; readonly rounds: number }): Promise<Row[]> {
  const gateway = new BenchGateway(carrier);
  const bare: number[] = [];
  const ours: number[] = [];
  try {
    await gateway.start();
    await gateway.startApi();
    for (let round = 0; round < options.rounds; round += 1) {
      const from = round * 2 * options.count;
      ours.push(await deliverWaiting(gateway, from, options.count));
      bare.push(await bareRate(gateway, from + options.count, options.count));
    }
  } finally {
    await gateway.stop();
  }
  return [
    { case: `bare BullMQ worker on ${carrier}`, ...summary(bare), unit: 'posts/s' },
    { case: `delivery on ${carrier}`, ...summary(ours), unit: 'deliveries/s', ratio: summary(ours).median / summary(bare).median, aim: '0.6 of the bare worker, at least 0.4' },
  ];
}

/** Delivery to a sandbox without delay, against a bare BullMQ worker that posts the same body, on both carriers. */
export async function benchDeliver(options: { readonly short: boolean }): Promise<Row[]> {
  const size = options.short ? { count: 500, rounds: 1 } : { count: 4_000, rounds: 3 };
  return [...(await benchCarrier('redis', size)), ...(await benchCarrier('postgres', size))];
}
