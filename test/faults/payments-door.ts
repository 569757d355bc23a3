import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startVnpostSandbox } from '../../adapters/vnpost/sandbox.js';
import type { RunningSandbox } from '../../adapters/support/sandbox-server.js';
import { POSTAL_ENTRIES } from '../../src/compose/postal.js';
import type { Database } from '../../src/store/database.js';
import type { BookReader, OurParcel } from './payments-books.js';
import type { Breach } from './payments-history.js';
import { ANY_CALLS } from './payments-tills.js';
import type { TheirOrder } from './payments-tills.js';

/** The post, as a gateway of payments. */
export const DOOR = 'vnpost';
const AGENCY = '000.12.34.H42';

/** Where a citizen's parcel goes; `nobody-there` is left there until the end. */
export type DoorWay = 'cod-paid-out' | 'returned' | 'nobody-there';

/** Codes of the sandbox's own table. */
const PAID_OUT = 12;
const RETURNING = 9;
const RETURNED = 10;
const CANCELLED = 13;
/** A number of the sandbox's refusals that no table has; its words make it an answer. */
const REFUSAL = 120;

/** What the party does beside what any does; a refusal in words would be an answer, and those of credentials stop everything for a person. */
const OWN_CALLS = { fault: 0.01, 'fault-xml': 0.01, 'no-message': 0.01, 'expire-token': 0.01, 'price-rise': 0.02, 'repeat-page': 0.05, 'duplicate-events': 0.08, 'reorder-events': 0.08, 'half-page': 0.05 };

/** Short times; nothing of them is about money. */
const SHORT_TIMES = { POSTAL_POLL_SECONDS: '1', VNPOST_TRACKING_LAG_MS: '0', VNPOST_DEADLINE_MS: '1500', VNPOST_LOGIN_DEADLINE_MS: '1000', VNPOST_IN_FLIGHT_MS: '3000' };
const KNOWN_WITHIN_MS = 25_000;

/** What the post's statements say of a payout. Those that are corrected are right in a second statement, which takes the place of the first. */
export type Fate = 'right' | 'twice' | 'amount-corrected' | 'missing-corrected' | 'amount' | 'missing';
/** Of parcels that were paid out, in turn. */
const FATES: readonly Fate[] = ['twice', 'amount-corrected', 'missing-corrected', 'amount', 'missing', 'right'];
const FLAWS: Readonly<Record<Fate, { readonly first: string | null; readonly second: string | null }>> = {
  'right': { first: null, second: null }, 'twice': { first: 'paid-twice', second: 'paid-twice' }, 'amount-corrected': { first: 'other-amount', second: null },
  'missing-corrected': { first: 'missing', second: null }, 'amount': { first: 'other-amount', second: 'other-amount' }, 'missing': { first: 'missing', second: 'missing' },
};

/** A parcel as the ledger file of the post has it at the end. */
interface Parcel {
  readonly orderNumber: string;
  readonly collectVnd: number;
  readonly codes: readonly number[];
}

interface LedgerLine {
  readonly parcel?: { readonly orderNumber: string; readonly collectVnd: number };
  readonly event?: { readonly orderNumber: string; readonly code: number };
}

export const readDoorLedger = (text: string): readonly Parcel[] => {
  const parcels = new Map<string, Parcel>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { parcel, event } = JSON.parse(line) as LedgerLine;
    if (parcel !== undefined) parcels.set(parcel.orderNumber, { orderNumber: parcel.orderNumber, collectVnd: parcel.collectVnd, codes: parcels.get(parcel.orderNumber)?.codes ?? [] });
    const known = event === undefined ? undefined : parcels.get(event.orderNumber);
    if (event !== undefined && known !== undefined) parcels.set(event.orderNumber, { ...known, codes: [...known.codes, event.code] });
  }
  return [...parcels.values()];
};

/** The post's doors: where citizens pay the postman, and what the post says of it. */
export class PostDoor {
  readonly file: string;
  readonly sandbox: RunningSandbox;

