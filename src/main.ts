#!/usr/bin/env node
import { Argument, Command, InvalidArgumentError } from 'commander';
import { ConfigError } from './config.js';
import { ClientCommandError } from './commands/client-command-error.js';
import type { Composition } from './commands/composition.js';
import { StartRefusedError } from './commands/checked-config.js';
import { UserInputError } from './errors/gateway-error.js';
import { PortTakenError } from './server/http-server.js';
import { FolderInUseError } from './store/folder-lock.js';
import { SchemaError } from './store/migrate.js';

/** Loaded when a command runs, so that `--help` and a mistyped command answer at once. */
const compose = async (): Promise<Composition> => (await import('./compose.js')).composition;

/** Errors whose text says all that the operator needs; any other shows where it came from. */
const EXPLAINED = [ClientCommandError, UserInputError, StartRefusedError, ConfigError, PortTakenError, FolderInUseError, SchemaError];

/** The same, of modules that are not loaded at every start. */
const EXPLAINED_NAMES: ReadonlySet<string> = new Set(['DocumentFileError']);

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
};

const program = new Command('onestop').description('Integration gateway between a province\'s one-stop system and the national parties').showHelpAfterError();

program.command('start').description('everything in one process; brings its own PostgreSQL unless DATABASE_URL is set')
  .action(async () => (await import('./commands/start.js')).start(await compose()));
program.command('serve').description('the API alone, on the servers of DATABASE_URL and REDIS_URL')
  .action(async () => (await import('./commands/serve.js')).runProcess(await compose(), { api: true, worker: false }));
program.command('worker').description('a worker alone, on the servers of DATABASE_URL and REDIS_URL')
  .action(async () => (await import('./commands/serve.js')).runProcess(await compose(), { api: false, worker: true }));
program.command('migrate').description('bring the database to this version\'s schema')
  .option('--grant-role <name>', 'give this role the rights that the gateway needs, and no right to change evidence')
  .action(async (options: { grantRole?: string }) => (await import('./commands/maintenance.js')).migrateDatabase(await compose(), options.grantRole ?? null));
program.command('sandbox').description('a party\'s counterpart on its own').argument('<party>', 'such as national-portal')
  .option('--host <host>', 'address to listen on', '127.0.0.1').option('--port <port>', 'port to listen on', portNumber, 4010).option('--ledger <file>', 'keep what it received in this file')
  .option('--callbacks <address>', 'where it calls the gateway, such as http://127.0.0.1:4000/callbacks/vnpay')
  .action(async (party: string, options: { host: string; port: number; ledger?: string; callbacks?: string }) => (await import('./commands/sandbox.js')).runSandbox(await compose(), party, {
    host: options.host, port: options.port, ...(options.ledger === undefined ? {} : { ledgerFile: options.ledger }), ...(options.callbacks === undefined ? {} : { callbackAddress: options.callbacks }),
  }));
program.command('doctor').description('check configuration, database, queue and parties, and say what to do')
  .action(async () => {
    if (!(await (await import('./commands/doctor.js')).doctor(await compose()))) process.exitCode = 1;
  });
program.command('demo').description('play a citizen\'s story through GraphQL, on a running gateway or one of its own')
  .option('--tenant <code>', 'level-1 code of the province', 'H42')
  .action(async ({ tenant }: { tenant: string }) => (await import('./commands/demo.js')).demo(await compose(), tenant));
program.command('import-agencies').description('bring a CSV or XLSX file of agencies into the tree, with a report of each row').argument('<file>')
  .option('--dry-run', 'report only, store nothing', false)
  .action(async (file: string, { dryRun }: { dryRun: boolean }) => {
    if (!(await (await import('./commands/import-agencies.js')).importAgencies(file, dryRun))) process.exitCode = 1;
  });
program.command('sync-procedures').description('read the national procedure database: what is new or changed, and a share of the rest')
  .option('--full', 'read every record', false)
  .action(async ({ full }: { full: boolean }) => {
    if (!(await (await import('./commands/sync-procedures.js')).syncProcedures(await compose(), full))) process.exitCode = 1;
  });
program.command('import-procedures').description('bring a CSV or XLSX file of the province\'s procedures in, with a report of each row').argument('<file>')
  .option('--dry-run', 'report only, store nothing', false).option('--complete', 'the agencies in the file have no other procedures', false)
  .action(async (file: string, options: { dryRun: boolean; complete: boolean }) => {
    if (!(await (await import('./commands/match-procedures.js')).importProcedures(file, options))) process.exitCode = 1;
  });
