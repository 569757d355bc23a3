import { epochOf, levelOneOf } from '../agencies/agency-code.js';
import type { AgencyView } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { cleanCode, readProcedureCode } from '../procedures/match-code.js';
import { unreadableText } from '../readable-text.js';
import type { DraftRow, ServiceDraft, ServiceFacts, ServiceOutcome, ServiceRowReport } from './public-service.js';

/** A wrong code is registered, for readiness says what is wrong with it; what is no code at all is not. */
const CODE = /^[A-Z0-9\p{L}][A-Z0-9\p{L}.,_/-]{0,59}$/u;
/** Service code of national-portal.md §6.2 [M]: the procedure's and a running number. */
const FIRST_NUMBER = '.01';
const NUMBER = /^\.\d{2}$/;
const MAX_LINK = 2_000;
const MAX_OFFICIALS = 100_000;

const CODE_TEXT = breach('PROCEDURE_CODE_TEXT', 'Mã thủ tục phải có từ 1 đến 60 chữ, số, dấu chấm', 'A procedure code has 1 to 60 letters, digits and points');
const SERVICE_CODE = breach('SERVICE_CODE_SHAPE', 'Mã dịch vụ công là mã thủ tục và hai chữ số, ví dụ .01', 'A service code is the procedure code and two digits, such as .01');
const AGENCY_UNKNOWN = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const AGENCY_SHAPE = breach('AGENCY_CODE_SHAPE', 'Mã cơ quan phải có dạng 000.00.00.H42 hoặc H42.14', 'An agency code looks like 000.00.00.H42 or H42.14');
const LEVEL_NEEDED = breach('REQUIRED', 'Dịch vụ mới cần có mức độ', 'A new service needs a level');
const LINK_SHAPE = breach('LINK_SHAPE', 'Liên kết phải là địa chỉ http(s), không có mật khẩu', 'The link must be an http(s) address without a password');
const RANGE = breach('RANGE', 'Số không hợp lệ', 'The number is out of range');
const TWICE = breach('DUPLICATE_IN_CALL', 'Thủ tục của cơ quan này xuất hiện hai lần', 'This procedure of this agency occurs twice');

export interface PlanContext {
  readonly view: AgencyView;
  readonly tenantAgencyCodes: readonly string[];
  /** Name of a field as the caller knows it. */
  readonly path: (field: string, line: number) => string;
}

export interface CheckedDraft {
  readonly line: number;
  readonly draft: ServiceDraft;
  readonly problems: readonly InputProblem[];
}

export const serviceKey = ({ procedureCode, agencyCode }: Pick<ServiceFacts, 'procedureCode' | 'agencyCode'>): string => `${agencyCode} ${procedureCode}`;

/** The agency's identity in the tree; where no tree was imported the code itself, if it is the province's. */
export const agencyOf = (code: string, { view, tenantAgencyCodes }: Pick<PlanContext, 'view' | 'tenantAgencyCodes'>): string | null => {
  const clean = code.normalize('NFC').trim().toUpperCase();
  if (!view.tree.isEmpty || view.agencyCodes !== null) return view.sees(clean) ? (view.tree.find(clean)?.code ?? null) : null;
  return tenantAgencyCodes.includes(levelOneOf(clean) ?? '') ? clean : null;
};

const isLink = (link: string): boolean => {
  if (link.length > MAX_LINK || unreadableText(link, false) !== null || !URL.canParse(link)) return false;
  const { protocol, username, password } = new URL(link);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
};

const isServiceCode = (code: string, procedureCode: string): boolean => code.startsWith(procedureCode) && NUMBER.test(code.slice(procedureCode.length));

const isOfficialCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0 && count <= MAX_OFFICIALS;

/** The draft with clean codes and the agency's identity. */
export const checkDraft = ({ line, draft, problems }: DraftRow, context: PlanContext): CheckedDraft => {
  const procedureCode = cleanCode(draft.procedureCode);
  const agencyCode = agencyOf(draft.agencyCode, context);
  const code = draft.code === undefined ? undefined : cleanCode(draft.code);
  const deepLink = draft.deepLink?.trim() ?? draft.deepLink;
  const rules: readonly (readonly [field: keyof ServiceDraft, isBroken: boolean, broken: RuleBreach])[] = [
    ['procedureCode', !CODE.test(procedureCode), CODE_TEXT],
    ['code', code !== undefined && !isServiceCode(code, procedureCode), SERVICE_CODE],
    ['agencyCode', agencyCode === null, epochOf(draft.agencyCode.trim().toUpperCase()) === null ? AGENCY_SHAPE : AGENCY_UNKNOWN],
    ['deepLink', deepLink != null && !isLink(deepLink), LINK_SHAPE],
    ['officials', !isOfficialCount(draft.officials ?? 0), RANGE],
  ];
  const found = rules.filter(([, isBroken]) => isBroken).map(([field, , broken]) => problemAt(context.path(field, line), broken));
  return { line, problems: [...problems, ...found], draft: { ...draft, procedureCode, code, deepLink, agencyCode: agencyCode ?? draft.agencyCode } };
};

const NEW_SERVICE = { electronicForm: false, onlinePayment: false, electronicResult: false, postalResult: false, officials: 0, deepLink: null };

/** What is stored, with what the draft says; null for a new service without a level. */
const merge = (stored: ServiceFacts | undefined, draft: ServiceDraft): ServiceFacts | null => {
  const { procedureCode, agencyCode } = draft;
  const level = draft.level ?? stored?.level;
  if (level === undefined) return null;
  const before = stored ?? { ...NEW_SERVICE, code: `${procedureCode}${FIRST_NUMBER}` };
  const said = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  return { ...before, ...said, procedureCode, agencyCode, level };
};

const outcomeOf = (stored: ServiceFacts | undefined, next: ServiceFacts): ServiceOutcome => {
  if (stored === undefined) return 'CREATED';
  return (Object.keys(next) as (keyof ServiceFacts)[]).every((field) => stored[field] === next[field]) ? 'UNCHANGED' : 'CHANGED';
};

export interface ServicePlan {
  readonly reports: readonly ServiceRowReport[];
  readonly changes: readonly ServiceFacts[];
}

/** What becomes of each row; a row that is refused harms no other. */
export const planServices = (checked: readonly CheckedDraft[], stored: ReadonlyMap<string, ServiceFacts>, path: PlanContext['path']): ServicePlan => {
  const seen = new Set<string>();
  const changes: ServiceFacts[] = [];
  const reports = checked.map(({ line, draft, problems }): ServiceRowReport => {
    const key = serviceKey(draft);
    const before = stored.get(key);
    const next = merge(before, draft);
    const more = [
      ...(seen.has(key) ? [problemAt(path('procedureCode', line), TWICE)] : []),
      ...(next === null && problems.length === 0 ? [problemAt(path('level', line), LEVEL_NEEDED)] : []),
    ];
    const all = [...problems, ...more];
    // What is no code may be anything, a person's name too, and is not repeated.
    const named = { line, procedureCode: readProcedureCode(draft.procedureCode) === null ? null : draft.procedureCode, agencyCode: epochOf(draft.agencyCode) === null ? null : draft.agencyCode };
    if (next === null || all.length > 0) return { ...named, outcome: 'REFUSED', problems: all };
    seen.add(key);
    const outcome = outcomeOf(before, next);
    if (outcome !== 'UNCHANGED') changes.push(next);
    return { ...named, outcome, problems: [] };
  });
  return { reports, changes };
};
