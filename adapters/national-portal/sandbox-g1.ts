import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import type { ServiceAnswer } from './sandbox-services.js';
import { dossierCodesOf } from './sandbox-wires.js';
import type { Incoming, SandboxAccess, SandboxWire } from './sandbox-wires.js';

const FORWARDER = /^\/(?:XrdAdapter|VXPAdapter)\/RestService\/forward\/(.*)$/;

/** ASSUMPTION: no error body of the forwarder is public; this is the X-Road form (national-portal.md §8.4). */
const axisFault = (message: string): WireAnswer =>
  jsonAnswer(500, { type: 'Server.ClientProxy.UnknownMember', message, detail: '' }, { 'x-road-error': 'Server.ClientProxy.UnknownMember' });

/** G1: the forwarder of the axis in front of `mapi/login` and the data path. */
export class SandboxG1 implements SandboxWire {
  readonly name = 'g1';
  readonly sessions: TokenBook;
  readonly #access: SandboxAccess;

  constructor(access: SandboxAccess) {
    this.#access = access;
    this.sessions = new TokenBook(access.sessionLifeMs);
  }

  /** Null where the path is not the forwarder's. */
  receive(request: SandboxHttpRequest): Incoming | null {
    const path = FORWARDER.exec(request.path)?.[1];
    if (path === undefined) return null;
    // Both places are seen in the field, so either will do; the bare value without its name is a known client bug and is refused.
    const dstcode = request.query.get('dstcode') ?? request.headers['dstcode'];
    if (dstcode !== this.#access.dstcode) return { kind: 'answered', answer: axisFault('Unknown dstcode') };
    const body = parseObject(request.body);
    if (body === null) return { kind: 'answered', answer: jsonAnswer(200, { error_code: -1, message: 'Dữ liệu JSON không hợp lệ' }) };
    if (path === 'mapi/login') return { kind: 'login', answer: () => this.#login(body) };
    return this.#call(body);
  }

  encode(answer: ServiceAnswer): WireAnswer {
    const result = answer.result === undefined ? {} : { result: answer.result };
    return jsonAnswer(200, { error_code: answer.code, message: answer.message, ...result });
  }

  refusedSession(): WireAnswer {
    this.sessions.revokeAll();
    return jsonAnswer(200, { error_code: -2, message: 'Session không hợp lệ hoặc đã hết hạn' });
  }

  #login(body: Readonly<Record<string, unknown>>): WireAnswer {
    const isKnown = body['username'] === this.#access.username && body['password'] === this.#access.password;
    if (!isKnown) return jsonAnswer(200, { error_code: -1, message: 'Sai tên đăng nhập hoặc mật khẩu' });
    return jsonAnswer(200, { session: this.sessions.issue(), error_code: 0, message: 'Thành công' });
  }

  #call(body: Readonly<Record<string, unknown>>): Incoming {
    const { session, madonvi, service, isUpdating, data, ...rest } = body;
    if (typeof session !== 'string' || !this.sessions.isValid(session)) {
      return { kind: 'answered', answer: jsonAnswer(200, { error_code: -2, message: 'Session không hợp lệ hoặc đã hết hạn' }) };
    }
    if (typeof madonvi !== 'string' || madonvi === '' || typeof service !== 'string') {
      return { kind: 'answered', answer: jsonAnswer(200, { error_code: -1, message: 'Trường madonvi và service là bắt buộc' }) };
    }
    // Strings, as the field table says; a boolean is refused like any other wrong value.
    if (service === 'DongBoHoSoMC' && isUpdating !== 'True' && isUpdating !== 'False') {
      return { kind: 'answered', answer: jsonAnswer(200, { error_code: -1, message: 'Giá trị của trường isUpdating không hợp lệ' }) };
    }
    const list = Array.isArray(data) ? (data as unknown[]) : [];
    const fields = Array.isArray(data) ? rest : { ...rest, data };
    return {
      kind: 'call', wire: this,
      call: { service, updating: isUpdating === 'True', data: list, fields, dossierCodes: dossierCodesOf(list, fields) },
    };
  }
}
