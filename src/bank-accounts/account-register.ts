import type pg from 'pg';
import { vietnamDay } from '../agencies/agency.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyView } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { AccountActions, AccountAnswer, AccountCall } from './account-action.js';
import { RefusedAccountAction } from './account-action.js';
import { checkAccountDraft } from './account-draft.js';
import type { AccountDraft, CheckedAccount } from './account-draft.js';
import type { AccountMoves } from './account-moves.js';
import { indexOfNumber, last4Of } from './account-number.js';
import type { BankList } from './bank-list.js';
import type { SealedBankAccount } from './bank-account.js';
import { REGISTERED } from './bank-account.js';

export interface AccountRegisterDeps {
  readonly actions: AccountActions;
  readonly moves: AccountMoves;
  readonly banks: BankList;
}

export type RowOutcome = 'CREATED' | 'UNCHANGED' | 'REFUSED';

/** Shows no more of a number than views do. */
export interface AccountRowReport {
  readonly line: number;
  readonly agencyCode: string | null;
  readonly numberLast4: string | null;
  readonly outcome: RowOutcome;
  readonly problems: readonly InputProblem[];
}

export interface AccountRow {
  readonly line: number;
  readonly draft: AccountDraft;
  readonly problems: readonly InputProblem[];
}

export interface AccountImportReport {
  readonly dryRun: boolean;
  readonly created: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly rows: readonly AccountRowReport[];
}

/** Name of a field as the caller knows it. */
type Path = (field: string) => string;

interface CheckedRow {
  readonly line: number;
  readonly account: CheckedAccount | null;
  readonly problems: readonly InputProblem[];
}

const inputPath: Path = (field) => `account.${field}`;

const KNOWN = breach('ACCOUNT_KNOWN', 'Cơ quan đã đăng ký tài khoản này', 'The agency has registered this account already');
const REPLACED_UNKNOWN = breach('REPLACED_UNKNOWN', 'Cơ quan không có tài khoản đang dùng này để thay thế', 'The agency has no such account in use to replace');
const SUCCESSOR = breach('REPLACEMENT_OPEN', 'Tài khoản này đang có đề nghị thay thế khác', 'Another request to replace this account is open');

/** New accounts, one at a time or from a file. */
export class AccountRegister {
  readonly #deps: AccountRegisterDeps;

  constructor(deps: AccountRegisterDeps) {
    this.#deps = deps;
  }

  async register(call: AccountCall, draft: AccountDraft): Promise<AccountAnswer<{ readonly id: string }>> {
    const { actions } = this.#deps;
    const { account, problems } = await this.#checkOne(call, draft);
    if (account === null) return { kind: 'refused', problems };
    return actions.run(call, {
      action: 'register-bank-account', input: draft,
      work: async (client) => {
        const { id, problem } = await this.#insert(client, call, { account, path: inputPath });
        if (id === null) throw new RefusedAccountAction(problem === null ? [problemAt('account.number', KNOWN)] : [problem]);
        await actions.audit(client, call, { action: 'register-bank-account', target: `bank-account/${id}`, detail: { agencyCode: account.agencyCode, bank: account.bank.code } });
        return { id };
      },
    });
  }

