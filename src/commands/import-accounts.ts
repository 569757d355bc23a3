import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Caller } from '../access/caller.js';
import { createAgencyModule } from '../agencies/agency-module.js';
import type { AccountImportReport } from '../bank-accounts/account-register.js';
import { rowsOfFile } from '../bank-accounts/account-resolvers.js';
import { accountColumnName } from '../bank-accounts/account-rows.js';
import { createBankAccountModule } from '../bank-accounts/bank-account-module.js';
import { dataDirOf, hasDatabaseUrl, processEnv } from '../config.js';
import { CORE_KEYS } from '../config/core-keys.js';
import { withGeneratedSecrets } from '../config/demo-secrets.js';
import { readEnv } from '../config/env-spec.js';
import { createLogger } from '../observability/logger.js';
import { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';
import { ClientCommandError } from './client-command-error.js';
import { readGivenFile } from './given-file.js';
import { finishImport } from './import-answer.js';
import { withLifecycle, type Lifecycle } from './lifecycle.js';
import { databaseFor } from './maintenance.js';

const KEY_HOURS = 1;

/** The keys of the gateway that this command is for: what it seals, the gateway opens. */
const settingsFor = () => {
  const given = processEnv();
  const { TENANT_AGENCY_CODES, FIELD_KEYS, FINGERPRINT_KEY } = CORE_KEYS;
  const read = readEnv({ TENANT_AGENCY_CODES, FIELD_KEYS, FINGERPRINT_KEY }, hasDatabaseUrl(given) ? given : withGeneratedSecrets(given, dataDirOf(given)).env);
  if (!read.ok) throw new ClientCommandError(read.problems.join('\n'));
  const { TENANT_AGENCY_CODES: tenantAgencyCodes = [], FIELD_KEYS: fieldKeys = [], FINGERPRINT_KEY: fingerprintKey } = read.settings;
  if (fingerprintKey === undefined) throw new ClientCommandError('FINGERPRINT_KEY is not set');
  return { tenantAgencyCodes, fieldKeys, fingerprintKey };
};

const openAccounts = async (lifecycle: Lifecycle) => {
  const databaseUrl = await databaseFor(lifecycle);
  const { fieldKeys, ...keys } = settingsFor();
  const database = new Database({ url: databaseUrl, poolSize: 2, applicationName: 'onestop-accounts' });
  lifecycle.onStop('connections', () => database.close());
  const settings = { ...keys, keepHours: KEY_HOURS, coolingHours: 0, recheckDays: 1 };
  // Accounts are only asked for here: names are checked and cooling begins in the gateway, with its own settings.
  return createBankAccountModule({ database, settings, agencies: createAgencyModule({ database, settings }), cipher: new FieldCipher(fieldKeys), logger: createLogger('warn'), namePorts: [], gateways: [] });
};

const print = ({ rows, created, unchanged, refused, dryRun }: AccountImportReport): void => {
  for (const { line, agencyCode, numberLast4, outcome, problems } of rows) {
    if (outcome === 'UNCHANGED') continue;
    console.log([`line ${String(line)}`, agencyCode ?? '?', numberLast4 === null ? '?' : `…${numberLast4}`, outcome, ...problems.map(({ field, message }) => `${field}: ${message.en} / ${message.vi}`)].join('  '));
  }
  console.log(`${String(created)} asked for, ${String(unchanged)} known already, ${String(refused)} refused${dryRun ? ' (trial: nothing was stored)' : '; a second person approves each'}.`);
};

/** `import-accounts`: asks for the bank accounts of a CSV or XLSX file; true when no row was refused. */
export const importAccounts = async (file: string, dryRun: boolean): Promise<boolean> => {
  let complete = false;
  await withLifecycle(async (lifecycle) => {
    const read = rowsOfFile(readGivenFile(file));
    const caller: Caller = { client: `server:${userInfo().username}`, role: 'operator', agencyScope: null };
    const answer = read.ok
      ? await (await openAccounts(lifecycle)).register.import({ caller, correlationId: randomUUID(), idempotencyKey: randomUUID(), reason: 'import-accounts' }, read.rows, { dryRun, path: accountColumnName })
      : { kind: 'refused' as const, problems: read.problems };
    complete = finishImport(answer, print);
  });
  return complete;
};
