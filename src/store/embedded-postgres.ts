import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { isProcessAlive, lockFolder } from './folder-lock.js';
import { chooseRunAs, findPostgresPackage, hydrateSymlinks, postgresCommand, type RunAs } from './postgres-binaries.js';

const USER = 'onestop';
const DATABASE = 'onestop';
/** Crash recovery of a large write-ahead log can take this long on a slow disk. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 20;
const MAX_LOG_BYTES = 10_000_000;

export interface EmbeddedPostgresSettings {
  /** Folder that keeps data, password and log; made when missing. */
  readonly folder: string;
  /** Off only for tests: an acknowledged commit must survive a power cut. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
}

interface Paths {
  readonly data: string;
  readonly password: string;
  readonly log: string;
  readonly lock: string;
}

const pathsOf = (folder: string): Paths => ({
  data: join(folder, 'postgres'), password: join(folder, 'postgres-password'), log: join(folder, 'postgres.log'), lock: join(folder, 'gateway.lock'),
});

const freePort = async (): Promise<number> =>
  new Promise((fulfil, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => fulfil(port));
    });
  });

const urlOf = (password: string, port: number, database: string): string => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

const giveTo = (runAs: RunAs, path: string): void => {
  const uid = runAs.kind === 'other-user' ? runAs.uid : process.getuid?.();
  const gid = runAs.kind === 'other-user' ? runAs.gid : process.getgid?.();
  if (uid === undefined || gid === undefined || statSync(path).uid === uid) return;
  chownSync(path, uid, gid);
  if (!statSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) giveTo(runAs, join(path, entry));
};

const readPassword = (path: string): string => {
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
};

/** Made beside its place and renamed, so an interrupted creation is never taken for a database. */
const createCluster = (binaries: string, runAs: RunAs, paths: Paths): void => {
  const draft = `${paths.data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const passwordFile = join(draft, 'password');
  writeFileSync(passwordFile, readPassword(paths.password), { mode: 0o600 });
  giveTo(runAs, passwordFile);
  giveTo(runAs, draft);
  const target = join(draft, 'cluster');
  const command = postgresCommand(runAs, join(binaries, 'initdb'),
    ['-D', target, '-U', USER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale-provider=builtin', '--locale=C.UTF-8']);
  const result = spawnSync(command.file, [...command.args], { ...command.identity, cwd: '/', encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr.trim()}`);
  renameSync(target, paths.data);
  rmSync(draft, { recursive: true, force: true });
};

interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

/** The server that owns this data folder now, as its postmaster.pid tells; null when that file is stale or absent. */
const findRunningServer = (data: string): RunningServer | null => {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (Number.isInteger(pid) && pid > 0 && isProcessAlive(pid) && runsInFolder(pid, data)) return { pid, port: Number(lines[3]) };
  // Numbers of processes come again, above all in containers: PostgreSQL would take any live process for its predecessor.
  rmSync(file, { force: true });
  return null;
};

const runsInFolder = (pid: number, data: string): boolean => {
  if (process.platform !== 'linux') return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout.includes(data);
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === data;
  } catch {
    return false;
  }
};

interface ServerProcess {
  readonly pid: number;
  /** Null when the server was adopted: then it is nobody's child, and is not brought back. */
  readonly child: ChildProcess | null;
}

