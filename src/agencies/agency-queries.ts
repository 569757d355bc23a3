import type { Caller } from '../access/caller.js';
import { UserInputError } from '../errors/gateway-error.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { AccessAttemptStore, AttemptedCall } from './access-attempt-store.js';
import { covers } from './agency.js';
import type { Agency, AgencyKind, AgencyLevel } from './agency.js';
import type { AgencyScope, AgencyView } from './agency-scope.js';
import { isLimited } from './agency-scope.js';
import { foldText } from './fold-text.js';

export interface AgencyFilter {
  readonly search?: string | null;
  readonly kind?: AgencyKind | null;
  readonly level?: AgencyLevel | null;
  readonly parentCode?: string | null;
  readonly underCode?: string | null;
  readonly activeOn?: string | null;
}

export interface AgencyPage {
  readonly agencies: readonly Agency[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

const MAX_PAGE = 200;
const MAX_SEARCH = 200;
const CURSOR_PREFIX = 'agency:';

const refuse = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

const codeOfCursor = (cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  return text.startsWith(CURSOR_PREFIX) ? text.slice(CURSOR_PREFIX.length) : refuse('after', 'CURSOR', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
};

/** Every word of the search begins a word of the name, or it is the beginning of a code. Marks and case do not matter. */
const matchesText = (agency: Agency, search: string): boolean => {
  if (agency.codes.some(({ code }) => code.toLowerCase().startsWith(search))) return true;
  const name = ` ${foldText(`${agency.nameVi} ${agency.nameEn ?? ''}`)}`;
  return search.split(' ').every((word) => name.includes(` ${word}`));
};

/** What callers read of the tree, each within its scope. */
export class AgencyQueries {
  readonly #scope: AgencyScope;
  readonly #attempts: AccessAttemptStore;

  constructor(scope: AgencyScope, attempts: AccessAttemptStore) {
    this.#scope = scope;
    this.#attempts = attempts;
  }

  /** By any code that it has or had; null for one outside the caller's scope, like one that is not there. */
  async find(call: AttemptedCall, code: string): Promise<Agency | null> {
    const view = await this.#scope.viewOf(call.caller);
    const agency = view.sees(code) ? view.tree.find(code) : null;
    if (agency === null && isLimited(view)) await this.#attempts.record(call, 'agency', [{ kind: 'agency', target: code }]);
    return agency;
  }

  /** As `find`, where the caller did not name the code itself. */
  async peek(caller: Caller, code: string): Promise<Agency | null> {
    const view = await this.#scope.viewOf(caller);
    return view.sees(code) ? view.tree.find(code) : null;
  }

  /** In the order of codes. Throws UserInputError for a page size or cursor that cannot be. */
  async list(call: AttemptedCall, filter: AgencyFilter, page: { readonly first: number; readonly after: string | null }): Promise<AgencyPage> {
    if (page.first < 1 || page.first > MAX_PAGE) refuse('first', 'PAGE_SIZE', { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` });
    if ((filter.search?.length ?? 0) > MAX_SEARCH) refuse('filter.search', 'TOO_LONG', { vi: `Dài quá ${String(MAX_SEARCH)} ký tự`, en: `Longer than ${String(MAX_SEARCH)} characters` });
    const after = page.after === null ? '' : codeOfCursor(page.after);
    const view = await this.#scope.viewOf(call.caller);
    const hidden = [filter.parentCode, filter.underCode].filter((code) => code != null).filter((code) => !view.sees(code));
    if (hidden.length > 0) await this.#attempts.record(call, 'agencies', hidden.map((target) => ({ kind: 'agency', target })));
    const found = hidden.length > 0 ? [] : select(view, filter).filter(({ code }) => code > after);
    const agencies = found.slice(0, page.first);
    const last = agencies.at(-1);
    return { agencies, hasNextPage: found.length > page.first, endCursor: last === undefined ? null : Buffer.from(CURSOR_PREFIX + last.code).toString('base64url') };
  }
}

const select = (view: AgencyView, filter: AgencyFilter): readonly Agency[] => {
  const search = foldText(filter.search ?? '');
  const parent = filter.parentCode == null ? null : view.tree.find(filter.parentCode);
  const under = filter.underCode == null ? null : view.tree.subtree(filter.underCode);
  return view.tree.agencies.filter((agency) => view.sees(agency.code)
    && (filter.kind == null || agency.kind === filter.kind)
    && (filter.level == null || agency.level === filter.level)
    && (filter.parentCode == null || (parent !== null && agency.parentCode === parent.code))
    && (under === null || under.has(agency))
    && (filter.activeOn == null || covers(agency.active, filter.activeOn))
    && (search === '' || matchesText(agency, search)));
};
