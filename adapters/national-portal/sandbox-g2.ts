import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import type { ServiceAnswer, ServiceCall } from './sandbox-services.js';
import { dossierCodesOf } from './sandbox-wires.js';
import type { Incoming, SandboxAccess, SandboxWire } from './sandbox-wires.js';

const SERVICE_PATH = /^\/(?:KetNoiMotCuaQuocGia|api\/SynsTTHCC)\/(\w+)$/;

const fault = (code: number, message: string): WireAnswer => jsonAnswer(401, { fault: { code, message, description: message } });

const escapeXml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const xmlRow = (row: object): string =>
  `<Item>${Object.entries(row).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join('')}</Item>`;

const soapOf = (rows: readonly object[]): string =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><Result>${rows.map(xmlRow).join('')}</Result></soap:Body></soap:Envelope>`;

export interface SandboxG2Style {
  /** What is put inside `message` where an answer carries data. */
  message: 'json' | 'xml';
  /** The progress service answers in plain text. */
  plainProgress: boolean;
}

/** G2: the LGSP wrapper, `/token` and one URL per service. */
export class SandboxG2 implements SandboxWire {
  readonly name = 'g2';
  readonly tokens: TokenBook;
  readonly style: SandboxG2Style;
  readonly #access: SandboxAccess;
  readonly #basic: string;

  constructor(access: SandboxAccess, style: SandboxG2Style) {
    this.#access = access;
    this.style = style;
    this.tokens = new TokenBook(access.sessionLifeMs);
    this.#basic = `Basic ${Buffer.from(`${access.consumerKey}:${access.consumerSecret}`).toString('base64')}`;
  }

  /** Null where the path is not one of the wrapper's. */
  receive(request: SandboxHttpRequest): Incoming | null {
    if (request.path === '/token') return { kind: 'login', answer: () => this.#token(request) };
    const suffix = SERVICE_PATH.exec(request.path)?.[1];
    if (suffix === undefined) return null;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return { kind: 'answered', answer: fault(900902, 'Missing Credentials') };
    if (!this.tokens.isValid(token)) return { kind: 'answered', answer: fault(900901, 'Invalid Credentials') };
    return this.#call(suffix, request);
  }

  encode(answer: ServiceAnswer, call: ServiceCall): WireAnswer {
    const isPlain = call.service === 'CapNhatTienDoHoSoMC' && this.style.plainProgress && answer.result === undefined;
    if (isPlain) return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: answer.message };
    return jsonAnswer(200, { error_code: String(answer.code), message: this.#message(answer) });
  }

  refusedSession(): WireAnswer {
    this.tokens.revokeAll();
    return fault(900903, 'Access Token Expired');
  }

  #message(answer: ServiceAnswer): string {
    if (answer.result === undefined) return answer.message;
    return this.style.message === 'xml' ? soapOf(answer.result) : JSON.stringify({ result: answer.result });
  }

  #token(request: SandboxHttpRequest): WireAnswer {
    if (request.headers.authorization !== this.#basic) return jsonAnswer(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
    if (new URLSearchParams(request.body).get('grant_type') !== 'client_credentials') return jsonAnswer(400, { error: 'unsupported_grant_type' });
    return jsonAnswer(200, {
      access_token: this.tokens.issue(), scope: 'am_application_scope default', token_type: 'Bearer',
      expires_in: Math.max(1, Math.round(this.#access.sessionLifeMs / 1000)),
    });
  }

  #call(suffix: string, request: SandboxHttpRequest): Incoming {
    let body: unknown;
    try {
      body = JSON.parse(request.body);
    } catch {
      return { kind: 'answered', answer: jsonAnswer(200, { error_code: '-1', message: 'Dữ liệu JSON không hợp lệ' }) };
    }
    const data = Array.isArray(body) ? (body as unknown[]) : [];
    const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
    const updating = suffix === 'CapNhatHoSoMC' || request.query.get('isUpdating') === 'True';
    const service = suffix === 'CapNhatHoSoMC' ? 'DongBoHoSoMC' : suffix;
    return { kind: 'call', wire: this, call: { service, updating, data, fields, dossierCodes: dossierCodesOf(data, fields) } };
  }
}
