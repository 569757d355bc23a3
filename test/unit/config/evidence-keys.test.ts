import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { evidenceSettingsFrom, type Env } from '../../../src/config.js';
import { createAuthority } from '../../support/certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SIGNING = { EVIDENCE_SIGNING_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}` };
const problemsOf = (env: Env): readonly string[] => {
  try {
    evidenceSettingsFrom(env);
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
};

describe('settings of time-stamps', () => {
  it('are none where no authority is named', () => {
    expect(evidenceSettingsFrom(SIGNING)).toMatchObject({ sealLagMs: 900_000, timeStamps: null });
  });

  it('trust the certificates of the file, or the public roots', async () => {
    const file = join(folder, 'ca.pem');
    const { cert } = await createAuthority('root');
    writeFileSync(file, `${cert}\n${cert}`);
    const env = { ...SIGNING, EVIDENCE_TSA_URL: 'http://tsa.example/path/', EVIDENCE_TSA_POLICY: '1.2.3.4', EVIDENCE_TSA_TIMEOUT_MS: '500' };
    expect(evidenceSettingsFrom({ ...env, EVIDENCE_TSA_CA_FILE: file }).timeStamps).toMatchObject({ url: 'http://tsa.example/path/', policy: '1.2.3.4', timeoutMs: 500, roots: { length: 2 } });
    expect(evidenceSettingsFrom(env).timeStamps?.roots.length).toBeGreaterThan(50);
  });

  it('name every problem', () => {
    expect(problemsOf({ EVIDENCE_TSA_URL: 'http://tsa.example' })).toEqual([expect.stringContaining('set EVIDENCE_SIGNING_KEYS')]);
    expect(problemsOf({ ...SIGNING, EVIDENCE_TSA_URL: 'ftp://tsa', EVIDENCE_TSA_POLICY: 'default', EVIDENCE_TSA_CA_FILE: join(folder, 'none') })).toEqual([
      expect.stringContaining('EVIDENCE_TSA_URL'), expect.stringContaining('EVIDENCE_TSA_CA_FILE'), expect.stringContaining('EVIDENCE_TSA_POLICY'),
    ]);
    expect(problemsOf({ ...SIGNING, EVIDENCE_TSA_URL: 'http://name:geheim@tsa.example' })).toEqual([expect.not.stringContaining('geheim')]);
  });
});
