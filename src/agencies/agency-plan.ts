import type { InputProblem } from '../errors/gateway-error.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import { canonicalJson } from '../store/idempotency.js';
import type { Agency, AgencyCode, Period } from './agency.js';
import { AGENCY_LEVELS, overlap } from './agency.js';
import type { AgencyDraft, DraftContext } from './agency-draft.js';
import { checkDraft } from './agency-draft.js';
import type { DraftRow } from './agency-rows.js';
import type { AgencyTree } from './agency-tree.js';

export type RowOutcome = 'CREATED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED';

export interface RowReport {
  /** Line in the sheet, from 1. */
  readonly line: number;
  /** Null when the row names no readable code. */
  readonly code: string | null;
  readonly outcome: RowOutcome;
  readonly problems: readonly InputProblem[];
}

export interface AgencyPlan {
  readonly reports: readonly RowReport[];
  /** New and changed agencies as they shall be. */
  readonly changes: readonly Agency[];
}

interface Candidate {
  readonly row: DraftRow;
  readonly draft: AgencyDraft;
  readonly problems: InputProblem[];
  /** Null when the row alone is not enough to make one. */
  next: Agency | null;
}

/** Province, department, office … a real tree has five levels; walking further up means a ring. */
const MAX_DEPTH = 12;
/** A refusal can make others wrong; what has not settled by then is refused. */
const MAX_ROUNDS = 20;

const REQUIRED = breach('NEW_AGENCY_NEEDS', 'Bắt buộc nhập với cơ quan mới', 'A new agency needs this');
const TWICE = breach('DUPLICATE_IN_FILE', 'Cơ quan xuất hiện hai lần', 'The agency occurs twice');
const PARENT_UNKNOWN = breach('PARENT_UNKNOWN', 'Không có cơ quan cấp trên này', 'There is no such parent agency');
const CYCLE = breach('CYCLE', 'Cơ quan không thể nằm dưới chính nó', 'An agency cannot lie below itself');
const LEVEL = breach('LEVEL_ORDER', 'Cấp của cơ quan cao hơn cơ quan cấp trên', 'The agency is of a higher level than its parent');
const CODE_TAKEN = breach('AGENCY_CODE_TAKEN', 'Mã đang thuộc cơ quan khác trong cùng thời gian', 'Another agency has this code at the same time');
const SUCCESSOR_UNKNOWN = breach('SUCCESSOR_UNKNOWN', 'Không có cơ quan tiếp nhận này', 'There is no such successor');
const MERGED_WHEN = breach('MERGED_WHEN', 'Cơ quan bị sáp nhập phải có ngày kết thúc', 'A merged agency needs its last day');
const UNSETTLED = breach('UNSETTLED', 'Dòng này phụ thuộc vào các dòng bị từ chối', 'The row depends on rows that are refused');

const codesAfter = (draft: AgencyDraft, before: Agency | null): readonly AgencyCode[] => {
  const codes = new Map<string, AgencyCode>(before?.codes.map((entry) => [entry.code, entry]));
  const own = codes.get(draft.code) ?? { code: draft.code, from: null, until: null, confidence: 'MEDIUM' };
  codes.set(draft.code, { ...own, confidence: draft.confidence ?? own.confidence });
  for (const { code, from, until, confidence } of draft.otherCodes ?? []) codes.set(code, { code, from, until, confidence });
  return [...codes.values()].sort((left, right) => (left.code < right.code ? -1 : 1));
};

export const dayAfter = (day: string, days = 1): string => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** What is said replaces what is stored; a new agency has nothing stored. */
const given = <Value>(said: Value | undefined, stored: Value | null | undefined): Value | null => (said === undefined ? stored ?? null : said);

/** Null when a new agency lacks what it must have. */
const agencyAfter = (draft: AgencyDraft, before: Agency | null): Agency | null => {
  const { nameVi = before?.nameVi, kind = before?.kind, level = before?.level } = draft;
  if (nameVi === undefined || kind === undefined || level === undefined) return null;
  return {
    code: before === null ? draft.code : before.code, codes: codesAfter(draft, before), nameVi, nameEn: given(draft.nameEn, before?.nameEn), kind, level,
    parentCode: given(draft.parentCode, before?.parentCode), ...contactAfter(draft, before), active: periodAfter(draft, before?.active),
    successors: before === null ? [] : before.successors,
  };
};

const contactAfter = (draft: AgencyDraft, before: Agency | null): Pick<Agency, 'address' | 'phone' | 'email'> =>
  ({ address: given(draft.address, before?.address), phone: given(draft.phone, before?.phone), email: given(draft.email, before?.email) });

const periodAfter = (draft: AgencyDraft, before: Period | undefined): Period => ({ from: given(draft.activeFrom, before?.from), until: given(draft.activeUntil, before?.until) });

const meet = (code: Period, active: Period): Period => ({
  from: code.from === null || (active.from !== null && active.from > code.from) ? active.from : code.from,
  until: code.until === null || (active.until !== null && active.until < code.until) ? active.until : code.until,
});

/** The tree as it would be with all candidates that are not refused. */
class Draftboard {
  readonly #agencies: ReadonlyMap<string, Agency>;
  readonly #bearers = new Map<string, Agency[]>();

  constructor(tree: AgencyTree, candidates: readonly Candidate[]) {
    const agencies = new Map(tree.agencies.map((agency) => [agency.code, agency]));
    for (const { next } of candidates) if (next !== null) agencies.set(next.code, next);
    this.#agencies = agencies;
    for (const agency of agencies.values()) {
      for (const { code } of agency.codes) this.#bearers.set(code, [...(this.#bearers.get(code) ?? []), agency]);
    }
  }

