import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { trustedStampRoots, type StampCertificate } from '../evidence/stamp-certificates.js';
import type { TimeStampSettings } from '../evidence/time-stamp-client.js';
import { pemFile } from '../net/pem-file.js';
import { wholeNumber, type EnvSpec } from './env-spec.js';
import { namedKeyList, type NamedKey } from './secret-formats.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string | undefined, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const httpUrl = z.url({ protocol: /^https?$/, message: 'it is not an http or https address' }).refine((text) => new URL(text).username === '', 'it may hold no name and password');
const flag = z.enum(['true', 'false'], 'it is neither true nor false').transform((text) => text === 'true');
const oid = z.string().regex(/^[0-2](\.(0|[1-9]\d{0,17})){1,30}$/, 'it is no object identifier such as 1.2.3.4');
const signingKeys: EnvSpec<readonly NamedKey[]> = {
  schema: namedKeyList, fallback: undefined, secret: true,
  purpose: 'Ed25519 seeds that heads of the evidence are signed with, as id:base64 of 32 bytes; the first signs, all verify; nothing is signed where unset',
};

/** Variables of the evidence. */
export const EVIDENCE_KEYS = {
  EVIDENCE_SIGNING_KEYS: signingKeys,
  EVIDENCE_SEAL_LAG_MINUTES: spec(wholeNumber(1, 24 * 60), '15', 'Minutes that sealing of evidence may lag before a process is not ready'),
  EVIDENCE_TSA_URL: spec(httpUrl, undefined, 'Time-stamping authority (RFC 3161 over HTTP) that stamps signed heads; they are not stamped where unset'),
  EVIDENCE_TSA_CA_FILE: spec(pemFile('certificate'), undefined, 'Certificates (PEM) of which one must vouch for the authority\'s certificate; the public roots that Node brings where unset'),
  EVIDENCE_TSA_POLICY: spec(oid, undefined, 'Object identifier of the policy under which stamps are asked for; the authority\'s own choice where unset'),
  EVIDENCE_TSA_TIMEOUT_MS: spec(wholeNumber(100, 120_000), '10000', 'Milliseconds that a stamp may take; sealing never waits for it'),
  EVIDENCE_TSA_ALLOW_PRIVATE_ADDRESSES: spec(flag, 'true', 'Whether the authority\'s host may lead to addresses of the local network; link-local and metadata addresses never'),
} as const;

export interface EvidenceCoreSettings {
  readonly signingKeys: readonly NamedKey[];
  readonly sealLagMs: number;
  readonly timeStamps: TimeStampSettings | null;
}

interface Values {
  readonly EVIDENCE_SIGNING_KEYS?: readonly NamedKey[];
  readonly EVIDENCE_SEAL_LAG_MINUTES?: number;
  readonly EVIDENCE_TSA_URL?: string;
  readonly EVIDENCE_TSA_CA_FILE?: string | null;
  readonly EVIDENCE_TSA_POLICY?: string;
  readonly EVIDENCE_TSA_TIMEOUT_MS?: number;
  readonly EVIDENCE_TSA_ALLOW_PRIVATE_ADDRESSES?: boolean;
}

const rootsOf = (pem: string | null): readonly StampCertificate[] => trustedStampRoots(pem ?? rootCertificates.join('\n'));

/** `values` as read, where those with a default are present. */
export const evidenceSettingsOf = (values: Values, problems: string[]): EvidenceCoreSettings => {
  const { EVIDENCE_SIGNING_KEYS: keys = [], EVIDENCE_SEAL_LAG_MINUTES: lag = 0, EVIDENCE_TSA_URL: url, EVIDENCE_TSA_TIMEOUT_MS: timeoutMs = 0 } = values;
  if (url !== undefined && keys.length === 0) problems.push('EVIDENCE_TSA_URL is set, but nothing is signed that could be stamped: set EVIDENCE_SIGNING_KEYS');
  return {
    signingKeys: keys,
    sealLagMs: lag * 60_000,
    timeStamps: url === undefined ? null : {
      url, timeoutMs, roots: rootsOf(values.EVIDENCE_TSA_CA_FILE ?? null), policy: values.EVIDENCE_TSA_POLICY ?? null,
      allowPrivateAddresses: values.EVIDENCE_TSA_ALLOW_PRIVATE_ADDRESSES ?? true,
    },
  };
};
