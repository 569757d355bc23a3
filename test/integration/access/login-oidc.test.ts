import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { Browser } from '../../support/browser.js';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

const CLIENT_ID = 'onestop-console';
const CLIENT_SECRET = 'canary-client-secret';

interface Grant { readonly challenge: string; readonly nonce: string; readonly redirectUri: string }

/** An identity provider that keeps the rules of the code flow, and whose ID tokens a test can spoil. */
class Issuer {
  readonly #server: Server;
  readonly #codes = new Map<string, Grant>();
  #keys: { privateKey: CryptoKey; publicKey: CryptoKey } | null = null;
  url = '';
  claims: Record<string, unknown> = {};
  signWith: CryptoKey | null = null;
  tokensAsked = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }
  async start(): Promise<void> {
    this.#keys = await generateKeyPair('RS256');
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
  /** What the person's agreement sends the browser back with. */
  agree(location: string): URLSearchParams {
    const asked = new URL(location).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({ client_id: CLIENT_ID, response_type: 'code', scope: 'openid', code_challenge_method: 'S256' });
    const code = randomUUID();
    this.#codes.set(code, { challenge: asked.get('code_challenge') ?? '', nonce: asked.get('nonce') ?? '', redirectUri: asked.get('redirect_uri') ?? '' });
    return new URLSearchParams({ code, state: asked.get('state') ?? '', iss: this.url });
  }
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration') {
      send(200, { issuer: this.url, authorization_endpoint: `${this.url}/authorize`, token_endpoint: `${this.url}/token`, jwks_uri: `${this.url}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], authorization_response_iss_parameter_supported: true });
    } else if (request.url === '/jwks' && this.#keys !== null) {
      send(200, { keys: [{ ...(await exportJWK(this.#keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] });
    } else if (request.url === '/token') {
      await this.#token(request, send);
    } else send(404, {});
  }
  async #token(request: IncomingMessage, send: (status: number, body: object) => void): Promise<void> {
    this.tokensAsked += 1;
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    const form = new URLSearchParams(text);
    const grant = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (grant === undefined || grant.challenge !== challenge || form.get('redirect_uri') !== grant.redirectUri || form.get('client_secret') !== CLIENT_SECRET) return send(400, { error: 'invalid_grant' });
    const idToken = await new SignJWT({ sub: 'an.nguyen', roles: ['one-stop-supervisor'], nonce: grant.nonce, iss: this.url, aud: CLIENT_ID, ...this.claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' }).setIssuedAt().setExpirationTime('5m').sign(this.signWith ?? (this.#keys?.privateKey as CryptoKey));
    send(200, { access_token: 'canary-access-token', token_type: 'Bearer', expires_in: 300, id_token: idToken });
  }
}

describe('logging in at an identity provider', () => {
  const issuer = new Issuer();
  let gateway: ComposedGateway;
  beforeAll(async () => {
    await issuer.start();
    gateway = await startComposedGateway((url) => ({
      LOGIN_OIDC_ISSUER: issuer.url, LOGIN_OIDC_CLIENT_ID: CLIENT_ID, LOGIN_OIDC_CLIENT_SECRET: CLIENT_SECRET, LOGIN_OIDC_REDIRECT_URL: `${url}/login/oidc/callback`,
      LOGIN_OIDC_ROLE_MAP: 'one-stop-supervisor=supervisor,one-stop-operator=operator',
    }));
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await issuer.stop();
  });
  beforeEach(() => {
    issuer.claims = {};
    issuer.signWith = null;
  });

  const begin = async (browser: Browser): Promise<string> => {
    const { status, headers } = await browser.call('GET', '/login/oidc');
    expect(status).toBe(303);
    return headers.get('location') ?? '';
  };
  const comeBack = (browser: Browser, answer: URLSearchParams): ReturnType<Browser['call']> =>
    browser.call('GET', `/login/oidc/callback?${answer.toString()}`, { headers: { 'sec-fetch-site': 'cross-site' } });
  const refusedWith = async (answer: ReturnType<Browser['call']>, reason: string): Promise<void> => {
    expect(await answer).toMatchObject({ status: 401, body: { error: 'LOGIN_REFUSED' } });
    const { rows } = await gateway.test.database.query('SELECT kind, method, client, reason FROM login_events ORDER BY id DESC LIMIT 1');
    expect(rows).toEqual([{ kind: 'refused', method: 'oidc', client: null, reason }]);
  };

  it('gives a session with the role that the claim stands for', async () => {
    const browser = new Browser(gateway.url);
    const back = await comeBack(browser, issuer.agree(await begin(browser)));
    expect([back.status, back.headers.get('location')]).toEqual([303, '/']);
    expect([...browser.cookies.keys()]).toEqual(['onestop']);
    expect((await browser.call('GET', '/session')).body).toMatchObject({ client: 'user:oidc:an.nguyen', role: 'supervisor', mustChangePassword: false });
    expect((await browser.query('{ caller { client role } }')).body).toEqual({ data: { caller: { client: 'user:oidc:an.nguyen', role: 'SUPERVISOR' } } });
    expect((await browser.ours('POST', '/password', { currentPassword: 'a', newPassword: 'b' })).status).toBe(409);
    expect((await browser.ours('POST', '/logout')).status).toBe(204);
  });

  it('refuses another state, and does not ask the issuer for it', async () => {
    const browser = new Browser(gateway.url);
    const answer = issuer.agree(await begin(browser));
    answer.set('state', 'made-up');
    const asked = issuer.tokensAsked;
    await refusedWith(comeBack(browser, answer), 'ISSUER_ANSWER');
    expect(issuer.tokensAsked).toBe(asked);
  });

  it('refuses an answer that another browser began, or nobody', async () => {
    const [one, two] = [new Browser(gateway.url), new Browser(gateway.url)];
    const answer = issuer.agree(await begin(one));
    await refusedWith(comeBack(two, answer), 'NO_PENDING_LOGIN');
    await begin(two);
    await refusedWith(comeBack(two, answer), 'ISSUER_ANSWER');
  });

  it('refuses the same code twice', async () => {
    const browser = new Browser(gateway.url);
    const answer = issuer.agree(await begin(browser));
    const pending = browser.cookies.get('onestop-login') ?? '';
    expect((await comeBack(browser, answer)).status).toBe(303);
    browser.cookies.set('onestop-login', pending);
    await refusedWith(comeBack(browser, answer), 'NO_PENDING_LOGIN');
    const later = issuer.agree(await begin(browser));
    later.set('code', answer.get('code') ?? '');
    await refusedWith(comeBack(browser, later), 'ISSUER_ANSWER');
  });

  it('refuses a login that was begun too long ago', async () => {
    const browser = new Browser(gateway.url);
    const answer = issuer.agree(await begin(browser));
    await gateway.test.database.query('UPDATE pending_logins SET expires_at = now()');
    await refusedWith(comeBack(browser, answer), 'NO_PENDING_LOGIN');
  });

  it.each<[string, Record<string, unknown>]>([
    ['another nonce', { nonce: 'made-up' }], ['no nonce', { nonce: undefined }], ['another audience', { aud: 'another' }], ['another issuer', { iss: 'https://evil.example' }],
  ])('refuses an ID token with %s', async (_name, claims) => {
    issuer.claims = claims;
    const browser = new Browser(gateway.url);
    await refusedWith(comeBack(browser, issuer.agree(await begin(browser))), 'ISSUER_ANSWER');
  });

  it('refuses an ID token that another key signed', async () => {
    issuer.signWith = (await generateKeyPair('RS256')).privateKey;
    const browser = new Browser(gateway.url);
    await refusedWith(comeBack(browser, issuer.agree(await begin(browser))), 'ISSUER_ANSWER');
  });

  it.each<[string, Record<string, unknown>]>([['a role that is not mapped', { roles: ['admin'] }], ['no role', { roles: undefined }], ['a name that is not plain', { sub: 'a\r\nb' }]])('lets nobody in with %s', async (_name, claims) => {
    issuer.claims = claims;
    const browser = new Browser(gateway.url);
    await refusedWith(comeBack(browser, issuer.agree(await begin(browser))), 'NO_ROLE');
  });

  it('takes an error of the issuer as a refusal, whose text goes nowhere', async () => {
    const browser = new Browser(gateway.url);
    const state = new URL(await begin(browser)).searchParams.get('state') ?? '';
    await refusedWith(comeBack(browser, new URLSearchParams({ error: 'access_denied', error_description: 'canary-description', state, iss: issuer.url })), 'ISSUER_ANSWER');
    for (const canary of ['canary-description', CLIENT_SECRET, 'canary-access-token', state]) expect(gateway.logLines.join('')).not.toContain(canary);
  });
});
