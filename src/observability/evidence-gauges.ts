import type { EvidenceReadiness } from '../evidence/evidence-module.js';
import type { Metrics } from './metrics.js';

/** Gauges of evidence, asked of the database whenever metrics are read. */
export const registerEvidenceGauges = (metrics: Metrics, readiness: () => Promise<EvidenceReadiness>): void =>
  metrics.beforeRead(async () => {
    const { oldestSeconds, headsWithoutStamp = 0 } = (await readiness()).detail;
    metrics.evidenceLagSeconds.set(oldestSeconds);
    metrics.evidenceHeadsWithoutStamp.set(headsWithoutStamp);
  });