  private constructor(file: string, sandbox: RunningSandbox) {
    this.file = file;
    this.sandbox = sandbox;
  }

  /** Null where the composition has no such carrier, or the run leaves it out. */
  static async open(folder: string, gateways: readonly string[] | undefined): Promise<PostDoor | null> {
    if (gateways?.includes(DOOR) === false || !POSTAL_ENTRIES.some(({ party }) => party === DOOR)) return null;
    const file = join(folder, `${DOOR}.jsonl`);
    return new PostDoor(file, await startVnpostSandbox({ ledgerFile: file, hangMs: 4_000, stepMs: null }));
  }

  get environment(): Readonly<Record<string, string>> {
    return { ...this.sandbox.environment, ...SHORT_TIMES };
  }

  /** Where the agency's results start from, and the one place that the post needs to know. */
  async furnish(database: Database): Promise<void> {
    const office = { name: 'Bộ phận Một cửa', phone: '02293871234', email: null, address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'Phường Hoa Lư', street: 'Số 1 Trần Hưng Đạo' } };
    await database.query(`INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ($1, $2, 'test', 'test', 'test')`, [AGENCY, JSON.stringify(office)]);
    await database.query('INSERT INTO postal_place_lists (carrier) VALUES ($1) ON CONFLICT DO NOTHING', [DOOR]);
    await database.query(`INSERT INTO postal_places (carrier, epoch, level, path, name, code, source) VALUES ($1, 'TWO_LEVEL', 'PROVINCE', 'ninh binh', 'Ninh Bình', '43', 'FILE')`, [DOOR]);
  }

  misbehave(seed: number): Promise<void> {
    return this.control('random', { seed, rates: { ...ANY_CALLS, ...OWN_CALLS }, operation: '*', delayMs: null });
  }

  async control(path: string, body: object = {}): Promise<void> {
    const reply = await fetch(`${this.sandbox.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${DOOR} refused ${path}: ${await reply.text()}`);
  }

  /** The postman goes, in two steps, once the post has the order. False where it never had it in time. */
  async carry(orderNumber: string, path: DoorWay): Promise<boolean> {
    for (const deadline = Date.now() + KNOWN_WITHIN_MS; Date.now() < deadline; await pause(400)) {
      if (!(await fetch(`${this.sandbox.url}/control/parcels/${orderNumber}`)).ok) continue;
      await this.control('progress', { orderNumber, path, steps: 3 });
      await pause(1_500);
      await this.control('progress', { orderNumber, path });
      return true;
    }
    return false;
  }

  /** The next order of this number is refused in words. */
  refuse(orderNumber: string): Promise<void> {
    return this.control('misbehave', { kind: 'code', operation: 'create', key: orderNumber, value: REFUSAL });
  }

  /** As the post would write it now, with what each parcel's fate has for this statement. */
  async statement(fates: ReadonlyMap<string, Fate>, which: 'first' | 'second'): Promise<Buffer> {
    for (const [orderNumber, fate] of fates) {
      const kind = FLAWS[fate][which];
      if (kind !== null) await this.control('misbehave-statement', { kind, orderNumber });
    }
    return Buffer.from(await (await fetch(`${this.sandbox.url}/control/statement`)).arrayBuffer());
  }

  parcels(): readonly Parcel[] {
    return readDoorLedger(readFileSync(this.file, 'utf8'));
  }

  /** What was handed on to the agency and said so, by our references: nothing else is money. What no statement ever had right is a person's to find. */
  async orders(reader: BookReader, { fates }: Pick<DoorEnd, 'fates'>): Promise<readonly TheirOrder[]> {
    const references = new Map((await reader.parcels()).map(({ number, reference }) => [number, reference]));
    return this.parcels().map(({ orderNumber, collectVnd, codes }) => {
      const isSaid = !['amount', 'missing'].includes(fates.get(orderNumber) ?? 'right');
      const taken = isSaid ? codes.filter((code) => code === PAID_OUT).map(() => collectVnd) : [];
      return { party: DOOR, reference: references.get(orderNumber) ?? orderNumber, state: `${orderNumber} ${codes.join(' ')}`, taken, givenBack: [] };
    });
  }
}

