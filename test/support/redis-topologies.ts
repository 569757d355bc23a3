import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

export interface RedisTopology {
  /** REDIS_URL of the whole. */
  readonly url: string;
  /** kill -9 of the server that is master now (of the first one in a cluster). */
  killMaster(): void;
  stop(): Promise<void>;
}

/** Of a cluster's bus, above the port. */
const BUS = 10_000;

const cli = (port: number, ...words: string[]): string => execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const answers = (port: number): boolean => {
  try {
    return cli(port, 'ping').trim() === 'PONG';
  } catch {
    return false;
  }
};

class Servers {
  readonly folder = mkdtempSync(join(tmpdir(), 'onestop-redis-'));
  readonly children = new Map<number, ChildProcess>();

  async launch(port: number, words: readonly string[]): Promise<void> {
    this.children.set(port, spawn('redis-server', [...words, '--port', String(port), '--bind', '127.0.0.1', '--dir', this.folder], { stdio: 'ignore' }));
    await eventually(`Redis on ${String(port)}`, () => answers(port));
  }

  async stop(): Promise<void> {
    for (const child of this.children.values()) child.kill('SIGKILL');
    await eventually('all to end', () => [...this.children.values()].every((child) => child.exitCode !== null || child.signalCode !== null));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const PLAIN = ['--save', '', '--appendonly', 'no'];

/** Three masters that share the slots. */
export async function startRedisCluster(): Promise<RedisTopology> {
  const servers = new Servers();
  const ports: number[] = [];
  while (ports.length < 3) {
    // Each listens before the next is looked for, so that none is found twice.
    const port = await freePort(BUS);
    await servers.launch(port, [...PLAIN, '--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${String(port)}.conf`, '--dbfilename', `${String(port)}.rdb`]);
    ports.push(port);
  }
  const nodes = ports.map((port) => `127.0.0.1:${String(port)}`);
  cli(ports[0] ?? 0, '--cluster', 'create', ...nodes, '--cluster-yes');
  await eventually('the cluster', () => ports.every((port) => cli(port, 'cluster', 'info').includes('cluster_state:ok')));
  return { url: `redis+cluster://${nodes.join(',')}`, killMaster: () => servers.children.get(ports[0] ?? 0)?.kill('SIGKILL'), stop: () => servers.stop() };
}

/** A master, a replica, and three Sentinels that agree within a second. */
export async function startRedisSentinels(): Promise<RedisTopology> {
  const servers = new Servers();
  const master = await freePort();
  await servers.launch(master, [...PLAIN, '--dbfilename', 'master.rdb']);
  await servers.launch(await freePort(), [...PLAIN, '--dbfilename', 'replica.rdb', '--replicaof', '127.0.0.1', String(master)]);
  const sentinels: number[] = [];
  while (sentinels.length < 3) {
    const port = await freePort();
    const file = join(servers.folder, `sentinel-${String(port)}.conf`);
    writeFileSync(file, `sentinel monitor gateway 127.0.0.1 ${String(master)} 2\nsentinel down-after-milliseconds gateway 500\nsentinel failover-timeout gateway 3000\n`);
    await servers.launch(port, [file, '--sentinel']);
    sentinels.push(port);
  }
  // A Sentinel whose first question came before the replica had found its master asks again ten seconds later.
  await eventually('the Sentinels know each other and the replica', () => sentinels.every((port) =>
    /num-other-sentinels\n2/.test(cli(port, 'sentinel', 'master', 'gateway')) && /num-slaves\n1/.test(cli(port, 'sentinel', 'master', 'gateway'))), { timeoutMs: 60_000 });
  return {
    url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${String(port)}`).join(',')}/gateway`,
    killMaster: () => servers.children.get(master)?.kill('SIGKILL'),
    stop: () => servers.stop(),
  };
}

