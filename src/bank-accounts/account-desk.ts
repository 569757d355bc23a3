import type pg from 'pg';
import { vietnamDay } from '../agencies/agency.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { FeeKind } from '../payments/payment.js';
import type { AccountActions, AccountAnswer, AccountCall } from './account-action.js';
import { RefusedAccountAction } from './account-action.js';
import { refusalOfApproval, refusalOfResuming } from './account-approval.js';
import { TermsReader } from './account-draft.js';
import type { AccountMoves } from './account-moves.js';
import { indexOfNumber } from './account-number.js';
import { actionsIn } from './bank-account.js';
import type { AccountAction, AccountMover, SealedBankAccount } from './bank-account.js';
import type { PayableGateway } from './payable-gateway.js';

export interface AccountDeskDeps {
  readonly actions: AccountActions;
  readonly moves: AccountMoves;
  readonly gateways: readonly PayableGateway[];
}

/** What may change of an account in use. Null stays as it is. */
export interface TermsChange {
  readonly purpose: string | null;
  readonly feeKinds: readonly FeeKind[] | null;
  readonly validTo: string | null;
  readonly contact: string | null;
}

type Acted = AccountAnswer<{ readonly id: string }>;
interface Deed { readonly action: string; readonly id: string; readonly input?: unknown }

const HOUR_MS = 3_600_000;
const WIDER = breach('TERMS_WIDER', 'Mở rộng phạm vi cần đăng ký thay thế để được duyệt', 'A wider use needs a replacement, which a second person approves');
const NO_CHANGE = breach('NO_CHANGE', 'Không có thay đổi nào', 'Nothing would change');
const CLOSED = breach('ACCOUNT_CLOSED', 'Tài khoản đã đóng hoặc bị từ chối', 'The account is closed or was refused');
const GATEWAY = breach('GATEWAY_UNKNOWN', 'Không có cổng thanh toán nào như vậy cần đăng ký', 'No such gateway needs a registration');
const NOTICE = breach('NOTICE_UNKNOWN', 'Không có thông báo này hoặc đã xem', 'There is no such notice, or it was seen');

/** What people do with an account that was asked for. */
export class AccountDesk {
  readonly #deps: AccountDeskDeps;

  constructor(deps: AccountDeskDeps) {
    this.#deps = deps;
  }

