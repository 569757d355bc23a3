import type { EvidenceFault, EvidenceHead } from './evidence.js';
import type { StampCertificate } from './stamp-certificates.js';
import { stampImprint, type HeadStamp } from './time-stamp.js';
import { verifyTimeStamp } from './time-stamp-verifier.js';

const hasFault = ({ response }: HeadStamp, head: EvidenceHead, roots: readonly StampCertificate[]): string | null => {
  const verdict = verifyTimeStamp(Buffer.from(response, 'base64'), { imprint: stampImprint(head), roots, nonce: null, policy: null });
  return verdict.ok ? null : verdict.fault;
};

/** Time-stamps that do not prove that their head, signature included, was there at that time. */
export const checkStamps = (heads: readonly EvidenceHead[], stamps: readonly HeadStamp[], roots: readonly StampCertificate[]): readonly EvidenceFault[] => {
  const byNumber = new Map(heads.map((head) => [head.number, head]));
  return stamps.flatMap((stamp) => {
    const head = byNumber.get(stamp.head);
    const fault = head === undefined ? 'no such head' : hasFault(stamp, head, roots);
    return fault === null ? [] : [{ kind: 'stamp-refused' as const, where: `head ${String(stamp.head)} (${fault})` }];
  });
};
