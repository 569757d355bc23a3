import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, base64url, exportJWK, exportSPKI, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { createBearerTokens } from '../../../src/access/bearer-tokens.js';
import type { BearerKind } from '../../../src/access/bearer-keys.js';
import type { Caller } from '../../../src/access/caller.js';

const ISSUER = 'https://id.example.vn/realms/province';
const AUDIENCE = 'onestop-gateway';
/** So long that a machine which is held up between signing and checking does not use it up. */
const LEEWAY_SECONDS = 120;
/** Of the gateway, between two reads of the issuer's keys for key ids that it does not know. */
const COOLDOWN_MS = 5_000;
const CLAIMS = { realm_access: { roles: ['other', 'one-stop-portal'] }, sub: 'portal-system' };

interface Key { readonly kid: string; readonly alg: string; readonly publicKey: CryptoKey; readonly privateKey: CryptoKey }

const newKey = async (kid: string, alg: string): Promise<Key> => ({ kid, alg, ...(await generateKeyPair(alg, { extractable: true })) });

/** A local issuer whose published keys a test can change. */
class Issuer {
  readonly #server: Server;
  keys: JWK[] = [];
  asked = 0;
  status = 200;

  constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1;
      response.writeHead(this.status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: this.keys }));
    });
  }
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks`;
  }
  async publish(...keys: readonly Key[]): Promise<void> {
    this.keys = await Promise.all(keys.map(async ({ kid, alg, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })));
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('bearer tokens', () => {
  const issuer = new Issuer();
  let url: string;
  let rsa: Key;
  let tokens: BearerKind;
  beforeAll(async () => {
    url = await issuer.start();
    rsa = await newKey('k1', 'RS256');
    await issuer.publish(rsa, await newKey('k2', 'ES256'));
    tokens = createTokens();
  });
  afterAll(() => issuer.stop());

  const createTokens = (): BearerKind => createBearerTokens({
    issuer: ISSUER, audience: AUDIENCE, jwksUrl: url, algorithms: ['RS256', 'ES256', 'EdDSA'], leewaySeconds: LEEWAY_SECONDS, roleClaim: 'realm_access.roles',
    roles: new Map([['one-stop-portal', 'portal'], ['one-stop-agency', 'agency'], ['one-stop-auditor', 'auditor']] as const), agencyClaim: 'agency', clientClaim: 'sub',
  });
  const ask = async (token: string, kind = tokens): Promise<Caller | null | undefined> => kind.find(token);
  interface Over { readonly claims?: object; readonly header?: object; readonly iss?: string; readonly aud?: string; readonly exp?: number; readonly nbf?: number; readonly key?: Key }
  const sign = ({ claims = CLAIMS, header = {}, iss = ISSUER, aud = AUDIENCE, exp = 60, nbf = -10, key = rsa }: Over = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).setIssuer(iss).setAudience(aud).setExpirationTime(now + exp).setNotBefore(now + nbf).sign(key.privateKey);
  };
  const forged = (header: object, payload: object, signature = ''): string => `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(payload))}.${signature}`;
  const payload = (): object => ({ ...CLAIMS, iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1_000) + 60 });

  it('tell the caller: name, role and agency from the configured claims', async () => {
    expect(await ask(await sign())).toEqual({ client: 'oidc:portal-system', role: 'portal', agencyScope: null });
    expect(await ask(await sign({ claims: { realm_access: { roles: ['one-stop-agency'] }, sub: 's1', agency: 'h42.15' } }))).toEqual({ client: 'oidc:s1', role: 'agency', agencyScope: 'H42.15' });
  });

  it.each(['ES256', 'EdDSA'])('are taken with %s', async (alg) => {
    const key = await newKey('other', alg);
    const mine = createTokens();
    const before = issuer.keys;
    await issuer.publish(key);
    expect(await ask(await sign({ key }), mine)).toMatchObject({ role: 'portal' });
    issuer.keys = before;
  });

  it.each<[string, Over]>([
    ['expired', { exp: -LEEWAY_SECONDS - 1 }], ['not valid yet', { nbf: 2 * LEEWAY_SECONDS }], ['of another issuer', { iss: 'https://evil.example' }], ['for another audience', { aud: 'another' }],
    ['with an unknown key id', { header: { kid: 'nobody' } }], ['without a role that is known', { claims: { realm_access: { roles: ['admin'] }, sub: 'x' } }],
    ['without any role', { claims: { sub: 'x' } }], ['without a name', { claims: { realm_access: CLAIMS.realm_access } }],
    ['with a name that is not plain', { claims: { ...CLAIMS, sub: 'a\r\nb' } }], ['of an agency that it does not tell', { claims: { realm_access: { roles: ['one-stop-agency'] }, sub: 's' } }],
    ['with an agency that is no code', { claims: { ...CLAIMS, agency: 'H42;drop' } }], ['with a critical extension', { header: { crit: ['exp2'], exp2: 1 } }],
  ])('are refused when %s', async (_name, over) => {
    // A claim set is signed as it is; only `crit` is checked by the signer too, so that one is put in by hand.
    const { crit, ...rest } = (over.header ?? {}) as { crit?: string[] };
    const token = await sign({ ...over, header: rest });
    const [head = '', body = '', signature = ''] = token.split('.');
    const changed = crit === undefined ? head : base64url.encode(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(base64url.decode(head))) as object, crit }));
    expect(await ask(`${changed}.${body}.${signature}`)).toBeNull();
  });

  it('are taken within the leeway of the clocks', async () => {
    expect(await ask(await sign({ exp: -LEEWAY_SECONDS / 2 }))).toMatchObject({ role: 'portal' });
    expect(await ask(await sign({ nbf: LEEWAY_SECONDS / 2 }))).toMatchObject({ role: 'portal' });
  });

  it('are refused without an expiry', async () => {
    expect(await ask(await new SignJWT({ ...CLAIMS }).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).setIssuer(ISSUER).setAudience(AUDIENCE).sign(rsa.privateKey))).toBeNull();
  });

  it('are refused with alg none, in any spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) expect(await ask(forged({ alg, kid: 'k1' }, payload()))).toBeNull();
  });

  it('are refused when signed with the public key as a shared secret', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(rsa.publicKey));
    expect(await ask(await new SignJWT({ ...payload() }).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret))).toBeNull();
  });

  it('do not tell where their keys are: jku, x5u and jwk of the header are not looked at', async () => {
    const evil = new Issuer();
    const evilUrl = await evil.start();
    const key = await newKey('evil', 'RS256');
    await evil.publish(key);
    const jwk = await exportJWK(key.publicKey);
    for (const header of [{ jku: evilUrl }, { x5u: evilUrl }, { jwk }, { jku: evilUrl, kid: 'k1' }]) expect(await ask(await sign({ key, header }))).toBeNull();
    expect(evil.asked).toBe(0);
    await evil.stop();
  });

  it('are refused when a single letter was changed', async () => {
    const [head, body = '', signature] = (await sign()).split('.');
    const other = `${body.slice(0, 20)}${body[20] === 'A' ? 'B' : 'A'}${body.slice(21)}`;
    expect(await ask(`${head}.${other}.${signature}`)).toBeNull();
  });

  it('under a new key are taken at once where the keys were not read lately, and made-up key ids do not make the issuer be asked each time', async () => {
    const mine = createTokens();
    const fresh = await newKey('k9', 'RS256');
    const before = issuer.keys;
    await issuer.publish(fresh);
    const startedMs = performance.now();
    expect(await ask(await sign({ key: fresh }), mine)).toMatchObject({ role: 'portal' });
    const asked = issuer.asked;
    for (let turn = 0; turn < 5; turn += 1) expect(await ask(await sign({ header: { kid: `made-up-${turn}` } }), mine)).toBeNull();
    // None, unless the five took longer than that.
    expect(issuer.asked - asked).toBeLessThanOrEqual(Math.floor((performance.now() - startedMs) / COOLDOWN_MS));
    // The withdrawn key is not in the set any more.
    expect(await ask(await sign(), mine)).toBeNull();
    issuer.keys = before;
  });

  it('let nobody pass while the issuer cannot be asked, and say that it may be tried again', async () => {
    const mine = createTokens();
    issuer.status = 500;
    await expect(ask(await sign(), mine)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    issuer.status = 200;
    expect(await ask(await sign(), mine)).toMatchObject({ role: 'portal' });
  });

  it('are not looked for in what is no token', () => {
    expect(tokens.find('osg_000000000000_abc')).toBeUndefined();
    expect(tokens.find('a.b')).toBeUndefined();
  });
});
