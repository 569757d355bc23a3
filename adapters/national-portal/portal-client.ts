import type { PartyCall } from '../../src/deliveries/party-call.js';
import type { AxisReply } from '../support/axis-reply.js';
import { SignalError, unreadable } from '../support/signals.js';
import { connection } from './config.js';
import type { NationalPortalSettings } from './config.js';
import { judge } from './errors.js';
import type { Judgement, JudgementRules, PortalService, WireGeneration } from './errors.js';

/** One call of a service, before a wire generation gives it its form. */
export interface PortalRequest {
  readonly service: PortalService;
  /** Scalars and objects beside `data`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The list that dossier and step services carry. */
  readonly data: readonly object[] | null;
  /** Personal values in it, so that they can be masked where the answer repeats them. */
  readonly personal: readonly string[];
}

export interface PortalAnswer {
  readonly judgement: Exclude<Judgement, 'session' | 'busy' | 'unclear'>;
  readonly reply: AxisReply;
}

/** Transport of one wire generation. It knows sessions and envelopes, and no domain type. */
export interface PortalClient {
  /** @throws PartyError where no trustworthy answer came */
  ask(request: PortalRequest, call: PartyCall): Promise<PortalAnswer>;
  /** Really logs in, whatever session is held. @throws PartyError */
  probe(call: PartyCall): Promise<void>;
  close(): Promise<void>;
}

export const judgementRules = (settings: NationalPortalSettings): JudgementRules => ({
  existsCodes: settings.NATIONAL_PORTAL_EXISTS_CODES,
  sessionCodes: settings.NATIONAL_PORTAL_SESSION_CODES,
  sessionPhrases: settings.NATIONAL_PORTAL_SESSION_PHRASES,
  busyPhrases: settings.NATIONAL_PORTAL_BUSY_PHRASES,
});

/** The decoded answer for the journal: what was hidden in a string is opened first, so that it can be masked field by field. */
const journalBody = (reply: AxisReply): unknown => ({ error_code: reply.code, message: reply.text, result: reply.rows });

/**
 * Turns a reply into an answer that the adapter can act on.
 * @throws SignalError for a refused session, a busy portal, and words that say neither yes nor no
 */
export const toAnswer = (
  reply: AxisReply,
  asked: { service: PortalService; wire: WireGeneration },
  rules: JudgementRules,
): { readonly value: PortalAnswer; readonly body: unknown } => {
  const body = journalBody(reply);
  const judgement = judge(reply, asked, rules);
  if (judgement === 'session') throw new SignalError({ kind: 'refused-session' }, { body });
  if (judgement === 'busy') throw new SignalError({ kind: 'busy' }, { body });
  if (judgement === 'unclear') throw unreadable('neither-yes-nor-no', body);
  return { value: { judgement, reply }, body };
};

/** Header fields of every call; the trace goes along only where configuration says so. */
export const jsonHeaders = (settings: NationalPortalSettings, call: PartyCall): Record<string, string> =>
  ({ accept: 'application/json', 'content-type': 'application/json; charset=utf-8', ...connection.traceHeaders(settings, call) });
