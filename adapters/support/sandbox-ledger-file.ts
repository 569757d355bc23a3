import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Reads what whole lines there are: the last one may be cut where the process was killed while writing it. */
const readLines = <Entry>(file: string): readonly Entry[] =>
  readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Entry];
    } catch {
      return [];
    }
  });

/** A sandbox's memory over restarts: JSON lines. Without a file it keeps nothing and costs nothing. */
export class LedgerFile<Entry extends object> {
  /** What earlier runs wrote; read once, kept by whoever made this. */
  readonly earlier: readonly Entry[];
  #file: number | null;

  constructor(path: string | null) {
    this.earlier = path !== null && existsSync(path) ? readLines<Entry>(path) : [];
    this.#file = path === null ? null : openSync(path, 'a');
    // A cut last line would swallow the first one of this run.
    if (this.#file !== null) writeSync(this.#file, '\n');
  }

  /** Written before it returns, so what is answered afterwards survives a kill of the process. */
  append(entry: Entry): void {
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  clear(): void {
    if (this.#file !== null) ftruncateSync(this.#file);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
