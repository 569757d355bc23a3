import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { trustedText } from '../support/json-reply.js';
import { SignalError, unreadable } from '../support/signals.js';
import { VNPT_PAY_CONNECTIONS } from './config.js';
import type { VnptPaySettings } from './config.js';
import { SUCCESS } from './errors.js';
import type { OpenVerdict, QueryVerdict } from './errors.js';
import { readFlatJson } from './flat-json.js';
import { isAbout, readReply } from './mapping-reply.js';
import type { ReadReply } from './mapping-reply.js';
import { keysOf } from './merchants.js';
import type { Merchant } from './merchants.js';
import { operationOf, PARTY } from './operations.js';
import type { VnptPayOperation } from './operations.js';
import { verifySigned } from './signature.js';

/** One signed message, with the order that the answer must be about. */
export interface Question<Verdict extends OpenVerdict | QueryVerdict> {
  readonly operation: VnptPayOperation;
  /** Below the configured address. */
  readonly path: string;
  readonly merchant: Merchant;
  readonly reference: string;
  readonly body: Readonly<Record<string, string | number>>;
  readonly verdictOf: (code: string) => Verdict;
}

export interface Answer<Verdict> {
  readonly verdict: Exclude<Verdict, 'busy' | 'question' | 'unlisted'>;
  readonly reply: ReadReply;
}

/** Some connections beside those of the calls in flight, so that a probe never waits behind them. */
const SPARE_CONNECTIONS = 2;

/** Neither adds to what we know; a refusal of our key cannot be signed with it. */
const UNSIGNED: ReadonlySet<string> = new Set<OpenVerdict | QueryVerdict>(['key', 'exists']);

const judge = <Verdict extends OpenVerdict | QueryVerdict>(read: ReadReply, { merchant, reference, verdictOf }: Question<Verdict>): Answer<Verdict> => {
  const body = Object.fromEntries(read.fields);
  const verdict = verdictOf(read.code);
  if (verdict === 'busy') throw new SignalError({ kind: 'busy' }, { body });
  if (verdict === 'question') throw new SignalError({ kind: 'refused-question', code: 'question-refused' }, { body });
  if (verdict === 'unlisted') throw unreadable('code-unlisted', body);
  const known = { verdict: verdict as Answer<Verdict>['verdict'], reply: read };
  if (UNSIGNED.has(verdict)) return known;
  if (verifySigned(keysOf(merchant), read.signed, read.signature) === null) throw unreadable('signature', body);
  if (!isAbout(read, { merchantServiceId: merchant.merchantServiceId, reference }, read.code === SUCCESS)) throw unreadable('other-order', body);
  return known;
};

/** Transport. It knows signatures and codes, and no domain type. */
export class VnptPayClient {
  readonly #settings: VnptPaySettings;
  readonly #basePath: string;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;

  constructor(settings: VnptPaySettings, circuits: CircuitBoard) {
    const url = new URL(settings.VNPT_PAY_URL);
    this.#settings = settings;
    this.#basePath = url.pathname;
    this.#transport = VNPT_PAY_CONNECTIONS.transport(url, settings, settings.VNPT_PAY_CONCURRENCY + SPARE_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
  }

  /** An answer under a good signature, or that our key is refused, or that the order exists. @throws PartyError */
  ask<Verdict extends OpenVerdict | QueryVerdict>(question: Question<Verdict>, call: PartyCall): Promise<Answer<Verdict>> {
    const headers = {
      accept: 'application/json', 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${question.merchant.apiKey}`,
      ...VNPT_PAY_CONNECTIONS.traceHeaders(this.#settings, call),
    };
    return this.#caller.call({
      operation: operationOf(question.operation, this.#settings),
      request: { method: 'POST', path: joinPath(this.#basePath, question.path), headers, body: JSON.stringify(question.body) },
      content: question.body,
      personal: [],
      read: (raw) => {
        const fields = readFlatJson(trustedText(raw));
        return { value: judge(readReply(fields), question), body: Object.fromEntries(fields) };
      },
    }, call);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }
}
