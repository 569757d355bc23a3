import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccessRequest } from './authenticator.js';

const ID_BYTES = 32;
const ID_FORM = /^[A-Za-z0-9_-]{43}$/;

export type CookieKind = 'session' | 'pending-login';

/** How browsers reach the gateway. */
export interface CookieSettings {
  /** False only where the gateway speaks plain HTTP on loopback, where a Secure cookie would never come back. */
  readonly isSecure: boolean;
  /** Origin of PUBLIC_URL, where the proxy in front changes the Host header; null where there is none. */
  readonly publicOrigin: string | null;
}

const NAMES: Readonly<Record<CookieKind, string>> = { session: 'onestop', 'pending-login': 'onestop-login' };

/** With the prefix, browsers take the cookie over TLS from this very host only: no neighbour can plant one. */
const nameOf = (kind: CookieKind, { isSecure }: CookieSettings): string => (isSecure ? `__Host-${NAMES[kind]}` : NAMES[kind]);

export const newSecretId = (): string => randomBytes(ID_BYTES).toString('base64url');
export const idHash = (id: string): Buffer => hash('sha256', id, 'buffer');

/** Undefined: there is no such cookie; null: there is, and it is none of ours, or there are several. */
export const readCookie = (request: AccessRequest, kind: CookieKind, settings: CookieSettings): string | null | undefined => {
  const name = `${nameOf(kind, settings)}=`;
  const values = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(name)).map((pair) => pair.slice(name.length));
  if (values.length === 0) return undefined;
  const [value = ''] = values;
  return values.length === 1 && ID_FORM.test(value) ? value : null;
};

/** Value of a Set-Cookie header; `id` null removes the cookie. Lax, so that coming from a link or the identity provider one is logged in. */
export const writeCookie = (kind: CookieKind, id: string | null, settings: CookieSettings): string =>
  [`${nameOf(kind, settings)}=${id ?? ''}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', ...(settings.isSecure ? ['Secure'] : []), ...(id === null ? ['Max-Age=0'] : [])].join('; ');

/** The session's own token, which a page must send in a header: a foreign page can neither read nor set it. */
export const csrfTokenOf = (id: string): string => createHmac('sha256', id).update('csrf').digest('base64url');

const CSRF_HEADER = 'x-onestop-csrf';

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);

/** What browsers tell of where a request comes from; those that tell nothing are programs, which hold no one's cookies. */
export const isSameOrigin = ({ headers }: AccessRequest, { publicOrigin }: CookieSettings): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin, host } = headers;
  return origin === undefined || origin === publicOrigin || (host !== undefined && hostOf(origin) === host);
};

export const hasCsrfToken = ({ headers }: AccessRequest, id: string): boolean => {
  const given = headers[CSRF_HEADER];
  const expected = Buffer.from(csrfTokenOf(id));
  return typeof given === 'string' && given.length === expected.length && timingSafeEqual(Buffer.from(given, 'latin1'), expected);
};
