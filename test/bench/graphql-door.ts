/** 50 items × 20 fields through the whole door, beside Apollo's default on Express 5 and Mercurius with JIT: node --import tsx test/bench/graphql-door.ts */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { measureLoad } from './door-load.js';

export interface DoorRow {
  readonly case: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** How many times Apollo's default on Express 5, by medians. */
  readonly ratio?: number;
  readonly aim?: string;
}

const SERVER = fileURLToPath(new URL('door-server.ts', import.meta.url));
const KINDS = ['apollo', 'mercurius', 'gateway'] as const;
type Kind = (typeof KINDS)[number];
const TITLES: Readonly<Record<Kind, string>> = { apollo: 'Apollo default on Express 5', mercurius: 'Mercurius with JIT, no authentication or limits', gateway: 'gateway: authentication, limits on calls and documents, compiled queries' };
const AIMS: Readonly<Partial<Record<Kind, string>>> = { gateway: '6 × Apollo, at least 4.5 ×; level with Mercurius' };
const DOCUMENT = `{ items { ${Array.from({ length: 20 }, (_, index) => `field${index}`).join(' ')} } }`;

const start = async (kind: Kind, databaseUrl: string): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, ['--import', 'tsx', SERVER, kind, databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url };
};

const rowOf = (kind: Kind, rates: readonly number[], base: number): DoorRow => {
  const sorted = [...rates].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const aim = AIMS[kind];
  return { case: TITLES[kind], median: Math.round(median), min: Math.round(sorted[0] ?? 0), max: Math.round(sorted.at(-1) ?? 0), unit: 'requests/s', ratio: Number((median / base).toFixed(2)), ...(aim === undefined ? {} : { aim }) };
};

const medianOf = (rates: readonly number[]): number => [...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;

/** Each server in a process of its own, asked in turns, so that a busy machine hurts all alike. */
const measure = async (servers: ReadonlyMap<Kind, string>, { rounds, seconds }: { rounds: number; seconds: number }): Promise<ReadonlyMap<Kind, number[]>> => {
  const rates = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [kind, url] of servers) {
      const rate = await measureLoad({ url, seconds: round < 0 ? 1 : seconds, body: JSON.stringify({ query: DOCUMENT }), headers: { authorization: 'Bearer bench-key' } });
      // The first round warms up.
      if (round >= 0) rates.get(kind)?.push(rate);
    }
  }
  return rates;
};

export async function benchGraphqlDoor(options: { short: boolean }): Promise<{ rows: DoorRow[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-door-'));
  const postgres = await startEmbeddedPostgres({ folder });
  const children: ChildProcess[] = [];
  try {
    await migrate(postgres.url);
    const servers = new Map<Kind, string>();
    for (const kind of KINDS) {
      const { child, url } = await start(kind, postgres.url);
      children.push(child);
      servers.set(kind, url);
    }
    const rates = await measure(servers, options.short ? { rounds: 3, seconds: 2 } : { rounds: 5, seconds: 5 });
    const base = medianOf(rates.get('apollo') ?? []);
    return { rows: KINDS.map((kind) => rowOf(kind, rates.get(kind) ?? [], base)) };
  } finally {
    for (const child of children) child.kill();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table((await benchGraphqlDoor({ short: process.argv.includes('--short') })).rows);
