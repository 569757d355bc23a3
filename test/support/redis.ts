import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

/** Whether a real Redis is installed; lanes that need it say so and count their tests as skipped. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Takes a signal such as SIGSTOP or SIGKILL; after a kill, `start` brings an empty server on the same port. */
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether this process answers at the port, and no other Redis. */
const answers = async (port: number, pid: number): Promise<boolean> => {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null, connectTimeout: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.info('server')).includes(`process_id:${String(pid)}\r`);
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
};

/** Starts a Redis of its own on a free port, without persistence; `options` are words of its command line. */
export const startTestRedis = async (options: readonly string[] = []): Promise<TestRedis> => {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-redis-'));
  const port = await freePort();
  let child: ChildProcess;
  const launch = async (): Promise<void> => {
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...options], { stdio: 'ignore' });
    await eventually('Redis to answer', () => answers(port, child.pid ?? 0));
  };
  await launch();
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    kill: async (signal) => {
      child.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await eventually('Redis to end', gone);
    },
    start: launch,
    stop: async () => {
      child.kill('SIGKILL');
      await eventually('Redis to end', gone);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
