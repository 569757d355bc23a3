import type { ServerResponse } from 'node:http';
import { cutShort, failedPage, FIREWALL_PAGE, jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { dripAnswer, resetConnection, sendAnswer, sendLater } from '../support/sandbox-respond.js';
import type { Mischief, MischiefKind } from './sandbox-mischief.js';
import type { SandboxServices, ServiceAnswer, ServiceCall } from './sandbox-services.js';
import type { SandboxWire } from './sandbox-wires.js';

export interface Served {
  readonly call: ServiceCall;
  readonly wire: SandboxWire;
  readonly services: SandboxServices;
  readonly hangMs: number;
}

const refusal = (mischief: Mischief): ServiceAnswer => ({ code: mischief.code ?? -1, message: mischief.message ?? 'Dữ liệu không hợp lệ' });

/** Does the effect happen before the misbehaviour? A command may say otherwise than the kind does. */
const isApplied = (mischief: Mischief, byDefault: boolean): boolean => mischief.applied ?? byDefault;

const honest = ({ services, wire, call }: Served): WireAnswer => wire.encode(services.handle(call), call);

const maybeApply = (served: Served, mischief: Mischief, byDefault: boolean): void => {
  if (isApplied(mischief, byDefault)) served.services.handle(served.call);
};

const existsAnswer = (served: Served, mischief: Mischief): WireAnswer => {
  const { call, wire, services } = served;
  if (call.service !== 'DongBoHoSoMC' || call.updating) return honest(served);
  services.storeAsInserted(call);
  return wire.encode({ code: mischief.code ?? 3, message: mischief.message ?? 'Hồ sơ đã tồn tại' }, call);
};

const perItem = (served: Served, mischief: Mischief): WireAnswer => {
  const { call, wire, services } = served;
  const refused = (item: Readonly<Record<string, string>>, index: number): boolean =>
    mischief.dossierCode === null ? index === 0 : item['MaHoSo'] === mischief.dossierCode;
  return wire.encode(services.handlePerItem(call, refused), call);
};

type Twist = (served: Served, mischief: Mischief) => WireAnswer;

/** Misbehaviour that ends in a whole answer. */
const TWISTS: Readonly<Partial<Record<MischiefKind, Twist>>> = {
  'session-expiry': ({ wire }) => wire.refusedSession(),
  exists: existsAnswer,
  codes: ({ services, wire, call }, mischief) => {
    const answer = services.handle(call);
    return wire.encode({ ...answer, code: answer.code === 0 ? (mischief.code ?? '00') : answer.code }, call);
  },
  nfd: ({ services, wire, call }) => {
    const answer = services.handle(call);
    return wire.encode({ ...answer, message: answer.message.normalize('NFD') }, call);
  },
  'item-refusal': perItem,
  refusal: ({ wire, call }, mischief) => wire.encode(refusal(mischief), call),
  busy: ({ wire, call }) => wire.encode({ code: -99, message: 'Hệ thống đang bận, vui lòng thử lại sau' }, call),
  '429': (_served, mischief) => jsonAnswer(429, { fault: { code: 900802, message: 'Message throttled out' } }, { 'retry-after': mischief.retryAfter ?? '2' }),
  '401': () => jsonAnswer(401, { fault: { code: 900901, message: 'Invalid Credentials' } }),
};

/** Misbehaviour of the connection itself. */
const breakConnection = (response: ServerResponse, served: Served, mischief: Mischief): void => {
  const { kind } = mischief;
  if (kind === 'hang') {
    const answer = isApplied(mischief, true) ? honest(served) : failedPage(504);
    sendLater(response, answer, mischief.delayMs ?? served.hangMs);
  } else if (kind === 'reset-after' || kind === 'reset-before') {
    maybeApply(served, mischief, kind === 'reset-after');
    resetConnection(response);
  } else if (kind === '5xx-after' || kind === '5xx-before') {
    maybeApply(served, mischief, kind === '5xx-after');
    sendAnswer(response, failedPage(mischief.status ?? 502));
  } else if (kind === 'html') {
    maybeApply(served, mischief, false);
    sendAnswer(response, FIREWALL_PAGE);
  } else if (kind === 'drip') {
    dripAnswer(response, honest(served), mischief.delayMs ?? 200);
  } else {
    maybeApply(served, mischief, true);
    const whole = served.wire.encode({ code: 0, message: 'Thành công' }, { ...served.call, service: 'truncated' });
    sendAnswer(response, kind === 'empty' ? { ...whole, body: '' } : cutShort(whole));
  }
};

/** Serves one call, honestly or as ordered. */
export const respond = (response: ServerResponse, served: Served, mischief: Mischief | null): void => {
  if (mischief === null) {
    sendAnswer(response, honest(served));
    return;
  }
  const twist = TWISTS[mischief.kind];
  if (twist === undefined) breakConnection(response, served, mischief);
  else sendAnswer(response, twist(served, mischief));
};

type LoginTwist = (response: ServerResponse, answer: () => WireAnswer, order: { mischief: Mischief; hangMs: number }) => void;

/** A log-in has no effect that could be applied, so only some misbehaviour makes sense for it; any other refuses it. */
const LOGIN_TWISTS: Readonly<Partial<Record<MischiefKind, LoginTwist>>> = {
  hang: (response, answer, { mischief, hangMs }) => { sendLater(response, answer(), mischief.delayMs ?? hangMs); },
  'reset-after': resetConnection,
  'reset-before': resetConnection,
  '5xx-after': (response, _answer, { mischief }) => { sendAnswer(response, failedPage(mischief.status ?? 502)); },
  '5xx-before': (response, _answer, { mischief }) => { sendAnswer(response, failedPage(mischief.status ?? 502)); },
  html: (response) => { sendAnswer(response, FIREWALL_PAGE); },
  empty: (response, answer) => { sendAnswer(response, { ...answer(), body: '' }); },
  truncated: (response, answer) => { sendAnswer(response, { ...answer(), body: '{"session":"' }); },
  '429': (response, _answer, { mischief }) => { sendAnswer(response, jsonAnswer(429, {}, { 'retry-after': mischief.retryAfter ?? '2' })); },
  '401': (response) => { sendAnswer(response, jsonAnswer(401, {})); },
};

export const respondToLogin = (response: ServerResponse, answer: () => WireAnswer, order: { mischief: Mischief | null; hangMs: number }): void => {
  const { mischief, hangMs } = order;
  if (mischief === null) {
    sendAnswer(response, answer());
    return;
  }
  const twist = LOGIN_TWISTS[mischief.kind];
  if (twist === undefined) sendAnswer(response, jsonAnswer(200, { error_code: -1, message: 'Sai tên đăng nhập hoặc mật khẩu' }));
  else twist(response, answer, { mischief, hangMs });
};
