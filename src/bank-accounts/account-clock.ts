import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type pg from 'pg';
import { vietnamDay } from '../agencies/agency.js';
import { PartyError } from '../errors/party-error.js';
import { startTurns } from '../evidence/turn-loop.js';
import type { Database } from '../store/database.js';
import { ACCOUNT_COLUMNS } from './account-columns.js';
import type { AccountMoves } from './account-moves.js';
import type { AccountName, AccountNamePort, AccountNameQuestion } from './account-name-port.js';
import type { AccountSeals } from './account-seals.js';
import type { AccountStore } from './account-store.js';
import type { NameCheck, SealedBankAccount } from './bank-account.js';
import { OPEN_ACCOUNT_STATES, SUSPECT_CHECKS } from './bank-account.js';
import { compareNames } from './name-score.js';

export interface AccountClockDeps {
  readonly database: Database;
  readonly store: AccountStore;
  readonly seals: AccountSeals;
  readonly moves: AccountMoves;
  readonly namePorts: readonly AccountNamePort[];
  readonly settings: { readonly recheckDays: number };
  readonly logger: Logger;
  readonly now: () => Date;
}

interface Finding {
  readonly check: NameCheck;
  readonly score: number | null;
  readonly by: string | null;
}

/** A person waits for the answer to a new account; more often would be noise. */
const EVERY_MS = 5_000;
const BATCH = 20;
/** Longer than all banks together may take: another worker asks only after it. */
const CLAIM_MINUTES = 5;
const ASK_TIMEOUT_MS = 20_000;
const MINUTE_MS = 60_000;
/** After failures the wait doubles up to six hours. */
const MAX_BACKOFF_MINUTES = 360;
const DAY_MS = 86_400_000;

const NO_WORD: ReadonlySet<NameCheck> = new Set(['UNAVAILABLE', 'UNSUPPORTED', 'NOT_CHECKED']);

/** What of accounts happens by time: questions to banks, the end of cooling periods, the end of validity. */
export class AccountClock {
  readonly #deps: AccountClockDeps;

  constructor(deps: AccountClockDeps) {
    this.#deps = deps;
  }