  /** Identity of the agency that a code means; null for none. */
  identityOf(code: string): string | null {
    return this.#agencies.has(code) ? code : this.#bearers.get(code)?.[0]?.code ?? null;
  }

  placeOf(agency: Agency): { readonly field: string; readonly found: RuleBreach } | null {
    let above = agency.parentCode;
    for (let depth = 0; above !== null; depth += 1) {
      const parent = this.#agencies.get(above);
      if (parent === undefined) return { field: 'parentCode', found: PARENT_UNKNOWN };
      if (depth >= MAX_DEPTH || parent.code === agency.code) return { field: 'parentCode', found: CYCLE };
      if (depth === 0 && AGENCY_LEVELS.indexOf(parent.level) > AGENCY_LEVELS.indexOf(agency.level)) return { field: 'level', found: LEVEL };
      above = parent.parentCode;
    }
    return null;
  }

  clashOf(agency: Agency): string | null {
    const clash = agency.codes.find((entry) => this.#bearers.get(entry.code)?.some((other) => other.code !== agency.code
      && other.codes.some((theirs) => theirs.code === entry.code && overlap(meet(entry, agency.active), meet(theirs, other.active)))));
    return clash?.code ?? null;
  }
}

/** Parent and successor by whatever code the row used → their identities. */
const link = (next: Agency, draft: AgencyDraft, board: Draftboard): { readonly next: Agency; readonly problem: { readonly field: string; readonly found: RuleBreach } | null } => {
  const parentCode = next.parentCode === null ? null : board.identityOf(next.parentCode) ?? next.parentCode;
  const linked = { ...next, parentCode };
  if (draft.mergedInto === undefined) return { next: linked, problem: null };
  const into = board.identityOf(draft.mergedInto);
  if (into === null || into === next.code) return { next: linked, problem: { field: 'mergedInto', found: SUCCESSOR_UNKNOWN } };
  if (next.active.until === null) return { next: linked, problem: { field: 'activeUntil', found: MERGED_WHEN } };
  const others = next.successors.filter(({ code }) => code !== into);
  const successors = [...others, { code: into, since: dayAfter(next.active.until) }].sort((left, right) => (left.code < right.code ? -1 : 1));
  return { next: { ...linked, successors }, problem: null };
};

const problemOf = (next: Agency, board: Draftboard): { readonly field: string; readonly found: RuleBreach } | null => {
  const misplaced = board.placeOf(next);
  if (misplaced !== null) return misplaced;
  const clash = board.clashOf(next);
  return clash === null ? null : { field: clash === next.code ? 'code' : 'otherCodes', found: CODE_TAKEN };
};

const missing = (draft: AgencyDraft, before: Agency | null): readonly string[] => {
  if (before !== null) return [];
  const needed = (['nameVi', 'kind', 'level'] as const).filter((field) => draft[field] === undefined);
  return draft.level !== 'PROVINCE' && draft.parentCode == null ? [...needed, 'parentCode'] : needed;
};

const firstLook = (tree: AgencyTree, rows: readonly DraftRow[], context: DraftContext): readonly Candidate[] => {
  const seen = new Set<string>();
  return rows.map((row) => {
    const checked = checkDraft(row.draft, context);
    const before = tree.find(checked.draft.code);
    const problems = [...row.problems, ...checked.problems, ...missing(checked.draft, before).map((field) => problemAt(context.path(field), REQUIRED))];
    const identity = before?.code ?? checked.draft.code;
    if (seen.has(identity)) problems.push(problemAt(context.path('code'), TWICE));
    seen.add(identity);
    return { row, draft: checked.draft, problems, next: problems.length > 0 ? null : agencyAfter(checked.draft, before) };
  });
};

const refuseUntilSettled = (tree: AgencyTree, candidates: readonly Candidate[], context: DraftContext): void => {
  for (let round = 0; ; round += 1) {
    const board = new Draftboard(tree, candidates);
    let settled = true;
    for (const candidate of candidates) {
      if (candidate.next === null) continue;
      const problem = round >= MAX_ROUNDS ? { field: 'code', found: UNSETTLED } : problemOf(candidate.next, board);
      if (problem === null) continue;
      candidate.problems.push(problemAt(context.path(problem.field), problem.found));
      candidate.next = null;
      settled = false;
    }
    if (settled) return;
  }
};

/** Judges rows against the tree and each other: a bad row harms none but those that hang on it. Pure. */
export const planAgencies = (tree: AgencyTree, rows: readonly DraftRow[], context: DraftContext): AgencyPlan => {
  const candidates = firstLook(tree, rows, context);
  const board = new Draftboard(tree, candidates);
  for (const candidate of candidates) {
    if (candidate.next === null) continue;
    const { next, problem } = link(candidate.next, candidate.draft, board);
    candidate.next = problem === null ? next : null;
    if (problem !== null) candidate.problems.push(problemAt(context.path(problem.field), problem.found));
  }
  refuseUntilSettled(tree, candidates, context);
  const changes: Agency[] = [];
  const reports = candidates.map(({ row: { line }, draft, problems, next }): RowReport => {
    if (next === null) return { line, code: problems.some(({ field }) => field === context.path('code')) ? null : draft.code, outcome: 'REFUSED', problems };
    const before = tree.find(next.code);
    const unchanged = before !== null && canonicalJson(before) === canonicalJson(next);
    if (!unchanged) changes.push(next);
    return { line, code: next.code, outcome: before === null ? 'CREATED' : unchanged ? 'UNCHANGED' : 'CHANGED', problems: [] };
  });
  return { reports, changes };
};
