import { epochOf, levelOneOf } from '../agencies/agency-code.js';
import type { AgencyView } from '../agencies/agency-scope.js';
import { InputReader } from '../dossiers/input-reader.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { DraftRow, LocalDraft, LocalOutcome, LocalRecord, LocalRowReport } from './local-procedure.js';
import { cleanCode } from './match-code.js';

/** A wrong code is imported, for finding it is the point; what is no code at all is not. */
const CODE = /^[A-Z0-9\p{L}][A-Z0-9\p{L}.,_/-]{0,59}$/u;
const MAX_NAME = 2_000;
const MAX_FIELD_CODE = 60;
const MAX_FEE_VND = 1_000_000_000_000;
const MAX_TIME = 9_999;

const CODE_TEXT = breach('PROCEDURE_CODE_TEXT', 'Mã thủ tục phải có từ 1 đến 60 chữ, số, dấu chấm', 'A procedure code has 1 to 60 letters, digits and points');
const AGENCY_UNKNOWN = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const AGENCY_SHAPE = breach('AGENCY_CODE_SHAPE', 'Mã cơ quan phải có dạng 000.00.00.H42 hoặc H42.14', 'An agency code looks like 000.00.00.H42 or H42.14');
const TWICE = breach('DUPLICATE_IN_CALL', 'Mã thủ tục của cơ quan này xuất hiện hai lần', 'This code of this agency occurs twice');
const RANGE = breach('RANGE', 'Số không hợp lệ', 'The number is out of range');

export interface LocalContext {
  readonly view: AgencyView;
  readonly tenantAgencyCodes: readonly string[];
  /** Name of a field as the caller knows it. */
  readonly path: (field: string, line: number) => string;
}

export interface LocalPlan {
  readonly reports: readonly LocalRowReport[];
  readonly changes: readonly LocalRecord[];
}

export const localKey = ({ code, agencyCode }: Pick<LocalRecord, 'code' | 'agencyCode'>): string => `${agencyCode} ${code}`;

/** The agency's identity in the tree; where no tree was imported the code itself, if it is the province's. */
const agencyOf = (code: string, { view, tenantAgencyCodes }: LocalContext): string | null => {
  const clean = code.normalize('NFC').trim().toUpperCase();
  if (!view.tree.isEmpty || view.agencyCodes !== null) return view.sees(clean) ? (view.tree.find(clean)?.code ?? null) : null;
  return tenantAgencyCodes.includes(levelOneOf(clean) ?? '') ? clean : null;
};

const isWhole = (value: number | null | undefined, max: number): boolean => value == null || (Number.isSafeInteger(value) && value >= 0 && value <= max);

interface Checked {
  readonly record: LocalDraft;
  readonly problems: readonly InputProblem[];
}

/** The draft in clean text, with the agency's identity. */
export const checkLocalDraft = ({ line, draft, problems }: DraftRow, context: LocalContext): Checked => {
  const reader = new InputReader(new Date(0));
  const path = (field: string): string => context.path(field, line);
  const code = cleanCode(draft.code);
  const agencyCode = agencyOf(draft.agencyCode, context);
  if (!CODE.test(code)) reader.refuse(path('code'), CODE_TEXT);
  if (agencyCode === null) reader.refuse(path('agencyCode'), epochOf(draft.agencyCode.trim().toUpperCase()) === null ? AGENCY_SHAPE : AGENCY_UNKNOWN);
  const name = reader.text(path('name'), draft.name.replace(/\s+/g, ' '), { max: MAX_NAME });
  const fieldCode = draft.fieldCode == null ? draft.fieldCode : reader.text(path('fieldCode'), draft.fieldCode, { max: MAX_FIELD_CODE });
  if (!isWhole(draft.feeVnd, MAX_FEE_VND)) reader.refuse(path('feeVnd'), RANGE);
  if (!isWhole(draft.timeAmount, MAX_TIME)) reader.refuse(path('timeAmount'), RANGE);
  return { record: { ...draft, code, agencyCode: agencyCode ?? '', name, fieldCode }, problems: [...problems, ...reader.problems] };
};

/** What is not said stays as it is stored. */
const merged = (draft: LocalDraft, stored: LocalRecord | undefined): LocalRecord => {
  const said = <Field extends 'fieldCode' | 'level' | 'serviceLevel' | 'feeVnd' | 'timeAmount' | 'timeUnit'>(field: Field): LocalRecord[Field] | null => {
    const value = draft[field] as LocalRecord[Field] | undefined;
    return value === undefined ? (stored?.[field] ?? null) : value;
  };
  return {
    code: draft.code, agencyCode: draft.agencyCode, name: draft.name, fieldCode: said('fieldCode'), level: said('level'), serviceLevel: said('serviceLevel'),
    feeVnd: said('feeVnd'), timeAmount: said('timeAmount'), timeUnit: said('timeUnit'), active: draft.active ?? true,
  };
};

const FIELDS = ['name', 'fieldCode', 'level', 'serviceLevel', 'feeVnd', 'timeAmount', 'timeUnit', 'active'] as const satisfies readonly (keyof LocalRecord)[];

const outcomeOf = (record: LocalRecord, stored: LocalRecord | undefined): LocalOutcome => {
  if (stored === undefined) return 'CREATED';
  return FIELDS.every((field) => record[field] === stored[field]) ? 'UNCHANGED' : 'CHANGED';
};

/** Rows that were checked against what is stored: what becomes of each, and what to write. Pure. */
export const planLocal = (rows: readonly (Checked & { readonly line: number })[], stored: ReadonlyMap<string, LocalRecord>, path: LocalContext['path']): LocalPlan => {
  const seen = new Set<string>();
  const changes: LocalRecord[] = [];
  const reports = rows.map(({ line, record, problems }): LocalRowReport => {
    const key = localKey(record);
    const found = problems.length === 0 && seen.has(key) ? [problemAt(path('code', line), TWICE)] : problems;
    if (found.length > 0) return { line, code: CODE.test(record.code) ? record.code : null, agencyCode: record.agencyCode || null, outcome: 'REFUSED', problems: found };
    seen.add(key);
    const whole = merged(record, stored.get(key));
    const outcome = outcomeOf(whole, stored.get(key));
    if (outcome !== 'UNCHANGED') changes.push(whole);
    return { line, code: record.code, agencyCode: record.agencyCode, outcome, problems: [] };
  });
  return { reports, changes };
};
