import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { ROLES, type Role } from '../access/caller.js';
import { wholeNumber, type EnvSpec } from './env-spec.js';
import { apiKeyList, type ApiKey } from './secret-formats.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string | null | undefined, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });
const httpsUrl = z.url({ protocol: /^https?$/, message: 'it is not an http or https address' });
const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** Only signatures with a public key: with a shared secret (HS256), who can check a token can make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const algorithms = z.string().transform(words).refine((names) => names.length > 0 && names.every((name) => ALGORITHMS.includes(name)), `each is one of ${ALGORITHMS.join(', ')}`);

const isRole = (text: string | undefined): text is Role => (ROLES as readonly string[]).includes(text ?? '');
const roleMap = z.string().transform((text, context): ReadonlyMap<string, Role> => {
  const map = new Map<string, Role>();
  for (const entry of words(text)) {
    const [value = '', role, ...more] = entry.split('=');
    if (value !== '' && isRole(role) && more.length === 0) map.set(value, role);
    else context.addIssue({ code: 'custom', message: `each entry is value=role, the role one of ${ROLES.join(', ')}` });
  }
  return map;
});

const addProxy = (list: BlockList, text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
  if (family === 0 || more.length > 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 6 ? 128 : 32)) return false;
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return true;
};
const proxies = z.string().transform((text, context): BlockList => {
  const list = new BlockList();
  if (!words(text).map((word) => addProxy(list, word)).every(Boolean)) context.addIssue({ code: 'custom', message: 'each is an address or a network such as 10.0.0.5 or 10.0.0.0/24' });
  return list;
});

/** Variables that say who may call, beside API_KEYS. */
export const ACCESS_KEYS = {
  OIDC_ISSUER: spec(z.string(), undefined, 'Issuer of bearer tokens (their `iss`); tokens are refused where unset'),
  OIDC_AUDIENCE: spec(z.string(), undefined, 'Audience that a bearer token must name (its `aud`)'),
  OIDC_JWKS_URL: spec(httpsUrl, undefined, 'Where the issuer publishes its keys; nothing in a token can change it'),
  OIDC_ALGORITHMS: spec(algorithms, 'RS256,ES256,EdDSA', 'Signature algorithms that are taken'),
  OIDC_LEEWAY_SECONDS: spec(wholeNumber(0, 300), '30', 'Seconds by which the issuer\'s clock may differ'),
  OIDC_ROLE_CLAIM: spec(z.string(), 'roles', 'Claim that tells the role; dots lead into objects, such as realm_access.roles'),
  OIDC_ROLE_MAP: spec(roleMap, undefined, 'Which value of that claim gives which role, as value=role, the first that fits; needed with OIDC_ISSUER'),
  OIDC_AGENCY_CLAIM: spec(z.string(), 'agency', 'Claim that tells the code of the agency whose subtree the caller may see'),
  OIDC_CLIENT_CLAIM: spec(z.string(), 'sub', 'Claim that names the caller; it acts as oidc:<value>'),
  CLIENT_CERT_HEADER: spec(z.string().regex(/^[A-Za-z0-9-]+$/, 'it is no header name').transform((name) => name.toLowerCase()), undefined, 'Header in which a TLS proxy hands over the client\'s certificate (PEM, URL-escaped or not, base64 DER, or its SHA-256); ignored where unset'),
  CLIENT_CERT_PROXIES: spec(proxies, undefined, 'Addresses or networks of the proxies whose header is believed; needed with CLIENT_CERT_HEADER'),
  CLIENT_CERTIFICATES: spec(apiKeyList, undefined, 'Callers by certificate, as client:role:sha256hex of the DER; needed with CLIENT_CERT_HEADER'),
} as const;

/** How bearer tokens are judged. */
export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly string[];
  readonly leewaySeconds: number;
  readonly roleClaim: string;
  /** Value of the claim → role, in order of preference. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly agencyClaim: string;
  readonly clientClaim: string;
}

/** Certificates that a proxy in front has checked. */
export interface CertificateSettings {
  /** Lower case. */
  readonly header: string;
  readonly proxies: BlockList;
  readonly certificates: readonly ApiKey[];
}

export interface AccessSettings {
  /** Null where bearer tokens are not taken. */
  readonly tokens: TokenSettings | null;
  /** Null where no header is believed. */
  readonly certificates: CertificateSettings | null;
}

interface AccessValues {
  readonly OIDC_ISSUER?: string; readonly OIDC_AUDIENCE?: string; readonly OIDC_JWKS_URL?: string; readonly OIDC_ALGORITHMS?: readonly string[]; readonly OIDC_LEEWAY_SECONDS?: number;
  readonly OIDC_ROLE_CLAIM?: string; readonly OIDC_ROLE_MAP?: ReadonlyMap<string, Role>; readonly OIDC_AGENCY_CLAIM?: string; readonly OIDC_CLIENT_CLAIM?: string;
  readonly CLIENT_CERT_HEADER?: string; readonly CLIENT_CERT_PROXIES?: BlockList; readonly CLIENT_CERTIFICATES?: readonly ApiKey[];
}

const tokensOf = (values: AccessValues, problems: string[]): TokenSettings | null => {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl, OIDC_ROLE_MAP: roles } = values;
  if (issuer === undefined && audience === undefined && jwksUrl === undefined && roles === undefined) return null;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined || roles === undefined) {
    problems.push('Set all of OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URL and OIDC_ROLE_MAP, or none');
    return null;
  }
  return {
    issuer, audience, jwksUrl, roles, algorithms: values.OIDC_ALGORITHMS ?? [], leewaySeconds: values.OIDC_LEEWAY_SECONDS ?? 0,
    roleClaim: values.OIDC_ROLE_CLAIM ?? '', agencyClaim: values.OIDC_AGENCY_CLAIM ?? '', clientClaim: values.OIDC_CLIENT_CLAIM ?? '',
  };
};

/** Settings of access; what is set by half is a problem, never a default. */
export const accessSettingsOf = (values: AccessValues, problems: string[]): AccessSettings => {
  const { CLIENT_CERT_HEADER: header, CLIENT_CERT_PROXIES: trusted, CLIENT_CERTIFICATES: certificates } = values;
  const tokens = tokensOf(values, problems);
  if (header === undefined && trusted === undefined && certificates === undefined) return { tokens, certificates: null };
  if (header !== undefined && trusted !== undefined && certificates !== undefined) return { tokens, certificates: { header, proxies: trusted, certificates } };
  problems.push('Set all of CLIENT_CERT_HEADER, CLIENT_CERT_PROXIES and CLIENT_CERTIFICATES, or none');
  return { tokens, certificates: null };
};
