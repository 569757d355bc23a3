import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { checkLedgerArchive, LedgerArchiveWriter } from '../payments/ledger-check-archive.js';
import { LEDGER_FAULT_TEXTS } from '../payments/ledger-check-faults.js';
import { readLedger } from '../payments/ledger-read-store.js';
import type { LedgerReport } from '../payments/ledger-check.js';
import { checkLedgerNow } from '../payments/reconciliation-work.js';
import { Database } from '../store/database.js';
import { ClientCommandError } from './client-command-error.js';
import { withLifecycle } from './lifecycle.js';
import type { Lifecycle } from './lifecycle.js';
import { databaseFor } from './maintenance.js';

const KIB_IN_MIB = 1024;

const openDatabase = async (lifecycle: Lifecycle): Promise<Database> => {
  const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-ledger' });
  lifecycle.onStop('connections', () => database.close());
  return database;
};

const print = ({ entries, transactions, payments, totals, faults, faultCount }: LedgerReport): boolean => {
  console.log(`${String(entries)} entries in ${String(transactions)} transactions of ${String(payments)} payments.`);
  console.log(`paid ${String(totals.paidVnd)} = settled ${String(totals.settledVnd)} + in transit ${String(totals.inTransitVnd)} + due back ${String(totals.refundDueVnd)} + disputed ${String(totals.disputedVnd)} `
    + `+ gone back ${String(totals.refundedVnd)} + charged back ${String(totals.chargedBackVnd)} (VND)`);
  for (const { kind, transactionId, entryId, reference } of faults) {
    const where = [transactionId === null ? null : `transaction ${transactionId}`, entryId === null ? null : `entry ${entryId}`, reference].filter((part) => part !== null).join(', ');
    console.log(`${where === '' ? 'ledger' : where}: ${LEDGER_FAULT_TEXTS[kind].en} / ${LEDGER_FAULT_TEXTS[kind].vi}`);
  }
  console.log(`Most memory that this took: ${String(Math.round(process.resourceUsage().maxRSS / KIB_IN_MIB))} MiB.`);
  console.log(faultCount === 0 ? 'The ledger is balanced.' : `${String(faultCount)} fault(s); the first is the first named.`);
  return faultCount === 0;
};

const verifyArchive = async (file: string): Promise<boolean> => {
  if (!existsSync(file)) throw new ClientCommandError(`The file ${file} cannot be read (ENOENT)`);
  const { sha256, ...report } = await checkLedgerArchive(createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity }));
  const isSound = print(report);
  console.log(`Digest of its content: ${sha256}`);
  return isSound;
};

/** `verify-ledger`: true when everything is right. An archive needs no database. */
export const verifyLedger = async (archive: string | null): Promise<boolean> => {
  if (archive !== null) return verifyArchive(archive);
  let isSound = false;
  await withLifecycle(async (lifecycle) => {
    isSound = print(await checkLedgerNow(await openDatabase(lifecycle)));
  });
  return isSound;
};

/** `export-ledger`: an existing file is not overwritten. */
export const exportLedger = (file: string): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const database = await openDatabase(lifecycle);
    const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    await once(out, 'open');
    const writer = new LedgerArchiveWriter(async (line) => {
      if (!out.write(`${line}\n`)) await once(out, 'drain');
    });
    await writer.begin(new Date());
    await readLedger(database, (record) => writer.add(record));
    const { entries, payments, sha256 } = await writer.end();
    out.end();
    await once(out, 'close');
    console.log(`${String(entries)} entries and ${String(payments)} payments in ${file}. Digest to hand over by another way: ${sha256}`);
  });