program.command('match-report').description('write a match of local with national procedures as XLSX or CSV, in Vietnamese').argument('<file>', 'ends in .xlsx or .csv')
  .option('--month <month>', 'the last run of this month, such as 2026-11; else the latest run').option('--agency <code>', 'only this agency')
  .action(async (file: string, options: { month?: string; agency?: string }) => (await import('./commands/match-procedures.js')).writeReport(file, { month: options.month ?? null, agencyCode: options.agency ?? null }));
program.command('import-accounts').description('ask for the bank accounts of a CSV or XLSX file, with a report of each row').argument('<file>')
  .option('--dry-run', 'report only', false)
  .action(async (file: string, options: { dryRun: boolean }) => {
    if (!(await (await import('./commands/import-accounts.js')).importAccounts(file, options.dryRun))) process.exitCode = 1;
  });
program.command('import-places').description('bring a CSV or XLSX file of carriers\' places in, with a report of each row').argument('<file>')
  .option('--dry-run', 'report only, store nothing', false)
  .action(async (file: string, { dryRun }: { dryRun: boolean }) => {
    if (!(await (await import('./commands/places.js')).importPlaces(await compose(), file, dryRun))) process.exitCode = 1;
  });
program.command('sync-places').description('bring a carrier\'s own list of places in; what it names no more is marked').argument('<carrier>')
  .option('--accept-loss', 'believe a list that lost much, as after a reform', false)
  .action(async (carrier: string, { acceptLoss }: { acceptLoss: boolean }) => {
    if (!(await (await import('./commands/places.js')).syncPlaces(await compose(), carrier, acceptLoss))) process.exitCode = 1;
  });
program.command('import-services').description('bring a CSV or XLSX file of public services into the register, with a report of each row').argument('<file>')
  .option('--dry-run', 'report only, store nothing', false)
  .action(async (file: string, { dryRun }: { dryRun: boolean }) => {
    if (!(await (await import('./commands/public-services.js')).importServices(file, dryRun))) process.exitCode = 1;
  });
program.command('readiness-report').description('write the readiness of public services as XLSX or CSV, in Vietnamese').argument('<file>', 'ends in .xlsx or .csv')
  .option('--agency <code>', 'this agency and all below it')
  .action(async (file: string, options: { agency?: string }) => (await import('./commands/public-services.js')).writeReadiness(file, options.agency ?? null));
program.command('rotate-keys').description('bring personal fields under the first key of FIELD_KEYS')
  .action(async () => (await import('./commands/maintenance.js')).rotateKeys(await compose()));
program.command('verify-evidence').description('check the evidence of the database, or an exported file without it; names what is not as it was written')
  .option('--bundle <file>', 'an exported file; nothing else is needed').option('--chain <chain>', 'one chain of the database, such as lane/<dossier code>')
  .option('--public-key <id:key>', 'a key that you trust; may be repeated', (key: string, keys: readonly string[]) => [...keys, key], [] as readonly string[])
  .option('--tsa-ca <file>', 'certificates (PEM) of the authorities whose time-stamps you believe')
  .action(async (options: { bundle?: string; chain?: string; publicKey: readonly string[]; tsaCa?: string }) => {
    const isSound = await (await import('./commands/verify-evidence.js')).verifyEvidence({ bundle: options.bundle ?? null, chain: options.chain ?? null, publicKeys: options.publicKey, stampCaFile: options.tsaCa ?? null });
    if (!isSound) process.exitCode = 1;
  });
program.command('export-evidence').description('write the evidence of one dossier into a file that can be checked without the gateway').argument('<dossier>', 'dossier code').argument('<file>', 'file to write')
  .action(async (dossier: string, file: string) => (await import('./commands/export-evidence.js')).exportEvidence(dossier, file));
program.command('reconcile').description('compare a day with a gateway: its statement where a file is there, else its answers').argument('<gateway>', 'such as vnpay').argument('<day>', 'such as 2026-11-22, in Vietnam')
  .option('--statement <file>', 'import this statement (CSV or XLSX in the documented form) first').option('--replace', 'it counts instead of earlier files of the day', false)
  .action(async (gateway: string, day: string, options: { statement?: string; replace: boolean }) => {
    if (!(await (await import('./commands/reconcile.js')).reconcile(await compose(), { gateway, day, file: options.statement ?? null, replacesEarlier: options.replace }))) process.exitCode = 1;
  });
program.command('verify-ledger').description('check the ledger of payments in the database, or an exported archive without it; names the first wrong transaction')
  .option('--archive <file>', 'a file of export-ledger; nothing else is needed')
  .action(async (options: { archive?: string }) => {
    if (!(await (await import('./commands/ledger.js')).verifyLedger(options.archive ?? null))) process.exitCode = 1;
  });
