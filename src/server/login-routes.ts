import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { LoginOutcome, PasswordOutcome } from '../access/login-service.js';
import { csrfTokenOf, hasCsrfToken, isSameOrigin, readCookie, writeCookie } from '../access/session-cookies.js';
import type { Session } from '../access/session-store.js';
import type { Logins } from '../access/user-module.js';
import { UnavailableError } from '../errors/gateway-error.js';
import type { Logger } from '../observability/logger.js';
import { CallBudget } from './call-budget.js';
import { readJsonBody } from './json-body.js';
import type { ProxyTrust } from './proxy-trust.js';

export interface LoginRoutesDeps {
  readonly logins: Logins;
  readonly proxies: ProxyTrust;
  readonly logger: Logger;
}

type Answer = (request: Request, response: Response) => Promise<void>;

/** Tries of one address a minute, good or bad, counted by each process; what guesses passwords is stopped by the locks long before. */
const TRIES_PER_MINUTE = 120;

const LoginBody = z.strictObject({ name: z.string().max(200), password: z.string().max(1_000), code: z.string().max(20).optional() });
const PasswordBody = z.strictObject({ currentPassword: z.string().max(1_000), newPassword: z.string().max(1_000) });

const refuse = (response: Response, status: number, error: string): void => void response.status(status).json({ error });

const tooMany = (response: Response, error: string, waitMs: number): void => {
  response.set('retry-after', String(Math.ceil(waitMs / 1_000)));
  refuse(response, 429, error);
};

const refuseLogin = (response: Response, outcome: Exclude<LoginOutcome, { kind: 'in' }>): void => {
  if (outcome.kind === 'locked') tooMany(response, 'LOCKED', outcome.retryAfterMs);
  else refuse(response, 401, outcome.kind === 'totp-required' ? 'TOTP_REQUIRED' : 'LOGIN_REFUSED');
};

const viewSession = (session: Session) => ({
  client: session.caller.client, role: session.caller.role, agencyScope: session.caller.agencyScope, mustChangePassword: session.mustChangePassword, csrfToken: csrfTokenOf(session.id),
});

const readBody = async <Body>(request: Request, schema: z.ZodType<Body>): Promise<Body | null> => {
  const body = await readJsonBody(request);
  const parsed = body.ok ? schema.safeParse(body.value) : null;
  return parsed?.success === true ? parsed.data : null;
};

const queryOf = (request: Request): string => {
  const at = request.originalUrl.indexOf('?');
  return at < 0 ? '' : request.originalUrl.slice(at);
};

/** Logging in and out, over JSON and cookies; nothing here answers to a key or token. */
class LoginRoutes {
  readonly #deps: LoginRoutesDeps;
  readonly #tries: CallBudget;

  constructor(deps: LoginRoutesDeps) {
    this.#deps = deps;
    this.#tries = new CallBudget({ points: TRIES_PER_MINUTE, windowSeconds: 60, store: null, logger: deps.logger });
  }

