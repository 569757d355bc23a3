import type { RequestHandler } from 'express';
import { SECURITY_HEADERS } from './json-answer.js';

/** The queue board brings scripts and styles of its own; nothing may be loaded from elsewhere, and nobody may frame it. */
const CONTENT_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'";

export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({ ...SECURITY_HEADERS, 'content-security-policy': CONTENT_POLICY, 'x-frame-options': 'DENY' });
  next();
};
