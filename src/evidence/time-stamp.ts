import { createHash } from 'node:crypto';
import type { EvidenceHead } from './evidence.js';

/** What a time-stamping authority (RFC 3161) answered for a signed head. */
export interface HeadStamp {
  readonly head: number;
  /** What the authority says, UTC; proved by the answer only. */
  readonly at: string;
  /** TimeStampResp in DER, as it came, base64: what `openssl ts -verify -in` reads. */
  readonly response: string;
}

/** Why a time-stamp proves nothing. */
export type StampFault =
  | 'unreadable' | 'not-granted' | 'other-imprint' | 'other-nonce' | 'other-policy' | 'other-time' | 'weak-algorithm' | 'bad-signature'
  /** The certificate is not one for time-stamping alone. */
  | 'wrong-purpose'
  /** Its chain does not end at a trusted certificate, or was not valid at the stated time. */
  | 'untrusted';

export type StampVerdict = { readonly ok: true; readonly at: Date } | { readonly ok: false; readonly fault: StampFault };

/** Bytes of which the SHA-256 is stamped: the head's digest (32) and its Ed25519 signature (64). */
export const stampedBytes = ({ digest, signature }: Pick<EvidenceHead, 'digest' | 'signature'>): Buffer =>
  Buffer.concat([Buffer.from(digest, 'hex'), Buffer.from(signature, 'base64')]);

export const stampImprint = (head: Pick<EvidenceHead, 'digest' | 'signature'>): Buffer => createHash('sha256').update(stampedBytes(head)).digest();
