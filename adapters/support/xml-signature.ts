import { X509Certificate, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { unreadable } from './signals.js';
import { passXmlGate } from './xml-gate.js';
import type { GatedXml } from './xml-gate.js';
import { allNodes, isNode, readXmlTree } from './xml-tree.js';
import type { XmlNode } from './xml-tree.js';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

const CANONICALIZATIONS: ReadonlySet<string> = new Set(['http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315']);
const SIGNATURES: ReadonlySet<string> = new Set(['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512']);
const DIGESTS: ReadonlySet<string> = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']);
const TRANSFORMS: ReadonlySet<string> = new Set([...CANONICALIZATIONS, ENVELOPED]);
const FEWEST_RSA_BITS = 2_048;

/** A signer's key as it was handed over beforehand; what the message itself brings along is not looked at. */
export interface PinnedKey {
  readonly id: string;
  readonly publicKey: KeyObject;
}

/**
 * @param pem certificate or public key
 * @throws RangeError where it is no RSA key of at least 2048 bits
 */
export const pinnedKey = (id: string, pem: string): PinnedKey => {
  const publicKey = pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < FEWEST_RSA_BITS) throw new RangeError(`The key ${id} is no RSA key of ${FEWEST_RSA_BITS} bits or more`);
  return { id, publicKey };
};

export interface SignedContent {
  /** Exactly what was signed, and through the gate again. Values are read from here and nowhere else. */
  readonly xml: GatedXml;
  readonly keyId: string;
}

const onlyOne = <T>(items: readonly T[], code: string): T => {
  const [first] = items;
  if (first === undefined || items.length > 1) throw unreadable(code);
  return first;
};

/** The children of `node`, which must be exactly these of the signature namespace, in this order; `?` marks an optional one. */
const exactChildren = (node: XmlNode, names: readonly string[]): ReadonlyMap<string, XmlNode> => {
  const found = new Map<string, XmlNode>();
  let index = 0;
  for (const name of names) {
    const child = node.children[index];
    const plain = name.replace('?', '');
    if (child !== undefined && isNode(child, DSIG, plain)) {
      found.set(plain, child);
      index += 1;
    } else if (plain === name) throw unreadable('signature-shape');
  }
  if (index !== node.children.length) throw unreadable('signature-shape');
  return found;
};

const allowAlgorithm = (node: XmlNode | undefined, allowed: ReadonlySet<string>): string => {
  const algorithm = onlyOne((node?.attributes ?? []).filter(({ name }) => name === 'Algorithm'), 'signature-shape').value;
  if (!allowed.has(algorithm)) throw unreadable('signature-algorithm');
  return algorithm;
};

const checkTransforms = (transforms: XmlNode | undefined): void => {
  const used = (transforms?.children ?? []).map((transform) => {
    if (!isNode(transform, DSIG, 'Transform')) throw unreadable('signature-shape');
    return allowAlgorithm(transform, TRANSFORMS);
  });
  // First the signature is taken out, then what is left becomes text: any other order says something else.
  const behind = used[0] === ENVELOPED ? used.slice(1) : used;
  if (behind.length > 1 || behind.includes(ENVELOPED)) throw unreadable('signature-transforms');
};

/** xml-crypto looks for names at any depth and in any namespace, so nothing may stand in a signature but what belongs there. */
const referenceOf = (signature: XmlNode): string => {
  const parts = exactChildren(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo?']);
  const info = exactChildren(parts.get('SignedInfo') ?? signature, ['CanonicalizationMethod', 'SignatureMethod', 'Reference']);
  allowAlgorithm(info.get('CanonicalizationMethod'), CANONICALIZATIONS);
  allowAlgorithm(info.get('SignatureMethod'), SIGNATURES);
  const reference = info.get('Reference') ?? signature;
  const inside = exactChildren(reference, ['Transforms?', 'DigestMethod', 'DigestValue']);
  checkTransforms(inside.get('Transforms'));
  allowAlgorithm(inside.get('DigestMethod'), DIGESTS);
  return onlyOne(reference.attributes.filter(({ name }) => name === 'URI'), 'signature-reference').value;
};

const isIdAttribute = (name: string): boolean => name.toLowerCase() === 'id';

const signedNode = (root: XmlNode, uri: string): XmlNode => {
  if (uri === '') return root;
  if (!/^#[A-Za-z0-9_.-]{1,128}$/.test(uri)) throw unreadable('signature-reference');
  return onlyOne(allNodes(root).filter(({ attributes }) => attributes.some(({ name, value }) => isIdAttribute(name) && value === uri.slice(1))), 'signature-reference');
};

const isSoap = (root: XmlNode): boolean => isNode(root, SOAP_11, 'Envelope') || isNode(root, SOAP_12, 'Envelope');

/** The signed element is the whole document, or the only one in it that anyone could take for its content. */
const checkPlace = (root: XmlNode, signed: XmlNode, signature: XmlNode): void => {
  if (signed === root) return;
  const isBeside = (node: XmlNode): boolean => node === signed || node === signature || (isSoap(root) && isNode(node, root.namespace, 'Header'));
  const isBody = !isSoap(root) || isNode(signed, root.namespace, 'Body');
  if (signed.parent !== root || !isBody || !root.children.every(isBeside) || root.text.trim() !== '') throw unreadable('signature-place');
};

/** @returns the signed bytes as text, or null where this key did not sign them */
const verifyWith = (xml: GatedXml, { publicKey }: PinnedKey): string | null => {
  const verifier = new SignedXml({ publicCert: publicKey.export({ type: 'spki', format: 'pem' }), getCertFromKeyInfo: () => null });
  try {
    const document: unknown = new DOMParser().parseFromString(xml, 'text/xml');
    const signature = onlyOne(verifier.findSignatures(document as never), 'signature-count');
    verifier.loadSignature(signature);
    return verifier.checkSignature(xml) ? onlyOne(verifier.getSignedReferences(), 'signature-reference') : null;
  } catch {
    // xml-crypto throws for a wrong signature and for whatever else it dislikes; its texts quote the message.
    return null;
  }
};

/**
 * Verifies an XML signature: one signature, one reference, a pinned key, listed algorithms, and the signed element is the only content.
 * @param keys the current key, and during a rotation the one before or after it
 * @throws SignalError of kind `unreadable`, code `signature-…` or `xml-…`
 */
export const verifyXmlSignature = (xml: GatedXml, keys: readonly PinnedKey[]): SignedContent => {
  const root = readXmlTree(xml);
  const signature = onlyOne(allNodes(root).filter((node) => isNode(node, DSIG, 'Signature')), 'signature-count');
  checkPlace(root, signedNode(root, referenceOf(signature)), signature);
  for (const key of keys) {
    const signed = verifyWith(xml, key);
    if (signed !== null) return { xml: passXmlGate(signed), keyId: key.id };
  }
  throw unreadable('signature-invalid');
};
