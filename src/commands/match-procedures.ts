import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Caller } from '../access/caller.js';
import { createAgencyModule } from '../agencies/agency-module.js';
import { processEnv } from '../config.js';
import { CORE_KEYS } from '../config/core-keys.js';
import { readEnv } from '../config/env-spec.js';
import type { LocalImportReport } from '../procedures/local-service.js';
import { createMatchModule } from '../procedures/match-module.js';
import type { MatchModule } from '../procedures/match-module.js';
import type { MatchEntry, MatchFilter, MatchQueries } from '../procedures/match-queries.js';
import { percentOf, writeMatchReport } from '../procedures/match-report.js';
import { totalsOf } from '../procedures/match-engine.js';
import { Database } from '../store/database.js';
import { ClientCommandError } from './client-command-error.js';
import { readGivenFile } from './given-file.js';
import { finishImport } from './import-answer.js';
import { databaseFor } from './maintenance.js';
import { withLifecycle } from './lifecycle.js';

const COMMAND_LINE: Caller = { client: 'command-line', role: 'operator', agencyScope: null };
const KEY_HOURS = 1;
const PAGE = 200;

const withMatch = async (work: (match: MatchModule) => Promise<void>): Promise<void> => {
  await withLifecycle(async (lifecycle) => {
    const tenant = readEnv({ TENANT_AGENCY_CODES: CORE_KEYS.TENANT_AGENCY_CODES }, processEnv());
    if (!tenant.ok) throw new ClientCommandError(tenant.problems.join('\n'));
    const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-procedures' });
    lifecycle.onStop('connections', () => database.close());
    // Each run has a key of its own, so its fingerprint is compared with nothing.
    const settings = { tenantAgencyCodes: tenant.settings.TENANT_AGENCY_CODES ?? [], fingerprintKey: randomBytes(32), keepHours: KEY_HOURS };
    await work(createMatchModule({ database, agencies: createAgencyModule({ database, settings }), settings: { ...settings, policy: 'off' } }));
  });
};

const print = (report: LocalImportReport): void => {
  for (const { line, code, outcome, problems } of report.rows) {
    if (outcome !== 'UNCHANGED') console.log([`line ${String(line)}`, code ?? '?', outcome, ...problems.map(({ field, message }) => `${field}: ${message.en} / ${message.vi}`)].join('  '));
  }
  const { created, changed, unchanged, refused, retired, dryRun } = report;
  console.log(`${String(created)} created, ${String(changed)} changed, ${String(unchanged)} unchanged, ${String(refused)} refused, ${String(retired)} retired${dryRun ? ' (trial: nothing was stored)' : ''}.`);
};

/** `import-procedures`: reads a CSV or XLSX file of local procedures; true when no row was refused. A running worker matches them. */
export const importProcedures = async (file: string, options: { readonly dryRun: boolean; readonly complete: boolean }): Promise<boolean> => {
  let complete = false;
  await withMatch(async ({ locals }) => {
    const call = { caller: COMMAND_LINE, correlationId: randomUUID(), idempotencyKey: randomUUID(), reason: 'import-procedures' };
    const answer = await locals.import(call, { rows: null, file: readGivenFile(file), ...options });
    complete = finishImport(answer, print);
  });
  return complete;
};

const allEntries = async (queries: MatchQueries, filter: MatchFilter): Promise<readonly MatchEntry[]> => {
  const call = { caller: COMMAND_LINE, correlationId: randomUUID() };
  const entries: MatchEntry[] = [];
  for (let after: string | null = null; ;) {
    const page = await queries.entries(call, filter, { first: PAGE, after });
    entries.push(...page.nodes);
    if (!page.hasNextPage) return entries;
    after = page.endCursor;
  }
};

/** `match-report`: writes a run as XLSX or CSV in Vietnamese, with what to do about each entry. */
export const writeReport = async (file: string, { month, agencyCode }: { readonly month: string | null; readonly agencyCode: string | null }): Promise<void> => {
  const format = /\.(csv|xlsx)$/i.exec(file)?.[1]?.toUpperCase();
  if (format !== 'CSV' && format !== 'XLSX') throw new ClientCommandError('The file must end in .csv or .xlsx');
  await withMatch(async ({ queries }) => {
    const call = { caller: COMMAND_LINE, correlationId: randomUUID() };
    const run = month === null ? (await queries.runs(call, { first: 1, after: null })).nodes[0] : await queries.figure(call, month);
    if (run == null) throw new ClientCommandError('There is no such run: a match needs a complete sync, and local procedures or an hour after 03:00');
    const entries = await allEntries(queries, { runId: run.id, agencyCode });
    writeFileSync(file, writeMatchReport(format, { entries, figures: run.byAgency }));
    const totals = run.byAgency.map(({ counts }) => totalsOf(counts)).reduce((sum, { total, matched }) => ({ total: sum.total + total, matched: sum.matched + matched }), { total: 0, matched: 0 });
    console.log(`Run ${run.id} of ${run.at.toISOString()}: ${String(totals.matched)} of ${String(totals.total)} procedures match (${String(percentOf(totals) ?? '-')} %); ${String(entries.length)} lines written to ${file}.`);
  });
};
