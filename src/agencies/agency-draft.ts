import type { InputProblem } from '../errors/gateway-error.js';
import { InputReader } from '../dossiers/input-reader.js';
import { breach } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { AgencyKind, AgencyLevel, Confidence, Period } from './agency.js';
import { epochOf, levelOneOf } from './agency-code.js';

export interface CodeDraft extends Period {
  readonly code: string;
  readonly confidence: Confidence;
}

/** What a row or an operator says of an agency. Undefined: nothing is said, what is stored stays; null: it has none. */
export interface AgencyDraft {
  readonly code: string;
  readonly otherCodes?: readonly CodeDraft[] | undefined;
  readonly confidence?: Confidence | undefined;
  readonly nameVi?: string | undefined;
  readonly nameEn?: string | null | undefined;
  readonly kind?: AgencyKind | undefined;
  readonly level?: AgencyLevel | undefined;
  readonly parentCode?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly activeFrom?: string | null | undefined;
  readonly activeUntil?: string | null | undefined;
  readonly mergedInto?: string | undefined;
}

const MAX_NAME = 300;
const MAX_CONTACT = 500;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const PHONE = /^\+?[\d .()-]{3,30}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FIRST_DAY = '1945-09-02';
const LAST_DAY = '2100-12-31';

const CODE_SHAPE = breach('AGENCY_CODE_SHAPE', 'Mã cơ quan phải có dạng 000.00.00.H42 hoặc H42.14', 'An agency code looks like 000.00.00.H42 or H42.14');
const foreign = (tenant: readonly string[]): RuleBreach =>
  ({ ...breach('AGENCY_NOT_OF_TENANT', 'Cơ quan không thuộc tỉnh này', 'The agency does not belong to this province'), allowed: tenant });

/** A real day, written `yyyy-mm-dd`, in the life of the republic's offices. */
export const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`);
  return DAY.test(text) && text >= FIRST_DAY && text <= LAST_DAY && !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text;
};

class DraftChecker {
  readonly reader = new InputReader(new Date(0));
  readonly #path: (field: string) => string;
  readonly #tenant: readonly string[];

  constructor(path: (field: string) => string, tenant: readonly string[]) {
    this.#path = path;
    this.#tenant = tenant;
  }

  code(field: string, code: string): string {
    const text = code.normalize('NFC').trim().toUpperCase();
    const levelOne = levelOneOf(text);
    if (epochOf(text) === null || levelOne === null) this.reader.refuse(this.#path(field), CODE_SHAPE);
    else if (!this.#tenant.includes(levelOne)) this.reader.refuse(this.#path(field), foreign(this.#tenant));
    return text;
  }

  text(field: string, value: string | null | undefined, max: number): string | null | undefined {
    return value === undefined ? undefined : this.reader.optionalText(this.#path(field), value, { max });
  }

  matching(field: string, value: string | null | undefined, rule: { readonly pattern: RegExp; readonly found: RuleBreach }): string | null | undefined {
    const text = this.text(field, value, MAX_CONTACT);
    if (typeof text === 'string' && !rule.pattern.test(text)) this.reader.refuse(this.#path(field), rule.found);
    return text;
  }

  day(field: string, value: string | null | undefined): string | null | undefined {
    if (typeof value === 'string' && !isDay(value)) this.reader.refuse(this.#path(field), breach('DAY_SHAPE', 'Ngày phải có dạng 2025-07-01', 'A day looks like 2025-07-01'));
    return value;
  }

  period(field: string, from: string | null | undefined, until: string | null | undefined): void {
    if (from == null || until == null || from <= until) return;
    this.reader.refuse(this.#path(field), breach('PERIOD_ORDER', 'Ngày kết thúc sớm hơn ngày bắt đầu', 'The last day lies before the first'));
  }
}

export interface DraftContext {
  /** Name of a field as the caller knows it. */
  readonly path: (field: string) => string;
  readonly tenant: readonly string[];
}

/** The draft in clean text, with all that is wrong with it on its own. */
export const checkDraft = (draft: AgencyDraft, { path, tenant }: DraftContext): { readonly draft: AgencyDraft; readonly problems: readonly InputProblem[] } => {
  const checker = new DraftChecker(path, tenant);
  const nameVi = draft.nameVi === undefined ? undefined : checker.reader.text(path('nameVi'), draft.nameVi, { max: MAX_NAME });
  const checked: AgencyDraft = {
    ...draft,
    code: checker.code('code', draft.code),
    otherCodes: draft.otherCodes?.map((entry) => ({ ...entry, code: checker.code('otherCodes', entry.code) })),
    nameVi,
    nameEn: checker.text('nameEn', draft.nameEn, MAX_NAME),
    parentCode: draft.parentCode == null ? draft.parentCode : checker.code('parentCode', draft.parentCode),
    mergedInto: draft.mergedInto === undefined ? undefined : checker.code('mergedInto', draft.mergedInto),
    address: checker.text('address', draft.address, MAX_CONTACT),
    phone: checker.matching('phone', draft.phone, { pattern: PHONE, found: breach('PHONE_SHAPE', 'Số điện thoại không hợp lệ', 'This is no phone number') }),
    email: checker.matching('email', draft.email, { pattern: EMAIL, found: breach('EMAIL_SHAPE', 'Địa chỉ thư điện tử không hợp lệ', 'This is no e-mail address') }),
    activeFrom: checker.day('activeFrom', draft.activeFrom),
    activeUntil: checker.day('activeUntil', draft.activeUntil),
  };
  checker.period('activeUntil', checked.activeFrom, checked.activeUntil);
  for (const { from, until } of checked.otherCodes ?? []) {
    checker.day('otherCodes', from);
    checker.day('otherCodes', until);
    checker.period('otherCodes', from, until);
  }
  return { draft: checked, problems: checker.reader.problems };
};
