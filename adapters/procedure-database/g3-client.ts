import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport, RawReply } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { trustedJson } from '../support/json-reply.js';
import { unreadable } from '../support/signals.js';
import type { ProcedureDatabaseSettings } from './config.js';
import { G3_SUCCESS, UNKNOWN_ID_STATUS } from './errors.js';
import { operationOf, PARTY } from './operations.js';
import type { ProcedureOperation } from './operations.js';
import { jsonHeaders, partyTransport } from './service-client.js';
import { recordForJournal } from './wire-journal.js';
import { g3Envelope } from './wire-g3.js';

/** One question to the new portal: POST with JSON. */
export interface G3Question {
  readonly operation: ProcedureOperation;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Is 400 the answer "I know no such id"? */
  readonly mayBeUnknown: boolean;
}

/** Journal copy of the data: lists keep their head, a record only what it was. */
const journalBody = (code: string, data: unknown, operation: ProcedureOperation): unknown =>
  ({ code, ...(operation === 'read-procedure' ? { record: recordForJournal(data) } : { data }) });

const isUnknownId = (reply: RawReply): boolean => reply.status === UNKNOWN_ID_STATUS && reply.contentType.includes('json');

/** G3: the new portal's public interface. No log-in; a firewall in front that answers HTML with status 200. */
export class G3Client {
  readonly #settings: ProcedureDatabaseSettings;
  readonly #base: string;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;

  constructor(settings: ProcedureDatabaseSettings, circuits: CircuitBoard) {
    const url = new URL(settings.PROCEDURE_DATABASE_G3_URL);
    this.#settings = settings;
    this.#base = url.pathname;
    this.#transport = partyTransport(url, settings);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
  }

  /** The `data` of the answer; null where the id is unknown. @throws PartyError */
  ask(question: G3Question, call: PartyCall): Promise<unknown> {
    const { operation, body } = question;
    return this.#caller.call({
      operation: operationOf(operation, this.#settings.PROCEDURE_DATABASE_DEADLINE_MS),
      request: { method: 'POST', path: joinPath(this.#base, question.path), headers: this.#headers(call), body: JSON.stringify(body) },
      content: body,
      personal: [],
      read: (reply) => {
        if (question.mayBeUnknown && isUnknownId(reply)) return { value: null, body: { unknown: true } };
        const parsed = g3Envelope.safeParse(trustedJson(reply));
        if (!parsed.success) throw unreadable('envelope-shape');
        const { code, data } = parsed.data;
        const shown = journalBody(code, data, operation);
        if (code !== G3_SUCCESS) throw unreadable('code-not-ok', shown);
        if (data === undefined || data === null) throw unreadable('no-data', shown);
        return { value: data, body: shown };
      },
    }, call);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #headers(call: PartyCall): Record<string, string> {
    const origin = this.#settings.PROCEDURE_DATABASE_G3_ORIGIN;
    const headers = jsonHeaders(this.#settings, call);
    return origin === '' ? headers : { ...headers, origin: new URL(origin).origin, referer: origin };
  }
}
