import { z } from 'zod';
import { isPersonRole, PERSON_ROLES, type PersonRole } from '../access/user.js';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string | null | undefined, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const LOOPBACK = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/;
const safeUrl = z.url({ protocol: /^https?$/, message: 'it is not an https address' }).refine((text) => text.startsWith('https:') || LOOPBACK.test(text), 'it must be https: codes and tokens would travel in the clear');

const roleMap = z.string().transform((text, context): ReadonlyMap<string, PersonRole> => {
  const map = new Map<string, PersonRole>();
  for (const entry of text.split(/[\s,]+/).filter(Boolean)) {
    const [value = '', role = '', ...more] = entry.split('=');
    if (value !== '' && isPersonRole(role) && more.length === 0) map.set(value, role);
    else context.addIssue({ code: 'custom', message: `each entry is value=role, the role one of ${PERSON_ROLES.join(', ')}` });
  }
  return map;
});

/** Variables of how people log in. */
export const LOGIN_KEYS = {
  SESSION_IDLE_MINUTES: spec(wholeNumber(1, 1_440), '30', 'Minutes without a call after which a person\'s session ends'),
  SESSION_HOURS: spec(wholeNumber(1, 72), '10', 'Hours after which a person must log in again'),
  LOGIN_OIDC_ISSUER: spec(safeUrl, undefined, 'Issuer that people log in at; local accounts only where unset'),
  LOGIN_OIDC_CLIENT_ID: spec(z.string(), undefined, 'Name of the gateway at that issuer'),
  LOGIN_OIDC_CLIENT_SECRET: { ...spec(z.string(), undefined, 'Its secret there'), secret: true as const },
  LOGIN_OIDC_REDIRECT_URL: spec(safeUrl, undefined, 'Address of /login/oidc/callback as browsers reach it'),
  LOGIN_OIDC_ROLE_CLAIM: spec(z.string(), 'roles', 'Claim of the ID token that tells the role; dots lead into objects'),
  LOGIN_OIDC_ROLE_MAP: spec(roleMap, undefined, 'Which value of that claim gives which role (operator, supervisor, leader, auditor), as value=role, the first that fits; needed with LOGIN_OIDC_ISSUER'),
} as const;

/** How people log in at an identity provider. */
export interface OidcLoginSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUrl: string;
  readonly roleClaim: string;
  /** Value of the claim → role, in order of preference. */
  readonly roles: ReadonlyMap<string, PersonRole>;
}

export interface LoginSettings {
  readonly idleMinutes: number;
  readonly hours: number;
  /** Null: local accounts only. */
  readonly oidc: OidcLoginSettings | null;
}

interface LoginValues {
  readonly SESSION_IDLE_MINUTES?: number; readonly SESSION_HOURS?: number; readonly LOGIN_OIDC_ISSUER?: string; readonly LOGIN_OIDC_CLIENT_ID?: string; readonly LOGIN_OIDC_CLIENT_SECRET?: string;
  readonly LOGIN_OIDC_REDIRECT_URL?: string; readonly LOGIN_OIDC_ROLE_CLAIM?: string; readonly LOGIN_OIDC_ROLE_MAP?: ReadonlyMap<string, PersonRole>;
}

const oidcOf = (values: LoginValues, problems: string[]): OidcLoginSettings | null => {
  const { LOGIN_OIDC_ISSUER: issuer, LOGIN_OIDC_CLIENT_ID: clientId, LOGIN_OIDC_CLIENT_SECRET: clientSecret, LOGIN_OIDC_REDIRECT_URL: redirectUrl, LOGIN_OIDC_ROLE_MAP: roles } = values;
  const given = [issuer, clientId, clientSecret, redirectUrl, roles];
  if (given.every((value) => value === undefined)) return null;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || redirectUrl === undefined || roles === undefined) {
    problems.push('Set all of LOGIN_OIDC_ISSUER, LOGIN_OIDC_CLIENT_ID, LOGIN_OIDC_CLIENT_SECRET, LOGIN_OIDC_REDIRECT_URL and LOGIN_OIDC_ROLE_MAP, or none');
    return null;
  }
  return { issuer, clientId, clientSecret, redirectUrl, roles, roleClaim: values.LOGIN_OIDC_ROLE_CLAIM ?? '' };
};

/** Settings of logging in; what is set by half is a problem. */
export const loginSettingsOf = (values: LoginValues, problems: string[]): LoginSettings => ({
  idleMinutes: values.SESSION_IDLE_MINUTES ?? 0, hours: values.SESSION_HOURS ?? 0, oidc: oidcOf(values, problems),
});
