import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Caller } from '../access/caller.js';
import { createAgencyModule } from '../agencies/agency-module.js';
import { findActiveAccountAgencies } from '../bank-accounts/active-accounts.js';
import { processEnv } from '../config.js';
import { CORE_KEYS } from '../config/core-keys.js';
import { readEnv } from '../config/env-spec.js';
import { createPublicServiceModule } from '../public-services/public-service-module.js';
import type { PublicServiceModule } from '../public-services/public-service-module.js';
import { writeReadinessReport } from '../public-services/readiness-report.js';
import type { ServiceImportReport } from '../public-services/service-register.js';
import { Database } from '../store/database.js';
import { ClientCommandError } from './client-command-error.js';
import { readGivenFile } from './given-file.js';
import { finishImport } from './import-answer.js';
import { databaseFor } from './maintenance.js';
import { withLifecycle } from './lifecycle.js';

const COMMAND_LINE: Caller = { client: 'command-line', role: 'operator', agencyScope: null };
const KEY_HOURS = 1;

const withServices = async (work: (services: PublicServiceModule) => Promise<void>): Promise<void> => {
  await withLifecycle(async (lifecycle) => {
    const { TENANT_AGENCY_CODES, SERVICE_PORTAL_ORIGINS } = CORE_KEYS;
    const read = readEnv({ TENANT_AGENCY_CODES, SERVICE_PORTAL_ORIGINS }, processEnv());
    if (!read.ok) throw new ClientCommandError(read.problems.join('\n'));
    const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-services' });
    lifecycle.onStop('connections', () => database.close());
    // Each run has a key of its own, so its fingerprint is compared with nothing.
    const settings = { tenantAgencyCodes: read.settings.TENANT_AGENCY_CODES ?? [], fingerprintKey: randomBytes(32), keepHours: KEY_HOURS };
    const services = createPublicServiceModule({
      database, agencies: createAgencyModule({ database, settings }), accounts: { activeAccountAgencies: (codes) => findActiveAccountAgencies(database, codes, new Date()) },
      settings: { ...settings, targetPercent: 0, portalOrigins: read.settings.SERVICE_PORTAL_ORIGINS ?? [] },
    });
    lifecycle.onStop('links', () => services.close());
    await work(services);
  });
};

const print = ({ rows, created, changed, unchanged, refused, dryRun }: ServiceImportReport): void => {
  for (const { line, procedureCode, agencyCode, outcome, problems } of rows) {
    if (outcome === 'UNCHANGED') continue;
    console.log([`line ${String(line)}`, procedureCode ?? '?', agencyCode ?? '?', outcome, ...problems.map(({ field, message }) => `${field}: ${message.en} / ${message.vi}`)].join('  '));
  }
  console.log(`${String(created)} created, ${String(changed)} changed, ${String(unchanged)} unchanged, ${String(refused)} refused${dryRun ? ' (trial: nothing was stored)' : ''}.`);
};

/** `import-services`: reads a CSV or XLSX file of public services; true when no row was refused. */
export const importServices = async (file: string, dryRun: boolean): Promise<boolean> => {
  let complete = false;
  await withServices(async ({ register }) => {
    const call = { caller: COMMAND_LINE, correlationId: randomUUID(), idempotencyKey: randomUUID(), reason: 'import-services' };
    const answer = await register.import(call, { rows: null, file: readGivenFile(file), dryRun });
    complete = finishImport(answer, print);
  });
  return complete;
};

/** `readiness-report`: writes the readiness of public services as XLSX or CSV. */
export const writeReadiness = async (file: string, agencyCode: string | null): Promise<void> => {
  const format = /\.xlsx$/i.test(file) ? 'XLSX' : /\.csv$/i.test(file) ? 'CSV' : null;
  if (format === null) throw new ClientCommandError('The file must end in .xlsx or .csv');
  await withServices(async ({ queries }) => {
    const assessed = await queries.all({ caller: COMMAND_LINE, correlationId: randomUUID() }, 'readiness-report', agencyCode);
    writeFileSync(file, writeReadinessReport(assessed, format, new Date()).content);
    console.log(`${String(assessed.length)} services, ${String(assessed.filter(({ readiness }) => readiness.ready).length)} ready: ${file}`);
  });
};
