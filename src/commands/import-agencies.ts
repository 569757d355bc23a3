import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from '../access/caller.js';
import { createAgencyModule, type AgencyModule } from '../agencies/agency-module.js';
import type { ImportReport } from '../agencies/agency-service.js';
import { processEnv, type Config } from '../config.js';
import { CORE_KEYS } from '../config/core-keys.js';
import { readEnv } from '../config/env-spec.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { Database } from '../store/database.js';
import { readGivenFile } from './given-file.js';
import { databaseFor } from './maintenance.js';
import { withLifecycle, type Lifecycle } from './lifecycle.js';

const SEED = join(PACKAGE_ROOT, 'schemas', 'seeds', 'agencies-demo.csv');
const SEED_PROVINCE = 'H42';
/** Provinces of the seed that were merged into the demo province; their codes stand on old dossiers. */
const SEED_MERGED = ['H25', 'H40'];
const COMMAND_LINE: Caller = { client: 'command-line', role: 'operator', agencyScope: null };
const KEY_HOURS = 1;

const openAgencies = (lifecycle: Lifecycle, databaseUrl: string, tenantAgencyCodes: readonly string[]): AgencyModule => {
  const database = new Database({ url: databaseUrl, poolSize: 2, applicationName: 'onestop-agencies' });
  lifecycle.onStop('connections', () => database.close());
  // Each run has a key of its own, so its fingerprint is compared with nothing.
  return createAgencyModule({ database, settings: { tenantAgencyCodes, fingerprintKey: randomBytes(32), keepHours: KEY_HOURS } });
};

const printReport = (report: ImportReport): void => {
  for (const { line, code, outcome, problems } of report.rows) {
    if (outcome !== 'UNCHANGED') console.log([`line ${String(line)}`, code ?? '?', outcome, ...problems.map(({ field, message }) => `${field}: ${message.en} / ${message.vi}`)].join('  '));
  }
  console.log(`${String(report.created)} created, ${String(report.changed)} changed, ${String(report.unchanged)} unchanged, ${String(report.refused)} refused${report.dryRun ? ' (trial: nothing was stored)' : ''}.`);
};

/** `import-agencies`: reads a CSV or XLSX file into the tree; true when no row was refused. */
export const importAgencies = async (file: string, dryRun: boolean): Promise<boolean> => {
  let complete = false;
  await withLifecycle(async (lifecycle) => {
    const tenant = readEnv({ TENANT_AGENCY_CODES: CORE_KEYS.TENANT_AGENCY_CODES }, processEnv());
    if (!tenant.ok) throw new Error(tenant.problems.join('\n'));
    const agencies = openAgencies(lifecycle, await databaseFor(lifecycle), tenant.settings.TENANT_AGENCY_CODES ?? []);
    const answer = await agencies.service.importFile({ caller: COMMAND_LINE, idempotencyKey: randomUUID(), reason: 'import-agencies' }, readGivenFile(file), { dryRun });
    if (answer.kind === 'conflict') throw new Error('The import ran twice at once');
    if (answer.kind === 'refused') {
      for (const { field, message, allowed } of answer.problems) console.log(`${field}: ${message.en} / ${message.vi}${allowed === undefined ? '' : ` (${allowed.join(', ')})`}`);
      return;
    }
    printReport(answer.result);
    complete = answer.result.refused === 0;
  });
  return complete;
};

/** Gives a new embedded installation the demo province, unless it has agencies or is another province. */
export const seedAgencies = async (lifecycle: Lifecycle, { core }: Config): Promise<void> => {
  if (core.tenantAgencyCodes[0] !== SEED_PROVINCE) return;
  const agencies = openAgencies(lifecycle, core.databaseUrl, [...new Set([...core.tenantAgencyCodes, ...SEED_MERGED])]);
  if (!(await agencies.directory.current()).isEmpty) return;
  await agencies.service.importFile({ caller: COMMAND_LINE, idempotencyKey: randomUUID(), reason: 'demo province' }, readFileSync(SEED), { dryRun: false });
};
