import { afterEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORE_KEY_DOCS, ConfigError, readConfig, type Env, type PartySection } from '../../../src/config.js';
import { withGeneratedSecrets } from '../../../src/config/demo-secrets.js';

const digest = createHash('sha256').update('a key').digest('hex');
const key32 = randomBytes(32).toString('base64');
const valid: Env = {
  DATABASE_URL: 'postgres://u:p@db/onestop', API_KEYS: `portal:portal:${digest},ops:operator:${digest}`, FIELD_KEYS: `k2:${key32},k1:${key32}`,
  FILE_LINK_KEYS: `k1:${key32}`, FINGERPRINT_KEY: key32, FILE_STORE_DIR: '/srv/files',
};
const problemsOf = (env: Env, sections: readonly PartySection[] = []): readonly string[] => {
  try {
    readConfig(env, sections);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('configuration', () => {
  const folders: string[] = [];
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'onestop-config-'));
    folders.push(folder);
    return folder;
  };
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('reads a complete environment with its defaults into a frozen object', () => {
    const { core } = readConfig(valid, []);
    expect(core).toMatchObject({ http: { host: '127.0.0.1', port: 4000, publicUrl: null }, redis: null, tenantAgencyCodes: ['H42'], drainMs: 20_000, metrics: true, otlpEndpoint: null });
    expect(core.apiKeys.map(({ client, role }) => `${client} ${role}`)).toEqual(['portal portal', 'ops operator']);
    expect(core.fieldKeys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(Object.isFrozen(core)).toBe(true);
  });

  it('reports every problem at once, of the core and of the parties', () => {
    const party: PartySection = { party: 'p', settings: { keys: [], read: () => ({ ok: false, problems: ['P_URL is not set'] }) } };
    const problems = problemsOf({ HTTP_PORT: '70000', METRICS: 'yes', REDIS_URL: 'http://x', API_KEYS: 'portal:king:00' }, [party]);
    for (const key of ['HTTP_PORT', 'METRICS', 'REDIS_URL', 'API_KEYS', 'FIELD_KEYS', 'FILE_LINK_KEYS', 'FINGERPRINT_KEY', 'P_URL']) {
      expect(problems.filter((problem) => problem.startsWith(key))).toHaveLength(1);
    }
  });

  it.each([
    ['a key in plain', { API_KEYS: 'portal:portal:hunter2-hunter2' }, /^API_KEYS is invalid: the key of portal must be given as the 64 hex digits/],
    ['an unknown role', { API_KEYS: `portal:king:${digest}` }, /the role of portal is not one of/],
    ['a short field key', { FIELD_KEYS: 'k1:c2hvcnQ=' }, /^FIELD_KEYS is invalid: the key k1 is not the base64 of 32 bytes/],
    ['a field key named twice', { FIELD_KEYS: `k1:${key32},k1:${key32}` }, /^FIELD_KEYS names k1 twice/],
    ['two file stores', { FILE_STORE_URL: 'https://files.example.vn' }, /exactly one of FILE_STORE_DIR and FILE_STORE_URL/],
    ['a file store of another scheme', { FILE_STORE_DIR: '', FILE_STORE_URL: 'file:///etc' }, /^FILE_STORE_URL is invalid/],
    ['a foreign agency code', { TENANT_AGENCY_CODES: 'H42,42' }, /^TENANT_AGENCY_CODES is invalid/],
    ['a secret file that is not there', { FINGERPRINT_KEY: '', FINGERPRINT_KEY_FILE: '/nowhere/at/all' }, /^FINGERPRINT_KEY_FILE cannot be read \(ENOENT\)/],
    ['no database', { DATABASE_URL: '' }, /^DATABASE_URL is not set/],
  ])('refuses %s and never quotes it', (_name, change, expected) => {
    const problems = problemsOf({ ...valid, ...change });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toMatch(/hunter2|c2hvcnQ/);
  });

  it('reads a secret from the file that its _FILE key names', () => {
    const path = join(newFolder(), 'keys');
    writeFileSync(path, `portal:portal:${digest}\nops:operator:${digest}\n`);
    expect(readConfig({ ...valid, API_KEYS: '', API_KEYS_FILE: path }, []).core.apiKeys).toHaveLength(2);
  });

  it('documents every key with a purpose', () => {
    expect(CORE_KEY_DOCS.length).toBeGreaterThan(20);
    expect(CORE_KEY_DOCS.filter(({ purpose }) => purpose.length < 10)).toEqual([]);
    expect(CORE_KEY_DOCS.find(({ key }) => key === 'FIELD_KEYS')).toMatchObject({ fallback: null, secret: true });
  });

  it('generates what is missing once, into a private file, and leaves alone what is given', () => {
    const folder = join(newFolder(), 'data');
    const first = withGeneratedSecrets({ DATABASE_URL: valid['DATABASE_URL'] }, folder);
    const second = withGeneratedSecrets({ DATABASE_URL: valid['DATABASE_URL'] }, folder);
    expect(second).toEqual(first);
    expect(problemsOf(first.env)).toEqual([]);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    const own = withGeneratedSecrets({ ...valid }, folder);
    expect(own.demoKeys).toBeNull();
    expect(own.env['FIELD_KEYS']).toBe(valid['FIELD_KEYS']);
    expect(own.env['FILE_STORE_DIR']).toBe('/srv/files');
  });
});