  /** Looks again and again. Returns how to stop, which waits for a turn under way. */
  start(): () => Promise<void> {
    return startTurns(EVERY_MS, () => this.turn().catch((error: unknown) => this.#deps.logger.warn({ err: error }, 'bank accounts: a turn failed and is repeated')));
  }

  async turn(): Promise<void> {
    const now = this.#deps.now();
    const today = vietnamDay(now);
    await this.#each("a.state = 'COOLING' AND a.usable_at <= $1 AND a.valid_from <= $2::date", [now, today], (client, account) => this.#deps.moves.activate(client, account));
    await this.#each('a.state = ANY ($2) AND a.valid_to < $1::date', [today, OPEN_ACCOUNT_STATES], (client, account) => this.#deps.moves.expire(client, account));
    for (const account of await this.#claim(now)) await this.#alone(account.id, () => this.#ask(account));
  }

  /** Each account in a transaction of its own, looked at again under its lock. */
  async #each(condition: string, values: unknown[], work: (client: pg.PoolClient, account: SealedBankAccount) => Promise<void>): Promise<void> {
    const { database, store } = this.#deps;
    const { rows } = await database.query<{ id: string; agencyCode: string }>(`SELECT a.id, a.agency_code AS "agencyCode" FROM bank_accounts a WHERE ${condition} ORDER BY a.id LIMIT ${String(BATCH * 10)}`, values);
    for (const { id, agencyCode } of rows) {
      await this.#alone(id, () => database.transaction(async (client) => {
        await store.lockAgency(client, agencyCode);
        const { rowCount } = await client.query(`SELECT 1 FROM bank_accounts a WHERE ${condition} AND a.id = $${String(values.length + 1)}`, [...values, id]);
        const account = rowCount === 1 ? await store.lock(client, id) : null;
        if (account !== null) await work(client, account);
      }));
    }
  }

  /** One account that cannot be dealt with, say for a lost key, does not keep the others waiting. */
  async #alone(id: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.logger.warn({ err: error, account: id }, 'a bank account could not be dealt with; tried again later');
    }
  }

  async #claim(now: Date): Promise<readonly SealedBankAccount[]> {
    const { rows } = await this.#deps.database.query<SealedBankAccount>({
      text: `UPDATE bank_accounts a SET name_check_due_at = $1::timestamptz + $2 * interval '1 minute'
             WHERE a.id IN (SELECT d.id FROM bank_accounts d WHERE d.state IN ('REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED') AND d.name_check_due_at <= $1
               ORDER BY d.name_check_due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING ${ACCOUNT_COLUMNS}`,
      values: [now, CLAIM_MINUTES, BATCH],
    });
    return rows;
  }

  async #ask(account: SealedBankAccount): Promise<void> {
    const { bankBin, number, holderName } = this.#deps.seals.beneficiaryOf(account);
    const finding = bankBin === null ? UNSUPPORTED : await this.#inquire({ bankBin, number }, holderName);
    await this.#deps.database.transaction((client) => this.#save(client, account, finding));
  }

  /** The first bank that knows decides; one that does not answer leaves it to the next. */
  async #inquire(question: AccountNameQuestion, holderName: string): Promise<Finding> {
    let silent: string | null = null;
    for (const port of this.#deps.namePorts.filter((entry) => entry.covers(question))) {
      try {
        const answer = await port.nameOf(question, { correlationId: randomUUID(), traceparent: null, signal: AbortSignal.timeout(ASK_TIMEOUT_MS), journal: () => undefined });
        if (answer.kind !== 'unsupported') return findingOf(answer, port.party, holderName);
      } catch (error) {
        if (!(error instanceof PartyError)) throw error;
        this.#deps.logger.info({ party: port.party, kind: error.kind }, 'no answer to the question for an account\'s holder');
        silent ??= port.party;
      }
    }
    return silent === null ? UNSUPPORTED : { check: 'UNAVAILABLE', score: null, by: silent };
  }

  async #save(client: pg.PoolClient, { id, agencyCode }: SealedBankAccount, { check, score, by }: Finding): Promise<void> {
    const { store, moves } = this.#deps;
    await store.lockAgency(client, agencyCode);
    const account = await store.lock(client, id);
    if (account === null || !(OPEN_ACCOUNT_STATES).includes(account.state)) return;
    // Silence takes nothing back that a bank has said.
    const keepsWord = NO_WORD.has(check) && !NO_WORD.has(account.nameCheck);
    await client.query({
      text: `UPDATE bank_accounts SET name_check_failures = CASE WHEN $2 THEN name_check_failures + 1 ELSE 0 END, name_check_due_at = $3,
               name_check = CASE WHEN $4 THEN name_check ELSE $5 END, name_score = CASE WHEN $4 THEN name_score ELSE $6 END,
               name_checked_by = CASE WHEN $4 THEN name_checked_by ELSE $7 END, name_checked_at = CASE WHEN $4 THEN name_checked_at ELSE $8 END WHERE id = $1`,
      values: [id, check === 'UNAVAILABLE', await this.#nextAt(client, id, check), keepsWord, check, score, by, this.#deps.now()],
    });
    if (keepsWord || (check === 'UNAVAILABLE' && account.nameCheck === 'UNAVAILABLE')) return;
    await store.record(client, account, { accountId: id, action: 'name-check', fromState: account.state, toState: account.state, actor: 'gateway', reason: null, detail: { check, score, by } });
    // What was approved in spite of such a word stays approved, as long as the word stays.
    if (SUSPECT_CHECKS.has(check) && check !== account.nameCheck) await moves.haltBySuspicion(client, account, { check, before: account.nameCheck, by });
  }

  async #nextAt(client: pg.PoolClient, id: string, check: NameCheck): Promise<Date> {
    const { settings, now } = this.#deps;
    if (check !== 'UNAVAILABLE') return new Date(now().getTime() + settings.recheckDays * DAY_MS);
    const { rows } = await client.query<{ failures: number }>('SELECT name_check_failures AS failures FROM bank_accounts WHERE id = $1', [id]);
    return new Date(now().getTime() + Math.min(2 ** Math.min(rows[0]?.failures ?? 0, 10), MAX_BACKOFF_MINUTES) * MINUTE_MS);
  }
}

const UNSUPPORTED: Finding = { check: 'UNSUPPORTED', score: null, by: null };

const findingOf = (answer: Exclude<AccountName, { kind: 'unsupported' }>, by: string, holderName: string): Finding => {
  if (answer.kind === 'not-found') return { check: 'NO_SUCH_ACCOUNT', score: null, by };
  const { score, verdict } = compareNames(holderName, answer.holderName);
  return { check: verdict, score, by };
};
