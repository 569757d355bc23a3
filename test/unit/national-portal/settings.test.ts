import { describe, expect, it } from '@jest/globals';
import { nationalPortalSettings } from '../../../adapters/national-portal/config.js';

const G1 = {
  NATIONAL_PORTAL_AGENCY_CODE: '000.00.00.H42', NATIONAL_PORTAL_G1_URL: 'http://ss:8081/XrdAdapter/RestService/forward',
  NATIONAL_PORTAL_G1_USERNAME: 'u', NATIONAL_PORTAL_G1_PASSWORD: 'hidden-value',
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  const read = nationalPortalSettings.read(env);
  return read.ok ? [] : read.problems;
};

describe('national portal settings', () => {
  it('reads a complete environment, with defaults', () => {
    const read = nationalPortalSettings.read(G1);
    expect(read).toMatchObject({ ok: true, settings: { NATIONAL_PORTAL_WIRE: 'g1', NATIONAL_PORTAL_DEADLINE_MS: 60_000, NATIONAL_PORTAL_EXISTS_CODES: ['0', '3', '-3'], NATIONAL_PORTAL_SEND_TRACEPARENT: false } });
  });

  it('reports every problem at once and quotes no value', () => {
    const problems = problemsOf({ NATIONAL_PORTAL_WIRE: 'g9', NATIONAL_PORTAL_G1_DSTCODE: 'hidden-value', NATIONAL_PORTAL_G1_PROVIDER_URL: 'file:///hidden-value', NATIONAL_PORTAL_CONNECTIONS: '0' });
    for (const key of ['WIRE', 'AGENCY_CODE', 'G1_DSTCODE', 'G1_PROVIDER_URL', 'CONNECTIONS']) {
      expect(problems.filter((problem) => problem.startsWith(`NATIONAL_PORTAL_${key} `))).toHaveLength(1);
    }
    expect(problems.join()).not.toContain('hidden-value');
  });

  it('asks for what the chosen wire needs, and for nothing of the other', () => {
    expect(problemsOf({ ...G1, NATIONAL_PORTAL_G1_URL: '' })).toEqual([expect.stringContaining('NATIONAL_PORTAL_G1_URL')]);
    expect(problemsOf({ ...G1, NATIONAL_PORTAL_WIRE: 'g2' })).toHaveLength(3);
  });

  it('lists every key with a purpose for the documents, and marks secrets', () => {
    const { keys } = nationalPortalSettings;
    expect(keys.every(({ key, purpose }) => key.startsWith('NATIONAL_PORTAL_') && purpose.length > 10)).toBe(true);
    expect(keys.filter((key) => key.secret).map((key) => key.key)).toEqual(['NATIONAL_PORTAL_G1_PASSWORD', 'NATIONAL_PORTAL_G2_CONSUMER_SECRET']);
  });
});