/** Whether it has come to its end, by what the post has of it. What it refused, or what was called off, it may have all the same. */
const isOver = ({ state, collection }: OurParcel, theirs: Parcel | undefined): boolean => {
  if (state === 'RETURNED' || (state === 'DELIVERED' && collection === 'PAID_OUT')) return true;
  return theirs === undefined ? state === 'REFUSED' || state === 'CANCELLED' : state === 'CANCELLED' && theirs.codes.at(-1) === CANCELLED;
};

const byNumber = (parcels: readonly Parcel[]): ReadonlyMap<string, Parcel> => new Map(parcels.map((parcel) => [parcel.orderNumber, parcel]));

/** What is on the road comes to its end, half of what was left one way and half the other, and we hear of it. What takes too long is for the judgement. */
const driveAll = async (door: PostDoor, reader: BookReader, settleSeconds: number): Promise<void> => {
  const within = async (isLeft: (parcel: OurParcel, theirs: Parcel | undefined) => boolean): Promise<void> => {
    for (const deadline = Date.now() + settleSeconds * 1_000; Date.now() < deadline; await pause(500)) {
      const theirs = byNumber(door.parcels());
      if (!(await reader.parcels()).some((parcel) => isLeft(parcel, theirs.get(parcel.number)))) return;
      await reader.hurryPost(DOOR);
    }
  };
  await within(({ state, isCancelAsked }) => state === 'REQUESTED' || state === 'UNKNOWN' || isCancelAsked);
  const open = door.parcels().filter(({ codes }) => !codes.includes(PAID_OUT) && !codes.includes(RETURNED) && codes.at(-1) !== CANCELLED);
  for (const [index, { orderNumber, codes }] of open.entries()) {
    await door.control('progress', { orderNumber, path: codes.includes(RETURNING) || index % 2 === 1 ? 'returned' : 'cod-paid-out' });
  }
  await within((parcel, theirs) => !isOver(parcel, theirs));
};

/** Everything that the judgement of doors looks at, beside the books. */
export interface DoorBooks {
  readonly theirs: readonly Parcel[];
  readonly ours: readonly OurParcel[];
  /** References that were booked before any statement was imported. */
  readonly early: readonly string[];
  /** What statements say of each parcel that was paid out, by its number. */
  readonly fates: ReadonlyMap<string, Fate>;
  readonly afterFirst: AfterStatement;
  readonly afterSecond: AfterStatement;
}

/** References as they are after a statement. */
export interface AfterStatement {
  readonly booked: readonly string[];
  /** Whose payout waits for a person. */
  readonly waiting: readonly string[];
}

export interface DoorEnd extends Pick<DoorBooks, 'early' | 'fates'> {
  readonly statements: { readonly first: Buffer; readonly second: Buffer };
}

/** What is booked, in whatever table, and what waits. */
export const afterStatement = async (reader: BookReader): Promise<AfterStatement> => {
  const booked = await reader.query<{ reference: string }>(
    `SELECT reference FROM payments p WHERE gateway = $1 AND (state = 'PAID' OR paid_vnd > 0 OR EXISTS (SELECT FROM ledger l WHERE l.payment_id = p.id))`, [DOOR]);
  const waiting = await reader.query<{ reference: string }>(
    `SELECT d.reference FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE r.gateway = $1 AND d.kind = 'PAYOUT' AND d.resolved_at IS NULL`, [DOOR]);
  return { booked: booked.map(({ reference }) => reference), waiting: waiting.map(({ reference }) => reference) };
};

/** Brings everything to its end; then the post writes a statement that is wrong in many ways, and one in its place that is wrong in some. */
export const endOfDoor = async (door: PostDoor, reader: BookReader, settleSeconds: number): Promise<DoorEnd> => {
  await driveAll(door, reader, settleSeconds);
  const { booked: early } = await afterStatement(reader);
  const paidOut = door.parcels().filter(({ codes }) => codes.includes(PAID_OUT));
  const fates = new Map(paidOut.map(({ orderNumber }, index) => [orderNumber, FATES[index % FATES.length] ?? 'right'] as const));
  return { early, fates, statements: { first: await door.statement(fates, 'first'), second: await door.statement(fates, 'second') } };
};

