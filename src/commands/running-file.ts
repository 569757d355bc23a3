import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoKeys } from '../config/demo-secrets.js';
import type { DemoUser } from './demo-users.js';
import { isProcessAlive } from '../store/folder-lock.js';

/** Where a gateway that `npm start` runs is to be found, for `demo` and `doctor` of the same data folder. */
export interface RunningInfo {
  readonly pid: number;
  readonly url: string;
  readonly databaseUrl: string;
  readonly sandboxes: readonly { readonly party: string; readonly url: string }[];
  readonly demoKeys: DemoKeys | null;
  /** People with their first passwords, which they may have changed since; null where none were made. */
  readonly demoUsers: readonly DemoUser[] | null;
}

const pathOf = (dataDir: string): string => join(dataDir, 'running.json');

export const writeRunning = (dataDir: string, info: RunningInfo): void => {
  writeFileSync(pathOf(dataDir), `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
};

export const removeRunning = (dataDir: string): void => rmSync(pathOf(dataDir), { force: true });

/** Null when none runs; a file that a killed gateway left behind counts as none. */
export const readRunning = (dataDir: string): RunningInfo | null => {
  try {
    const info = JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as RunningInfo;
    return isProcessAlive(info.pid) ? info : null;
  } catch {
    return null;
  }
};
