import type { PartyCall } from '../../src/deliveries/party-call.js';
import { readSession } from './axis-reply.js';
import type { OperationSpec, PartyCaller } from './call-party.js';
import { LOGIN_OPERATION } from './circuit-board.js';
import { joinPath } from './join-path.js';
import { trustedJson } from './json-reply.js';
import { asLoginError } from './login-errors.js';
import { SessionManager, withSession } from './session-manager.js';
import type { Grant } from './session-manager.js';

/** How a party is reached through the forwarder of the integration axis (national-portal.md §3.1, §3.3). */
export interface ForwarderSettings {
  readonly party: string;
  /** Address up to and including `forward`. */
  readonly url: URL;
  readonly dstcode: string;
  readonly dstcodeIn: 'query' | 'header' | 'both';
  /** Empty where the forwarder needs none. It comes from configuration, never from a request. */
  readonly providerUrl: string;
  readonly loginPath: string;
  readonly username: string;
  readonly password: string;
  readonly sessionLifeMs: number;
  readonly refreshAheadMs: number;
  readonly loginDeadlineMs: number;
}

/** A log-in changes nothing at the party, so it may be repeated freely. */
const loginOperation = (deadlineMs: number): OperationSpec =>
  ({ name: LOGIN_OPERATION, effect: 'read', deadlineMs, kept: { plain: new Set(['error_code']), text: new Set() } });

/** The colons of a dstcode stay as they are seen in the field; `providerurl` is percent-encoded (national-portal.md §3.3). */
const queryOf = (settings: ForwarderSettings): string => {
  const parts: string[] = [];
  if (settings.dstcodeIn !== 'header') parts.push(`dstcode=${settings.dstcode}`);
  if (settings.providerUrl !== '') parts.push(`providerurl=${encodeURIComponent(settings.providerUrl)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
};

/** The forwarder of the axis as a party's G1 client needs it: addresses, header fields, and one session for every body. */
export class AxisForwarder {
  readonly #settings: ForwarderSettings;
  readonly #caller: PartyCaller;
  readonly #headersOf: (call: PartyCall) => Record<string, string>;
  readonly #query: string;
  readonly #sessions: SessionManager;

  /** @param headersOf header fields that the party wants with every call, before the forwarder adds its own */
  constructor(settings: ForwarderSettings, caller: PartyCaller, headersOf: (call: PartyCall) => Record<string, string>) {
    this.#settings = settings;
    this.#caller = caller;
    this.#headersOf = headersOf;
    this.#query = queryOf(settings);
    this.#sessions = new SessionManager({ party: settings.party, open: (call) => this.login(call), refreshAheadMs: settings.refreshAheadMs });
  }

  pathOf(suffix: string): string {
    return joinPath(this.#settings.url.pathname, suffix) + this.#query;
  }

  headers(call: PartyCall): Record<string, string> {
    const headers = this.#headersOf(call);
    if (this.#settings.dstcodeIn !== 'query') headers['dstcode'] = this.#settings.dstcode;
    return headers;
  }

  /** Runs `use` with a session; a refused one is replaced and `use` repeated once. @throws PartyError */
  withSession<T>(call: PartyCall, use: (session: string) => Promise<T>): Promise<T> {
    return withSession(this.#sessions, call, use);
  }

  /** Really logs in, whatever session is held. @throws PartyError of operation `login` */
  async login(call: PartyCall): Promise<Grant> {
    const { username, password, loginPath, sessionLifeMs, loginDeadlineMs } = this.#settings;
    const content = { username, password };
    try {
      return await this.#caller.call({
        operation: loginOperation(loginDeadlineMs),
        request: { method: 'POST', path: this.pathOf(loginPath), headers: this.headers(call), body: JSON.stringify(content) },
        content,
        personal: [],
        read: (reply) => {
          const body = trustedJson(reply);
          return { body, value: { token: readSession(body), lifeMs: sessionLifeMs } };
        },
      }, call);
    } catch (error) {
      throw asLoginError(error);
    }
  }
}
