import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';

interface Fault {
  readonly status: number;
  readonly prefix: string;
  readonly namespace: string;
  readonly message: string;
  readonly description: string;
}

const SECURITY = { status: 401, prefix: 'ams', namespace: 'http://wso2.org/apimanager/security' };
const THROTTLING = { status: 429, prefix: 'amt', namespace: 'http://wso2.org/apimanager/throttling', message: 'Message throttled out', description: 'You have exceeded your quota' };
const RUNTIME = { prefix: 'am', namespace: 'http://wso2.org/apimanager', message: 'Runtime Error' };

/** What a WSO2 gateway says in the party's place, by code. */
const FAULTS: Readonly<Record<string, Fault>> = {
  900800: { ...THROTTLING, status: 503 },
  900803: THROTTLING,
  900901: { ...SECURITY, message: 'Invalid Credentials', description: 'Access failure for API' },
  900902: { ...SECURITY, message: 'Missing Credentials', description: 'Make sure your API invocation call has a header: Authorization: Bearer ACCESS_TOKEN' },
  900903: { ...SECURITY, message: 'Access Token Expired', description: 'Renew the access token and try again' },
  303001: { ...RUNTIME, status: 503, description: 'Currently , Address endpoint : [ Name : VNPost_APIproductionEndpoint_0 ] [ State : SUSPENDED ]' },
  101504: { ...RUNTIME, status: 504, description: 'Send timeout' },
};

const SUSPENDED = '303001';

/** Older gateways write XML whatever is asked for, newer ones JSON. An unlisted code is answered as a suspended end point. */
export const wso2Fault = (asked: string, form: 'json' | 'xml'): WireAnswer => {
  const code = Object.hasOwn(FAULTS, asked) ? asked : SUSPENDED;
  const { status, prefix, namespace, message, description } = FAULTS[code] ?? { ...RUNTIME, status: 503, description: '' };
  if (form === 'json') return jsonAnswer(status, { fault: { code: Number(code), type: 'Status report', message, description } });
  const element = (name: string, text: string): string => `<${prefix}:${name}>${text}</${prefix}:${name}>`;
  return {
    status, headers: { 'content-type': 'application/xml; charset=UTF-8' },
    body: `<${prefix}:fault xmlns:${prefix}="${namespace}">${element('code', code)}${element('message', message)}${element('description', description)}</${prefix}:fault>`,
  };
};

const TOKEN = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** Hands out tokens and looks at those that come. */
export class TokenDesk {
  readonly #tokens: TokenBook;
  readonly #basic: string;
  readonly #lifeMs: number;

  constructor(key: string, secret: string, lifeMs: number) {
    this.#basic = `Basic ${Buffer.from(`${key}:${secret}`, 'utf8').toString('base64')}`;
    this.#lifeMs = lifeMs;
    this.#tokens = new TokenBook(lifeMs);
  }

  isKnown({ headers, body }: SandboxHttpRequest): boolean {
    return headers.authorization === this.#basic && new URLSearchParams(body).get('grant_type') === 'client_credentials';
  }

  issue(): WireAnswer {
    return jsonAnswer(200, { access_token: this.#tokens.issue(), scope: 'default', token_type: 'Bearer', expires_in: Math.ceil(this.#lifeMs / 1_000) });
  }

  revokeAll(): void {
    this.#tokens.revokeAll();
  }

  get issued(): number {
    return this.#tokens.issued;
  }

  /** Code of what is wrong with the token; null for a good one. Both headers that clients use are taken. */
  fault({ headers }: SandboxHttpRequest): string | null {
    const own = headers['access_token'];
    const token = typeof own === 'string' ? own : /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return '900902';
    if (this.#tokens.isValid(token)) return null;
    return TOKEN.test(token) ? '900903' : '900901';
  }
}
