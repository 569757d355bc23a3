import { writeFileSync } from 'node:fs';
import { openEvidence } from './evidence-access.js';
import { withLifecycle } from './lifecycle.js';

/** `export-evidence`: writes the bundle of one dossier, readable by its owner alone. An existing file is not overwritten. */
export const exportEvidence = (dossierCode: string, file: string): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const evidence = await openEvidence(lifecycle);
    const bundle = await evidence.exporter.bundle(dossierCode);
    if (bundle === null) throw new Error('There is no evidence of a dossier with this code');
    writeFileSync(file, `${JSON.stringify(bundle, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    console.log(`${String(bundle.records.length)} records in ${file}.`);
    if (bundle.publicKeys.length === 0) console.log('Nothing is signed: EVIDENCE_SIGNING_KEYS is not set.');
    const stamped = new Set(bundle.stamps.map(({ head }) => head));
    const unstamped = evidence.stamper === null ? 0 : bundle.heads.filter(({ number }) => !stamped.has(number)).length;
    if (unstamped > 0) console.log(`${String(unstamped)} signed head(s) could not be time-stamped yet: export again when the authority answers.`);
    for (const { id, publicKey } of bundle.publicKeys) console.log(`Public key to hand over by another way: ${id}:${publicKey}`);
  });
