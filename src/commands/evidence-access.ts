import { dataDirOf, evidenceKeysOf, hasDatabaseUrl, processEnv, type NamedKey } from '../config.js';
import { withGeneratedSecrets } from '../config/demo-secrets.js';
import { createEvidenceModule, type EvidenceModule } from '../evidence/evidence-module.js';
import { Database } from '../store/database.js';
import { databaseFor } from './maintenance.js';
import type { Lifecycle } from './lifecycle.js';

/** Commands report lag, they do not refuse for it. */
const ANY_LAG_MS = Number.MAX_SAFE_INTEGER;

const signingKeys = (): readonly NamedKey[] => {
  const given = processEnv();
  return evidenceKeysOf(hasDatabaseUrl(given) ? given : withGeneratedSecrets(given, dataDirOf(given)).env);
};

/** Evidence of the configured database, or of the embedded one. */
export const openEvidence = async (lifecycle: Lifecycle): Promise<EvidenceModule> => {
  const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-evidence' });
  lifecycle.onStop('connections', () => database.close());
  return createEvidenceModule({ database, settings: { signingKeys: signingKeys(), sealLagMs: ANY_LAG_MS } });
};
