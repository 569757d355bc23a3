import { dataDirOf, evidenceSettingsFrom, hasDatabaseUrl, processEnv } from '../config.js';
import { withGeneratedSecrets } from '../config/demo-secrets.js';
import type { EvidenceCoreSettings } from '../config/evidence-keys.js';
import { createEvidenceModule, type EvidenceModule } from '../evidence/evidence-module.js';
import { createLogger } from '../observability/logger.js';
import { Database } from '../store/database.js';
import { databaseFor } from './maintenance.js';
import type { Lifecycle } from './lifecycle.js';

/** Commands report lag, they do not refuse for it. */
const ANY_LAG_MS = Number.MAX_SAFE_INTEGER;

const settingsOf = (): EvidenceCoreSettings => {
  const given = processEnv();
  return evidenceSettingsFrom(hasDatabaseUrl(given) ? given : withGeneratedSecrets(given, dataDirOf(given)).env);
};

/** Evidence of the configured database, or of the embedded one. */
export const openEvidence = async (lifecycle: Lifecycle): Promise<EvidenceModule> => {
  const settings = settingsOf();
  const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-evidence' });
  lifecycle.onStop('connections', () => database.close());
  const evidence = createEvidenceModule({ database, settings: { ...settings, sealLagMs: ANY_LAG_MS }, logger: createLogger('silent') });
  lifecycle.onStop('time-stamps', () => evidence.close());
  return evidence;
};
