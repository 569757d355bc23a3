import * as oidc from 'openid-client';
import type { OidcLoginSettings } from '../config/login-keys.js';
import { UnavailableError } from '../errors/gateway-error.js';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { CLIENT_VALUE, roleOf } from './bearer-tokens.js';
import { recordLogin } from './login-events.js';
import { idHash, newSecretId } from './session-cookies.js';
import type { SessionStore } from './session-store.js';
import type { PersonRole } from './user.js';

const TIMEOUT_SECONDS = 5;
/** People find their password and their phone within it. */
const PENDING_MINUTES = 10;
/** Addresses of the issuer are read again after it; its keys are looked after by the library. */
const DISCOVERY_MAX_AGE_MS = 3_600_000;

export interface OidcLoginDeps {
  readonly database: Database;
  readonly sessions: SessionStore;
  readonly settings: OidcLoginSettings;
  readonly logger: Pick<Logger, 'warn'>;
}

interface Pending { readonly state: string; readonly nonce: string; readonly verifier: string }

export type OidcOutcome = { readonly kind: 'in'; readonly sessionId: string } | { readonly kind: 'refused' };

/** Authorisation code flow with PKCE, state and nonce; what is pending is kept here, and its key in the browser's cookie. */
export class OidcLogin {
  readonly #deps: OidcLoginDeps;
  #found: { readonly configuration: oidc.Configuration; readonly atMs: number } | null = null;

  constructor(deps: OidcLoginDeps) {
    this.#deps = deps;
  }

  /** Where to send the browser, and the value of its cookie. Throws UnavailableError when the issuer cannot be asked. */
  async begin(): Promise<{ readonly location: string; readonly pendingId: string }> {
    const configuration = await this.#configuration();
    const pendingId = newSecretId();
    const pending: Pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    await this.#deps.database.query({
      text: `INSERT INTO pending_logins (id_hash, state, nonce, verifier, expires_at) VALUES ($1, $2, $3, $4, now() + $5 * interval '1 minute')`,
      values: [idHash(pendingId), pending.state, pending.nonce, pending.verifier, PENDING_MINUTES],
    });
    const { href } = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#deps.settings.redirectUrl, scope: 'openid', state: pending.state, nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier), code_challenge_method: 'S256',
    });
    return { location: href, pendingId };
  }

  /** `query`: what the issuer sent the browser back with, such as `?code=…&state=…`. Each pending login is answered once, well or badly. */
  async finish(answer: { readonly pendingId: string | null; readonly query: string; readonly address: string; readonly replaced: string | null }): Promise<OidcOutcome> {
    const pending = answer.pendingId === null ? null : await this.#take(answer.pendingId);
    if (pending === null) return this.#refuse(answer.address, 'NO_PENDING_LOGIN');
    const claims = await this.#claims(pending, answer.query);
    if (claims === null) return this.#refuse(answer.address, 'ISSUER_ANSWER');
    const role = roleOf<PersonRole>(claims, this.#deps.settings);
    if (role === null || !CLIENT_VALUE.test(claims.sub)) return this.#refuse(answer.address, 'NO_ROLE');
    const client = `user:oidc:${claims.sub}`;
    const sessionId = await this.#deps.database.transaction(async (transaction) => {
      await recordLogin(transaction, { kind: 'login', method: 'oidc', client, address: answer.address });
      return this.#deps.sessions.create(transaction, { client, role }, answer.replaced);
    });
    return { kind: 'in', sessionId };
  }

  /** Signature, issuer, audience, times and nonce are checked by the library; null when anything is wrong. */
  async #claims(pending: Pending, query: string): Promise<oidc.IDToken | null> {
    const configuration = await this.#configuration();
    const current = new URL(this.#deps.settings.redirectUrl);
    current.search = query;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, current, {
        pkceCodeVerifier: pending.verifier, expectedState: pending.state, expectedNonce: pending.nonce, idTokenExpected: true,
      });
      return tokens.claims() ?? null;
    } catch (error) {
      // The library's errors may quote what the browser brought, so only their code is logged.
      this.#deps.logger.warn({ code: (error as { code?: unknown }).code }, 'a login at the identity provider was refused');
      return null;
    }
  }

  async #take(pendingId: string): Promise<Pending | null> {
    const { rows } = await this.#deps.database.query<{ state: string; nonce: string; verifier: string; is_live: boolean }>(
      'DELETE FROM pending_logins WHERE id_hash = $1 RETURNING state, nonce, verifier, expires_at > now() AS is_live', [idHash(pendingId)]);
    return rows[0]?.is_live === true ? rows[0] : null;
  }

  async #refuse(address: string, reason: string): Promise<OidcOutcome> {
    await recordLogin(this.#deps.database, { kind: 'refused', method: 'oidc', client: null, address, reason });
    return { kind: 'refused' };
  }

  async #configuration(): Promise<oidc.Configuration> {
    if (this.#found !== null && performance.now() - this.#found.atMs < DISCOVERY_MAX_AGE_MS) return this.#found.configuration;
    const { issuer, clientId, clientSecret } = this.#deps.settings;
    const url = new URL(issuer);
    try {
      const configuration = await oidc.discovery(url, clientId, clientSecret, undefined, {
        timeout: TIMEOUT_SECONDS,
        // Configuration takes plain HTTP on loopback only. The library checks the ID token's signature when told to.
        execute: [oidc.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
      });
      this.#found = { configuration, atMs: performance.now() };
      return configuration;
    } catch (cause) {
      throw new UnavailableError({ cause });
    }
  }
}
