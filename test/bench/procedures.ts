import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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
import { measureLoad } from './door-load.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const WORDS = ['cấp giấy phép', 'dang ky', 'khai sinh', 'xay dung', 'đất', 'gia hạn giấy', 'thu hồi', 'chung nhan', '1.00', 'doanh nghiep'];
const SEARCH = 'query ($text: String!) { procedures(filter: { text: $text }, first: 20) { nodes { code name isPublic } pageInfo { endCursor hasNextPage } } }';
const READ = `{ procedures(first: 50) { nodes { code name version isPublic kind decisionNumber levels keywords quirks requirements receivingAddress description
  firstSeenAt changedAt readAt withdrawnAt publishingAgency { name } fields { code } results { name } subjects { name } } } }`;

const MEMORY_DOOR = fileURLToPath(new URL('procedure-door.ts', import.meta.url));
/** As in production. */
const CACHE_SIZE = 1_000;

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

const READERS = 100;

interface Searching {
  readonly searches: number;
  readonly everyMs: number;
  readonly texts: readonly string[];
}

/** Milliseconds of each search, of readers that each ask again `everyMs` after they asked, or at once after an answer (0). */
async function searchTimes(reader: Reader, { searches, everyMs, texts }: Searching): Promise<number[]> {
  const times: number[] = [];
  await Promise.all(Array.from({ length: READERS }, async (_value, index) => {
    // Spread over the interval, as people are.
    await pause((everyMs * index) / READERS);
    for (let turn = 0; turn < searches; turn += 1) {
      const at = performance.now();
      await reader.post(SEARCH, { text: texts[(index + turn * READERS) % texts.length] });
      times.push(performance.now() - at);
      await pause(Math.max(0, everyMs - (performance.now() - at)));
    }
  }));
  return times;
}

/** Requests a second of each address, asked in turns, so that a busy machine hurts all alike; the first round warms up. */
async function readRates(urls: Readonly<Record<string, string>>, { rounds, seconds }: { rounds: number; seconds: number }): Promise<ReadonlyMap<string, number[]>> {
  const rates = new Map(Object.keys(urls).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, url] of Object.entries(urls)) {
      const rate = await measureLoad({ url, seconds: round === 0 ? 1 : seconds, body: JSON.stringify({ query: READ }), headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  return rates;
}

/** The same page in memory behind the same door, in a process of its own. */
async function withMemoryDoor<Result>(databaseUrl: string, work: (url: string) => Promise<Result>): Promise<Result> {
  const child = spawn(process.execPath, ['--import', 'tsx', MEMORY_DOOR, databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } });
  try {
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return await work(url);
  } finally {
    child.kill();
  }
}

/** Moves the catalogue's version now and then while `work` runs. */
async function whileChanging<Result>(gateway: BenchGateway, everyMs: number, work: () => Promise<Result>): Promise<Result> {
  const client = new Database({ url: gateway.databaseUrl, poolSize: 1, applicationName: 'bench' });
  const timer = setInterval(() => void client.query('UPDATE national_procedures SET read_at = now() WHERE code = (SELECT min(code) FROM national_procedures)').catch(() => undefined), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await client.close();
  }
}

/** Texts that people might type, each once: pieces of names. */
async function distinctTexts(gateway: BenchGateway): Promise<readonly string[]> {
  const rows = await gateway.sql<{ name: string }>('SELECT name FROM national_procedures ORDER BY md5(code)');
  const texts = new Set<string>();
  for (const { name } of rows) {
    const words = name.split(' ');
    for (let from = 0; from + 3 <= words.length; from += 2) texts.add(words.slice(from, from + 3).join(' '));
  }
  return [...texts];
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
    port: null,
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

/** Reads of a page, without the cache, with it, and beside the same page in memory. */
async function benchReads(gateway: BenchGateway, short: boolean): Promise<Row[]> {
  const load = short ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 4 };
  const cold = summary((await inApi(gateway, 0, () => readRates({ cold: gateway.apiUrl }, load))).get('cold') ?? []);
  return inApi(gateway, CACHE_SIZE, () => withMemoryDoor(gateway.databaseUrl, async (memory) => {
    const rates = await readRates({ warm: gateway.apiUrl, memory }, load);
    const [warm, held] = [summary(rates.get('warm') ?? []), summary(rates.get('memory') ?? [])];
    const changing = summary((await whileChanging(gateway, 200, () => readRates({ warm: gateway.apiUrl }, load))).get('warm') ?? []);
    const row = (what: string, of: typeof warm): Row => ({ case: `catalogue read, 50 items × 20 fields, ${what}`, ...of, unit: 'requests/s', ratio: of.median / held.median });
    return [
      row('the same page in memory, built for each call', held), row('no cache', cold), { ...row('cache', warm), aim: 'at least 0.8 of the page in memory' },
      row('cache, while the catalogue changes five times a second', changing),
    ];
  }));
}

async function benchSearches(gateway: BenchGateway, short: boolean): Promise<Row[]> {
  const distinct = await distinctTexts(gateway);
  const [some, others] = [distinct.filter((_text, index) => index % 2 === 0), distinct.filter((_text, index) => index % 2 === 1)];
  // No text comes twice.
  const newOnly = (texts: readonly string[], searches: number): Pick<Searching, 'searches' | 'texts'> => ({ texts, searches: Math.max(1, Math.min(searches, Math.floor(texts.length / READERS))) });
  const cases: readonly (readonly [string, Searching])[] = [
    ['each once a second', { everyMs: 1_000, searches: short ? 2 : 20, texts: WORDS }],
    ['each once a second, every text new', { everyMs: 1_000, ...newOnly(some, short ? 2 : 20) }],
    ['each without a pause', { everyMs: 0, searches: short ? 2 : 200, texts: WORDS }],
    ['each without a pause, every text new', { everyMs: 0, ...newOnly(others, short ? 2 : 40) }],
  ];
  return inApi(gateway, CACHE_SIZE, async (reader) => {
    const rows: Row[] = [];
    for (let turn = 0; turn < 200; turn += 1) await reader.post(SEARCH, { text: 'khởi động' });
    for (const [how, searching] of cases) {
      const times = await searchTimes(reader, searching);
      rows.push({ case: `search through the gateway, 100 readers, ${how}: p99`, median: quantile(times, 0.99), min: quantile(times, 0.5), max: quantile(times, 1), unit: 'ms (spread: p50–max)', aim: 'p99 under 20 ms' });
    }
    return rows;
  });
}

/** The national catalogue: how fast it is synced, searched and read through the whole gateway. */
export async function benchProcedures(options: { readonly short: boolean }): Promise<Row[]> {
  const gateway = new BenchGateway('postgres');
  try {
    await gateway.start();
    const syncs = await benchSyncs(gateway.databaseUrl, options.short ? 500 : 10_400);
    await gateway.sql('VACUUM ANALYZE national_procedures');
    return [...syncs, ...(await benchReads(gateway, options.short)), ...(await benchSearches(gateway, options.short))];
  } finally {
    await gateway.stop();
  }
}
