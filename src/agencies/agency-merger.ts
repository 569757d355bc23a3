import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Agency } from './agency.js';
import { dayAfter } from './agency-plan.js';
import type { AgencyTree } from './agency-tree.js';

export interface MergerOrder {
  readonly fromCodes: readonly string[];
  readonly intoCode: string;
  /** First day of the successor's charge, `yyyy-mm-dd`. */
  readonly since: string;
  /** Whether active agencies directly below move under the successor; else their presence refuses the merger. */
  readonly moveChildren: boolean;
}

export type MergerPlan =
  | { readonly ok: true; readonly from: readonly string[]; readonly into: string; readonly moved: readonly string[]; readonly changes: readonly Agency[] }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

const UNKNOWN = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const ITSELF = breach('MERGED_INTO_ITSELF', 'Cơ quan không thể sáp nhập vào chính nó hoặc vào cơ quan trực thuộc nó', 'An agency cannot be merged into itself or into one below it');
const ENDED = breach('AGENCY_ENDED', 'Cơ quan đã kết thúc hoạt động hoặc chưa bắt đầu vào ngày này', 'The agency had ended, or not begun, by that day');
const CHILDREN = breach('ACTIVE_CHILDREN', 'Cơ quan còn đơn vị trực thuộc đang hoạt động', 'Active agencies are still below it');
const MAX_MERGED = 500;
const COUNT = breach('COUNT', `Cần từ 1 đến ${String(MAX_MERGED)} mục`, `Between 1 and ${String(MAX_MERGED)} members are needed`);
/** Children named in a refusal. */
const MAX_NAMED = 20;

const isActiveOn = ({ active }: Agency, day: string): boolean => active.until === null || active.until >= day;

const refusalOf = (from: Agency | null, into: Agency, { tree, lastDay }: { readonly tree: AgencyTree; readonly lastDay: string }): RuleBreach | null => {
  if (from === null) return UNKNOWN;
  if (from === into || tree.ancestors(into).includes(from)) return ITSELF;
  return isActiveOn(from, lastDay) && (from.active.from ?? '') <= lastDay ? null : ENDED;
};

/** Those that end, as they shall be, by code. */
const endedOf = (tree: AgencyTree, into: Agency, { fromCodes, since }: MergerOrder): { readonly ended: ReadonlyMap<string, Agency>; readonly problems: readonly InputProblem[] } => {
  const lastDay = dayAfter(since, -1);
  const ended = new Map<string, Agency>();
  const problems: InputProblem[] = [];
  for (const [index, code] of fromCodes.entries()) {
    const from = tree.find(code);
    const found = refusalOf(from, into, { tree, lastDay });
    if (found !== null) problems.push(problemAt(`fromCodes[${String(index)}]`, found));
    else if (from !== null) ended.set(from.code, { ...from, active: { ...from.active, until: lastDay }, successors: [{ code: into.code, since }] });
  }
  return { ended, problems };
};

const refuse = (field: string, found: RuleBreach): MergerPlan => ({ ok: false, problems: [problemAt(field, found)] });

/** The last day before `since` ends each merged agency; its codes stay its own, for old dossiers name them. Pure. */
export const planMerger = (tree: AgencyTree, order: MergerOrder): MergerPlan => {
  const { fromCodes, since, moveChildren } = order;
  const into = tree.find(order.intoCode);
  if (fromCodes.length < 1 || fromCodes.length > MAX_MERGED) return refuse('fromCodes', COUNT);
  if (into === null) return refuse('intoCode', UNKNOWN);
  if (!isActiveOn(into, since)) return refuse('intoCode', ENDED);
  const { ended, problems } = endedOf(tree, into, order);
  if (problems.length > 0) return { ok: false, problems };
  const orphans = [...ended.keys()].flatMap((code) => tree.children(code)).filter((child) => !ended.has(child.code) && child !== into && isActiveOn(child, since));
  if (orphans.length > 0 && !moveChildren) return refuse('moveChildren', { ...CHILDREN, allowed: orphans.slice(0, MAX_NAMED).map(({ code }) => code) });
  const changes = [...ended.values(), ...orphans.map((child) => ({ ...child, parentCode: into.code }))];
  return { ok: true, from: [...ended.keys()], into: into.code, moved: orphans.map(({ code }) => code), changes };
};