  readonly login: Answer = async (request, response) => {
    if (!isSameOrigin(request, this.#deps.logins.cookies)) return refuse(response, 403, 'FOREIGN_ORIGIN');
    const body = await readBody(request, LoginBody);
    if (body === null) return refuse(response, 400, 'BAD_REQUEST');
    const outcome = await this.#deps.logins.passwords.login({ name: body.name, password: body.password, code: body.code ?? null, address: this.#addressOf(request), replaced: this.#sessionIdOf(request) });
    if (outcome.kind === 'in') await this.#enter(response, outcome.sessionId);
    else refuseLogin(response, outcome);
  };

  readonly session: Answer = async (request, response) => {
    const session = await this.#sessionOf(request);
    if (session === null) refuse(response, 401, 'UNAUTHENTICATED');
    else response.json(viewSession(session));
  };

  readonly logout: Answer = async (request, response) => {
    const session = await this.#provedSession(request, response);
    if (session === null) return;
    await this.#deps.logins.passwords.logout(session, this.#addressOf(request));
    this.#setCookie(response, null).status(204).end();
  };

  readonly password: Answer = async (request, response) => {
    const session = await this.#provedSession(request, response);
    if (session === null) return;
    const { userName } = session;
    if (userName === null) return refuse(response, 409, 'NO_LOCAL_ACCOUNT');
    const body = await readBody(request, PasswordBody);
    if (body === null) return refuse(response, 400, 'BAD_REQUEST');
    const change = { current: body.currentPassword, next: body.newPassword, address: this.#addressOf(request) };
    const outcome: PasswordOutcome = await this.#deps.logins.passwords.changePassword({ ...session, userName }, change);
    if (outcome.kind === 'in') await this.#enter(response, outcome.sessionId);
    else if (outcome.kind === 'unfit') refuse(response, 422, outcome.fault);
    else refuseLogin(response, outcome);
  };

  readonly beginOidc: Answer = async (_request, response) => {
    const { oidc, cookies } = this.#deps.logins;
    if (oidc === null) return refuse(response, 404, 'NOT_FOUND');
    const { location, pendingId } = await oidc.begin();
    response.append('set-cookie', writeCookie('pending-login', pendingId, cookies)).redirect(303, location);
  };

  readonly finishOidc: Answer = async (request, response) => {
    const { oidc, cookies } = this.#deps.logins;
    if (oidc === null) return refuse(response, 404, 'NOT_FOUND');
    const pendingId = readCookie(request, 'pending-login', cookies) ?? null;
    const outcome = await oidc.finish({ pendingId, query: queryOf(request), address: this.#addressOf(request), replaced: this.#sessionIdOf(request) });
    response.append('set-cookie', writeCookie('pending-login', null, cookies));
    if (outcome.kind === 'refused') refuse(response, 401, 'LOGIN_REFUSED');
    else this.#setCookie(response, outcome.sessionId).redirect(303, '/');
  };

  /** Calls that try to prove something are counted by address first. */
  counted(answer: Answer): Answer {
    return async (request, response) => {
      const waitMs = await this.#tries.take(this.#addressOf(request));
      await (waitMs > 0 ? tooMany(response, 'RATE_LIMITED', waitMs) : answer(request, response));
    };
  }

  #addressOf(request: Request): string {
    return this.#deps.proxies.addressOf(request);
  }

  #sessionIdOf(request: Request): string | null {
    return readCookie(request, 'session', this.#deps.logins.cookies) ?? null;
  }

  async #sessionOf(request: Request): Promise<Session | null> {
    const id = this.#sessionIdOf(request);
    return id === null ? null : this.#deps.logins.sessions.find(id);
  }

  /** The session of a page of ours; answers the refusal itself. */
  async #provedSession(request: Request, response: Response): Promise<Session | null> {
    const session = await this.#sessionOf(request);
    if (session === null) refuse(response, 401, 'UNAUTHENTICATED');
    else if (!isSameOrigin(request, this.#deps.logins.cookies)) refuse(response, 403, 'FOREIGN_ORIGIN');
    else if (!hasCsrfToken(request, session.id)) refuse(response, 403, 'CSRF');
    else return session;
    return null;
  }

  #setCookie(response: Response, sessionId: string | null): Response {
    return response.append('set-cookie', writeCookie('session', sessionId, this.#deps.logins.cookies));
  }

  async #enter(response: Response, sessionId: string): Promise<void> {
    const session = await this.#deps.logins.sessions.find(sessionId);
    if (session === null) refuse(response, 401, 'LOGIN_REFUSED');
    else this.#setCookie(response, sessionId).json(viewSession(session));
  }
}

/** What cannot be looked up now lets nobody pass, and may be tried again. */
const answering = (answer: Answer): RequestHandler => async (request, response) => {
  try {
    await answer(request, response);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    response.set('retry-after', '5');
    refuse(response, 503, 'UNAVAILABLE');
  }
};

/** `POST /login`, `GET /login/oidc` with its callback, `POST /logout`, `GET /session`, `POST /password`. */
export const createLoginRoutes = (deps: LoginRoutesDeps): Router => {
  const routes = new LoginRoutes(deps);
  const router = Router();
  router.post('/login', answering(routes.counted(routes.login)));
  router.get('/login/oidc', answering(routes.counted(routes.beginOidc)));
  router.get('/login/oidc/callback', answering(routes.counted(routes.finishOidc)));
  router.post('/logout', answering(routes.logout));
  router.get('/session', answering(routes.session));
  router.post('/password', answering(routes.counted(routes.password)));
  return router;
};
