import type { PartyCall } from '../../src/deliveries/party-call.js';
import { AccountSessions } from '../support/account-sessions.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport, RawReply } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { redactText } from '../support/journal-redaction.js';
import { replyStatus, trustedText } from '../support/json-reply.js';
import { asLoginError } from '../support/login-errors.js';
import type { Grant } from '../support/session-manager.js';
import { SignalError } from '../support/signals.js';
import { parseStrictJson } from '../support/strict-json.js';
import { decodeUtf8 } from '../support/utf8.js';
import type { Account } from './accounts.js';
import { MY_VNPOST_CONNECTIONS } from './config.js';
import type { MyVnpostSettings } from './config.js';
import { isRefusal } from './errors.js';
import { loginBody } from './mapping.js';
import { readToken, refusalText } from './mapping-answers.js';
import { loginOperation, operationOf, PARTY } from './operations.js';
import type { MyVnpostOperation } from './operations.js';
import { PATHS, TOKEN_HEADER } from './wire.js';

export interface Question<T> {
  readonly operation: MyVnpostOperation;
  /** Below the configured address. */
  readonly path: string;
  /** Null for a GET. */
  readonly body: object | null;
  readonly personal?: readonly string[];
  /** @throws SignalError where it says neither yes nor no */
  readonly read: (json: unknown) => T;
  /** What "204 no content" means, where the operation answers so. */
  readonly nothing?: T;
}

export type Answer<T> = { readonly kind: 'answer'; readonly value: T } | { readonly kind: 'refused'; readonly code: string; readonly text: string };

/** Some connections beside those of the calls in flight, so that a log-in never waits behind them. */
const SPARE_CONNECTIONS = 2;
const NO_CONTENT = 204;

const jsonOrNull = (text: string): unknown => {
  try {
    return parseStrictJson(text);
  } catch {
    return null;
  }
};

/** The party's own words; a page is not its own. @throws SignalError */
const refusalIn = (reply: RawReply, personal: readonly string[]): string => {
  const body = decodeUtf8(reply.body);
  if (reply.contentType.includes('text/html') || body.trimStart().startsWith('<')) throw replyStatus(reply);
  return redactText(refusalText(body, jsonOrNull(body)), personal);
};

const understand = <T>(reply: RawReply, { operation, personal = [], read, nothing }: Question<T>): { readonly value: Answer<T>; readonly body: unknown } => {
  if (isRefusal(operation, reply.status)) {
    const text = refusalIn(reply, personal);
    return { value: { kind: 'refused', code: `http-${reply.status}`, text }, body: { refused: reply.status, text } };
  }
  if (reply.status === NO_CONTENT && nothing !== undefined) return { value: { kind: 'answer', value: nothing }, body: null };
  const json = parseStrictJson(trustedText(reply));
  return { value: { kind: 'answer', value: read(json) }, body: json };
};

/** Transport and tokens. It knows no domain type. */
export class MyVnpostClient {
  readonly #settings: MyVnpostSettings;
  readonly #basePath: string;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #sessions: AccountSessions<Account>;

  constructor(settings: MyVnpostSettings, circuits: CircuitBoard) {
    const url = new URL(settings.MY_VNPOST_URL);
    this.#settings = settings;
    this.#basePath = url.pathname;
    this.#transport = MY_VNPOST_CONNECTIONS.transport(url, settings, settings.MY_VNPOST_CONCURRENCY + SPARE_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#sessions = new AccountSessions({
      party: PARTY, accounts: settings.MY_VNPOST_ACCOUNTS, nameOf: ({ customerCode }) => customerCode, open: (account, call) => this.#logIn(account, call),
      refreshAheadMs: settings.MY_VNPOST_SESSION_REFRESH_AHEAD_MS,
    });
  }

  /** Asks in the name of a contract. @throws PartyError */
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

  #headers(call: PartyCall): Readonly<Record<string, string>> {
    return { accept: 'application/json', 'content-type': 'application/json; charset=utf-8', ...MY_VNPOST_CONNECTIONS.traceHeaders(this.#settings, call) };
  }

  #send<T>(question: Question<T>, own: Readonly<Record<string, string>>, call: PartyCall): Promise<Answer<T>> {
    const { body } = question;
    return this.#caller.call({
      operation: operationOf(question.operation, this.#settings),
      request: {
        method: body === null ? 'GET' : 'POST', path: joinPath(this.#basePath, question.path), headers: { ...this.#headers(call), ...own }, body: body === null ? null : JSON.stringify(body),
      },
      content: body ?? {}, personal: question.personal ?? [],
      read: (reply) => understand(reply, question),
    }, call);
  }

  async #logIn(account: Account, call: PartyCall): Promise<Grant> {
    const content = loginBody(account);
    try {
      return await this.#caller.call({
        operation: loginOperation(this.#settings),
        request: { method: 'POST', path: joinPath(this.#basePath, PATHS.login), headers: this.#headers(call), body: JSON.stringify(content) },
        content, personal: [],
        read: (reply) => {
          const json = parseStrictJson(trustedText(reply));
          const token = readToken(json);
          if (token === null) throw new SignalError({ kind: 'refused-session' }, { body: json });
          return { value: { token, lifeMs: this.#settings.MY_VNPOST_TOKEN_LIFE_MS }, body: json };
        },
      }, call);
    } catch (error) {
      throw asLoginError(error);
    }
  }
}
