import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LedgerChecker } from './ledger-check.js';
import type { LedgerReport } from './ledger-check.js';
import type { LedgerEntry, LedgerRecord } from './ledger-check-records.js';

/** First line of an archive. */
const HEAD = { archive: 'onestop-ledger', version: 1 } as const;

const id = z.string().regex(/^[1-9]\d{0,18}$/);
const amount = z.number().int();
const entry = z.strictObject({ id, transactionId: id, kind: z.string(), account: z.string(), amountVnd: amount, paymentId: id, refundId: id.nullable() });
const refund = z.strictObject({ id, amountVnd: amount, state: z.string() });
const payment = z.strictObject({
  id, reference: z.string(), gateway: z.string(), accountId: id, state: z.string(), amountVnd: amount, paidVnd: amount, refundedVnd: amount, surplus: z.boolean(),
  refunds: z.array(refund), entries: z.array(entry),
});
const line = z.union([
  z.strictObject({ entry }), z.strictObject({ payment }),
  z.strictObject({ end: z.strictObject({ entries: z.number(), payments: z.number(), sha256: z.string() }) }),
  z.strictObject({ archive: z.literal(HEAD.archive), version: z.literal(HEAD.version), at: z.string() }),
]);

/** Counts and digest of what was written, in the order of writing; and that the two copies of each entry are the same. */
class ArchiveSeal {
  readonly #hash = createHash('sha256');
  #entries = 0;
  #payments = 0;
  /** Sums of the entries' digests, one side for each copy: equal whatever the order. */
  #listed = 0n;
  #owned = 0n;

  add(text: string, record: LedgerRecord): void {
    this.#hash.update(text).update('\n');
    if ('entry' in record) {
      this.#entries += 1;
      this.#listed += digestOf(record.entry);
      return;
    }
    this.#payments += 1;
    for (const owned of record.payment.entries) this.#owned += digestOf(owned);
  }

  isSame(): boolean {
    return this.#listed === this.#owned;
  }

  end(): { readonly entries: number; readonly payments: number; readonly sha256: string } {
    return { entries: this.#entries, payments: this.#payments, sha256: this.#hash.copy().digest('hex') };
  }
}

const digestOf = ({ id: entryId, transactionId, kind, account, amountVnd, paymentId, refundId }: LedgerEntry): bigint =>
  BigInt(`0x${createHash('sha256').update(JSON.stringify([entryId, transactionId, kind, account, amountVnd, paymentId, refundId])).digest('hex')}`);

/** Writes records as lines of JSON: entries in the order of the ledger, payments with theirs, and an end that tells how many there were. */
export class LedgerArchiveWriter {
  readonly #write: (line: string) => void | Promise<void>;
  readonly #seal = new ArchiveSeal();

  constructor(write: (line: string) => void | Promise<void>) {
    this.#write = write;
  }

  async begin(at: Date): Promise<void> {
    await this.#write(JSON.stringify({ ...HEAD, at: at.toISOString() }));
  }

  async add(record: LedgerRecord): Promise<void> {
    const text = JSON.stringify(record);
    this.#seal.add(text, record);
    await this.#write(text);
  }

  /** Returns what was written. */
  async end(): Promise<{ readonly entries: number; readonly payments: number; readonly sha256: string }> {
    const end = this.#seal.end();
    await this.#write(JSON.stringify({ end }));
    return end;
  }
}

const parsedLine = (text: string): z.infer<typeof line> | null => {
  try {
    return line.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

/** Checks an archive with nothing but its lines. A line that is none, a missing end or another digest is a fault like any other. */
export const checkLedgerArchive = async (lines: AsyncIterable<string> | Iterable<string>): Promise<LedgerReport & { readonly sha256: string }> => {
  const checker = new LedgerChecker();
  const seal = new ArchiveSeal();
  const broken = (): void => checker.addFault({ kind: 'ARCHIVE', entryId: null, transactionId: null, reference: null });
  let hasHead = false;
  let ended: string | null = null;
  for await (const text of lines) {
    const parsed = parsedLine(text);
    if (parsed === null || ended !== null || 'archive' in parsed === hasHead) broken();
    else if ('archive' in parsed) hasHead = true;
    else if ('end' in parsed) ended = JSON.stringify(parsed.end);
    else {
      seal.add(text, parsed);
      checker.add(parsed);
    }
  }
  const end = seal.end();
  if (ended !== JSON.stringify(end) || !seal.isSame()) broken();
  return { ...checker.end(), sha256: end.sha256 };
};
