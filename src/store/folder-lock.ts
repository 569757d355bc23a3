import { readFileSync, rmSync, writeFileSync } from 'node:fs';

interface Owner {
  readonly pid: number;
  /** Start of the process in clock ticks; tells a live owner from a process that was given the same number later. */
  readonly startTicks: string | null;
}

const startTicksOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may hold spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
};

export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const isOwnerAlive = (owner: Owner): boolean =>
  owner.pid !== process.pid && isProcessAlive(owner.pid) && (owner.startTicks === null || owner.startTicks === startTicksOf(owner.pid));

const readOwner = (path: string): Owner | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return null;
  }
};

export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/** Takes the lock file at `path` for this process; a lock whose owner is dead is taken over. Returns how to give it back. */
export const lockFolder = (path: string, what: string): (() => void) => {
  const owner = readOwner(path);
  if (owner !== null && isOwnerAlive(owner)) {
    throw new FolderInUseError(`${what} is in use by process ${owner.pid}; stop that one first, or set DATA_DIR to another folder`);
  }
  rmSync(path, { force: true });
  const mine: Owner = { pid: process.pid, startTicks: startTicksOf(process.pid) };
  try {
    writeFileSync(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new FolderInUseError(`${what} was taken by another process at this moment; stop that one first`, { cause });
  }
  return () => {
    if (readOwner(path)?.pid === process.pid) rmSync(path, { force: true });
  };
};
