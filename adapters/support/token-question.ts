import type { QuestionFailure, QuestionReceiver } from '../../src/callbacks/question-port.js';
import { basicClient, issueToken } from './issued-tokens.js';
import type { TokenDoor } from './issued-tokens.js';

export interface TokenQuestionParts {
  readonly door: TokenDoor;
  readonly addresses: readonly string[] | null;
  readonly now: () => number;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const STATUSES: Readonly<Record<QuestionFailure, number>> = { unverified: 401, unreadable: 400, unavailable: 503, 'too-large': 413 };

/** `token_generate`: Basic against a bearer token. Its answer is made by the reply itself, so whoever is bound to it has nothing to say. */
export const createTokenQuestion = ({ door, addresses, now }: TokenQuestionParts): QuestionReceiver<'token', null> => ({
  party: door.party,
  kind: 'token_generate',
  method: 'POST',
  addresses,
  verify: ({ headers }) => {
    const client = basicClient(door.clients, headers['authorization']);
    return client === null ? { kind: 'refused', reason: 'password' } : { kind: 'verified', verifiedBy: client };
  },
  read: () => 'token',
  reply: () => ({
    status: 200, contentType: JSON_TYPE,
    body: JSON.stringify({ access_token: issueToken(door, now()), token_type: 'Bearer', expires_in: Math.floor(door.lifeMs / 1_000) }),
  }),
  fail: (why) => ({ status: STATUSES[why], contentType: JSON_TYPE, body: JSON.stringify({ error: why }) }),
});
