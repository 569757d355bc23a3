import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose';
import type { TokenSettings } from '../config/access-keys.js';
import { UnavailableError } from '../errors/gateway-error.js';
import { AGENCY_CODE } from './api-client.js';
import type { BearerKind } from './bearer-keys.js';
import type { Caller, Role } from './caller.js';

const JWT_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const FETCH_TIMEOUT_MS = 3_000;
/** An unknown key id makes the keys be read again, but not more often than this, whoever makes up key ids. */
const COOLDOWN_MS = 5_000;
/** A key that the issuer withdrew is refused after this at the latest. */
const MAX_AGE_MS = 300_000;
/** What a caller may be named: it ends in logs, audit rows and idempotency keys. */
export const CLIENT_VALUE = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}$/;

const claimAt = (payload: JWTPayload, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined), payload);

const valuesOf = (claim: unknown): readonly unknown[] => (Array.isArray(claim) ? claim : [claim]);

/** The first role of the map whose value the claim holds. */
export const roleOf = <Held extends Role>(payload: JWTPayload, { roleClaim, roles }: { readonly roleClaim: string; readonly roles: ReadonlyMap<string, Held> }): Held | null => {
  const held = valuesOf(claimAt(payload, roleClaim));
  for (const [value, role] of roles) if (held.includes(value)) return role;
  return null;
};

/** The caller of a checked token; null where its claims give no role, no usable name, or an agency's role without an agency. */
const callerOf = (payload: JWTPayload, settings: TokenSettings): Caller | null => {
  const role = roleOf(payload, settings);
  const name = claimAt(payload, settings.clientClaim);
  const agency = claimAt(payload, settings.agencyClaim) ?? null;
  if (role === null || typeof name !== 'string' || !CLIENT_VALUE.test(name)) return null;
  if (agency === null) return role === 'agency' ? null : { client: `oidc:${name}`, role, agencyScope: null };
  if (typeof agency !== 'string' || !AGENCY_CODE.test(agency)) return null;
  return { client: `oidc:${name}`, role, agencyScope: agency.toUpperCase() };
};

class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

const fetchKeys: typeof fetch = async (address, options) => {
  try {
    return await fetch(address, options);
  } catch (cause) {
    throw new IssuerUnreachableError('The keys of the issuer could not be read', { cause });
  }
};

/** The issuer could not be asked: nobody passes, and the caller may try again. Anything else is the token's fault. */
const isOutage = (error: unknown): boolean =>
  error instanceof IssuerUnreachableError || error instanceof errors.JWKSTimeout || (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC');

/**
 * OAuth2/OIDC access tokens. Issuer, audience, algorithms and the address of the keys are those of the configuration; `jku`, `x5u`,
 * `jwk` and `x5c` of a token's header are not looked at.
 */
export const createBearerTokens = (settings: TokenSettings): BearerKind => {
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: FETCH_TIMEOUT_MS, cooldownDuration: COOLDOWN_MS, cacheMaxAge: MAX_AGE_MS, [customFetch]: fetchKeys });
  const terms = {
    issuer: settings.issuer, audience: settings.audience, algorithms: [...settings.algorithms], clockTolerance: settings.leewaySeconds, requiredClaims: ['exp'],
  };
  const verify = async (token: string): Promise<Caller | null> => {
    try {
      const { payload } = await jwtVerify(token, keys, terms);
      return callerOf(payload, settings);
    } catch (error) {
      if (isOutage(error)) throw new UnavailableError({ cause: error });
      return null;
    }
  };
  return { find: (bearer) => (JWT_FORM.test(bearer) ? verify(bearer) : undefined) };
};
