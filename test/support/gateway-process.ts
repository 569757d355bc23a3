import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'src', 'main.js');

export interface GatewayProcess {
  readonly child: ChildProcess;
  /** Everything that it wrote so far, both streams. */
  output(): string;
  /** Resolves with the exit code when it ends by itself or by a signal. */
  exit(): Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs the built command line with exactly this environment (and PATH). */
export const runGateway = (args: readonly string[], env: Readonly<Record<string, string>>): GatewayProcess => {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((fulfil) => child.once('close', (code) => fulfil(code)));
  return { child, output: () => output, exit: () => ended, kill: (signal) => void child.kill(signal) };
};

/** A data folder under a parent that an embedded PostgreSQL of another user may enter. */
export const newDataFolder = (): { readonly path: string; remove(): void } => {
  const parent = mkdtempSync(join(tmpdir(), 'onestop-e2e-'));
  chmodSync(parent, 0o711);
  return { path: join(parent, 'data'), remove: () => rmSync(parent, { recursive: true, force: true }) };
};

export interface Ready {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly portalKey: string;
  readonly operatorKey: string;
  /** The printed shell line. */
  readonly firstCall: string;
}

const find = (pattern: RegExp, text: string): string => pattern.exec(text)?.[1] ?? '';

/** Waits for the banner of `start` and reads it as a person would. */
export const untilReady = async (gateway: GatewayProcess): Promise<Ready> => {
  await eventually('the banner', () => {
    if (gateway.child.exitCode !== null) throw new Error(`The gateway ended: ${gateway.output()}`);
    return gateway.output().includes('Ctrl-C ends everything');
  }, { timeoutMs: 60_000 });
  const text = gateway.output();
  return {
    url: find(/ready at (\S+)/, text), sandboxUrl: find(/Sandbox\s+(\S+)/, text), portalKey: find(/Portal key\s+(\S+)/, text),
    operatorKey: find(/Operator key\s+(\S+)/, text), firstCall: find(/^(curl .*)$/m, text),
  };
};

/** What it says of its health once it is well: a machine that stands still is not, for a moment. */
export const untilHealthy = (url: string): Promise<unknown> => eventually('good health', async () => {
  const health = (await (await fetch(`${url}/health/ready`)).json()) as { readonly ready: boolean };
  return health.ready ? health : null;
}, { everyMs: 200 });

/** Processes whose command line or working folder names the folder: what a stopped gateway must not leave behind. */
export const processesIn = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
