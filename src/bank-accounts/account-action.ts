import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { actOnce } from '../store/act-once.js';
import type { AccountSeals } from './account-seals.js';
import type { AccountStore } from './account-store.js';
import { noAccount } from './account-draft.js';
import type { SealedBankAccount } from './bank-account.js';

export interface AccountCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly reason: string;
}

/** On a refusal nothing was changed, and the key is free. */
export type AccountAnswer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'conflict'; readonly key: string };

export interface AccountActionDeps {
  readonly database: Database;
  readonly store: AccountStore;
  readonly seals: AccountSeals;
  readonly agencies: AgencyAccess;
  readonly settings: { readonly tenantAgencyCodes: readonly string[]; readonly fingerprintKey: Buffer; readonly keepHours: number; readonly coolingHours: number };
  readonly now: () => Date;
}

/** Undoes the transaction, and with it the claim of the key. */
export class RefusedAccountAction extends Error {
  override readonly name = 'RefusedAccountAction';
  readonly problems: readonly InputProblem[];
  constructor(problems: readonly InputProblem[]) {
    super('the action is refused');
    this.problems = problems;
  }
}

export interface AccountDeed<Result> {
  /** Name of the action in audit rows. */
  readonly action: string;
  readonly input: unknown;
  readonly work: (client: pg.PoolClient) => Promise<Result>;
}

/** Runs each deed in one transaction, once under the caller's key. */
export class AccountActions {
  readonly deps: AccountActionDeps;

  constructor(deps: AccountActionDeps) {
    this.deps = deps;
  }

  async run<Result>(call: AccountCall, { action, input, work }: AccountDeed<Result>): Promise<AccountAnswer<Result>> {
    try {
      return await actOnce(this.deps, call, { action, input, work });
    } catch (error) {
      if (error instanceof RefusedAccountAction) return { kind: 'refused', problems: error.problems };
      throw error;
    }
  }

  /** The account, locked, as far as the caller may know it. @throws RefusedAccountAction */
  async locked(client: pg.PoolClient, view: AgencyView, id: string): Promise<SealedBankAccount> {
    const agencyCode = await this.deps.store.agencyOf(client, id);
    if (agencyCode === null || !view.sees(agencyCode)) throw new RefusedAccountAction([noAccount]);
    await this.deps.store.lockAgency(client, agencyCode);
    const account = await this.deps.store.lock(client, id);
    if (account === null) throw new RefusedAccountAction([noAccount]);
    return account;
  }

  audit(client: pg.PoolClient, { caller, reason }: AccountCall, of: { readonly action: string; readonly target: string; readonly detail?: Record<string, unknown> }): Promise<void> {
    return recordOperatorAction(client, { actor: caller.client, role: caller.role, reason, ...of });
  }
}
