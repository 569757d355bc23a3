import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import { OPERATIONS } from './sandbox-services.js';
import type { SandboxServices } from './sandbox-services.js';
import type { MischiefKind } from './sandbox-mischief.js';
import type { Incoming, SandboxAccess, SandboxCall, SandboxWire } from './sandbox-wires.js';

const SERVICE_PATH = /^\/KetNoiMotCuaQuocGia\/(\w+)$/;

const fault = (code: number, message: string): WireAnswer => jsonAnswer(401, { fault: { code, message, description: message } });

/** G2: the LGSP wrapper, `/token` and one URL per service. */
export class SandboxG2 implements SandboxWire {
  readonly name = 'g2';
  readonly #tokens: TokenBook;
  readonly #access: SandboxAccess;
  readonly #services: SandboxServices;
  readonly #basic: string;

  constructor(access: SandboxAccess, services: SandboxServices) {
    this.#access = access;
    this.#services = services;
    this.#tokens = new TokenBook(access.sessionLifeMs);
    this.#basic = `Basic ${Buffer.from(`${access.consumerKey}:${access.consumerSecret}`).toString('base64')}`;
  }

  receive(request: SandboxHttpRequest): Incoming | null {
    if (request.path === '/token') return { kind: 'login', answer: () => this.#token(request) };
    const service = SERVICE_PATH.exec(request.path)?.[1];
    if (service === undefined) return null;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !this.#tokens.isValid(token)) return { kind: 'answered', answer: fault(900901, 'Invalid Credentials') };
    const operation = Object.hasOwn(OPERATIONS, service) ? OPERATIONS[service] : undefined;
    const fields = request.body === '' ? {} : parseObject(request.body);
    if (operation === undefined || fields === null) return { kind: 'answered', answer: this.refusal('Yêu cầu không hợp lệ') };
    return { kind: 'call', wire: this, call: { operation, fields, entry: this.#services.entryOf(fields) } };
  }

  /** The data is a JSON document in a string (national-portal.md §3.2). */
  answer(call: SandboxCall, twist: MischiefKind | null): WireAnswer {
    return jsonAnswer(200, { error_code: '0', message: JSON.stringify({ result: this.#services.rows(call, twist) }) });
  }

  refusedSession(): WireAnswer {
    this.expire();
    return fault(900903, 'Access Token Expired');
  }

  refusal(message: string): WireAnswer {
    return jsonAnswer(200, { error_code: '-1', message });
  }

  expire(): void {
    this.#tokens.revokeAll();
  }

  #token(request: SandboxHttpRequest): WireAnswer {
    if (request.headers.authorization !== this.#basic) return jsonAnswer(401, { error: 'invalid_client' });
    return jsonAnswer(200, {
      access_token: this.#tokens.issue(), scope: 'am_application_scope default', token_type: 'Bearer',
      expires_in: Math.max(1, Math.round(this.#access.sessionLifeMs / 1000)),
    });
  }
}
