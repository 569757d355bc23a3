import type { PartyCall } from '../../src/deliveries/party-call.js';
import { AccountSessions } from '../support/account-sessions.js';
import { PartyCaller } from '../support/call-party.js';
import { LOGIN_OPERATION } from '../support/circuit-board.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { redactText } from '../support/journal-redaction.js';
import { trustedJson } from '../support/json-reply.js';
import { asLoginError } from '../support/login-errors.js';
import type { Grant } from '../support/session-manager.js';
import { SignalError, unreadable } from '../support/signals.js';
import { holdsAny } from '../support/vietnamese-text.js';
import type { Account } from './accounts.js';
import { VIETTEL_POST_CONNECTIONS } from './config.js';
import type { ViettelPostSettings } from './config.js';
import { verdictOf } from './errors.js';
import type { Verdict } from './errors.js';
import { loginBody } from './mapping.js';
import { readSaid, readToken } from './mapping-answers.js';
import { operationOf, PARTY } from './operations.js';
import type { ViettelPostOperation } from './operations.js';
import { PATHS, TOKEN_HEADER } from './wire.js';

export interface Question<T> {
  readonly operation: ViettelPostOperation | typeof LOGIN_OPERATION;
  /** Below the configured address, with its query. */
  readonly path: string;
  /** Null for a GET. */
  readonly body: object | null;
  readonly personal?: readonly string[];
  /** Words of a refusal that are a word of their own here, folded. */
  readonly duplicatePhrases?: readonly string[];
  /** @throws SignalError where it says neither yes nor no */
  readonly read: (data: unknown) => T;
}

export type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'no'; readonly verdict: 'settled' | 'absent' | 'refused' | 'duplicate'; readonly code: string; readonly text: string };

/** Some connections beside those of the calls in flight, so that a log-in never waits behind them. */
const SPARE_CONNECTIONS = 2;

/** @throws SignalError where it is no answer to the question */
const trusted = (verdict: Verdict, body: unknown): 'ok' | 'settled' | 'absent' | 'refused' => {
  if (verdict === 'session' || verdict === 'account') throw new SignalError({ kind: 'refused-session' }, { body });
  if (verdict === 'busy') throw new SignalError({ kind: 'busy' }, { body });
  if (verdict === 'unlisted') throw unreadable('code-unlisted', body);
  return verdict;
};

const understand = <T>(json: unknown, { read, personal = [], duplicatePhrases = [] }: Question<T>): Answer<T> => {
  const said = readSaid(json);
  const no = { kind: 'no', code: String(said.status), text: redactText(said.message, personal) } as const;
  const verdict = verdictOf(said);
  if (verdict !== 'ok' && holdsAny(said.message, duplicatePhrases)) return { ...no, verdict: 'duplicate' };
  const judged = trusted(verdict, json);
  return judged === 'ok' ? { kind: 'answer', value: read(said.data) } : { ...no, verdict: judged };
};

/** Transport, tokens and codes. It knows no domain type. */
export class ViettelPostClient {
  readonly #settings: ViettelPostSettings;
  readonly #basePath: string;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #sessions: AccountSessions<Account>;

  constructor(settings: ViettelPostSettings, circuits: CircuitBoard) {
    const url = new URL(settings.VIETTEL_POST_URL);
    this.#settings = settings;
    this.#basePath = url.pathname;
    this.#transport = VIETTEL_POST_CONNECTIONS.transport(url, settings, settings.VIETTEL_POST_CONCURRENCY + SPARE_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#sessions = new AccountSessions({
      party: PARTY, accounts: settings.VIETTEL_POST_ACCOUNTS, nameOf: ({ name }) => name, open: (account, call) => this.#logIn(account, call),
      refreshAheadMs: settings.VIETTEL_POST_SESSION_REFRESH_AHEAD_MS,
    });
  }

  /** Asks in the name of an account. @throws PartyError */
  ask<T>(question: Question<T>, account: Account, call: PartyCall): Promise<Answer<T>> {
    return this.#sessions.ask(account, call, (token) => this.#send(question, { [TOKEN_HEADER]: token }, call));
  }

  /** Asks for what is open to everybody. @throws PartyError */
  askOpenly<T>(question: Question<T>, call: PartyCall): Promise<Answer<T>> {
    return this.#send(question, {}, call);
  }

  /** Logs in with each account; gives how many there are. @throws PartyError */
  logInAll(call: PartyCall): Promise<number> {
    return this.#sessions.logInAll(call);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #send<T>(question: Question<T>, own: Readonly<Record<string, string>>, call: PartyCall): Promise<Answer<T>> {
    const { operation, path, body, personal = [] } = question;
    return this.#caller.call({
      operation: operationOf(operation, this.#settings),
      request: {
        method: body === null ? 'GET' : 'POST', path: joinPath(this.#basePath, path), body: body === null ? null : JSON.stringify(body),
        headers: { accept: 'application/json', 'content-type': 'application/json; charset=utf-8', ...VIETTEL_POST_CONNECTIONS.traceHeaders(this.#settings, call), ...own },
      },
      content: body ?? Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? '')), personal,
      read: (reply) => {
        const json = trustedJson(reply);
        return { value: understand(json, question), body: json };
      },
    }, call);
  }

  async #logIn(account: Account, call: PartyCall): Promise<Grant> {
    try {
      const answer = await this.#send({ operation: LOGIN_OPERATION, path: PATHS.login, body: loginBody(account), read: readToken }, {}, call);
      if (answer.kind === 'no') throw unreadable('code-unlisted');
      return { token: answer.value, lifeMs: this.#settings.VIETTEL_POST_TOKEN_LIFE_MS };
    } catch (error) {
      throw asLoginError(error);
    }
  }
}
