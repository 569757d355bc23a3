import type { PartyCall } from '../../src/deliveries/party-call.js';
import type { AxisReply, WireRow } from '../support/axis-reply.js';
import type { HttpTransport } from '../support/http-transport.js';
import { SignalError, unreadable } from '../support/signals.js';
import { connection } from './config.js';
import type { ProcedureDatabaseSettings } from './config.js';
import { judge } from './errors.js';
import type { JudgementRules } from './errors.js';
import type { ProcedureOperation } from './operations.js';
import { recordForJournal } from './wire-journal.js';

/** One question to a service of G1 or G2. */
export interface ServiceQuestion {
  readonly operation: ProcedureOperation;
  /** Scalars of the body; on G2 those of the list go into the query. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Transport of G1 or G2. It knows sessions and envelopes, and no domain type. */
export interface ServiceClient {
  /** Rows of the answer; null where the party says that it knows no such thing. @throws PartyError */
  ask(question: ServiceQuestion, call: PartyCall): Promise<readonly WireRow[] | null>;
  /** Really logs in. @throws PartyError */
  probe(call: PartyCall): Promise<void>;
  close(): Promise<void>;
}

export const judgementRules = (settings: ProcedureDatabaseSettings): JudgementRules => ({
  sessionCodes: settings.PROCEDURE_DATABASE_SESSION_CODES,
  sessionPhrases: settings.PROCEDURE_DATABASE_SESSION_PHRASES,
  busyPhrases: settings.PROCEDURE_DATABASE_BUSY_PHRASES,
});

/** Some connections beside those of the calls in flight, so that a log-in or a probe never waits behind them. */
const SPARE_CONNECTIONS = 2;

/** Connections to the origin of one configured address, under the limits of this party. */
export const partyTransport = (url: URL, settings: ProcedureDatabaseSettings): HttpTransport =>
  connection.transport(url, settings, settings.PROCEDURE_DATABASE_CONCURRENCY + SPARE_CONNECTIONS);

/** Header fields of every call; the trace goes along only where configuration says so. */
export const jsonHeaders = (settings: ProcedureDatabaseSettings, call: PartyCall): Record<string, string> =>
  ({ accept: 'application/json', 'content-type': 'application/json; charset=utf-8', ...connection.traceHeaders(settings, call) });

const journalBody = (reply: AxisReply, operation: ProcedureOperation): unknown =>
  ({ error_code: reply.code, message: reply.text, result: operation === 'read-procedure' ? (reply.rows?.map(recordForJournal) ?? null) : reply.rows });

/**
 * Turns a reply into rows.
 * @throws SignalError for a refused session, a busy party, a refused question and an answer without a list
 */
export const toRows = (reply: AxisReply, operation: ProcedureOperation, rules: JudgementRules): { readonly value: readonly WireRow[] | null; readonly body: unknown } => {
  const body = journalBody(reply, operation);
  const judgement = judge(reply, rules);
  if (judgement === 'session') throw new SignalError({ kind: 'refused-session' }, { body });
  if (judgement === 'busy') throw new SignalError({ kind: 'busy' }, { body });
  if (judgement === 'refused') throw new SignalError({ kind: 'refused-question', code: 'question-refused' }, { body });
  if (judgement === 'missing') return { value: null, body };
  if (reply.rows === null) throw unreadable('no-result-list', body);
  return { value: reply.rows, body };
};
