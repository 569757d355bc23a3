import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { TEST_API_KEYS } from '../support/portal-client.js';
import { startTestRedis } from '../support/redis.js';
import type { TestRedis } from '../support/redis.js';

export type Carrier = 'redis' | 'postgres';

const SANDBOX_READY = /Sandbox of national-portal at (\S+);/;

/** Runs a command of the built gateway; both streams go to a file of their own. */
const launch = (args: readonly string[], env: Readonly<Record<string, string>>, log: string): ChildProcess => {
  const output = openSync(log, 'a');
  return spawn(process.execPath, args, { env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env }, stdio: ['ignore', output, output] });
};

const endOf = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await eventually('a process to end', () => child.exitCode !== null || child.signalCode !== null, { timeoutMs: 30_000 });
};

/** Resident memory of a process in MB. */
export const rssMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Clock ticks of 10 ms, user and system, of all threads; with those of children that have ended. Zero for a process that is gone: its parent has it. */
const cpuMs = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT' || (error as { code?: unknown }).code === 'ESRCH') return 0;
    throw error;
  }
};

/** Processor time since their start, ms. */
export interface ProcessorTime {
  readonly apiMs: number;
  readonly databaseMs: number;
}

export interface SandboxTotals {
  readonly inserts: number;
  readonly updates: number;
  readonly steps: number;
}

/** The gateway's processes on durable servers, each as in production: PostgreSQL with fsync on, sandbox with no delay of its own. */
export class BenchGateway {
  readonly folder = mkdtempSync(join(tmpdir(), 'onestop-bench-'));
  readonly carrier: Carrier;
  databaseUrl = '';
  sandboxUrl = '';
  apiUrl = '';
  redis: TestRedis | null = null;
  #env: Record<string, string> = {};
  #stopPostgres: () => Promise<void> = () => Promise.resolve();
  readonly #children = new Map<string, ChildProcess>();

  constructor(carrier: Carrier) {
    this.carrier = carrier;
  }

  async start(over: Readonly<Record<string, string>> = {}): Promise<void> {
    const postgres = await startEmbeddedPostgres({ folder: join(this.folder, 'db'), durable: true });
    this.#stopPostgres = () => postgres.stop();
    this.databaseUrl = postgres.url;
    this.redis = this.carrier === 'redis' ? await startTestRedis() : null;
    const sandboxEnvironment = await this.#startSandbox();
    const secret = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
    const port = await freePort();
    this.apiUrl = `http://127.0.0.1:${String(port)}/graphql`;
    this.#env = {
      DATABASE_URL: postgres.url, ...(this.redis === null ? {} : { REDIS_URL: this.redis.url }), HTTP_PORT: String(port), WORKER_PORT: '0', API_KEYS: TEST_API_KEYS,
      FIELD_KEYS: `k1:${secret(1)}`, FILE_LINK_KEYS: `f1:${secret(2)}`, FINGERPRINT_KEY: secret(3), FILE_STORE_DIR: this.folder, TENANT_AGENCY_CODES: 'H42',
      DATA_DIR: this.folder, LOG_LEVEL: 'warn', NATIONAL_PORTAL_CONCURRENCY: '32', ...sandboxEnvironment, ...over,
    };
    await this.run('migrate');
  }

  /** Environment of what is started from now on. */
  override(over: Readonly<Record<string, string>>): void {
    this.#env = { ...this.#env, ...over };
  }

  /** A command that ends by itself. */
  async run(...command: readonly string[]): Promise<void> {
    const child = launch(['dist/src/main.js', ...command], this.#env, join(this.folder, `${command[0] ?? ''}.log`));
    await eventually(`${command.join(' ')} to end`, () => child.exitCode !== null, { timeoutMs: 60_000 });
    if (child.exitCode !== 0) throw new Error(readFileSync(join(this.folder, `${command[0] ?? ''}.log`), 'utf8'));
  }

  /** Starts the API and waits for its first answer; returns how long that took, in milliseconds. */
  async startApi(): Promise<number> {
    const startedAt = performance.now();
    this.#start('serve');
    await eventually('the API', () => fetch(new URL('/health/ready', this.apiUrl)).then((reply) => reply.ok, () => false), { timeoutMs: 30_000, everyMs: 5 });
    return performance.now() - startedAt;
  }

  startWorker(): void {
    this.#start('worker');
  }

  pid(command: 'serve' | 'worker'): number {
    return this.#children.get(command)?.pid ?? 0;
  }

  async end(command: 'serve' | 'worker', signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#children.get(command);
    if (child !== undefined) await endOf(child, signal);
  }

  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Of the API, and of PostgreSQL with all its backends. */
  processorTime(): ProcessorTime {
    const postmaster = Number(readFileSync(join(this.folder, 'db', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const backends = readFileSync(`/proc/${String(postmaster)}/task/${String(postmaster)}/children`, 'utf8').trim().split(' ').filter((pid) => pid !== '');
    return { apiMs: cpuMs(this.pid('serve')), databaseMs: [postmaster, ...backends.map(Number)].reduce((sum, pid) => sum + cpuMs(pid), 0) };
  }

  /** How many things the sandbox has stored. */
  async received(): Promise<number> {
    const reply = await fetch(`${this.sandboxUrl}/control/state`);
    const { totals } = (await reply.json()) as { totals: Record<string, number> };
    return (totals['inserts'] ?? 0) + (totals['updates'] ?? 0) + (totals['steps'] ?? 0);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => endOf(child, 'SIGKILL')));
    await this.redis?.stop();
    await this.#stopPostgres();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(command: 'serve' | 'worker'): void {
    this.#children.set(command, launch(['dist/src/main.js', command], this.#env, join(this.folder, `${command}.log`)));
  }

  async #startSandbox(): Promise<Record<string, string>> {
    const log = join(this.folder, 'sandbox.log');
    this.#children.set('sandbox', launch(['dist/src/main.js', 'sandbox', 'national-portal', '--port', '0'], {}, log));
    const text = await eventually('the sandbox', () => {
      const written = readFileSync(log, 'utf8');
      return SANDBOX_READY.test(written) && written.includes('NATIONAL_PORTAL_G2_CONSUMER_SECRET') ? written : null;
    }, { timeoutMs: 30_000 });
    this.sandboxUrl = SANDBOX_READY.exec(text)?.[1] ?? '';
    return Object.fromEntries([...text.matchAll(/^ {2}([A-Z0-9_]+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));
  }
}