  /** By a second person. `override`: a supervisor goes past what the bank said of the name. */
  async approve(call: AccountCall, id: string, { override }: { readonly override: boolean }): Promise<Acted> {
    const { moves, actions: { deps } } = this.#deps;
    return this.#on(call, { action: 'approve-bank-account', id, input: { override } }, async (client, account) => {
      const refusal = refusalOfApproval(account, call.caller, override);
      if (refusal !== null) throw new RefusedAccountAction([refusal]);
      const usableAt = new Date(deps.now().getTime() + deps.settings.coolingHours * HOUR_MS);
      const overridden = override && account.nameCheck;
      const to = await moves.move(client, account, {
        action: 'approve', by: moverOf(call), actor: call.caller.client, reason: call.reason, approvedBy: call.caller.client, usableAt, detail: { usableAt, ...(overridden === false ? {} : { overridden }) },
      });
      if (to === null) throw new RefusedAccountAction([moveProblem(account, call)]);
      const approved = await deps.store.lock(client, id);
      if (deps.settings.coolingHours === 0 && approved !== null && approved.validFrom <= vietnamDay(deps.now())) await moves.activate(client, approved);
    });
  }

  /** Refuses, suspends, resumes or closes. */
  async move(call: AccountCall, id: string, action: Extract<AccountAction, 'refuse' | 'suspend' | 'resume' | 'close'>): Promise<Acted> {
    return this.#on(call, { action: `${action}-bank-account`, id }, async (client, account) => {
      const refusal = action === 'resume' ? refusalOfResuming(account, call.caller) : null;
      if (refusal !== null) throw new RefusedAccountAction([refusal]);
      const to = await this.#deps.moves.move(client, account, { action, by: moverOf(call), actor: call.caller.client, reason: call.reason });
      if (to === null) throw new RefusedAccountAction([moveProblem(account, call)]);
    });
  }

  /** Narrows the use of an account, or gives it another contact; the contact that it had is told. */
  async change(call: AccountCall, id: string, change: TermsChange): Promise<Acted> {
    const { moves, actions: { deps } } = this.#deps;
    return this.#on(call, { action: 'change-bank-account', id, input: change }, async (client, account) => {
      const problems = problemsOfChange(account, change, vietnamDay(deps.now()));
      if (problems.length > 0) throw new RefusedAccountAction(problems);
      await deps.store.changeTerms(client, {
        id, purpose: change.purpose?.normalize('NFC').trim() ?? account.purpose, feeKinds: change.feeKinds ?? account.feeKinds, validTo: change.validTo ?? account.validTo,
        contactSealed: change.contact === null ? account.contactSealed : deps.seals.seal(id, 'contact', change.contact.normalize('NFC').trim()),
      });
      const changed = Object.entries(change).filter(([, value]) => value !== null).map(([field]) => field);
      await deps.store.record(client, account, { accountId: id, action: 'change', fromState: account.state, toState: account.state, actor: call.caller.client, reason: call.reason, detail: { changed, ...termsBefore(account, change) } });
      await moves.tell(client, account, 'change');
    });
  }

  /** A person has told the gateway of the account, and the gateway has taken it. */
  async confirmRegistration(call: AccountCall, id: string, gateway: string): Promise<Acted> {
    const { store } = this.#deps.actions.deps;
    const allowed = this.#deps.gateways.filter(({ accountRegistration }) => accountRegistration === 'by-hand').map(({ party }) => party);
    return this.#on(call, { action: 'confirm-account-registration', id, input: { gateway } }, async (client, account) => {
      if (!allowed.includes(gateway)) throw new RefusedAccountAction([{ ...problemAt('gateway', GATEWAY), allowed }]);
      if (account.state === 'CLOSED' || account.state === 'REFUSED') throw new RefusedAccountAction([problemAt('id', CLOSED)]);
      if (!(await store.confirmRegistration(client, { accountId: id, gateway, by: call.caller.client }))) return;
      await store.record(client, account, {
        accountId: id, action: 'registration', fromState: account.state, toState: account.state, actor: call.caller.client, reason: call.reason, detail: { gateway },
      });
    });
  }

  /** A bank is asked again, by the worker and soon. */
  async recheck(call: AccountCall, id: string): Promise<Acted> {
    return this.#on(call, { action: 'recheck-bank-account', id }, async (client, account) => {
      if (account.state === 'CLOSED' || account.state === 'REFUSED') throw new RefusedAccountAction([problemAt('id', CLOSED)]);
      const { store, now } = this.#deps.actions.deps;
      await store.askAt(client, id, now());
    });
  }

  /** Leaves an audit row; the caller opens the number after it. */
  async reveal(call: AccountCall, id: string): Promise<Acted> {
    return this.#on(call, { action: 'reveal-bank-account', id }, () => Promise.resolve());
  }

  /** Ids of accounts with this number within the caller's scope; the number itself is kept nowhere. */
  async findByNumber(call: AccountCall, number: string): Promise<AccountAnswer<{ readonly ids: readonly string[] }>> {
    const { actions } = this.#deps;
    const { agencies, settings } = actions.deps;
    const { agencyCodes } = await agencies.scope.viewOf(call.caller);
    return actions.run(call, {
      action: 'find-bank-account', input: { number },
      work: async (client) => {
        const { rows } = await client.query<{ id: string }>(
          'SELECT id FROM bank_accounts WHERE number_index = $1 AND ($2::text[] IS NULL OR agency_code = ANY ($2)) ORDER BY id DESC LIMIT 200', [indexOfNumber(settings.fingerprintKey, number), agencyCodes]);
        const ids = rows.map((row) => row.id);
        await actions.audit(client, call, { action: 'find-bank-account', target: 'bank-accounts', detail: { found: ids } });
        return { ids };
      },
    });
  }

  async markNoticeSeen(call: AccountCall, noticeId: string): Promise<Acted> {
    const { actions } = this.#deps;
    const view = await actions.deps.agencies.scope.viewOf(call.caller);
    return actions.run(call, {
      action: 'mark-account-notice-seen', input: { noticeId },
      work: async (client) => {
        const { rows } = await client.query<{ id: string }>('SELECT account_id AS id FROM bank_account_notices WHERE id = $1', [noticeId]);
        const id = rows[0]?.id ?? null;
        if (id === null) throw new RefusedAccountAction([problemAt('noticeId', NOTICE)]);
        await actions.locked(client, view, id);
        if (!(await actions.deps.store.markSeen(client, noticeId, call.caller.client))) throw new RefusedAccountAction([problemAt('noticeId', NOTICE)]);
        await actions.audit(client, call, { action: 'mark-account-notice-seen', target: `bank-account/${id}`, detail: { noticeId } });
        return { id };
      },
    });
  }

  async #on(call: AccountCall, { action, id, input = null }: Deed, work: (client: pg.PoolClient, account: SealedBankAccount) => Promise<void>): Promise<Acted> {
    const { actions } = this.#deps;
    const view = await actions.deps.agencies.scope.viewOf(call.caller);
    return actions.run(call, {
      action, input: { id, input },
      work: async (client) => {
        const account = await actions.locked(client, view, id);
        await work(client, account);
        await actions.audit(client, call, { action, target: `bank-account/${id}`, detail: { agencyCode: account.agencyCode, state: account.state } });
        return { id };
      },
    });
  }
}

const moverOf = ({ caller }: AccountCall): AccountMover => (caller.role === 'supervisor' || caller.role === 'operator' ? caller.role : 'agency');

const moveProblem = ({ state }: SealedBankAccount, call: AccountCall): InputProblem =>
  ({ ...problemAt('id', breach('STATE_MOVE', 'Trạng thái hiện tại không cho phép thao tác này', 'This cannot be done in the present state')), allowed: actionsIn(state, moverOf(call)) });

/** What a narrower use was before. A purpose is free text, and stays out of what is kept for ever. */
const termsBefore = ({ feeKinds, validTo }: SealedBankAccount, change: TermsChange): Readonly<Record<string, unknown>> =>
  ({ ...(change.feeKinds === null ? {} : { feeKindsBefore: feeKinds }), ...(change.validTo === null ? {} : { validToBefore: validTo ?? 'open' }) });

const problemsOfChange = (account: SealedBankAccount, { purpose, feeKinds, validTo, contact }: TermsChange, today: string): readonly InputProblem[] => {
  const terms = new TermsReader((field) => `change.${field}`);
  if (account.state === 'CLOSED' || account.state === 'REFUSED') return [problemAt('id', CLOSED)];
  if (purpose === null && feeKinds === null && validTo === null && contact === null) return [problemAt('change', NO_CHANGE)];
  if (purpose !== null) terms.purpose(purpose);
  if (contact !== null) terms.contact(contact);
  if (feeKinds !== null && terms.feeKinds(feeKinds).some((kind) => !account.feeKinds.includes(kind))) terms.refuse('feeKinds', WIDER);
  if (validTo !== null) {
    terms.period(account.validFrom, validTo, today);
    if (account.validTo !== null && validTo > account.validTo) terms.refuse('validTo', WIDER);
  }
  return terms.reader.problems;
};