  /** Rows that are refused are reported and left out; an account that is known already is left as it is. `path` names columns. */
  async import(call: AccountCall, rows: readonly AccountRow[], { dryRun, path }: { readonly dryRun: boolean; readonly path: Path }): Promise<AccountAnswer<AccountImportReport>> {
    const { actions } = this.#deps;
    const checked = await this.#check(call, 'importBankAccounts', { rows, path });
    const write = async (client: pg.PoolClient): Promise<AccountImportReport> => {
      const reports: AccountRowReport[] = [];
      for (const { line, account, problems } of checked) reports.push(await this.#importRow(client, call, { line, account, problems, path }));
      return reportOf(reports, dryRun);
    };
    if (dryRun) return this.#tryOut(write);
    return actions.run(call, {
      action: 'import-bank-accounts', input: rows,
      work: async (client) => {
        const report = await write(client);
        const { created, unchanged, refused } = report;
        await actions.audit(client, call, { action: 'import-bank-accounts', target: 'bank-accounts', detail: { created, unchanged, refused } });
        return report;
      },
    });
  }

  /** Does all of it and takes it back, so that the report is exact. */
  async #tryOut(write: (client: pg.PoolClient) => Promise<AccountImportReport>): Promise<AccountAnswer<AccountImportReport>> {
    const trial: { report: AccountImportReport | null } = { report: null };
    await this.#deps.actions.deps.database.transaction(async (client) => {
      trial.report = await write(client);
      throw new RefusedAccountAction([]);
    }).catch((error: unknown) => {
      if (!(error instanceof RefusedAccountAction)) throw error;
    });
    return trial.report === null ? { kind: 'refused', problems: [] } : { kind: 'done', result: trial.report };
  }

  async #importRow(client: pg.PoolClient, call: AccountCall, { line, account, problems, path }: CheckedRow & { readonly path: Path }): Promise<AccountRowReport> {
    const report = { line, agencyCode: account?.agencyCode ?? null, numberLast4: account === null ? null : last4Of(account.number) };
    if (account === null) return { ...report, outcome: 'REFUSED', problems };
    const { id, problem } = await this.#insert(client, call, { account, path });
    if (problem !== null) return { ...report, outcome: 'REFUSED', problems: [problem] };
    return { ...report, outcome: id === null ? 'UNCHANGED' : 'CREATED', problems: [] };
  }

  async #checkOne(call: AccountCall, draft: AccountDraft): Promise<Omit<CheckedRow, 'line'>> {
    const [checked] = await this.#check(call, 'registerBankAccount', { rows: [{ line: 1, draft, problems: [] }], path: inputPath });
    return checked ?? { account: null, problems: [] };
  }

  async #check(call: AccountCall, operation: string, { rows, path }: { rows: readonly AccountRow[]; path: Path }): Promise<readonly CheckedRow[]> {
    const { actions: { deps }, banks } = this.#deps;
    const view = await deps.agencies.scope.viewOf(call.caller);
    await this.#recordHidden(call, operation, { view, codes: rows.map(({ draft }) => draft.agencyCode) });
    const context = { view, banks, path, tenantAgencyCodes: deps.settings.tenantAgencyCodes, today: vietnamDay(deps.now()) };
    return rows.map(({ line, draft, problems }) => {
      const checked = checkAccountDraft(draft, context);
      return { line, account: problems.length > 0 ? null : checked.account, problems: [...problems, ...checked.problems] };
    });
  }

  async #recordHidden(call: AccountCall, operation: string, { view, codes }: { view: AgencyView; codes: readonly string[] }): Promise<void> {
    if (!isLimited(view)) return;
    const hidden = codes.map((code) => code.trim().toUpperCase()).filter((code) => !view.sees(code));
    await this.#deps.actions.deps.agencies.attempts.record(call, operation, hidden.map((target) => ({ kind: 'agency', target })));
  }

  /** Id null: known already, or with a problem. */
  async #insert(client: pg.PoolClient, { caller, reason }: AccountCall, { account, path }: { account: CheckedAccount; path: Path }): Promise<{ readonly id: string | null; readonly problem: InputProblem | null }> {
    const { store, seals, settings, now } = this.#deps.actions.deps;
    await store.lockAgency(client, account.agencyCode);
    const open = await store.openOf(client, account.agencyCode);
    const numberIndex = indexOfNumber(settings.fingerprintKey, account.number);
    const problem = problemOfReplacement(account, open);
    if (problem !== null) return { id: null, problem: problemAt(path('replaces'), problem) };
    const isKnown = open.some((entry) => entry.id !== account.replaces && entry.bankCode === account.bank.code && entry.numberIndex.equals(numberIndex));
    if (isKnown) return { id: null, problem: null };
    const id = await store.nextId(client, 'bank_accounts');
    const { agencyCode, bank, number, holderName, contact, replaces } = account;
    await store.insert(client, {
      ...account, id, bankCode: bank.code, bankBin: bank.bin, numberLast4: last4Of(number), numberIndex, requestedBy: caller.client, keyId: seals.keyId, nameCheckDueAt: now(),
      numberSealed: seals.seal(id, 'number', number), holderSealed: seals.seal(id, 'holder', holderName), contactSealed: seals.seal(id, 'contact', contact),
    });
    await store.record(client, { agencyCode }, { accountId: id, action: REGISTERED, fromState: null, toState: 'REQUESTED', actor: caller.client, reason, detail: { bank: bank.code, replaces } });
    const inserted = await store.lock(client, id);
    if (inserted !== null) await this.#deps.moves.tell(client, inserted, REGISTERED);
    return { id, problem: null };
  }
}

const problemOfReplacement = ({ replaces }: CheckedAccount, open: readonly SealedBankAccount[]): ReturnType<typeof breach> | null => {
  if (replaces === null) return null;
  if (!open.some(({ id, state }) => id === replaces && state !== 'REQUESTED')) return REPLACED_UNKNOWN;
  return open.some((entry) => entry.replaces === replaces && (entry.state === 'REQUESTED' || entry.state === 'COOLING')) ? SUCCESSOR : null;
};

const reportOf = (rows: readonly AccountRowReport[], dryRun: boolean): AccountImportReport => {
  const count = (outcome: RowOutcome): number => rows.filter((row) => row.outcome === outcome).length;
  return { dryRun, created: count('CREATED'), unchanged: count('UNCHANGED'), refused: count('REFUSED'), rows };
};
