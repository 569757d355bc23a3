import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

type PemKind = 'certificate' | 'private key' | 'public key';

const isReadable = (pem: string, kind: PemKind): boolean => {
  try {
    if (kind === 'certificate') new X509Certificate(pem);
    else if (kind === 'private key') createPrivateKey(pem);
    else createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
};

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Path of a PEM file → its text; null where the path is empty. The file is read and parsed once, at start. */
export const pemFile = (kind: PemKind): z.ZodType<string | null> => z.string().transform((path, context) => {
  if (path === '') return null;
  const pem = readOrNull(path);
  if (pem !== null && isReadable(pem, kind)) return pem;
  context.addIssue({ code: 'custom', message: pem === null ? 'the file cannot be read' : `the file holds no ${kind} in PEM` });
  return z.NEVER;
});
