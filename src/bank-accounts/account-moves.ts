import type pg from 'pg';
import type { AccountSeals } from './account-seals.js';
import type { AccountStore } from './account-store.js';
import { stateAfter } from './bank-account.js';
import type { AccountAction, AccountMover, BankAccountState, SealedBankAccount } from './bank-account.js';

export interface MoveOrder {
  readonly action: AccountAction;
  readonly by: AccountMover;
  readonly actor: string;
  readonly reason: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly approvedBy?: string;
  readonly usableAt?: Date;
}

/** Under which name the gateway itself acts. */
const WORKER = 'gateway';
/** Other accounts of the agency get word when one of these happens: somebody may be putting another in their place. */
const TELLS_OTHERS: ReadonlySet<string> = new Set(['register', 'approve', 'activate']);
/** Contacts of accounts in these states are told of others. */
const IN_USE: ReadonlySet<BankAccountState> = new Set(['COOLING', 'ACTIVE', 'SUSPENDED']);

/** Moves accounts, keeps their history and tells their contacts, each within the caller's transaction. */
export class AccountMoves {
  readonly #store: AccountStore;
  readonly #seals: AccountSeals;

  constructor({ store, seals }: { readonly store: AccountStore; readonly seals: AccountSeals }) {
    this.#store = store;
    this.#seals = seals;
  }

  /** Null where the move is not legal; nothing was done then. The agency's accounts are locked. */
  async move(client: pg.PoolClient, account: SealedBankAccount, order: MoveOrder): Promise<BankAccountState | null> {
    const to = stateAfter(order.action, account.state, order.by);
    if (to === null) return null;
    const { approvedBy, usableAt } = order;
    await this.#store.move(client, { id: account.id, to, ...(approvedBy === undefined ? {} : { approvedBy }), ...(usableAt === undefined ? {} : { usableAt }) });
    await this.#store.record(client, account, {
      accountId: account.id, action: order.action, fromState: account.state, toState: to, actor: order.actor, reason: order.reason, detail: order.detail ?? {},
    });
    await this.tell(client, account, order.action);
    return to;
  }

  /** Ends the cooling period; the account whose place it takes is closed in the same moment. */
  async activate(client: pg.PoolClient, account: SealedBankAccount): Promise<void> {
    const by = { by: 'worker', actor: WORKER, reason: null } as const;
    if (await this.move(client, account, { action: 'activate', ...by }) === null || account.replaces === null) return;
    const replaced = await this.#store.lock(client, account.replaces);
    if (replaced !== null) await this.move(client, replaced, { action: 'replace', ...by, detail: { by: account.id } });
  }

  async expire(client: pg.PoolClient, account: SealedBankAccount): Promise<void> {
    await this.move(client, account, { action: 'expire', by: 'worker', actor: WORKER, reason: null });
  }

  /** The bank's word makes an account suspect: nothing more is paid into it until a person has looked. One that is not used yet waits for its approval again. */
  async haltBySuspicion(client: pg.PoolClient, account: SealedBankAccount, detail: Readonly<Record<string, unknown>>): Promise<void> {
    await this.move(client, account, { action: account.state === 'COOLING' ? 'recall' : 'suspend', by: 'worker', actor: WORKER, reason: 'name-check', detail });
  }

  /** Word to the account's contact as it was before the change and, where it matters to them, to the contacts of the agency's other accounts. */
  async tell(client: pg.PoolClient, account: SealedBankAccount, kind: string): Promise<void> {
    const others = TELLS_OTHERS.has(kind) ? (await this.#store.openOf(client, account.agencyCode)).filter(({ id, state }) => id !== account.id && IN_USE.has(state)) : [];
    const contacts = new Set([account, ...others].map(({ id, contactSealed }) => this.#seals.open(id, 'contact', contactSealed)));
    for (const contact of contacts) {
      const id = await this.#store.nextId(client, 'bank_account_notices');
      await this.#store.addNotice(client, { id, accountId: account.id, kind, toSealed: this.#seals.sealNotice(id, contact), keyId: this.#seals.keyId });
    }
  }
}
