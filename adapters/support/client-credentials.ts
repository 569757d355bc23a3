import { z } from 'zod';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { LOGIN_OPERATION } from './circuit-board.js';
import type { OperationSpec, PartyCaller } from './call-party.js';
import { trustedJson } from './json-reply.js';
import { asLoginError } from './login-errors.js';
import type { Grant } from './session-manager.js';
import { unreadable } from './signals.js';

/** WSO2 token answer; `expires_in` in seconds. Shape: national-portal.md §8.1. */
const tokenReply = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().max(31_536_000),
});

export interface ClientCredentialsParts {
  readonly caller: PartyCaller;
  /** Path of the token endpoint, from the root of the origin. */
  readonly path: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly deadlineMs: number;
}

const tokenOperation = (deadlineMs: number): OperationSpec => ({
  name: LOGIN_OPERATION,
  effect: 'read',
  deadlineMs,
  kept: { plain: new Set(['grant_type', 'expires_in', 'token_type']), text: new Set() },
});

/** Log-in of an OAuth 2 client-credentials API as WSO2 speaks it, to be given to a SessionManager. */
export const clientCredentials = (parts: ClientCredentialsParts): ((call: PartyCall) => Promise<Grant>) => {
  const operation = tokenOperation(parts.deadlineMs);
  const basic = Buffer.from(`${parts.consumerKey}:${parts.consumerSecret}`, 'utf8').toString('base64');
  const request = {
    method: 'POST',
    path: parts.path,
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: 'grant_type=client_credentials',
  } as const;
  return async (call) => {
    try {
      return await parts.caller.call({
        operation, request, personal: [], content: { grant_type: 'client_credentials' },
        read: (reply) => {
          const body = trustedJson(reply);
          const parsed = tokenReply.safeParse(body);
          if (!parsed.success) throw unreadable('token-shape', body);
          return { body, value: { token: parsed.data.access_token, lifeMs: parsed.data.expires_in * 1000 } };
        },
      }, call);
    } catch (error) {
      throw asLoginError(error);
    }
  };
};
