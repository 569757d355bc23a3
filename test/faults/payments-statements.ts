import { readFileSync } from 'node:fs';
import { vietnamDay } from '../../src/agencies/agency.js';
import { referencesIn } from '../../src/payments/payment-reference.js';
import { dayAfter } from '../../src/payments/reconciliation-day.js';
import { STATEMENT_COLUMNS } from '../../src/payments/statement-csv.js';
import { eventually } from '../support/eventually.js';
import type { BookReader } from './payments-books.js';
import type { HistoryPortal } from './payments-portal.js';
import type { Till } from './payments-tills.js';

/** A transfer in the ledger file of a bank's sandbox: of MB with the text that the bank made of it, of BIDV with the number of the bill. */
interface LedgerTransfer {
  readonly ft?: string;
  readonly type?: string;
  readonly content?: string;
  readonly transId?: string;
  readonly billId?: string;
  readonly state?: string;
  readonly amountVnd: number;
  readonly at: number;
}

const VIETNAM_MS = 7 * 3_600_000;

/** What the bank's own people see: the reference only where the text still names one and no other. */
const referenceOf = ({ billId, content = '' }: LedgerTransfer): string => {
  if (billId !== undefined) return billId;
  const [named, ...others] = referencesIn(content);
  return named === undefined || others.length > 0 ? '' : named;
};

const isKept = ({ type, state }: LedgerTransfer): boolean => type !== 'D' && state !== 'reversed';

/** The bank's statement in the form of docs/operators/reconciliation.md, made of nothing but its ledger file. */
export const statementOf = (ledger: string): string => {
  const transfers = new Map<string, LedgerTransfer>();
  for (const line of ledger.split('\n').filter((one) => one !== '')) {
    const transfer = JSON.parse(line) as LedgerTransfer;
    const number = transfer.ft ?? transfer.transId;
    if (number !== undefined) transfers.set(number, transfer);
  }
  const lines = [...transfers].filter(([, transfer]) => isKept(transfer)).map(([number, transfer]) =>
    ['PAYMENT', referenceOf(transfer), number, String(transfer.amountVnd), 'PAID', new Date(transfer.at + VIETNAM_MS).toISOString().slice(0, 19).replace('T', ' ')].join(','));
  return [STATEMENT_COLUMNS.join(','), ...lines].join('\n');
};

export interface OtherStatement {
  readonly party: string;
  readonly file: Buffer;
  /** The earlier ones of the day count no more. */
  readonly replaces?: boolean;
}

/** The statement of a bank that cannot be asked, or of a carrier, is imported by a person, and compared by a worker. Of the day that is over: its lines may be a day off. */
export const importStatements = async (tills: readonly (Till & { readonly file: string })[], { portal, reader, others }: { readonly portal: HistoryPortal; readonly reader: BookReader; readonly others: readonly OtherStatement[] }): Promise<void> => {
  const day = dayAfter(vietnamDay(new Date()), -1);
  const banks = tills.filter(({ body }) => body !== undefined).map(({ party, file }) => ({ party, file: Buffer.from(statementOf(readFileSync(file, 'utf8'))) }));
  for (const { party, ...statement } of [...banks, ...others]) await portal.importStatement(party, day, statement);
  await eventually('the statements to be compared', async () => (await reader.query(`SELECT FROM reconciliation_runs WHERE cause = 'STATEMENT' AND ended_at IS NULL`)).length === 0, { timeoutMs: 300_000 });
  const failed = await reader.query<{ gateway: string; failure: string }>(`SELECT gateway, failure FROM reconciliation_runs WHERE cause = 'STATEMENT' AND failure IS NOT NULL`);
  if (failed.length > 0) throw new Error(`statements were not compared: ${JSON.stringify(failed)}`);
};
