import { isDay } from '../agencies/agency-draft.js';
import type { AgencyView } from '../agencies/agency-scope.js';
import { InputReader } from '../dossiers/input-reader.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { FeeKind } from '../payments/payment.js';
import { agencyOf } from '../public-services/service-plan.js';
import { cleanNumber, faultOfNumber } from './account-number.js';
import type { NumberFault } from './account-number.js';
import type { Bank, BankList } from './bank-list.js';

/** An account as it is asked for. */
export interface AccountDraft {
  readonly agencyCode: string;
  /** Code, BIN, SWIFT, Citad code or name. */
  readonly bank: string;
  readonly number: string;
  readonly holderName: string;
  readonly purpose: string;
  readonly feeKinds: readonly FeeKind[];
  /** `yyyy-mm-dd`; today where absent. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** E-mail address or telephone number. */
  readonly contact: string;
  readonly replaces: string | null;
}

export interface CheckedAccount extends Omit<AccountDraft, 'bank' | 'validFrom'> {
  readonly bank: Bank;
  readonly validFrom: string;
}

export interface DraftContext {
  readonly view: AgencyView;
  readonly tenantAgencyCodes: readonly string[];
  readonly banks: BankList;
  /** Day in Vietnam. */
  readonly today: string;
  /** Name of a field as the caller knows it. */
  readonly path: (field: string) => string;
}

const FEE_KINDS: readonly FeeKind[] = ['FEE', 'CHARGE'];
const MAX_HOLDER = 150;
const MAX_PURPOSE = 300;
const MAX_CONTACT = 200;
const CONTACT = /^([^\s@]+@[^\s@]+\.[^\s@]+|\+?[\d .()-]{8,30})$/;
export const ACCOUNT_ID = /^[1-9]\d{0,17}$/;

export const AGENCY_UNKNOWN = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const BANK_UNKNOWN = breach('BANK_UNKNOWN', 'Không có ngân hàng này trong danh sách', 'The list has no such bank');
const NUMBER_FAULTS: Readonly<Record<NumberFault, RuleBreach>> = {
  ACCOUNT_NUMBER_SHAPE: breach('ACCOUNT_NUMBER_SHAPE', 'Số tài khoản gồm 4 đến 22 chữ số hoặc chữ cái', 'An account number has 4 to 22 digits or letters'),
  TREASURY_NUMBER_SHAPE: breach('TREASURY_NUMBER_SHAPE', 'Tài khoản Kho bạc có dạng 3511.0.1104195 hoặc 3511.0.1104195.00000', 'An account at the State Treasury looks like 3511.0.1104195 or 3511.0.1104195.00000'),
};
const FEE_KIND = breach('FEE_KINDS', 'Cần ít nhất một loại: phí, lệ phí', 'At least one kind is needed: FEE, CHARGE');
const DAY = breach('DAY_SHAPE', 'Ngày phải có dạng 2025-07-01', 'A day looks like 2025-07-01');
const PERIOD = breach('PERIOD_ORDER', 'Ngày kết thúc sớm hơn ngày bắt đầu', 'The last day lies before the first');
const OVER = breach('PERIOD_OVER', 'Thời hạn đã qua', 'The period is over');
const CONTACT_SHAPE = breach('CONTACT_SHAPE', 'Cần thư điện tử hoặc số điện thoại', 'An e-mail address or a telephone number is needed');
const ACCOUNT_ID_SHAPE = breach('ACCOUNT_ID', 'Không phải mã tài khoản', 'This is not the id of an account');

/** Reads the fields that a request and a change have in common. */
export class TermsReader {
  readonly reader = new InputReader(new Date(0));
  readonly #path: (field: string) => string;

  constructor(path: (field: string) => string) {
    this.#path = path;
  }

  refuse(field: string, found: RuleBreach): void {
    this.reader.refuse(this.#path(field), found);
  }

  text(field: string, value: string, max: number): string {
    return this.reader.text(this.#path(field), value, { max });
  }

  purpose(value: string): string {
    return this.text('purpose', value, MAX_PURPOSE);
  }

  contact(value: string): string {
    const text = this.text('contact', value, MAX_CONTACT);
    if (text !== '' && !CONTACT.test(text)) this.refuse('contact', CONTACT_SHAPE);
    return text;
  }

  feeKinds(values: readonly FeeKind[]): readonly FeeKind[] {
    const kinds = FEE_KINDS.filter((kind) => values.includes(kind));
    if (kinds.length === 0) this.refuse('feeKinds', FEE_KIND);
    return kinds;
  }

  day(field: string, value: string): string {
    if (!isDay(value)) this.refuse(field, DAY);
    return value;
  }

  period(from: string, to: string | null, today: string): void {
    if (to === null) return;
    this.day('validTo', to);
    if (to < from) this.refuse('validTo', PERIOD);
    else if (to < today) this.refuse('validTo', OVER);
  }
}

const readNumber = (reader: TermsReader, bank: Bank | null, number: string): string => {
  const clean = cleanNumber(number);
  const fault = bank === null ? null : faultOfNumber(clean, bank.code);
  if (fault !== null) reader.refuse('number', NUMBER_FAULTS[fault]);
  return clean;
};

/** The draft in clean form, or all that is wrong with it on its own. */
export const checkAccountDraft = (draft: AccountDraft, { view, tenantAgencyCodes, banks, today, path }: DraftContext): { readonly account: CheckedAccount | null; readonly problems: readonly InputProblem[] } => {
  const terms = new TermsReader(path);
  const agencyCode = agencyOf(draft.agencyCode, { view, tenantAgencyCodes });
  const bank = banks.find(draft.bank);
  if (agencyCode === null) terms.refuse('agencyCode', AGENCY_UNKNOWN);
  if (bank === null) terms.refuse('bank', BANK_UNKNOWN);
  if (draft.replaces !== null && !ACCOUNT_ID.test(draft.replaces)) terms.refuse('replaces', ACCOUNT_ID_SHAPE);
  const validFrom = terms.day('validFrom', draft.validFrom ?? today);
  const checked = {
    number: readNumber(terms, bank, draft.number), holderName: terms.text('holderName', draft.holderName, MAX_HOLDER), purpose: terms.purpose(draft.purpose),
    feeKinds: terms.feeKinds(draft.feeKinds), validFrom, validTo: draft.validTo, contact: terms.contact(draft.contact), replaces: draft.replaces,
  };
  terms.period(validFrom, draft.validTo, today);
  const { problems } = terms.reader;
  return agencyCode === null || bank === null || problems.length > 0 ? { account: null, problems } : { account: { ...checked, agencyCode, bank }, problems };
};

export const noAccount = problemAt('id', breach('ACCOUNT_UNKNOWN', 'Không có tài khoản này', 'There is no such account'));
