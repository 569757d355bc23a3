import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignedXml } from 'xml-crypto';
import { SignalError } from '../../../adapters/support/signals.js';
import { passXmlGate } from '../../../adapters/support/xml-gate.js';
import { findElement, readXml } from '../../../adapters/support/xml-reader.js';
import { pinnedKey, verifyXmlSignature } from '../../../adapters/support/xml-signature.js';
import type { PinnedKey } from '../../../adapters/support/xml-signature.js';

const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const signer = keyPair();
const stranger = keyPair();
const PINNED: readonly PinnedKey[] = [pinnedKey('next', stranger.publicKey), pinnedKey('party', signer.publicKey)];
const ONLY_PARTY = [pinnedKey('party', signer.publicKey)];

const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const RSA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

interface Signing { readonly xpath?: string; readonly algorithm?: string; readonly digest?: string; readonly transforms?: readonly string[]; readonly key?: string; readonly into?: string; readonly canonicalization?: string }

/** xml-crypto as the signing side; what it makes is checked with xmlsec1 below. */
const sign = (xml: string, how: Signing = {}): string => {
  const signing = new SignedXml({ privateKey: how.key ?? signer.privateKey, canonicalizationAlgorithm: (how.canonicalization ?? EXC), signatureAlgorithm: (how.algorithm ?? RSA256) });
  const isRoot = how.xpath === undefined;
  signing.addReference({ xpath: how.xpath ?? '/*', digestAlgorithm: (how.digest ?? SHA256), transforms: (how.transforms ?? (isRoot ? [ENVELOPED, EXC] : [EXC])), isEmptyUri: isRoot, uri: '' });
  signing.computeSignature(xml, { location: { reference: how.into ?? '/*', action: 'append' } });
  return signing.getSignedXml();
};

const verify = (xml: string, keys = PINNED): string => {
  try {
    const { xml: signed } = verifyXmlSignature(passXmlGate(xml), keys);
    return `amount ${findElement(readXml(signed), 'amount')?.text ?? 'none'}`;
  } catch (error) {
    if (error instanceof SignalError && error.signal.kind === 'unreadable') return error.signal.code;
    throw error;
  }
};

const RECEIPT = '<receipt><amount>1000</amount><payer>Nguyễn Văn Á</payer></receipt>';
const envelope = (body: string, header = ''): string => `<s:Envelope xmlns:s="${SOAP}"><s:Header>${header}</s:Header>${body}</s:Envelope>`;
const soap = (): string => sign(envelope('<s:Body Id="body"><amount>1000</amount></s:Body>'), { xpath: "//*[@Id='body']", into: "//*[local-name(.)='Header']" });

