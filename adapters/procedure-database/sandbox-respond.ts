import type { ServerResponse } from 'node:http';
import { cutShort, failedPage, FIREWALL_PAGE, jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { dripAnswer, resetConnection, sendAnswer, sendLater } from '../support/sandbox-respond.js';
import type { SandboxCatalogue } from './sandbox-catalogue.js';
import type { Mischief, MischiefKind } from './sandbox-mischief.js';
import type { SandboxCall, SandboxWire } from './sandbox-wires.js';

/** Misbehaviour that ends in a whole answer which has nothing to do with what was asked. */
const BLUNT: Readonly<Partial<Record<MischiefKind, (mischief: Mischief) => WireAnswer>>> = {
  html: () => FIREWALL_PAGE,
  '5xx': ({ status }) => failedPage(status),
  '429': ({ retryAfter }) => jsonAnswer(429, { fault: { code: 900802, message: 'Message throttled out' } }, { 'retry-after': retryAfter }),
  '401': () => jsonAnswer(401, { fault: { code: 900901, message: 'Invalid Credentials' } }),
  '403': () => failedPage(403),
};

export interface Served {
  readonly call: SandboxCall;
  readonly wire: SandboxWire;
  readonly catalogue: SandboxCatalogue;
  readonly hangMs: number;
  /** Delay before every answer, by command. */
  readonly paceMs: number;
}

/** Withdraws or changes the procedure that is asked for, just before it is answered. */
const meddle = ({ call, catalogue }: Served, kind: MischiefKind): void => {
  if (call.entry === null) return;
  if (kind === 'vanish') call.entry.state = 'withdrawn';
  if (kind === 'change') catalogue.change(call.entry, {});
};

const twisted = (served: Served, mischief: Mischief): WireAnswer => {
  const { wire, call } = served;
  const blunt = BLUNT[mischief.kind];
  if (blunt !== undefined) return blunt(mischief);
  if (mischief.kind === 'session-expiry') return wire.refusedSession();
  if (mischief.kind === 'busy') return wire.refusal('Hệ thống đang bận, vui lòng thử lại sau');
  if (mischief.kind === 'refusal') return wire.refusal('Dữ liệu không hợp lệ');
  meddle(served, mischief.kind);
  return wire.answer(call, mischief.kind);
};

/** How long an answer is held back; 0 sends it at once. */
const delayOf = (served: Served, mischief: Mischief | null): number => {
  if (mischief?.kind === 'hang') return mischief.delayMs ?? served.hangMs;
  return mischief?.kind === 'slow' ? (mischief.delayMs ?? 1_000) : served.paceMs;
};

const shortened = (answer: WireAnswer, kind: MischiefKind | null): WireAnswer => {
  if (kind === 'empty') return { ...answer, body: '' };
  return kind === 'truncated' ? cutShort(answer) : answer;
};

/** Serves one call, honestly or as ordered. */
export const respond = (response: ServerResponse, served: Served, mischief: Mischief | null): void => {
  if (mischief?.kind === 'reset') {
    resetConnection(response);
    return;
  }
  const whole = mischief === null ? served.wire.answer(served.call, null) : twisted(served, mischief);
  const answer = shortened(whole, mischief?.kind ?? null);
  const delayMs = delayOf(served, mischief);
  if (mischief?.kind === 'drip') dripAnswer(response, answer, mischief.delayMs ?? 200);
  else if (delayMs > 0) sendLater(response, answer, delayMs);
  else sendAnswer(response, answer);
};

/** A log-in, honest or as ordered; what makes no sense for one refuses it. */
export const respondToLogin = (response: ServerResponse, answer: () => WireAnswer, order: { mischief: Mischief | null; hangMs: number }): void => {
  const { mischief, hangMs } = order;
  if (mischief === null) sendAnswer(response, answer());
  else if (mischief.kind === 'reset') resetConnection(response);
  else if (mischief.kind === 'hang' || mischief.kind === 'slow') sendLater(response, answer(), mischief.delayMs ?? hangMs);
  else if (mischief.kind === 'empty' || mischief.kind === 'truncated') sendAnswer(response, { ...answer(), body: mischief.kind === 'empty' ? '' : '{"session":"' });
  else sendAnswer(response, BLUNT[mischief.kind]?.(mischief) ?? jsonAnswer(200, { error_code: -1, message: 'Sai tên đăng nhập hoặc mật khẩu' }));
};
