import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { FileStore, OpenFile } from './file-store-port.js';

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EISDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

/** Files in a folder (a mounted share, mostly). What a symbolic link leads out of the folder is not there. */
export class FolderFileStore implements FileStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async open(reference: string, signal: AbortSignal): Promise<OpenFile | null> {
    signal.throwIfAborted();
    try {
      const root = await realpath(this.#root);
      const path = await realpath(join(root, reference));
      return path.startsWith(root + sep) ? await openFile(path) : null;
    } catch (error) {
      if (ABSENT.has((error as { code?: string }).code ?? '')) return null;
      throw error;
    }
  }
}

const openFile = async (path: string): Promise<OpenFile | null> => {
  // The real path has no link in it; NOFOLLOW keeps one from being slipped in since, NONBLOCK a pipe from hanging us.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const { size, isFile } = await handle.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }));
  if (!isFile) {
    await handle.close();
    return null;
  }
  return { stream: handle.createReadStream(), sizeBytes: size };
};
