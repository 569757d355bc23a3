import { UserInputError } from '../errors/gateway-error.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { CatalogueCache } from './catalogue-cache.js';
import type { CatalogueEntry, CatalogueFilter, CatalogueMark, ProcedureChange } from './catalogue-entry.js';
import { cleanProcedure } from './catalogue-html.js';
import type { CatalogueStore } from './catalogue-store.js';
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

/** What everybody reads of the national catalogue. */
export class CatalogueQueries {
  readonly #store: CatalogueStore;
  readonly #cache: CatalogueCache;

  constructor(store: CatalogueStore, cache: CatalogueCache) {
    this.#store = store;
    this.#cache = cache;
  }

  /** Entries in the order of `codes`, null for one that is not known. */
  async find(codes: readonly string[]): Promise<readonly (CatalogueEntry | null)[]> {
    const entries = new Map((await this.#filled(await this.#store.marks(codes))).map((entry) => [entry.code, entry]));
    return codes.map((code) => entries.get(code) ?? null);
  }

  async list(filter: CatalogueFilter, page: PageRequest): Promise<ListPage<CatalogueEntry>> {
    checkSize(page.first);
    const after = page.after === null ? '' : decode(page.after, CODE_CURSOR);
    const marks = await this.#store.list(filter, { after, limit: page.first + 1 });
    const shown = pageOf(marks, page.first, { cursor: ({ code }) => encode(`c1:${code}`), view: (mark) => mark });
    return { nodes: await this.#filled(shown.nodes), pageInfo: shown.pageInfo };
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

  async #filled(marks: readonly CatalogueMark[]): Promise<readonly CatalogueEntry[]> {
    const held = new Map<string, { readonly version: number; readonly procedure: NationalProcedure }>();
    for (const { code, version } of marks) {
      const procedure = this.#cache.get(code, version);
      if (procedure !== null) held.set(code, { version, procedure });
    }
    const missing = marks.filter(({ code }) => !held.has(code)).map(({ code }) => code);
    for (const { code, version, content } of missing.length === 0 ? [] : await this.#store.contents(missing)) {
      const procedure = cleanProcedure(content);
      this.#cache.put(code, version, procedure);
      held.set(code, { version, procedure });
    }
    return marks.flatMap((mark) => {
      const content = held.get(mark.code);
      return content === undefined ? [] : [{ ...mark, ...content }];
    });
  }
}
