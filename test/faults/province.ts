import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startNationalPortalSandbox } from '../../adapters/national-portal/sandbox.js';
import type { RunningSandbox } from '../../adapters/support/sandbox-server.js';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { TEST_API_KEYS } from '../support/portal-client.js';
import { hasRedis, startTestRedis } from '../support/redis.js';
import type { TestRedis } from '../support/redis.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

export type Carrier = 'redis' | 'postgres';

/** Short times, so that an unknown outcome is settled in seconds and not in minutes; the proportions are those of the defaults. */
const SHORT_TIMES = {
  NATIONAL_PORTAL_DEADLINE_MS: '1500', NATIONAL_PORTAL_LOGIN_DEADLINE_MS: '1000', NATIONAL_PORTAL_IN_FLIGHT_MS: '3000',
  DELIVERY_LEASE_MS: '2500', DRAIN_SECONDS: '3',
};

/** A process of the gateway that can be killed, frozen and started again under the same environment. */
export class GatewayProcess {
  readonly #command: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #log: string;
  #child: ChildProcess | undefined;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, log: string) {
    this.#command = command;
    this.#env = env;
    this.#log = log;
  }

  /** Runs it; with `supervised` it is started again whenever it ends by itself, as a supervisor in production does. */
  start(supervised = false): void {
    const output = openSync(this.#log, 'a');
    const child = spawn(process.execPath, ['dist/src/main.js', ...this.#command], { env: { PATH: process.env.PATH ?? '', ...this.#env }, stdio: ['ignore', output, output] });
    closeSync(output);
    this.#child = child;
    if (!supervised) return;
    child.once('exit', () => {
      setTimeout(() => {
        if (this.#child === child) this.start(true);
      }, 500);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await eventually('the process to end', () => child.exitCode !== null || child.signalCode !== null, { timeoutMs: 60_000 });
  }

  pid(): number {
    return this.#child?.pid ?? 0;
  }

  log(): string {
    return readFileSync(this.#log, 'utf8');
  }
}

/** A whole province on loopback: real PostgreSQL, Redis or none, sandbox, API and workers as processes of their own. */
export class Province {
  readonly folder: string;
  readonly carrier: Carrier;
  readonly sandbox: RunningSandbox;
  readonly apiUrl: string;
  readonly api: GatewayProcess;
  readonly workers: readonly GatewayProcess[];
  readonly redis: TestRedis | null;
  readonly redisProxy: TcpProxy | null;
  readonly postgresProxy: TcpProxy;
  #postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;

  private constructor(parts: Pick<Province, 'folder' | 'carrier' | 'sandbox' | 'apiUrl' | 'api' | 'workers' | 'redis' | 'redisProxy' | 'postgresProxy'> & { postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>> }) {
    this.folder = parts.folder;
    this.carrier = parts.carrier;
    this.sandbox = parts.sandbox;
    this.apiUrl = parts.apiUrl;
    this.api = parts.api;
    this.workers = parts.workers;
    this.redis = parts.redis;
    this.redisProxy = parts.redisProxy;
    this.postgresProxy = parts.postgresProxy;
    this.#postgres = parts.postgres;
  }

  static async start(settings: { carrier: Carrier; workers?: number; env?: Readonly<Record<string, string>> }): Promise<Province> {
    if (settings.carrier === 'redis' && !hasRedis()) throw new Error('the fault lane needs redis-server: apt-get install redis-server');
    const folder = mkdtempSync(join(tmpdir(), 'onestop-faults-'));
    const sandbox = await startNationalPortalSandbox({ ledgerFile: join(folder, 'ledger.jsonl'), hangMs: 4_000 });
    const postgres = await startEmbeddedPostgres({ folder: join(folder, 'db'), durable: true });
    const postgresProxy = await startTcpProxy(postgres.port);
    const redis = settings.carrier === 'redis' ? await startTestRedis() : null;
    const redisProxy = redis === null ? null : await startTcpProxy(redis.port);
    const port = await freePort();
    const url = new URL(postgres.url);
    url.port = String(postgresProxy.port);
    const secret = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
    const env = {
      DATABASE_URL: url.href, ...(redisProxy === null ? {} : { REDIS_URL: `redis://127.0.0.1:${String(redisProxy.port)}` }),
      HTTP_PORT: String(port), WORKER_PORT: '0', API_KEYS: TEST_API_KEYS, FIELD_KEYS: `k1:${secret(1)}`, FILE_LINK_KEYS: `f1:${secret(2)}`, FINGERPRINT_KEY: secret(3),
      FILE_STORE_DIR: folder, TENANT_AGENCY_CODES: 'H42', DATA_DIR: folder, LOG_LEVEL: 'info', ...SHORT_TIMES, ...sandbox.environment, ...settings.env,
    };
    const processOf = (name: string, command: string): GatewayProcess => new GatewayProcess([command], env, join(folder, `${name}.log`));
    const province = new Province({
      folder, carrier: settings.carrier, sandbox, postgres, postgresProxy, redis, redisProxy, apiUrl: `http://127.0.0.1:${String(port)}/graphql`,
      api: processOf('api', 'serve'), workers: Array.from({ length: settings.workers ?? 2 }, (_, n) => processOf(`worker-${String(n)}`, 'worker')),
    });
    const migration = processOf('migrate', 'migrate');
    migration.start();
    await eventually('the schema is there', () => migration.pid() === 0 || !isAlive(migration.pid()), { timeoutMs: 120_000 });
    province.api.start(true);
    for (const worker of province.workers) worker.start(true);
    await eventually('the API answers', () => fetch(new URL('/health/live', province.apiUrl)).then((reply) => reply.ok, () => false), { timeoutMs: 120_000 });
    return province;
  }

  /** Processes that ended by an error nobody caught; a refusal to start while the database is away is not one. */
  crashes(): string[] {
    return [this.api, ...this.workers].flatMap((process) => process.log().split('\n').filter((line) => /^Node\.js v\d/.test(line)));
  }

  /** The last lines that each process wrote, for a failed run. */
  logs(): string {
    return [this.api, ...this.workers].map((process) => process.log().split('\n').slice(-15).join('\n')).join('\n---\n');
  }

  databaseUrl(): string {
    return this.#postgres.url;
  }

  /** kill -9 of the postmaster, then a new one on the same data behind the same address. */
  async killPostgres(): Promise<void> {
    const pid = Number(readFileSync(join(this.folder, 'db', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    await this.#postgres.stop().catch(() => undefined);
    this.#postgres = await startEmbeddedPostgres({ folder: join(this.folder, 'db'), durable: true });
    this.postgresProxy.aim(this.#postgres.port);
  }

  /** Stops every process of PostgreSQL where it stands, and lets it go on after a while. */
  async freezePostgres(ms: number): Promise<void> {
    const postmaster = readFileSync(join(this.folder, 'db', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0] ?? '';
    const all = [Number(postmaster), ...childrenOf(postmaster)];
    const signal = (name: NodeJS.Signals): void => {
      for (const pid of all) if (isAlive(pid)) process.kill(pid, name);
    };
    signal('SIGSTOP');
    await pause(ms);
    signal('SIGCONT');
  }

  async killRedis(): Promise<void> {
    if (this.redis === null || this.redisProxy === null) return;
    await this.redis.kill('SIGKILL');
    await this.redis.start();
    this.redisProxy.aim(this.redis.port);
  }

  async stop(): Promise<void> {
    await Promise.all([this.api, ...this.workers].map((process) => process.end('SIGKILL')));
    await this.redisProxy?.close();
    await this.redis?.stop();
    await this.postgresProxy.close();
    await this.#postgres.stop();
    await this.sandbox.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const childrenOf = (parent: string): number[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === parent;
    } catch {
      return false;
    }
  }).map(Number);

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
