import type { EffectClass } from '../../src/deliveries/delivery.js';
import type { PartyErrorKind } from '../../src/errors/party-error.js';
import type { Signal } from './signals.js';

export interface Verdict {
  readonly kind: PartyErrorKind;
  readonly code: string;
  readonly retryAfterMs?: number;
}

/** WSO2 API Manager fault codes (general WSO2 knowledge, national-portal.md §8.1, medium confidence). */
const FAULT_KINDS: Readonly<Record<string, PartyErrorKind>> = {
  '900800': 'rate-limited',
  '900801': 'rate-limited',
  '900802': 'rate-limited',
  '900803': 'rate-limited',
  '900804': 'rate-limited',
  '900901': 'refused-credentials',
  '900902': 'refused-credentials',
  '900903': 'refused-credentials',
  '900908': 'refused-credentials',
  // The gateway itself suspended its backend, so the request was never forwarded.
  '303001': 'unavailable',
};

const lostKind = (effect: EffectClass): PartyErrorKind => (effect === 'read' ? 'unavailable' : 'outcome-unknown');

const statusKind = (status: number, effect: EffectClass): PartyErrorKind => {
  if (status === 429) return 'rate-limited';
  if (status === 401 || status === 403) return 'refused-credentials';
  if (status >= 500 || status === 408) return lostKind(effect);
  if (status >= 400) return 'bad-request';
  return 'bad-reply';
};

const classifyStatus = (signal: Extract<Signal, { kind: 'status' }>, effect: EffectClass): Verdict => {
  const byFault = signal.faultCode === null ? undefined : FAULT_KINDS[signal.faultCode];
  const code = byFault === undefined ? `http-${signal.status}` : `fault-${signal.faultCode}`;
  const kind = byFault ?? statusKind(signal.status, effect);
  return signal.retryAfterMs === null ? { kind, code } : { kind, code, retryAfterMs: signal.retryAfterMs };
};

/**
 * Gives a signal its meaning: one 504 is harmless on a read and dangerous on a write. Table: architecture.md, "Errors".
 * @returns the error kind, a stable code, and how long the party told us to wait, in milliseconds
 */
export const classify = (signal: Signal, effect: EffectClass): Verdict => {
  switch (signal.kind) {
    case 'not-sent':
      return { kind: signal.code === 'certificate' ? 'refused-credentials' : 'unavailable', code: signal.code };
    case 'lost':
      return { kind: lostKind(effect), code: signal.code };
    case 'status':
      return classifyStatus(signal, effect);
    case 'html':
      return { kind: lostKind(effect), code: 'html-reply' };
    case 'busy':
      return { kind: lostKind(effect), code: 'party-busy' };
    case 'refused-session':
      return { kind: 'refused-credentials', code: 'session-refused' };
    case 'refused-question':
      return { kind: 'bad-request', code: signal.code };
    case 'unreadable':
      return { kind: 'bad-reply', code: signal.code };
  }
};
