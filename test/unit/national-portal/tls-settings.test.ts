import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nationalPortalSettings } from '../../../adapters/national-portal/config.js';
import { createAuthority } from '../../support/certificates.js';
import type { Issued } from '../../support/certificates.js';

const BASE = {
  NATIONAL_PORTAL_AGENCY_CODE: '000.00.00.H42', NATIONAL_PORTAL_G1_URL: 'https://ss/forward', NATIONAL_PORTAL_G1_USERNAME: 'u', NATIONAL_PORTAL_G1_PASSWORD: 'p',
};

describe('TLS settings of a party', () => {
  let folder = '';
  let issued: Issued;
  const path = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tls-'));
    issued = await (await createAuthority('Ours')).issue('gateway');
    writeFileSync(path('cert.pem'), issued.cert);
    writeFileSync(path('key.pem'), issued.key);
    writeFileSync(path('rubbish.pem'), 'hidden-value');
  });
  afterAll(() => { rmSync(folder, { recursive: true }); });

  const read = (env: Record<string, string>) => nationalPortalSettings.read({ ...BASE, ...env });

  it('are none by default, with private addresses allowed', () => {
    expect(read({})).toMatchObject({ ok: true, settings: { NATIONAL_PORTAL_ALLOW_PRIVATE_ADDRESSES: true, NATIONAL_PORTAL_TLS_CA_FILE: null, NATIONAL_PORTAL_TLS_CERT_FILE: null, NATIONAL_PORTAL_TLS_KEY_FILE: null } });
  });

  it('are read from their files', () => {
    expect(read({ NATIONAL_PORTAL_TLS_CA_FILE: path('cert.pem'), NATIONAL_PORTAL_TLS_CERT_FILE: path('cert.pem'), NATIONAL_PORTAL_TLS_KEY_FILE: path('key.pem') }))
      .toMatchObject({ ok: true, settings: { NATIONAL_PORTAL_TLS_CA_FILE: issued.cert, NATIONAL_PORTAL_TLS_KEY_FILE: issued.key } });
  });

  it.each([
    [{ NATIONAL_PORTAL_TLS_CA_FILE: 'absent.pem' }, 'NATIONAL_PORTAL_TLS_CA_FILE is invalid: the file cannot be read'],
    [{ NATIONAL_PORTAL_TLS_CA_FILE: 'rubbish.pem' }, 'NATIONAL_PORTAL_TLS_CA_FILE is invalid: the file holds no certificate in PEM'],
    [{ NATIONAL_PORTAL_TLS_KEY_FILE: 'cert.pem' }, 'NATIONAL_PORTAL_TLS_KEY_FILE is invalid: the file holds no private key in PEM'],
    [{ NATIONAL_PORTAL_TLS_CERT_FILE: 'cert.pem' }, 'Set both or none of NATIONAL_PORTAL_TLS_CERT_FILE and NATIONAL_PORTAL_TLS_KEY_FILE'],
  ])('%j are a problem that quotes nothing', (files, problem) => {
    const env = Object.fromEntries(Object.entries(files).map(([key, file]) => [key, path(file)]));
    expect(read(env)).toEqual({ ok: false, problems: [problem] });
  });
});
