import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthenticator } from '../../../src/access/bearer-keys.js';
import { createCertificateProof } from '../../../src/access/client-certificates.js';

const newCertificate = (): X509Certificate => {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-cert-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'key'), '-out', join(folder, 'cert'), '-subj', '/CN=client', '-days', '1'], { stdio: 'ignore' });
  const certificate = new X509Certificate(readFileSync(join(folder, 'cert')));
  rmSync(folder, { recursive: true });
  return certificate;
};

describe('client certificates', () => {
  const certificate = newCertificate();
  const stranger = newCertificate();
  const digest = createHash('sha256').update(certificate.raw).digest();
  const proxies = new BlockList();
  proxies.addSubnet('10.1.0.0', 16, 'ipv4');
  proxies.addAddress('fd00::1', 'ipv6');
  const proof = createCertificateProof({ header: 'client-cert', proxies, certificates: [{ client: 'tax', role: 'portal', digest }] });
  const ask = (given: string | undefined, remoteAddress = '10.1.2.3') =>
    proof.check({ headers: given === undefined ? {} : { 'client-cert': given }, socket: { remoteAddress } });

  it.each([
    ['its SHA-256', digest.toString('hex')], ['escaped PEM', encodeURIComponent(certificate.toString())], ['base64 DER', certificate.raw.toString('base64')], ['RFC 9440', `:${certificate.raw.toString('base64')}:`],
  ])('are known by %s from the proxy', (_name, given) => {
    expect(ask(given)).toMatchObject({ client: 'tax', role: 'portal' });
  });

  it.each(['10.2.0.1', '127.0.0.1', '::1', 'fd00::2', '', 'not an address'])('are not looked at when the header comes from %j', (address) => {
    expect(ask(digest.toString('hex'), address)).toBeUndefined();
  });

  it.each(['10.1.255.255', '::ffff:10.1.2.3', 'fd00::1'])('are known from the proxy at %s', (address) => {
    expect(ask(digest.toString('hex'), address)).toMatchObject({ client: 'tax' });
  });

  it.each([
    ['a stranger\'s', stranger.raw.toString('base64')], ['nonsense', 'nonsense'], ['two joined headers', `${digest.toString('hex')}, ${digest.toString('hex')}`], ['a broken escape', '%E0%A4%A'], ['far too long', 'A'.repeat(20_000)],
  ])('prove nobody when the header holds %s', (_name, given) => {
    expect(ask(given)).toBeNull();
  });

  it('are ignored by a gateway that was not told of a proxy', () => {
    expect(createAuthenticator([]).fromRequest({ headers: { 'client-cert': digest.toString('hex') }, socket: { remoteAddress: '10.1.2.3' } })).toBeNull();
  });
});