/** A PostgreSQL of our own on a free loopback port. It outlives no stop(), and is adopted if its starter was killed. */
export class EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  #server: ServerProcess;
  #stopping = false;
  #restarting: Promise<void> = Promise.resolve();
  readonly #release: () => void;
  readonly #restart: () => Promise<ServerProcess>;
  readonly #onExit = (): void => this.#signal('SIGINT');

  constructor(running: ServerProcess & { url: string; port: number; release: () => void; restart: () => Promise<ServerProcess> }) {
    this.url = running.url;
    this.port = running.port;
    this.#server = running;
    this.#release = running.release;
    this.#restart = running.restart;
    process.once('exit', this.#onExit);
    this.#watch();
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Lets the server outlive this process, unwatched; whoever opens the folder next adopts it. */
  leaveRunning(): void {
    this.#stopping = true;
    process.off('exit', this.#onExit);
  }

  /** A server that was killed (by the kernel for want of memory, or by hand) comes back on its port. */
  #watch(): void {
    this.#server.child?.once('exit', () => {
      if (this.#stopping) return;
      this.#restarting = this.#restart().then((server) => {
        this.#server = server;
        this.#watch();
      }, () => undefined);
    });
  }

  #signal(signal: NodeJS.Signals): void {
    if (isProcessAlive(this.pid)) process.kill(this.pid, signal);
  }

  /** Ends sessions, writes a checkpoint and waits until the server is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    process.off('exit', this.#onExit);
    this.#signal('SIGINT');
    if (!(await this.#goneWithin(STOP_TIMEOUT_MS))) {
      this.#signal('SIGQUIT');
      await this.#goneWithin(STOP_TIMEOUT_MS);
    }
    this.#release();
  }

  async #goneWithin(timeoutMs: number): Promise<boolean> {
    const { child, pid } = this.#server;
    const isGone = (): boolean => (child === null ? !isProcessAlive(pid) : child.exitCode !== null || child.signalCode !== null);
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause(POLL_MS)) if (isGone()) return true;
    return isGone();
  }
}

interface Launch {
  readonly binaries: string;
  readonly runAs: RunAs;
  readonly paths: Paths;
  readonly settings: EmbeddedPostgresSettings;
}

const serverArguments = (launch: Launch, port: number): string[] => {
  const options = [
    'listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', `max_connections=${launch.settings.maxConnections ?? 120}`,
    'wal_level=minimal', 'max_wal_senders=0', 'timezone=UTC', 'log_timezone=UTC', 'log_min_messages=warning',
    // Statements hold personal data in their parameters; the log must not.
    'log_min_error_statement=panic', 'log_parameter_max_length_on_error=0',
    ...(launch.settings.durable === false ? ['fsync=off', 'full_page_writes=off'] : []),
  ];
  return ['-D', launch.paths.data, ...options.flatMap((option) => ['-c', option])];
};

const launchServer = (launch: Launch, port: number): ChildProcess => {
  const { log } = launch.paths;
  if (existsSync(log) && statSync(log).size > MAX_LOG_BYTES) rmSync(log);
  const output = openSync(log, 'a', 0o600);
  const command = postgresCommand(launch.runAs, join(launch.binaries, 'postgres'), serverArguments(launch, port));
  // Detached: Ctrl-C must reach the gateway only, which drains before it stops its database.
  const child = spawn(command.file, [...command.args], { ...command.identity, cwd: '/', stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  child.on('error', () => undefined);
  child.unref();
  return child;
};

const waitUntilAnswering = async (url: string, isDead: () => boolean): Promise<boolean> => {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await pause(POLL_MS)) {
    if (await answers(url)) return true;
    if (isDead()) return false;
  }
  return false;
};

const ensureDatabase = async (password: string, port: number): Promise<string> => {
  const client = new pg.Client({ connectionString: urlOf(password, port, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  return urlOf(password, port, DATABASE);
};

/** How often a start is tried: the free port may be taken in between, and a killed server's children take a moment to leave. */
const START_TRIES = 5;

const startOrAdopt = async (launch: Launch, password: string, fixedPort: number | null = null): Promise<{ port: number; pid: number; child: ChildProcess | null }> => {
  for (let attempt = 1; attempt <= START_TRIES; attempt += 1) {
    const orphan = findRunningServer(launch.paths.data);
    if (orphan !== null) {
      if (await waitUntilAnswering(urlOf(password, orphan.port, 'postgres'), () => !isProcessAlive(orphan.pid))) return { ...orphan, child: null };
      continue;
    }
    const port = fixedPort ?? (await freePort());
    const child = launchServer(launch, port);
    const isDead = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if ((await waitUntilAnswering(urlOf(password, port, 'postgres'), isDead)) && child.pid !== undefined) return { port, pid: child.pid, child };
    await pause(POLL_MS * 10 * attempt);
  }
  throw new Error(`The embedded PostgreSQL did not start; its log is ${launch.paths.log}`);
};

/** Starts (and on first use creates) the embedded server. Throws FolderInUseError when another gateway has the folder. */
export const startEmbeddedPostgres = async (settings: EmbeddedPostgresSettings): Promise<EmbeddedPostgres> => {
  const folder = resolve(settings.folder);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
  }
  const paths = pathsOf(folder);
  const release = lockFolder(paths.lock, `The data folder ${folder}`);
  try {
    const packageFolder = findPostgresPackage();
    hydrateSymlinks(packageFolder);
    const binaries = join(packageFolder, 'native', 'bin');
    const runAs = chooseRunAs(join(binaries, 'postgres'), paths.data);
    if (!existsSync(paths.data)) createCluster(binaries, runAs, paths);
    giveTo(runAs, paths.data);
    const password = readPassword(paths.password);
    const launch: Launch = { binaries, runAs, paths, settings };
    const running = await startOrAdopt(launch, password);
    return new EmbeddedPostgres({ ...running, url: await ensureDatabase(password, running.port), release, restart: () => startOrAdopt(launch, password, running.port) });
  } catch (error) {
    release();
    throw error;
  }
};
