import type { ServerResponse } from 'node:http';
import type { SandboxCatalogue } from './sandbox-catalogue.js';
import type { Mischief, MischiefKind } from './sandbox-mischief.js';
import { jsonAnswer } from './sandbox-wires.js';
import type { SandboxCall, SandboxWire, WireAnswer } from './sandbox-wires.js';

const FIREWALL_PAGE: WireAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Your support ID is: 0</body></html>',
};

const failedPage = (status: number): WireAnswer => ({ status, headers: { 'content-type': 'text/html' }, body: `<html><body><h1>${status}</h1></body></html>` });

export const sendAnswer = (response: ServerResponse, answer: WireAnswer): void => {
  if (response.destroyed) return;
  const body = Buffer.from(answer.body, 'utf8');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.end(body);
};

/** Answers later, unless the caller has hung up by then. */
export const sendLater = (response: ServerResponse, answer: WireAnswer, delayMs: number): void => {
  const timer = setTimeout(() => { sendAnswer(response, answer); }, delayMs);
  response.on('close', () => { clearTimeout(timer); });
};

const drip = (response: ServerResponse, answer: WireAnswer, everyMs: number): void => {
  const body = Buffer.from(answer.body, 'utf8');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on('close', () => { clearInterval(timer); });
};

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
  return kind === 'truncated' ? { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) } : answer;
};

/** Serves one call, honestly or as ordered. */
export const respond = (response: ServerResponse, served: Served, mischief: Mischief | null): void => {
  if (mischief?.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const whole = mischief === null ? served.wire.answer(served.call, null) : twisted(served, mischief);
  const answer = shortened(whole, mischief?.kind ?? null);
  const delayMs = delayOf(served, mischief);
  if (mischief?.kind === 'drip') drip(response, answer, mischief.delayMs ?? 200);
  else if (delayMs > 0) sendLater(response, answer, delayMs);
  else sendAnswer(response, answer);
};

/** A log-in, honest or as ordered; what makes no sense for one refuses it. */
export const respondToLogin = (response: ServerResponse, answer: () => WireAnswer, order: { mischief: Mischief | null; hangMs: number }): void => {
  const { mischief, hangMs } = order;
  if (mischief === null) sendAnswer(response, answer());
  else if (mischief.kind === 'reset') response.socket?.resetAndDestroy();
  else if (mischief.kind === 'hang' || mischief.kind === 'slow') sendLater(response, answer(), mischief.delayMs ?? hangMs);
  else if (mischief.kind === 'empty' || mischief.kind === 'truncated') sendAnswer(response, { ...answer(), body: mischief.kind === 'empty' ? '' : '{"session":"' });
  else sendAnswer(response, BLUNT[mischief.kind]?.(mischief) ?? jsonAnswer(200, { error_code: -1, message: 'Sai tên đăng nhập hoặc mật khẩu' }));
};
