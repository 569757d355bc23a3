import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import { OPERATIONS } from './sandbox-services.js';
import type { SandboxServices } from './sandbox-services.js';
import type { MischiefKind } from './sandbox-mischief.js';
import { textOf } from './sandbox-wires.js';
import type { Incoming, SandboxAccess, SandboxCall, SandboxWire } from './sandbox-wires.js';

const FORWARDER = /^\/(?:XrdAdapter|VXPAdapter)\/RestService\/forward\/(.*)$/;

const REFUSED_SESSION = jsonAnswer(200, { error_code: -2, message: 'Session không hợp lệ hoặc đã hết hạn' });

const answered = (answer: WireAnswer): Incoming => ({ kind: 'answered', answer });

/** G1: the forwarder of the axis in front of `mapi/login` and the data path. */
export class SandboxG1 implements SandboxWire {
  readonly name = 'g1';
  readonly #sessions: TokenBook;
  readonly #access: SandboxAccess;
  readonly #services: SandboxServices;

  constructor(access: SandboxAccess, services: SandboxServices) {
    this.#access = access;
    this.#services = services;
    this.#sessions = new TokenBook(access.sessionLifeMs);
  }

  receive(request: SandboxHttpRequest): Incoming | null {
    const path = request.method === 'POST' ? FORWARDER.exec(request.path)?.[1] : undefined;
    if (path === undefined) return null;
    const dstcode = request.query.get('dstcode') ?? request.headers['dstcode'];
    if (dstcode !== this.#access.dstcode) return answered(jsonAnswer(500, { type: 'Server.ClientProxy.UnknownMember', message: 'Unknown dstcode', detail: '' }));
    const body = parseObject(request.body);
    if (body === null) return answered(this.refusal('Dữ liệu JSON không hợp lệ'));
    return path === 'mapi/login' ? { kind: 'login', answer: () => this.#login(body) } : this.#call(body);
  }

  answer(call: SandboxCall, twist: MischiefKind | null): WireAnswer {
    return jsonAnswer(200, { error_code: 0, message: 'Thành công', result: this.#services.rows(call, twist) });
  }

  refusedSession(): WireAnswer {
    this.expire();
    return REFUSED_SESSION;
  }

  refusal(message: string): WireAnswer {
    return jsonAnswer(200, { error_code: -1, message });
  }

  expire(): void {
    this.#sessions.revokeAll();
  }

  #login(body: Readonly<Record<string, unknown>>): WireAnswer {
    const isKnown = body['username'] === this.#access.username && body['password'] === this.#access.password;
    return isKnown ? jsonAnswer(200, { session: this.#sessions.issue(), error_code: 0, message: 'Thành công' }) : this.refusal('Sai tên đăng nhập hoặc mật khẩu');
  }

  #call(body: Readonly<Record<string, unknown>>): Incoming {
    const { session, madonvi, service, ...fields } = body;
    if (!this.#sessions.isValid(textOf(session))) return answered(REFUSED_SESSION);
    const operation = Object.hasOwn(OPERATIONS, textOf(service)) ? OPERATIONS[textOf(service)] : undefined;
    if (textOf(madonvi) === '' || operation === undefined) return answered(this.refusal('Trường madonvi hoặc service không hợp lệ'));
    return { kind: 'call', wire: this, call: { operation, fields, entry: this.#services.entryOf(fields) } };
  }
}
