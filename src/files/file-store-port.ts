import type { Readable } from 'node:stream';

export interface OpenFile {
  /** Fails with an error when the file ends early or grows past the limit; the reader destroys it when it loses interest. */
  readonly stream: Readable;
  /** Null when the store does not say. */
  readonly sizeBytes: number | null;
}

/** The portal's own store of files. Effect class `read`. */
export interface FileStore {
  /** Null when there is no such file, or none that may be handed out. Rejects when the store does not answer. */
  open(reference: string, signal: AbortSignal): Promise<OpenFile | null>;
}
