import { UserInputError } from '../errors/gateway-error.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { BoundedCache } from '../bounded-cache.js';
import { CatalogueAnswers } from './catalogue-answers.js';
import type { CatalogueEntry, CatalogueFilter, CatalogueMark, ProcedureChange } from './catalogue-entry.js';
import { cleanProcedure, cleanText } from './catalogue-html.js';
import type { CatalogueStore } from './catalogue-store.js';
import { CatalogueVersion } from './catalogue-version.js';
import type { NationalProcedure } from './procedure.js';

export interface PageRequest {
  readonly first: number;
  /** Cursor of the page before; null: the first page. */
  readonly after: string | null;
}

export interface ListPage<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const MAX_PAGE = 200;
/** Shown with a procedure; the whole history is its own query. */
const LATEST_CHANGES = 10;
const CODE_CURSOR = /^c1:([\w.-]{1,100})$/;
const ID_CURSOR = /^i1:(\d{1,18})$/;

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const decode = (cursor: string, shape: RegExp): string => {
  const found = shape.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (found === undefined) throw new UserInputError([problemAt('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'))]);
  return found;
};

/** Throws `UserInputError` outside 1 to 200. */
const checkSize = (first: number): void => {
  if (first < 1 || first > MAX_PAGE) throw new UserInputError([problemAt('first', breach('PAGE_SIZE', `Từ 1 đến ${String(MAX_PAGE)}`, `Between 1 and ${String(MAX_PAGE)}`))]);
};

/** Cuts the row that was read ahead, and makes the cursor of the last one shown. */
export const pageOf = <Row, Node>(rows: readonly Row[], first: number, { cursor, view }: { readonly cursor: (row: Row) => string; readonly view: (row: Row) => Node }): ListPage<Node> => {
  const shown = rows.slice(0, first);
  const last = shown.at(-1);
  return { nodes: shown.map(view), pageInfo: { endCursor: last === undefined ? null : cursor(last), hasNextPage: rows.length > first } };
};

/** Position of a list that is ordered by a decimal id; null for its beginning. */
export const idAfter = ({ first, after }: PageRequest): string | null => {
  checkSize(first);
  return after === null ? null : decode(after, ID_CURSOR);
};
export const idCursor = ({ id }: { readonly id: string }): string => encode(`i1:${id}`);

interface CleanRecord {
  readonly version: number;
  readonly changedAt: Date;
  readonly procedure: NationalProcedure;
}

/** A mark is some dozen times lighter than a record: a short list may stay where a long one would push out others. */
const RECORD_WEIGHT = 10;

const weightOf = (nodes: readonly unknown[], detail: Detail): number => 1 + nodes.length * (detail === 'record' ? RECORD_WEIGHT : 1);

/** `mark`: without the content of the records, which is then neither read nor cleaned. */
export type Detail = 'mark' | 'record';

/** What everybody reads of the national catalogue. */
export class CatalogueQueries {
  readonly #store: CatalogueStore;
  readonly #records: BoundedCache<CleanRecord>;
  readonly #answers: CatalogueAnswers;

  /** Which state of the catalogue is committed now; null where nothing is to be kept. */
  readonly version: (() => Promise<string>) | null;

  /** `cacheSize`: records whose cleaned content stays in memory; answers that are made of them may hold as many again. 0: nothing does. */
  constructor(store: CatalogueStore, cacheSize: number) {
    this.#store = store;
    this.#records = new BoundedCache(cacheSize);
    const version = new CatalogueVersion(() => store.version());
    this.version = cacheSize === 0 ? null : () => version.current();
    this.#answers = new CatalogueAnswers(cacheSize * RECORD_WEIGHT, () => version.current());
  }

  /** Entries in the order of `codes`, null for one that is not known. */
  async find(codes: readonly string[]): Promise<readonly (CatalogueEntry | null)[]> {
    return this.#answers.answer(`codes ${JSON.stringify(codes)}`, {
      weigh: (entries) => weightOf(entries, 'record'),
      read: async () => {
        const entries = new Map((await this.#filled(await this.#store.marks(codes))).map((entry) => [entry.code, entry]));
        return codes.map((code) => entries.get(code) ?? null);
      },
    });
  }

  async list(filter: CatalogueFilter, page: PageRequest & { readonly detail: 'mark' }): Promise<ListPage<CatalogueMark>>;
  async list(filter: CatalogueFilter, page: PageRequest & { readonly detail?: 'record' }): Promise<ListPage<CatalogueEntry>>;
  async list(filter: CatalogueFilter, page: PageRequest & { readonly detail?: Detail }): Promise<ListPage<CatalogueMark>>;
  async list(filter: CatalogueFilter, { first, after, detail = 'record' }: PageRequest & { readonly detail?: Detail }): Promise<ListPage<CatalogueMark>> {
    checkSize(first);
    const position = after === null ? '' : decode(after, CODE_CURSOR);
    return this.#answers.answer(`list ${JSON.stringify([detail, first, position, filter])}`, {
      weigh: ({ nodes }) => weightOf(nodes, detail),
      read: async () => {
        const marks = await this.#store.list(filter, { after: position, limit: first + 1 });
        const shown = pageOf(marks, first, { cursor: ({ code }) => encode(`c1:${code}`), view: (mark) => mark });
        const nodes = detail === 'record' ? await this.#filled(shown.nodes) : shown.nodes.map((mark) => ({ ...mark, name: cleanText(mark.name) }));
        return { nodes, pageInfo: shown.pageInfo };
      },
    });
  }

  async changes(code: string | null, page: PageRequest): Promise<ListPage<ProcedureChange>> {
    const rows = await this.#store.changes(code, { before: idAfter(page), limit: page.first + 1 });
    return pageOf(rows, page.first, { cursor: idCursor, view: (row) => row });
  }

  /** The newest changes of each code, newest first, in the order of `codes`. */
  async latestChanges(codes: readonly string[]): Promise<readonly (readonly ProcedureChange[])[]> {
    const found = await this.#store.latestChanges(codes, LATEST_CHANGES);
    return codes.map((code) => found.filter((change) => change.code === code));
  }

  /** Weight of what is kept: of records, and of answers (a record in one counts ten). */
  get kept(): { readonly records: number; readonly answers: number } {
    return { records: this.#records.weight, answers: this.#answers.weight };
  }

  async #filled(marks: readonly CatalogueMark[]): Promise<readonly CatalogueEntry[]> {
    const entries = new Map<string, CatalogueEntry>();
    for (const mark of marks) {
      const held = this.#records.get(mark.code);
      // The time, too: after a restore a version number may come again with other content.
      if (held?.version === mark.version && held.changedAt.getTime() === mark.changedAt.getTime()) entries.set(mark.code, { ...held.procedure, ...mark, name: held.procedure.name });
    }
    const missing = marks.filter(({ code }) => !entries.has(code)).map(({ code }) => code);
    for (const { content, ...mark } of missing.length === 0 ? [] : await this.#store.records(missing)) {
      const procedure = cleanProcedure(content);
      this.#records.put(mark.code, { version: mark.version, changedAt: mark.changedAt, procedure });
      entries.set(mark.code, { ...procedure, ...mark, name: procedure.name });
    }
    return marks.flatMap(({ code }) => entries.get(code) ?? []);
  }
}
