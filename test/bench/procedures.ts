import { Agent, request } from 'undici';
import { createProcedureDatabase } from '../../adapters/procedure-database/adapter.js';
import { procedureDatabaseSettings } from '../../adapters/procedure-database/config.js';
import { startProcedureDatabaseSandbox } from '../../adapters/procedure-database/sandbox.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { createLogger } from '../../src/observability/logger.js';
import { createProcedureModule } from '../../src/procedures/procedure-module.js';
import { followSync } from '../../src/procedures/sync-follower.js';
import type { ProcedureSync, SyncKind } from '../../src/procedures/sync.js';
import { Database } from '../../src/store/database.js';
import { OPERATOR_KEY } from '../support/portal-client.js';
import { BenchGateway } from './bench-gateway.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const WORDS = ['cấp giấy phép', 'dang ky', 'khai sinh', 'xay dung', 'đất', 'gia hạn giấy', 'thu hồi', 'chung nhan', '1.00', 'doanh nghiep'];
const SEARCH = 'query ($text: String!) { procedures(filter: { text: $text }, first: 20) { nodes { code name isPublic } pageInfo { endCursor hasNextPage } } }';
const READ = `{ procedures(first: 50) { nodes { code name version isPublic kind decisionNumber levels keywords quirks requirements receivingAddress description
  firstSeenAt changedAt readAt withdrawnAt publishingAgency { name } fields { code } results { name } subjects { name } } } }`;

interface Reader {
  readonly post: (query: string, variables?: object) => Promise<void>;
  readonly close: () => Promise<void>;
}

const createReader = (url: string): Reader => {
  const dispatcher = new Agent({ connections: 100 });
  return {
    post: async (query, variables = {}) => {
      const reply = await request(url, {
        dispatcher, method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_KEY}` }, body: JSON.stringify({ query, variables }),
      });
      const text = await reply.body.text();
      if (reply.statusCode !== 200 || text.includes('"errors"')) throw new Error(`${String(reply.statusCode)} ${text.slice(0, 300)}`);
    },
    close: () => dispatcher.close(),
  };
};

const quantile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds of each search, of readers that each ask again `everyMs` after they asked, or at once after an answer (0). */
async function searchTimes(reader: Reader, { readers, searches, everyMs }: { readers: number; searches: number; everyMs: number }): Promise<number[]> {
  const times: number[] = [];
  await Promise.all(Array.from({ length: readers }, async (_value, index) => {
    // Spread over the interval, as people are.
    await pause((everyMs * index) / readers);
    for (let turn = 0; turn < searches; turn += 1) {
      const at = performance.now();
      await reader.post(SEARCH, { text: WORDS[(index + turn) % WORDS.length] });
      times.push(performance.now() - at);
      await pause(Math.max(0, everyMs - (performance.now() - at)));
    }
  }));
  return times;
}

async function readRates(reader: Reader, rounds: number, count: number): Promise<number[]> {
  const rates: number[] = [];
  for (let round = 0; round < rounds + 1; round += 1) {
    const at = performance.now();
    await Promise.all(Array.from({ length: 10 }, async () => { for (let turn = 0; turn < count / 10; turn += 1) await reader.post(READ); }));
    // The first round warms up.
    if (round > 0) rates.push(count / ((performance.now() - at) / 1_000));
  }
  return rates;
}

/** Syncs with the real adapter, over HTTP, from a sandbox in this process. */
async function benchSyncs(databaseUrl: string, procedures: number): Promise<Row[]> {
  const logger = createLogger('warn');
  const sandbox = await startProcedureDatabaseSandbox({ procedures });
  const read = procedureDatabaseSettings.read(sandbox.environment);
  if (!read.ok) throw new Error(read.problems.join());
  const circuits = new CircuitBoard();
  const party = createProcedureDatabase(read.settings, { circuits, logger });
  const database = new Database({ url: databaseUrl, poolSize: 10, applicationName: 'bench' });
  const catalogue = createProcedureModule({
    database, ring: () => undefined,
    settings: { nightlyAtMinutes: null, fullWeekday: null, fingerprintKey: Buffer.alloc(32), keepHours: 1, rereadRuns: 30, maxAbsentShare: 0.2, cacheSize: 0 },
  });
  if (party.database === null) throw new Error('the sandbox names no wire');
  const worker = catalogue.createWorker({ port: party.database, ...party.pace, logger });
  const run = async (kind: SyncKind): Promise<{ seconds: number; sync: ProcedureSync }> => {
    const at = performance.now();
    const sync = await followSync(catalogue.service, { kind, onProgress: () => undefined, wake: () => worker.wake() });
    if (sync.state !== 'complete' || sync.failed > 0) throw new Error(JSON.stringify(sync));
    return { seconds: (performance.now() - at) / 1_000, sync };
  };
  try {
    const full = await run('full');
    const incremental = await run('incremental');
    const name = (what: string, { sync }: typeof full): string => `${what} sync, ${sync.listed.toLocaleString('en')} procedures listed, ${sync.read.toLocaleString('en')} read, ${String(party.pace.concurrency)} at once`;
    return [
      { case: name('full', full), ...summary([full.seconds]), unit: 's', aim: '10,000 in under 120 s' },
      { case: name('incremental', incremental), ...summary([incremental.seconds]), unit: 's', aim: 'under 20 s' },
    ];
  } finally {
    await worker.close();
    await party.close();
    circuits.close();
    await database.close();
    await sandbox.close();
  }
}

const inApi = async <Result>(gateway: BenchGateway, cacheSize: number, work: (reader: Reader) => Promise<Result>): Promise<Result> => {
  gateway.override({ PROCEDURE_CACHE_SIZE: String(cacheSize), RATE_LIMIT_CLIENT: '0', RATE_LIMIT_TOTAL: '0' });
  await gateway.startApi();
  const reader = createReader(gateway.apiUrl);
  try {
    return await work(reader);
  } finally {
    await reader.close();
    await gateway.end('serve');
  }
};

/** The national catalogue: how fast it is synced, searched and read through the whole gateway. */
export async function benchProcedures(options: { readonly short: boolean }): Promise<Row[]> {
  const procedures = options.short ? 500 : 10_400;
  const gateway = new BenchGateway('postgres');
  try {
    await gateway.start();
    const rows = await benchSyncs(gateway.databaseUrl, procedures);
    await gateway.sql('VACUUM ANALYZE national_procedures');
    const [rounds, count] = options.short ? [1, 100] : [5, 500];
    const cold = summary(await inApi(gateway, 0, (reader) => readRates(reader, rounds, count)));
    await inApi(gateway, 1_000, async (reader) => {
      const warm = summary(await readRates(reader, rounds, count));
      rows.push(
        { case: 'catalogue read, 50 items × 20 fields, no cache', ...cold, unit: 'requests/s' },
        { case: 'catalogue read, 50 items × 20 fields, cache', ...warm, unit: 'requests/s', ratio: warm.median / cold.median },
      );
      for (const everyMs of [1_000, 0]) {
        const searches = options.short ? 2 : everyMs === 0 ? 50 : 20;
        const times = await searchTimes(reader, { readers: 100, searches, everyMs });
        const how = everyMs === 0 ? 'each without a pause' : 'each once a second';
        rows.push({ case: `search through the gateway, 100 readers, ${how}: p99`, median: quantile(times, 0.99), min: quantile(times, 0.5), max: quantile(times, 1), unit: 'ms (spread: p50–max)', aim: 'p99 under 20 ms' });
      }
    });
    return rows;
  } finally {
    await gateway.stop();
  }
}
