import { describe, expect, it } from '@jest/globals';
import { basicClient, bearerClient, issueToken } from '../../../adapters/support/issued-tokens.js';
import type { TokenDoor } from '../../../adapters/support/issued-tokens.js';
import { createTokenQuestion } from '../../../adapters/support/token-question.js';

const NOW = 1_770_000_000_000;
const DOOR: TokenDoor = { party: 'bidv', clients: [{ id: 'bidv', secret: 'first-secret' }], lifeMs: 300_000 };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const request = (authorization?: string) => ({ bytes: Buffer.alloc(0), headers: authorization === undefined ? {} : { authorization }, peer: { address: '127.0.0.1', certificate: null } });

describe('tokens that we issue', () => {
  it('are good until they end, at their own door, under the secret that signed them', () => {
    const token = `Bearer ${issueToken(DOOR, NOW)}`;
    expect(bearerClient(DOOR, token, NOW + 299_999)).toBe('bidv');
    expect(bearerClient(DOOR, token, NOW + 300_000)).toBeNull();
    expect(bearerClient({ ...DOOR, party: 'mb-bank' }, token, NOW)).toBeNull();
    expect(bearerClient({ ...DOOR, clients: [{ id: 'bidv', secret: 'other-secret' }] }, token, NOW)).toBeNull();
    expect(bearerClient({ ...DOOR, clients: [{ id: 'new', secret: 'other-secret' }, ...DOOR.clients] }, token, NOW)).toBe('bidv');
    expect(issueToken(DOOR, NOW)).not.toBe(issueToken(DOOR, NOW));
  });

  it('are refused after any bit was changed', () => {
    const token = issueToken(DOOR, NOW);
    for (let at = 0; at < token.length; at += 1) {
      for (const bit of [1, 2, 4, 32]) {
        const changed = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ bit) + token.slice(at + 1);
        expect(bearerClient(DOOR, `Bearer ${changed}`, NOW)).toBeNull();
      }
    }
  });

  it.each([undefined, '', 'Bearer', 'Bearer x', 'Basic x', 'Bearer 1.2.3'])('are not found in %j', (header) => {
    expect(bearerClient(DOOR, header, NOW)).toBeNull();
  });

  it('are given for a user name with its password, to either while the password is changed', () => {
    const clients = [{ id: 'bidv', secret: 'new:secret' }, { id: 'bidv-old', secret: 'old-secret' }] as const;
    expect([basic('bidv:new:secret'), basic('bidv-old:old-secret'), basic('bidv:old-secret'), basic('bidv:'), basic(''), undefined, 'Bearer x'].map((header) => basicClient(clients, header)))
      .toEqual(['bidv', 'bidv-old', null, null, null, null, null]);
  });
});

describe('the question for a token', () => {
  const question = createTokenQuestion({ door: DOOR, addresses: null, now: () => NOW });

  it('is answered with a token that opens the door', () => {
    expect(question.verify(request(basic('bidv:first-secret')))).toEqual({ kind: 'verified', verifiedBy: 'bidv' });
    expect(question.read(Buffer.from('grant_type=client_credentials'))).toBe('token');
    const reply = question.reply(null, 'token');
    const { access_token: token, ...others } = JSON.parse(reply.body) as { access_token: string };
    expect([reply.status, others]).toEqual([200, { token_type: 'Bearer', expires_in: 300 }]);
    expect(bearerClient(DOOR, `Bearer ${token}`, NOW)).toBe('bidv');
  });

  it('is refused without the password', () => {
    expect([question.verify(request(basic('bidv:wrong'))), question.verify(request())]).toEqual([{ kind: 'refused', reason: 'password' }, { kind: 'refused', reason: 'password' }]);
    expect(question.fail('unverified')).toMatchObject({ status: 401, body: '{"error":"unverified"}' });
    expect(question.fail('unavailable').status).toBe(503);
  });
});
