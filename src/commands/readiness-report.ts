import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Caller } from '../access/caller.js';
import { createAgencyModule } from '../agencies/agency-module.js';
import { processEnv } from '../config.js';
import { CORE_KEYS } from '../config/core-keys.js';
import { readEnv } from '../config/env-spec.js';
import { createPublicServiceModule } from '../public-services/public-service-module.js';
import { writeReadinessReport } from '../public-services/readiness-report.js';
import { Database } from '../store/database.js';
import { ClientCommandError } from './client-command-error.js';
import { databaseFor } from './maintenance.js';
import { withLifecycle } from './lifecycle.js';

const COMMAND_LINE: Caller = { client: 'command-line', role: 'operator', agencyScope: null };

/** `readiness-report`: writes the readiness of public services as XLSX or CSV. */
export const writeReadiness = async (file: string, agencyCode: string | null): Promise<void> => {
  const format = /\.xlsx$/i.test(file) ? 'XLSX' : /\.csv$/i.test(file) ? 'CSV' : null;
  if (format === null) throw new ClientCommandError('The file must end in .xlsx or .csv');
  await withLifecycle(async (lifecycle) => {
    const { TENANT_AGENCY_CODES, SERVICE_PORTAL_ORIGINS } = CORE_KEYS;
    const read = readEnv({ TENANT_AGENCY_CODES, SERVICE_PORTAL_ORIGINS }, processEnv());
    if (!read.ok) throw new ClientCommandError(read.problems.join('\n'));
    const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-services' });
    lifecycle.onStop('connections', () => database.close());
    // Nothing is written to the database, so the key of fingerprints is compared with nothing.
    const settings = { tenantAgencyCodes: read.settings.TENANT_AGENCY_CODES ?? [], fingerprintKey: randomBytes(32), keepHours: 1 };
    const { queries } = createPublicServiceModule({ database, agencies: createAgencyModule({ database, settings }), settings: { ...settings, targetPercent: 0, portalOrigins: read.settings.SERVICE_PORTAL_ORIGINS ?? [] }, accounts: null });
    const assessed = await queries.all({ caller: COMMAND_LINE, correlationId: 'command-line' }, 'readiness-report', agencyCode);
    writeFileSync(file, writeReadinessReport(assessed, format, new Date()).content);
    console.log(`${String(assessed.length)} services, ${String(assessed.filter(({ readiness }) => readiness.ready).length)} ready: ${file}`);
  });
};
