import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { BenchGateway, rssMb } from './bench-gateway.js';
import { arrivalRate, fileDossiers } from './deliver.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const one = (value: number): { median: number; min: number; max: number } => ({ median: value, min: value, max: value });

/** Seconds from the command to the first answer of `start`, which brings its own database. */
async function secondsToStart(folder: string): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['dist/src/main.js', 'start'], { stdio: 'ignore', env: { PATH: process.env['PATH'] ?? '', DATA_DIR: folder, HTTP_PORT: String(port), LOG_LEVEL: 'warn' } });
  await eventually('start answers', () => fetch(`http://127.0.0.1:${String(port)}/health/ready`).then((reply) => reply.ok, () => false), { timeoutMs: 60_000, everyMs: 10 });
  const seconds = (performance.now() - startedAt) / 1000;
  child.kill('SIGTERM');
  await eventually('start ends', () => child.exitCode !== null || child.signalCode !== null, { timeoutMs: 30_000 });
  return seconds;
}

async function startTimes(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-start-'));
  try {
    const first = await secondsToStart(join(folder, 'data'));
    const again = await secondsToStart(join(folder, 'data'));
    return [
      { case: 'npm start, database created: first answer', ...one(first), unit: 's', aim: '4 at most' },
      { case: 'npm start, database there: first answer', ...one(again), unit: 's', aim: '4 at most' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Memory of API and worker, at rest and under load, and how fast they start. */
export async function benchFootprint(options: { readonly short: boolean }): Promise<Row[]> {
  const count = options.short ? 500 : 10_000;
  const gateway = new BenchGateway('redis');
  const api: number[] = [];
  const worker: number[] = [];
  try {
    await gateway.start();
    const apiStartMs = await gateway.startApi();
    gateway.startWorker();
    await pause(options.short ? 500 : 5_000);
    const rest = { api: rssMb(gateway.pid('serve')), worker: rssMb(gateway.pid('worker')) };
    const watch = setInterval(() => {
      api.push(rssMb(gateway.pid('serve')));
      worker.push(rssMb(gateway.pid('worker')));
    }, 100);
    await Promise.all([fileDossiers(gateway, 0, count), arrivalRate(gateway, 0, count)]);
    clearInterval(watch);
    return [
      { case: 'API: first answer after start', ...one(apiStartMs / 1000), unit: 's', aim: '2 at most' },
      ...(await startTimes()),
      { case: 'API at rest', ...one(rest.api), unit: 'MB RSS', aim: '200 at most' },
      { case: 'worker at rest', ...one(rest.worker), unit: 'MB RSS', aim: '200 at most' },
      { case: 'API while filing', ...summary(api), unit: 'MB RSS', aim: '300 at most' },
      { case: 'worker while delivering', ...summary(worker), unit: 'MB RSS', aim: '300 at most' },
    ];
  } finally {
    await gateway.stop();
  }
}
