import { readFileSync } from 'node:fs';
import type { EvidenceFault } from '../evidence/evidence.js';
import { verifyBundle } from '../evidence/bundle-verifier.js';
import { evidenceBundle } from '../evidence/evidence-bundle.js';
import { FAULT_TEXTS } from '../evidence/evidence-texts.js';
import type { EvidencePublicKey } from '../evidence/head-signer.js';
import { trustedStampRoots, type StampCertificate } from '../evidence/stamp-certificates.js';
import { openEvidence } from './evidence-access.js';
import { withLifecycle } from './lifecycle.js';

export interface VerifyOptions {
  /** File of an exported bundle; without it the database is checked. */
  readonly bundle: string | null;
  /** One chain of the database; null for all. */
  readonly chain: string | null;
  /** Keys that the reader trusts, as `id:base64`. */
  readonly publicKeys: readonly string[];
  /** PEM file of the authorities whose time-stamps the reader believes; null: those of the configuration, none for a file. */
  readonly stampCaFile?: string | null;
}

const parseKey = (text: string): EvidencePublicKey => {
  const colon = text.indexOf(':');
  return { id: text.slice(0, Math.max(colon, 0)), publicKey: text.slice(colon + 1) };
};

const readRoots = (file: string): readonly StampCertificate[] => {
  const roots = trustedStampRoots(readFileSync(file, 'utf8'));
  if (roots.length === 0) throw new Error(`${file} holds no certificate in PEM`);
  return roots;
};

const printStamps = (stampedHeads: number, isChecked: boolean): void => {
  if (stampedHeads > 0) console.log(`${String(stampedHeads)} heads carry a time-stamp${isChecked ? '' : '; not checked, since no --tsa-ca says whom to believe'}.`);
};

const printFaults = (faults: readonly EvidenceFault[]): boolean => {
  for (const { kind, where } of faults) console.log(`${where}: ${FAULT_TEXTS[kind].en} / ${FAULT_TEXTS[kind].vi}`);
  console.log(faults.length === 0 ? 'Everything is as it was written.' : `${String(faults.length)} fault(s); the first is the first named.`);
  return faults.length === 0;
};

/** Checks a file with nothing but the file and the keys: no configuration, no database, no network. */
const verifyFile = (file: string, given: readonly EvidencePublicKey[], roots: readonly StampCertificate[] | null): boolean => {
  const parsed = evidenceBundle.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is no evidence bundle: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`);
  const bundle = parsed.data;
  if (given.length === 0) console.log('No --public-key was given: signatures are checked with the keys in the file, which prove nothing about who made it.');
  const report = verifyBundle(bundle, given.length === 0 ? bundle.publicKeys : given, roots);
  console.log(`Dossier ${bundle.dossierCode}: ${String(report.records)} records, ${String(report.provenRecords)} under a signed head, ${String(report.missingBodies)} without a body.`);
  printStamps(report.stampedHeads, roots !== null);
  return printFaults(report.faults);
};

/** `verify-evidence`: true when all is as it was written. */
export const verifyEvidence = async ({ bundle, chain, publicKeys, stampCaFile = null }: VerifyOptions): Promise<boolean> => {
  const keys = publicKeys.map(parseKey);
  const roots = stampCaFile === null ? null : readRoots(stampCaFile);
  if (bundle !== null) return verifyFile(bundle, keys, roots);
  let isSound = false;
  await withLifecycle(async (lifecycle) => {
    const evidence = await openEvidence(lifecycle);
    const report = await evidence.audit(chain, { ...(keys.length === 0 ? {} : { keys }), ...(roots === null ? {} : { stampRoots: roots }) });
    console.log(`${String(report.records)} records in ${String(report.chains)} chains, ${String(report.blocks)} blocks, ${String(report.heads)} signed heads, ${String(report.missingBodies)} bodies deleted.`);
    printStamps(report.stampedHeads, roots !== null || evidence.stamper !== null);
    isSound = printFaults(report.faults);
  });
  return isSound;
};
