import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { AccessRequest } from '../../../src/access/authenticator.js';
import { createAuthenticator } from '../../../src/access/bearer-keys.js';

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
const authenticator = createAuthenticator([
  { client: 'portal', role: 'portal', digest: digest('portal-key') },
  { client: 'ops', role: 'operator', digest: digest('ops:key') },
]);
const request = (authorization: string | undefined): AccessRequest => ({ headers: authorization === undefined ? {} : { authorization }, socket: {} });
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('bearer keys', () => {
  it.each([
    ['Bearer portal-key', 'portal'], ['bearer portal-key', 'portal'], ['Bearer ops:key', 'ops'], [basic('any:portal-key'), 'portal'], [basic('any:ops:key'), 'ops'],
  ])('knows the caller of %s', (header, client) => {
    expect(authenticator.fromRequest(request(header))).toMatchObject({ client });
  });

  it.each([
    undefined, '', 'Bearer', 'Bearer ', 'Bearer wrong', 'Bearer portal-key extra', 'portal-key', 'Digest portal-key', 'Bearer portal-key ',
    `Bearer ${digest('portal-key').toString('hex')}`, basic('portal-key:'), `Bearer ${'x'.repeat(10_000)}`, 'Bearer PORTAL-KEY',
  ])('knows nobody in %s', (header) => {
    expect(authenticator.fromRequest(request(header))).toBeNull();
  });
});