/** As it lies after the statements were compared. */
export const doorBooks = async (door: PostDoor, reader: BookReader, { early, fates, afterFirst }: Pick<DoorBooks, 'early' | 'fates' | 'afterFirst'>): Promise<DoorBooks> =>
  ({ theirs: door.parcels(), ours: await reader.parcels(), early, fates, afterFirst, afterSecond: await afterStatement(reader) });

/** Of the statements: what is said twice or with another amount is with a person as long as it is said, nothing else is, and only what the first had right was booked by it. */
const againstStatements = ({ reference, number }: OurParcel, { fates, afterFirst, afterSecond }: DoorBooks): readonly Breach[] => {
  const fate = fates.get(number) ?? 'right';
  const toPerson: readonly (readonly [readonly Fate[], AfterStatement])[] = [[['twice', 'amount', 'amount-corrected'], afterFirst], [['twice', 'amount'], afterSecond]];
  const wrong = toPerson.filter(([due, { waiting }]) => due.includes(fate) !== waiting.includes(reference));
  return [
    ...wrong.map(([, { waiting }]): Breach => ({ kind: 'unresolved', reference, detail: `its payout is ${fate} in the statements, and ${waiting.includes(reference) ? '' : 'not '}with a person` })),
    ...(fate !== 'right' && fate !== 'twice' && afterFirst.booked.includes(reference) ? [{ kind: 'not-taken', reference, detail: `its payout is ${fate} in the statements, and it was booked by the first` } as const] : []),
  ];
};

/**
 * Nothing is booked before the statement, nor by what a statement has wrong; what came back, was refused or called off is owed again, and of
 * each parcel we know where it ended. That money paid out = money booked is for `checkBooks`. Pure.
 */
export const checkDoor = (books: DoorBooks): readonly Breach[] => {
  const { theirs, ours, early } = books;
  const [held, known] = [byNumber(theirs), new Set(ours.map(({ number }) => number))];
  return [
    ...theirs.filter(({ orderNumber }) => !known.has(orderNumber)).map(({ orderNumber }): Breach => ({ kind: 'unresolved', reference: null, detail: `the post has parcel ${orderNumber}, and we have not` })),
    ...early.map((reference): Breach => ({ kind: 'not-taken', reference, detail: 'it was booked before any statement was imported' })),
    ...ours.flatMap((parcel): readonly Breach[] => {
      const { reference, number, state, paymentState } = parcel;
      const isUnpaid = held.get(number)?.codes.includes(RETURNED) === true || state === 'REFUSED' || state === 'CANCELLED';
      return [
        ...againstStatements(parcel, books),
        ...(isUnpaid && paymentState !== 'FAILED' ? [{ kind: 'fee', reference, detail: `its parcel is ${state}, and it is ${paymentState}` } as const] : []),
        ...(isOver(parcel, held.get(number)) ? [] : [{ kind: 'unresolved', reference, detail: `parcel ${number} is ${state}, and never ended` } as const]),
      ];
    }),
  ];
};

export const doorSummary = ({ theirs, ours, fates }: DoorBooks): string => {
  const paidOut = theirs.filter(({ codes }) => codes.includes(PAID_OUT));
  const count = (state: string): string => `${String(ours.filter((parcel) => parcel.state === state).length)} ${state.toLowerCase()}`;
  const stated = FATES.map((fate) => `${fate} ${String([...fates.values()].filter((each) => each === fate).length)}`).join(', ');
  return `${DOOR}: ${String(theirs.length)} parcels, ${String(paidOut.length)} paid out (${String(paidOut.reduce((total, { collectVnd }) => total + collectVnd, 0))} VND), ${['RETURNED', 'CANCELLED', 'REFUSED'].map(count).join(', ')}; payouts as stated: ${stated}`;
};
