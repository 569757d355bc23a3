import type { Role } from '../access/caller.js';
import { viewAgency } from '../agencies/agency-view.js';
import type { AccountAnswer } from './account-action.js';
import { maskedNumber } from './account-number.js';
import type { AccountChange, AccountNotice, AgencyAbility, ShownAccount } from './account-queries.js';
import { GAP_TEXTS } from './account-readiness.js';
import type { AccountImportReport } from './account-register.js';
import type { AccountSeals } from './account-seals.js';
import { accountPercentOf } from './account-share.js';
import type { AccountSharePoint } from './account-share.js';
import { compareNames } from './name-score.js';

const KEY_CONFLICT = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };

/** Whoever works with accounts reads holder and contact; others see that there is one. */
const READS_HOLDERS: ReadonlySet<Role> = new Set<Role>(['agency', 'operator', 'supervisor']);

/** What a caller of this role sees of accounts; whole numbers are never among it. */
export class AccountViewer {
  readonly #seals: AccountSeals;

  constructor(seals: AccountSeals) {
    this.#seals = seals;
  }

  account(account: ShownAccount, role: Role) {
    const { id, agencyCode, bankCode, bankBin, state, purpose, feeKinds, validFrom, validTo, replaces, nameCheck, nameScore, nameCheckedBy, nameCheckedAt } = account;
    const { requestedBy, requestedAt, approvedBy, approvedAt, usableAt, stateAt, otherAgencies, registeredAt, toRegisterAt, agency, holderSealed, contactSealed } = account;
    const holder = this.#seals.open(id, 'holder', holderSealed);
    const open = READS_HOLDERS.has(role);
    return {
      id, agencyCode, bankCode, bankBin, state, purpose, feeKinds, validFrom, validTo, replaces, nameCheck, nameScore, nameCheckedBy, nameCheckedAt,
      requestedBy, requestedAt, approvedBy, approvedAt, usableAt, stateAt, otherAgencies, registeredAt, toRegisterAt, number: maskedNumber(account.numberLast4), agency: agency === null ? null : viewAgency(agency),
      holderName: open ? holder : null, contact: open ? this.#seals.open(id, 'contact', contactSealed) : null,
      holderLikeAgency: agency === null ? null : compareNames(agency.nameVi, holder).score,
    };
  }

  notice({ toSealed, id, ...notice }: AccountNotice, role: Role) {
    return { ...notice, id, to: READS_HOLDERS.has(role) ? this.#seals.openNotice(id, toSealed) : null };
  }

  /** The only view with the number; its caller has left an audit row. */
  revealed({ id, numberSealed, holderSealed }: ShownAccount) {
    return { __typename: 'BankAccountRevealed' as const, id, number: this.#seals.open(id, 'number', numberSealed), holderName: this.#seals.open(id, 'holder', holderSealed) };
  }
}

export type AccountShape = ReturnType<AccountViewer['account']>;

export const viewChange = ({ at, action, fromState, toState, actor, reason, detail }: AccountChange) => ({
  at, action, fromState, toState, actor, reason, detail: Object.entries(detail).filter(([, value]) => value !== null).map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) })),
});

export const viewAbility = ({ agency, missing, ...ability }: AgencyAbility) => ({
  ...ability, agencyName: agency?.nameVi ?? null, missing: missing.map((code) => ({ code, message: GAP_TEXTS[code] })),
});

export const viewShare = (point: AccountSharePoint & { readonly month: string }) => ({ ...point, percent: accountPercentOf(point) });

export const viewRefused = (answer: Exclude<AccountAnswer<unknown>, { kind: 'done' }>) =>
  (answer.kind === 'conflict'
    ? { __typename: 'IdempotencyConflict' as const, key: answer.key, message: KEY_CONFLICT }
    : { __typename: 'BankAccountRefused' as const, problems: answer.problems });

export const viewImport = (answer: AccountAnswer<AccountImportReport>) => {
  if (answer.kind !== 'done') return viewRefused(answer);
  const { rows, ...counts } = answer.result;
  return {
    __typename: 'BankAccountsImported' as const, ...counts,
    rows: rows.map(({ numberLast4, ...row }) => ({ ...row, number: numberLast4 === null ? null : maskedNumber(numberLast4) })),
  };
};