program.command('export-ledger').description('write the ledger with its payments into a file that can be checked without the gateway; it holds no personal data').argument('<file>', 'file to write (JSON lines)')
  .action(async (file: string) => (await import('./commands/ledger.js')).exportLedger(file));
const clients = program.command('clients').description('programs that may call, and their keys');
clients.command('create').description('create a client and show its first key, once').argument('<name>').requiredOption('--role <role>', 'portal, agency, operator, supervisor, leader or auditor')
  .option('--agency <code>', 'agency whose subtree it may see').option('--days <days>', 'days that the key works', Number, 365).option('--registered-documents-only', 'it may send no others', false)
  .requiredOption('--reason <text>', 'kept with your name')
  .action(async (name: string, options: { role: string; agency?: string; days: number; registeredDocumentsOnly: boolean; reason: string }) => (await import('./commands/clients.js')).createClient(name, options));
clients.command('documents').description('say which documents a client may send; holds within a second').argument('<name>')
  .addArgument(new Argument('<which>', 'which documents').choices(['registered', 'any'])).requiredOption('--reason <text>', 'kept with your name')
  .action(async (name: string, which: string, options: { reason: string }) => (await import('./commands/clients.js')).setClientDocuments(name, which === 'registered', options));
clients.command('list').description('clients and their keys, without secrets').action(async () => (await import('./commands/clients.js')).listClients());
clients.command('rotate').description('show a further key, once; older ones end after the overlap').argument('<name>')
  .option('--overlap-hours <hours>', 'hours that older keys still work', Number, 24).option('--days <days>', 'days that the key works', Number, 365).requiredOption('--reason <text>', 'kept with your name')
  .action(async (name: string, options: { overlapHours: number; days: number; reason: string }) => (await import('./commands/clients.js')).rotateClient(name, options));
clients.command('revoke').description('end a client and all its keys, or one key').argument('<name>').option('--key <prefix>', 'this key only').requiredOption('--reason <text>', 'kept with your name')
  .action(async (name: string, options: { key?: string; reason: string }) => (await import('./commands/clients.js')).revokeClient(name, options));
const users = program.command('users').description('people who log in: operators, supervisors, leaders, auditors');
users.command('create').description('create an account and show its one-time password, once').argument('<name>').requiredOption('--role <role>', 'operator, supervisor, leader or auditor')
  .option('--agency <code>', 'agency whose subtree it may see').requiredOption('--reason <text>', 'kept with your name')
  .action(async (name: string, options: { role: string; agency?: string; reason: string }) => (await import('./commands/users.js')).createUser(name, options));
users.command('list').description('people, without secrets').action(async () => (await import('./commands/users.js')).listUsers());
for (const [command, run, description] of [
  ['disable', 'disableUser', 'end every session and let nobody log in'], ['enable', 'enableUser', 'let a disabled person log in again'],
  ['reset-password', 'resetPassword', 'show another one-time password, once, and end every session'], ['enrol-totp', 'enrolTotp', 'ask for codes of an authenticator app; shows its otpauth address, once'],
  ['remove-totp', 'removeTotp', 'ask for no codes any more, and end every session'],
] as const) {
  users.command(command).description(description).argument('<name>').requiredOption('--reason <text>', 'kept with your name')
    .action(async (name: string, options: { reason: string }) => (await import('./commands/users.js'))[run](name, options));
}
const documents = program.command('documents').description('documents that clients may name by their digest');
documents.command('register').description('let clients name the documents of a file').argument('<file>', 'a GraphQL document, or a manifest of persisted operations (JSON)')
  .option('--reason <text>', 'kept with your name', 'registered from a file')
  .action(async (file: string, options: { reason: string }) => (await import('./commands/documents.js')).registerDocuments(file, options));
documents.command('list').description('documents, and which are withdrawn').action(async () => (await import('./commands/documents.js')).listDocuments());
documents.command('withdraw').description('let no client name a document any more; holds within a second').argument('<id>').requiredOption('--reason <text>', 'kept with your name')
  .action(async (id: string, options: { reason: string }) => (await import('./commands/documents.js')).withdrawDocument(id, options));
program.command('reset').description('remove the data folder of the embedded database').option('--yes', 'really do it', false)
  .action(async ({ yes }: { yes: boolean }) => (await import('./commands/maintenance.js')).reset(yes));

try {
  await program.parseAsync();
  // A library may hold a timer or socket of its own; what is ours is stopped.
  process.exit();
} catch (error) {
  const isExplained = EXPLAINED.some((kind) => error instanceof kind) || EXPLAINED_NAMES.has((error as Error | null)?.name ?? '');
  console.error(isExplained ? (error as Error).message : error);
  process.exit(1);
}
