import type { AccessRequest, Proof } from './authenticator.js';
import type { Caller } from './caller.js';
import { hasCsrfToken, isSameOrigin, readCookie, type CookieSettings } from './session-cookies.js';
import type { SessionStore } from './session-store.js';

/**
 * People by their session cookie. A cookie comes along whoever made the browser send the request, so the page must prove itself too:
 * the session's token in `X-Onestop-CSRF`, and no foreign origin. A one-time password proves nobody here.
 */
export const createSessionProof = (sessions: Pick<SessionStore, 'find'>, settings: CookieSettings): Proof => {
  const callerOf = async (id: string): Promise<Caller | null> => {
    const session = await sessions.find(id);
    return session === null || session.mustChangePassword ? null : session.caller;
  };
  return {
    check: (request: AccessRequest) => {
      const id = readCookie(request, 'session', settings);
      if (id === undefined) return undefined;
      return id !== null && isSameOrigin(request, settings) && hasCsrfToken(request, id) ? callerOf(id) : null;
    },
  };
};
