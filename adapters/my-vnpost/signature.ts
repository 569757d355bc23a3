import { createPublicKey, verify } from 'node:crypto';

/** RSA with SHA-256 over the text, in Base64. Source: one public receiver that checks it. @param key public, in PEM */
export const isSignedBy = (key: string, text: string, signature: string): boolean => {
  if (!/^[A-Za-z0-9+/]{100,1400}={0,2}$/.test(signature)) return false;
  return verify('sha256', Buffer.from(text, 'utf8'), createPublicKey(key), Buffer.from(signature, 'base64'));
};
