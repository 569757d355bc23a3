import type { PartyCall } from '../../src/deliveries/party-call.js';
import { verifyHmac } from '../support/callback-keys.js';
import { PartyCaller } from '../support/call-party.js';
import type { OperationSpec } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport, RawReply } from '../support/http-transport.js';
import { trustedJson } from '../support/json-reply.js';
import { SignalError, unreadable } from '../support/signals.js';
import { VNPAY_CONNECTIONS } from './config.js';
import type { VnpaySettings } from './config.js';
import { ANSWERED } from './errors.js';
import type { ApiVerdict } from './errors.js';
import { codeOf, hashOf, isAbout, signedTextOf } from './mapping-reply.js';
import type { Expected, ReplyForm } from './mapping-reply.js';
import { keysOf } from './merchants.js';
import type { Merchant } from './merchants.js';
import { operationOf, PARTY } from './operations.js';
import type { VnpayOperation } from './operations.js';
import { apiReply, qrReply } from './wire.js';
import type { ApiReply } from './wire.js';

/** One signed body for querydr or refund. */
export interface ApiQuestion {
  readonly operation: VnpayOperation;
  readonly merchant: Merchant;
  /** The order that the answer must be about. */
  readonly reference: string;
  readonly body: Readonly<Record<string, string>>;
  readonly verdictOf: (code: string) => ApiVerdict;
  readonly form: ReplyForm;
}

export interface ApiAnswer {
  readonly verdict: Extract<ApiVerdict, 'answer' | 'limited' | 'key'>;
  readonly reply: ApiReply;
}

/** Some connections beside those of the calls in flight, so that a probe never waits behind them. */
const SPARE_CONNECTIONS = 2;

interface Door {
  readonly path: string;
  readonly transport: HttpTransport;
  readonly caller: PartyCaller;
}

/** Is the reply signed by one of the merchant's secrets? */
const isSigned = (reply: ApiReply, question: ApiQuestion, expected: Expected): boolean =>
  verifyHmac(keysOf(question.merchant), {
    algorithm: 'sha512', encoding: 'hex', signed: Buffer.from(signedTextOf(reply, question.form, expected), 'utf8'), signature: hashOf(reply),
  }) !== null;

/** Transport of both addresses. It knows signatures and codes, and no domain type. */
export class VnpayClient {
  readonly #settings: VnpaySettings;
  readonly #api: Door;
  readonly #page: Door;

  constructor(settings: VnpaySettings, circuits: CircuitBoard) {
    const door = (url: URL): Door => {
      const transport = VNPAY_CONNECTIONS.transport(url, settings, settings.VNPAY_CONCURRENCY + SPARE_CONNECTIONS);
      return { path: url.pathname, transport, caller: new PartyCaller({ party: PARTY, circuits, transport }) };
    };
    this.#settings = settings;
    this.#api = door(new URL(settings.VNPAY_API_URL));
    this.#page = door(new URL(settings.VNPAY_URL));
  }

  /** An answer under a good signature, or that we asked too often, or that our terminal code or secret is wrong. @throws PartyError */
  ask(question: ApiQuestion, call: PartyCall): Promise<ApiAnswer> {
    return this.#api.caller.call({
      operation: this.#operation(question.operation),
      request: { method: 'POST', path: this.#api.path, headers: this.#headers(call), body: JSON.stringify(question.body) },
      content: question.body,
      personal: [],
      read: (reply) => {
        const parsed = apiReply.safeParse(trustedJson(reply));
        if (!parsed.success) throw unreadable('reply-shape');
        return { value: this.#judge(parsed.data, question), body: parsed.data };
      },
    }, call);
  }

  /** Answer of `genqr` to the query of a pay URL. @throws PartyError */
  askQr(query: string, content: unknown, call: PartyCall): Promise<{ readonly code: string; readonly qrContent: string }> {
    return this.#page.caller.call({
      operation: this.#operation('open-payment'),
      request: { method: 'GET', path: `${this.#page.path}?${query}`, headers: this.#headers(call), body: null },
      content,
      personal: [],
      read: (reply: RawReply) => {
        const parsed = qrReply.safeParse(trustedJson(reply));
        if (!parsed.success) throw unreadable('reply-shape');
        const { code, message, qrcontent } = parsed.data;
        return { value: { code, qrContent: qrcontent }, body: { code, message } };
      },
    }, call);
  }

  async close(): Promise<void> {
    await this.#api.transport.close();
    await this.#page.transport.close();
  }

  #operation(name: VnpayOperation): OperationSpec {
    return operationOf(name, this.#settings);
  }

  #headers(call: PartyCall): Record<string, string> {
    return { accept: 'application/json', 'content-type': 'application/json; charset=utf-8', ...VNPAY_CONNECTIONS.traceHeaders(this.#settings, call) };
  }

  /** A refusal of our hash cannot be signed with it, and being told to wait changes nothing: only answers must be signed. */
  #judge(reply: ApiReply, question: ApiQuestion): ApiAnswer {
    const code = codeOf(reply);
    const verdict = question.verdictOf(code);
    if (verdict === 'busy') throw new SignalError({ kind: 'busy' }, { body: reply });
    if (verdict === 'question') throw new SignalError({ kind: 'refused-question', code: 'question-refused' }, { body: reply });
    if (verdict === 'unlisted') throw unreadable('code-unlisted', reply);
    if (verdict !== 'answer') return { verdict, reply };
    const expected = { tmnCode: question.merchant.tmnCode, reference: question.reference };
    if (!isSigned(reply, question, expected)) throw unreadable('signature', reply);
    if (!isAbout(reply, expected, code === ANSWERED)) throw unreadable('other-order', reply);
    return { verdict, reply };
  }
}
