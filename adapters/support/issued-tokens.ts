import { createHmac, randomBytes } from 'node:crypto';
import type { CallbackKeys } from './callback-keys.js';
import { verifyHmac, verifyToken } from './callback-keys.js';

/** Tokens of one party's door are good at that door only. */
export interface TokenDoor {
  readonly party: string;
  /** User name and password of the party; the newest first, which signs. */
  readonly clients: CallbackKeys;
  readonly lifeMs: number;
}

const BASIC = /^basic ([A-Za-z0-9+/]{1,800}={0,2})$/i;
const TOKEN = /^[Bb]earer ([0-9]{13})\.([0-9a-f]{32})\.([0-9a-f]{64})$/;

/** HTTP Basic. @returns the user name that fits with its password, or null */
export const basicClient = (clients: CallbackKeys, authorization: string | undefined): string | null => {
  const given = Buffer.from(BASIC.exec(authorization ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const [first, ...others] = clients.map(({ id, secret }) => ({ id, secret: `${id}:${secret}` }));
  return first === undefined ? null : verifyToken([first, ...others], given);
};

const signedText = (party: string, endsAt: string, nonce: string): string => `onestop-token\n${party}\n${endsAt}\n${nonce}`;

/** A bearer token that needs no memory: its end, a nonce and our signature. */
export const issueToken = ({ party, clients: [{ secret }], lifeMs }: TokenDoor, nowMs: number): string => {
  const endsAt = String(nowMs + lifeMs);
  const nonce = randomBytes(16).toString('hex');
  return `${endsAt}.${nonce}.${createHmac('sha256', secret).update(signedText(party, endsAt, nonce)).digest('hex')}`;
};

/** HTTP Bearer with a token that `issueToken` made for this door, and that has not ended. @returns the client whose secret signed it, or null */
export const bearerClient = ({ party, clients }: TokenDoor, authorization: string | undefined, nowMs: number): string | null => {
  const [, endsAt, nonce, signature] = TOKEN.exec(authorization ?? '') ?? [];
  if (endsAt === undefined || nonce === undefined || signature === undefined) return null;
  const client = verifyHmac(clients, { algorithm: 'sha256', encoding: 'hex', signed: Buffer.from(signedText(party, endsAt, nonce)), signature });
  return nowMs < Number(endsAt) ? client : null;
};
