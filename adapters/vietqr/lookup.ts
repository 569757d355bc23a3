import type { AccountName, AccountNamePort, AccountNameQuestion } from '../../src/bank-accounts/account-name-port.js';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { trustedJson } from '../support/json-reply.js';
import { unreadable } from '../support/signals.js';
import { VIETQR_CONNECTIONS } from './config.js';
import type { VietqrSettings } from './config.js';
import { lookupVerdict } from './errors.js';
import { canLookUp, lookupQuestion, nameIn } from './mapping.js';
import { lookupOperation, PARTY } from './operations.js';
import { lookupReply } from './wire.js';
import type { LookupReply } from './wire.js';

/** Some connections beside those of the calls in flight, so that a probe never waits behind them. */
const SPARE_CONNECTIONS = 1;

/** Account-name enquiry at vietqr.io. */
export class VietqrLookup implements AccountNamePort {
  readonly party = PARTY;
  readonly #settings: VietqrSettings;
  readonly #path: string;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;

  constructor(settings: VietqrSettings, circuits: CircuitBoard) {
    const url = new URL(settings.VIETQR_URL);
    this.#settings = settings;
    this.#path = url.pathname;
    this.#transport = VIETQR_CONNECTIONS.transport(url, settings, settings.VIETQR_CONCURRENCY + SPARE_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
  }

  covers(question: AccountNameQuestion): boolean {
    return canLookUp(question);
  }

  async nameOf(question: AccountNameQuestion, call: PartyCall): Promise<AccountName> {
    if (!canLookUp(question)) return { kind: 'unsupported', code: 'bank-or-number' };
    const body = lookupQuestion(question);
    return this.#caller.call({
      operation: lookupOperation(this.#settings),
      request: { method: 'POST', path: this.#path, headers: this.#headers(call), body: JSON.stringify(body) },
      content: body,
      personal: [question.number],
      read: (reply) => {
        const parsed = lookupReply.safeParse(trustedJson(reply));
        if (!parsed.success) throw unreadable('reply-shape');
        return { value: this.#judge(parsed.data), body: parsed.data };
      },
    }, call);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #judge(reply: LookupReply): AccountName {
    const verdict = lookupVerdict(reply.code, this.#settings.VIETQR_NOT_FOUND_CODES);
    if (verdict === 'unlisted') throw unreadable('code-unlisted', reply);
    return verdict === 'not-found' ? { kind: 'not-found', code: reply.code } : nameIn(reply);
  }

  #headers(call: PartyCall): Record<string, string> {
    return {
      accept: 'application/json', 'content-type': 'application/json; charset=utf-8', 'x-client-id': this.#settings.VIETQR_CLIENT_ID, 'x-api-key': this.#settings.VIETQR_API_KEY,
      ...VIETQR_CONNECTIONS.traceHeaders(this.#settings, call),
    };
  }
}