describe('XML signatures', () => {
  it('of a pinned key are verified, and say which', () => {
    expect(verify(sign(RECEIPT))).toBe('amount 1000');
    expect(verify(soap())).toBe('amount 1000');
    expect(verifyXmlSignature(passXmlGate(sign(RECEIPT)), PINNED).keyId).toBe('party');
    expect(verify(sign(RECEIPT, { key: stranger.privateKey }), ONLY_PARTY)).toBe('signature-invalid');
    expect(verify(sign(RECEIPT), [])).toBe('signature-invalid');
  });

  it('with a key that the message brings along are not', () => {
    const signing = new SignedXml({ privateKey: stranger.privateKey, publicCert: stranger.publicKey, canonicalizationAlgorithm: EXC, signatureAlgorithm: RSA256 });
    signing.addReference({ xpath: '/*', digestAlgorithm: SHA256, transforms: [ENVELOPED, EXC], isEmptyUri: true, uri: '' });
    signing.computeSignature(RECEIPT);
    expect(verify(signing.getSignedXml(), ONLY_PARTY)).toBe('signature-invalid');
  });

  it.each([
    ['a changed value', (xml: string) => xml.replace('1000', '9000')],
    ['a comment in a value', (xml: string) => xml.replace('1000', '1<!-- x -->000')],
    ['a processing instruction in a value', (xml: string) => xml.replace('1000', '1<?x 000?>')],
    ['an entity', (xml: string) => `<!DOCTYPE a [<!ENTITY b "000">]>${xml.replace('1000', '1&b;')}`],
    ['an added element', (xml: string) => xml.replace('<payer>', '<amount>1</amount><payer>')],
    ['a removed element', (xml: string) => xml.replace(/<payer>.*<\/payer>/, '')],
    ['another form of the same letters', (xml: string) => xml.replace('Á', 'Á'.normalize('NFD'))],
    ['a second signature', (xml: string) => xml.replace('</receipt>', `${/<Signature.*<\/Signature>/s.exec(xml)?.[0] ?? ''}</receipt>`)],
    ['no signature', () => RECEIPT],
    ['a second reference', (xml: string) => xml.replace(/(<Reference.*<\/Reference>)/s, '$1$1')],
    ['a second SignedInfo', (xml: string) => xml.replace(/(<SignedInfo.*<\/SignedInfo>)/s, '$1$1')],
    ['an Object in the signature', (xml: string) => xml.replace('</Signature>', '<Object><amount>9</amount></Object></Signature>')],
    ['a signature value of another namespace', (xml: string) => xml.replace('<SignatureValue>', '<x:SignatureValue xmlns:x="u"/><SignatureValue>')],
    ['a cut signature value', (xml: string) => xml.replace(/(<SignatureValue>).{8}/, '$1')],
    ['a downgraded algorithm', (xml: string) => xml.replace(RSA256, 'http://www.w3.org/2000/09/xmldsig#rsa-sha1')],
    ['an HMAC algorithm', (xml: string) => xml.replace(RSA256, 'http://www.w3.org/2000/09/xmldsig#hmac-sha1')],
    ['a weak digest', (xml: string) => xml.replace(SHA256, 'http://www.w3.org/2000/09/xmldsig#sha1')],
    ['canonicalisation with comments', (xml: string) => xml.replaceAll(EXC, `${EXC}WithComments`)],
    ['an XSLT transform', (xml: string) => xml.replace(ENVELOPED, 'http://www.w3.org/TR/1999/REC-xslt-19991116')],
    ['another reference', (xml: string) => xml.replace('URI=""', 'URI="http://127.0.0.1/x"')],
    ['an XPointer', (xml: string) => xml.replace('URI=""', `URI="#xpointer(/)"`)],
    ['quotes in the reference', (xml: string) => xml.replace('URI=""', `URI="#a'or'1"`)],
  ])('with %s are refused', (_what, change) => {
    const changed = change(sign(RECEIPT));
    let verdict = '';
    try {
      verdict = verify(changed);
    } catch (error) {
      verdict = String(error);
    }
    expect(verdict).toMatch(/^(signature|xml)-/);
  });

  it.each([
    ['weak digest', { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }, 'signature-algorithm'],
    ['weak algorithm', { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }, 'signature-algorithm'],
    ['transforms in the wrong order', { transforms: [EXC, ENVELOPED] }, 'signature-transforms'],
  ])('truly made with a %s are refused as well', (_what, how, expected) => {
    expect(verify(sign(RECEIPT, how))).toBe(expected);
  });

  it.each([
    ['no signature value', (xml: string) => xml.replace(/<SignatureValue>.*<\/SignatureValue>/s, ''), 'signature-shape'],
    ['no digest', (xml: string) => xml.replace(/<DigestValue>.*<\/DigestValue>/s, ''), 'signature-shape'],
    ['a method without an algorithm', (xml: string) => xml.replace(` Algorithm="${RSA256}"`, ''), 'signature-shape'],
    ['a stranger among the transforms', (xml: string) => xml.replace('</Transforms>', `<Other Algorithm="${EXC}"/></Transforms>`), 'signature-shape'],
    ['a transform of another namespace', (xml: string) => xml.replace('</Transforms>', `<x:Transform xmlns:x="u" Algorithm="${EXC}"/></Transforms>`), 'signature-shape'],
    ['a reference to nothing', (xml: string) => xml.replace(' URI=""', ''), 'signature-reference'],
    ['a blank in the reference', (xml: string) => xml.replace('URI=""', 'URI="#a b"').replace('<payer>', '<payer Id="a b">'), 'signature-reference'],
    ['a blank before the reference', (xml: string) => xml.replace('URI=""', 'URI=" #a"').replace('<payer>', '<payer Id="#a">'), 'signature-reference'],
    ['a reference that nobody has', (xml: string) => xml.replace('URI=""', 'URI="#a"'), 'signature-reference'],
    ['two signatures', (xml: string) => xml.replace(/(<Signature .*<\/Signature>)/s, '$1$1'), 'signature-count'],
  ])('with %s are told apart before anything is computed', (_what, change, code) => {
    expect(verify(change(sign(RECEIPT)))).toBe(code);
  });

  it.each([
    ['three transforms', [ENVELOPED, EXC, EXC]], ['two texts', [EXC, 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315']], ['a signature taken out twice', [ENVELOPED, ENVELOPED]],
  ])('truly made with %s are refused', (_what, transforms) => {
    expect(verify(sign(RECEIPT, { transforms }))).toBe('signature-transforms');
  });

  it('of the only content beside them are verified, in a document and in either version of SOAP', () => {
    const part = '<receipt>\n<signed Id="a"><amount ref="a" Id="b">1000</amount></signed>\n</receipt>';
    expect(verify(sign(part, { xpath: "//*[@Id='a']" }))).toBe('amount 1000');
    const newer = envelope('<s:Body Id="body"><amount>1000</amount></s:Body>').replace(SOAP, 'http://www.w3.org/2003/05/soap-envelope');
    expect(verify(sign(newer, { xpath: "//*[@Id='body']", into: "//*[local-name(.)='Header']" }))).toBe('amount 1000');
  });

  it('of anything but the body of SOAP are refused, and of a body that lies elsewhere', () => {
    const hidden = envelope('', '<s:Body Id="body"><amount>9000</amount></s:Body>');
    expect(verify(sign(hidden, { xpath: "//*[@Id='body']", into: "//*[local-name(.)='Header']" }))).toBe('signature-place');
    const beside = envelope('<amount Id="body">9000</amount>');
    expect(verify(sign(beside, { xpath: "//*[@Id='body']", into: "//*[local-name(.)='Header']" }))).toBe('signature-place');
  });

  it('of a part of the document are refused', () => {
    expect(verify(sign('<receipt><signed Id="a"><amount>1000</amount></signed><amount>9000</amount></receipt>', { xpath: "//*[@Id='a']" }))).toBe('signature-place');
    expect(verify(sign('<receipt><part><signed Id="a"><amount>1000</amount></signed></part></receipt>', { xpath: "//*[@Id='a']" }))).toBe('signature-place');
    expect(verify(sign('<receipt>9000<signed Id="a"><amount>1000</amount></signed></receipt>', { xpath: "//*[@Id='a']" }))).toBe('signature-place');
  });

  it('of a wrapped or moved SOAP body are refused', () => {
    const signed = soap();
    const body = /<s:Body.*<\/s:Body>/s.exec(signed)?.[0] ?? '';
    const forged = '<s:Body><amount>9000</amount></s:Body>';
    expect(verify(signed.replace(body, forged).replace('</s:Header>', `<wrapper>${body}</wrapper></s:Header>`))).toBe('signature-place');
    expect(verify(signed.replace(body, `${forged}${body}`))).toBe('signature-place');
    expect(verify(signed.replace(body, `<s:Body><amount>9000</amount><x>${body}</x></s:Body>`))).toBe('signature-place');
    expect(verify(signed.replace(body, `${body.replace('1000', '9000')}${body}`))).toBe('signature-reference');
    expect(verify(signed.replace(body, `${body.replace('Id=', 'ID=').replace('1000', '9000')}${body}`))).toBe('signature-reference');
    expect(verify(signed.replaceAll(SOAP, 'urn:other'))).not.toContain('9000');
  });

  it('need an RSA key of 2048 bits', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1_024, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    expect(() => pinnedKey('weak', weak.publicKey)).toThrow(/key weak .*2048/);
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    expect(() => pinnedKey('curve', curve.publicKey)).toThrow(RangeError);
    const other = generateKeyPairSync('rsa-pss', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    expect(() => pinnedKey('other', other.publicKey)).toThrow(RangeError);
  });
});

const XMLSEC = '/usr/bin/xmlsec1';

// The independent implementation; where it is not installed, the rest of the file still holds.
(existsSync(XMLSEC) ? describe : describe.skip)('xmlsec1 and we', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'xmlsec-'));
    writeFileSync(join(folder, 'private.pem'), signer.privateKey);
    writeFileSync(join(folder, 'public.pem'), signer.publicKey);
  });
  afterAll(() => { rmSync(folder, { recursive: true }); });

  const template = (c14n: string, method: string, digest: string): string => `<receipt xmlns="urn:r" xmlns:u="urn:unused"><amount>1000</amount><payer>Nguyễn Văn Á &amp; con</payer>
  <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${c14n}"/><ds:SignatureMethod Algorithm="${method}"/>
  <ds:Reference Id="r" URI=""><ds:Transforms><ds:Transform Algorithm="${ENVELOPED}"/><ds:Transform Algorithm="${c14n}"/></ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature></receipt>`;

  const signedByXmlsec = (c14n: string, method: string, digest: string): string => {
    writeFileSync(join(folder, 'template.xml'), template(c14n, method, digest));
    execFileSync(XMLSEC, ['--sign', '--privkey-pem', join(folder, 'private.pem'), '--output', join(folder, 'signed.xml'), join(folder, 'template.xml')], { stdio: 'pipe' });
    return readFileSync(join(folder, 'signed.xml'), 'utf8');
  };

  const isValidForXmlsec = (xml: string): boolean => {
    writeFileSync(join(folder, 'ours.xml'), xml);
    try {
      execFileSync(XMLSEC, ['--verify', '--id-attr:Id', `${SOAP}:Body`, '--pubkey-pem', join(folder, 'public.pem'), join(folder, 'ours.xml')], { stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    [EXC, RSA256, SHA256],
    ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', RSA256, SHA256],
    [EXC, 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'http://www.w3.org/2001/04/xmlenc#sha512'],
  ])('agree on what it signed (%s, %s)', (c14n, method, digest) => {
    const signed = signedByXmlsec(c14n, method, digest);
    expect(verify(signed)).toBe('amount 1000');
    expect(verify(signed.replace('1000', '1001'))).toBe('signature-invalid');
    expect(isValidForXmlsec(signed.replace('1000', '1001'))).toBe(false);
  });

  it('agree on what we take for signed, in a document and in SOAP', () => {
    expect(isValidForXmlsec(sign(RECEIPT))).toBe(true);
    expect(isValidForXmlsec(soap())).toBe(true);
  });
});
