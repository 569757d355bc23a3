import type { PartyCall } from '../../src/deliveries/party-call.js';
import { SessionManager, withSession } from './session-manager.js';
import type { Grant } from './session-manager.js';

export interface AccountSessionsParts<Account> {
  readonly party: string;
  /** Entries of one name are one account. */
  readonly accounts: readonly Account[];
  readonly nameOf: (account: Account) => string;
  /** Logs in, once. */
  readonly open: (account: Account, call: PartyCall) => Promise<Grant>;
  readonly refreshAheadMs: number;
}

/** A session for each account of a party. */
export class AccountSessions<Account> {
  readonly #nameOf: (account: Account) => string;
  readonly #sessions: ReadonlyMap<string, SessionManager>;

  constructor({ party, accounts, nameOf, open, refreshAheadMs }: AccountSessionsParts<Account>) {
    this.#nameOf = nameOf;
    this.#sessions = new Map(accounts.map((account) => [nameOf(account), new SessionManager({ party, open: (call) => open(account, call), refreshAheadMs })]));
  }

  /** Asks with the account's token, and once more with a fresh one where it is refused. @throws PartyError */
  ask<T>(account: Account, call: PartyCall, send: (token: string) => Promise<T>): Promise<T> {
    return withSession(this.#of(account), call, send);
  }

  /** Logs in with each account; gives how many there are. @throws PartyError of operation `login` */
  async logInAll(call: PartyCall): Promise<number> {
    for (const sessions of this.#sessions.values()) await sessions.lease(call);
    return this.#sessions.size;
  }

  #of(account: Account): SessionManager {
    const sessions = this.#sessions.get(this.#nameOf(account));
    if (sessions === undefined) throw new RangeError('an account that is not configured');
    return sessions;
  }
}
