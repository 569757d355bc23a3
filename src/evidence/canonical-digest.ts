import { createHash } from 'node:crypto';
import type { EvidenceBlock, EvidenceHead, EvidenceRecord } from './evidence.js';

/**
 * The canonical encoding: each field as `<length in bytes of its UTF-8>:<text>,`, so no two lists of fields have the same bytes.
 * `evidence_digest` in 0032-evidence-append.sql computes the same for records.
 */
export const encodeFields = (fields: readonly string[]): string => fields.map((field) => `${String(Buffer.byteLength(field))}:${field},`).join('');

const digestOf = (fields: readonly string[]): string => createHash('sha256').update(encodeFields(fields)).digest('hex');

export const messageDigest = (message: string): string => createHash('sha256').update(message).digest('hex');

export const recordDigest = (record: Omit<EvidenceRecord, 'id' | 'digest'>): string =>
  digestOf(['onestop-evidence-1', record.chain, String(record.sequence), record.at, record.kind, record.actor, record.subject, record.messageDigest, record.previous]);

export const blockDigest = (block: Omit<EvidenceBlock, 'digest'>): string =>
  digestOf(['onestop-evidence-block-1', String(block.number), block.at, String(block.recordCount), block.root, block.previous]);

export const headDigest = (head: Omit<EvidenceHead, 'digest' | 'signature'>): string =>
  digestOf(['onestop-evidence-head-1', String(head.number), head.at, String(head.firstBlock), String(head.lastBlock), head.root, head.previous, head.keyId]);
