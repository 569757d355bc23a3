import { z } from 'zod';
import { encodeFields } from './canonical-digest.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const number = z.number().int().nonnegative();
const proof = z.array(z.object({ side: z.enum(['left', 'right']), digest })).max(64);

const record = z.object({
  id: z.string(), chain: z.string(), sequence: number, at: z.string(), kind: z.string(), actor: z.string(), subject: z.string(),
  messageDigest: digest, previous: digest, digest,
  /** Exact text whose SHA-256 is `messageDigest`; null where retention or erasure deleted it. */
  body: z.string().nullable(),
  /** Null: no block held it yet when the bundle was made. */
  seal: z.object({ block: number, position: number, proof }).nullable(),
});

const block = z.object({
  number, at: z.string(), recordCount: number, root: digest, previous: digest, digest,
  /** Null: no head covered it yet. */
  head: z.object({ number, proof }).nullable(),
});

const head = z.object({
  number, at: z.string(), firstBlock: number, lastBlock: number, root: digest, previous: digest, digest, keyId: z.string(), signature: z.string(),
});

/** Answer of a time-stamping authority over a head (RFC 3161), base64 of its DER; `at` is for people, the answer itself is what is checked. */
const stamp = z.object({ head: number, at: z.string(), response: z.base64().max(100_000) });

/** What the gateway says when it exports: so long was the chain, and this was its end. */
const statement = z.object({ chain: z.string(), length: number, lastDigest: digest, at: z.string(), keyId: z.string(), signature: z.string() });

/** One chain with all that is needed to check it without the gateway (docs/operators/evidence.md). */
export const evidenceBundle = z.object({
  format: z.literal('onestop-evidence-bundle-1'),
  dossierCode: z.string(),
  guide: z.object({ vi: z.string(), en: z.string() }),
  /** One line a record, for people; nothing is proved by it. */
  index: z.array(z.object({ sequence: number, vi: z.string(), en: z.string() })),
  records: z.array(record),
  blocks: z.array(block),
  heads: z.array(head),
  /** Absent in bundles of older versions. */
  stamps: z.array(stamp).default([]),
  statement: statement.nullable(),
  publicKeys: z.array(z.object({ id: z.string(), publicKey: z.string() })),
});

export type EvidenceBundle = z.infer<typeof evidenceBundle>;
export type BundleStatement = z.infer<typeof statement>;

/** What the statement's signature is made over. */
export const statementText = ({ chain, length, lastDigest, at, keyId }: Omit<BundleStatement, 'signature'>): string =>
  encodeFields(['onestop-evidence-statement-1', chain, String(length), lastDigest, at, keyId]);
