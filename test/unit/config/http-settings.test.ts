import { describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { ConfigError, readConfig, type Env } from '../../../src/config.js';

const key32 = randomBytes(32).toString('base64');
const valid: Env = {
  DATABASE_URL: 'postgres://u:p@db/onestop', API_KEYS: `portal:portal:${createHash('sha256').update('a key').digest('hex')}`, FIELD_KEYS: `k1:${key32}`,
  FILE_LINK_KEYS: `k1:${key32}`, FINGERPRINT_KEY: key32, FILE_STORE_DIR: '/srv/files',
};
const problemsOf = (change: Env): readonly string[] => {
  try {
    readConfig({ ...valid, ...change }, []);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('settings of the door', () => {
  it.each([['0.0.0.0'], ['::'], ['192.0.2.7']])('speak plain HTTP on %s only when told so', (host) => {
    expect(problemsOf({ HTTP_HOST: host })).toEqual([expect.stringMatching(/^HTTP_HOST is not loopback/)]);
    expect(problemsOf({ HTTP_HOST: host, ALLOW_PLAIN_HTTP: 'true' })).toEqual([]);
    expect(problemsOf({ HTTP_HOST: host, TLS_CERT_FILE: '/c', TLS_KEY_FILE: '/k' })).toEqual([]);
    expect(problemsOf({ ADMIN_HOST: host, ADMIN_PORT: '4002' })).toEqual([expect.stringMatching(/^ADMIN_HOST is not loopback/)]);
  });

  it('want both files of TLS, and proxies that can be read', () => {
    expect(problemsOf({ TLS_CERT_FILE: '/c' })).toEqual([expect.stringMatching(/^Set both of TLS_CERT_FILE/)]);
    expect(problemsOf({ TRUSTED_PROXY: 'everyone' })).toEqual([expect.stringMatching(/^TRUSTED_PROXY is invalid/)]);
    expect(readConfig({ ...valid, TRUSTED_PROXY: '10.0.0.0/8, loopback' }, []).core.http.trustedProxies).toEqual(['10.0.0.0/8', 'loopback']);
  });

  it('trust nobody and keep operators\' routes beside the API unless told otherwise', () => {
    expect(readConfig(valid, []).core.http).toMatchObject({ trustedProxies: [], admin: null, tls: null, trustedDocumentsClients: [] });
  });
});
