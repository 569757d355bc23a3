import { randomUUID } from 'node:crypto';
import type { AccountName, AccountNamePort, AccountNameQuestion } from '../../src/bank-accounts/account-name-port.js';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import { clientCredentials } from '../support/client-credentials.js';
import type { HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { trustedJson } from '../support/json-reply.js';
import { SessionManager, withSession } from '../support/session-manager.js';
import { unreadable } from '../support/signals.js';
import { MB_BANK_CONNECTIONS } from './config.js';
import type { MbBankSettings } from './config.js';
import { accountVerdict } from './errors.js';
import { canEnquire, enquiryQuery, nameIn } from './mapping.js';
import { enquiryOperation, PARTY } from './operations.js';
import { accountReply } from './wire.js';
import type { AccountReply } from './wire.js';

const TOKEN_PATH = 'oauth2/v1/token';
const ACCOUNT_PATH = 'ms/bank-info/v1.0/account/info';
/** Some connections beside those of the calls in flight, so that a log-in never waits behind them. */
const SPARE_CONNECTIONS = 1;

/** Account-name enquiry at MB: of its own accounts, and of other banks' through NAPAS. */
export class MbEnquiry implements AccountNamePort {
  readonly party = PARTY;
  readonly #settings: MbBankSettings;
  readonly #path: string;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #sessions: SessionManager;

  constructor(settings: MbBankSettings, circuits: CircuitBoard) {
    const url = new URL(settings.MB_BANK_URL);
    this.#settings = settings;
    this.#path = joinPath(url.pathname, ACCOUNT_PATH);
    this.#transport = MB_BANK_CONNECTIONS.transport(url, settings, settings.MB_BANK_CONCURRENCY + SPARE_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    const open = clientCredentials({
      caller: this.#caller, path: joinPath(url.pathname, TOKEN_PATH), consumerKey: settings.MB_BANK_USERNAME, consumerSecret: settings.MB_BANK_PASSWORD,
      deadlineMs: settings.MB_BANK_DEADLINE_MS,
    });
    this.#sessions = new SessionManager({ party: PARTY, open, refreshAheadMs: settings.MB_BANK_SESSION_REFRESH_AHEAD_MS });
  }

  covers(question: AccountNameQuestion): boolean {
    return canEnquire(question);
  }

  async nameOf(question: AccountNameQuestion, call: PartyCall): Promise<AccountName> {
    if (!canEnquire(question)) return { kind: 'unsupported', code: 'bank-or-number' };
    return withSession(this.#sessions, call, (token) => this.#ask(question, token, call));
  }

  /** @throws PartyError */
  async check(call: PartyCall): Promise<void> {
    await this.#sessions.lease(call);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #ask(question: AccountNameQuestion, token: string, call: PartyCall): Promise<AccountName> {
    const content = enquiryQuery(question);
    return this.#caller.call({
      operation: enquiryOperation(this.#settings),
      request: {
        method: 'GET', path: `${this.#path}?${new URLSearchParams(content).toString()}`, body: null,
        headers: { accept: 'application/json', authorization: `Bearer ${token}`, clientMessageId: randomUUID(), ...MB_BANK_CONNECTIONS.traceHeaders(this.#settings, call) },
      },
      content,
      personal: [question.number],
      read: (reply) => {
        const parsed = accountReply.safeParse(trustedJson(reply));
        if (!parsed.success) throw unreadable('reply-shape');
        return { value: this.#judge(parsed.data), body: parsed.data };
      },
    }, call);
  }

  #judge(reply: AccountReply): AccountName {
    const code = reply.errorCode ?? null;
    const verdict = accountVerdict(code, this.#settings.MB_BANK_NOT_FOUND_CODES);
    if (verdict === 'unlisted') throw unreadable('code-unlisted', reply);
    return verdict === 'not-found' ? { kind: 'not-found', code: code ?? 'not-found' } : nameIn(reply);
  }
}
