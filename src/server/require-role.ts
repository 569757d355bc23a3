import type { RequestHandler } from 'express';
import type { Authenticator } from '../access/authenticator.js';
import type { Role } from '../access/caller.js';

/** Lets only callers of these roles pass; a browser is asked for the key as a password. */
export const requireRole = (authenticator: Authenticator, roles: readonly Role[]): RequestHandler => async (request, response, next) => {
  const caller = await authenticator.fromRequest(request);
  if (caller === null) {
    response.status(401).set('www-authenticate', 'Basic realm="onestop", charset="UTF-8"').json({ error: 'UNAUTHENTICATED' });
  } else if (roles.includes(caller.role)) {
    next();
  } else {
    response.status(403).json({ error: 'FORBIDDEN' });
  }
};
