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

/** What the party does beside what any does; a refusal in words would be an answer, and those of credentials stop everything for a person. */
const OWN_CALLS = { fault: 0.01, 'fault-xml': 0.01, 'no-message': 0.01, 'expire-token': 0.01, 'price-rise': 0.02, 'repeat-page': 0.05, 'duplicate-events': 0.08, 'reorder-events': 0.08, 'half-page': 0.05 };

/** Short times; nothing of them is about money. */
const SHORT_TIMES = { POSTAL_POLL_SECONDS: '1', VNPOST_TRACKING_LAG_MS: '0', VNPOST_DEADLINE_MS: '1500', VNPOST_LOGIN_DEADLINE_MS: '1000', VNPOST_IN_FLIGHT_MS: '3000' };
const KNOWN_WITHIN_MS = 25_000;
/** Of parcels that were paid out, one in so many stands in the statement twice. */
const TWICE_EVERY = 4;

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

  parcels(): readonly Parcel[] {
    return readDoorLedger(readFileSync(this.file, 'utf8'));
  }

  /** What was handed on to the agency, by our references: nothing else is money. */
  async orders(reader: BookReader): Promise<readonly TheirOrder[]> {
    const references = new Map((await reader.parcels()).map(({ number, reference }) => [number, reference]));
    return this.parcels().map(({ orderNumber, collectVnd, codes }) =>
      ({ party: DOOR, reference: references.get(orderNumber) ?? orderNumber, state: `${orderNumber} ${codes.join(' ')}`, taken: codes.filter((code) => code === PAID_OUT).map(() => collectVnd), givenBack: [] }));
  }
}

/** What is on the road comes to its end, half of what was left one way and half the other, and we hear of it. What takes too long is for the judgement. */
const driveAll = async (door: PostDoor, reader: BookReader, settleSeconds: number): Promise<void> => {
  const within = async (isLeft: (parcel: OurParcel) => boolean): Promise<void> => {
    for (const deadline = Date.now() + settleSeconds * 1_000; Date.now() < deadline && (await reader.parcels()).some(isLeft); await pause(500)) await reader.hurryPost(DOOR);
  };
  await within(({ state }) => state === 'REQUESTED' || state === 'UNKNOWN');
  const open = door.parcels().filter(({ codes }) => !codes.includes(PAID_OUT) && !codes.includes(RETURNED));
  for (const [index, { orderNumber, codes }] of open.entries()) {
    await door.control('progress', { orderNumber, path: codes.includes(RETURNING) || index % 2 === 1 ? 'returned' : 'cod-paid-out' });
  }
  await within((parcel) => !isOver(parcel));
};

const isOver = ({ state, collection }: OurParcel): boolean => state === 'RETURNED' || (state === 'DELIVERED' && collection === 'PAID_OUT');

/** Everything that the judgement of doors looks at, beside the books. */
export interface DoorBooks {
  readonly theirs: readonly Parcel[];
  readonly ours: readonly OurParcel[];
  /** References that were booked before any statement was imported. */
  readonly early: readonly string[];
  /** Numbers of parcels that the statement has paid out twice. */
  readonly twice: readonly string[];
  /** References of payouts that wait for a person, once for each. */
  readonly waiting: readonly string[];
}

export interface DoorEnd extends Pick<DoorBooks, 'early' | 'twice'> {
  readonly statement: Buffer;
}

/** Brings everything to its end; then the post writes its statement, a few payouts in it twice. */
export const endOfDoor = async (door: PostDoor, reader: BookReader, settleSeconds: number): Promise<DoorEnd> => {
  await driveAll(door, reader, settleSeconds);
  const early = await reader.query<{ reference: string }>(
    `SELECT reference FROM payments p WHERE gateway = $1 AND (state = 'PAID' OR paid_vnd > 0 OR EXISTS (SELECT FROM ledger l WHERE l.payment_id = p.id))`, [DOOR]);
  const twice = door.parcels().filter(({ codes }) => codes.includes(PAID_OUT)).map(({ orderNumber }) => orderNumber).filter((_, index) => index % TWICE_EVERY === 0);
  for (const orderNumber of twice) await door.control('misbehave-statement', { kind: 'paid-twice', orderNumber });
  const statement = Buffer.from(await (await fetch(`${door.sandbox.url}/control/statement`)).arrayBuffer());
  return { early: early.map(({ reference }) => reference), twice, statement };
};

/** As it lies after the statement was compared. */
export const doorBooks = async (door: PostDoor, reader: BookReader, { early, twice }: DoorEnd): Promise<DoorBooks> => {
  const open = await reader.query<{ reference: string }>(
    `SELECT d.reference FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE r.gateway = $1 AND d.kind = 'PAYOUT' AND d.resolved_at IS NULL`, [DOOR]);
  return { theirs: door.parcels(), ours: await reader.parcels(), early, twice, waiting: open.map(({ reference }) => reference) };
};

/**
 * Nothing is booked before the statement; each second payout is with a person, and no other is; what came back is owed again, and of each
 * parcel we know where it ended. That money paid out = money booked is for `checkBooks`. Pure.
 */
export const checkDoor = ({ theirs, ours, early, twice, waiting }: DoorBooks): readonly Breach[] => {
  const known = new Map(ours.map((parcel) => [parcel.number, parcel]));
  const judged = theirs.flatMap(({ orderNumber, codes }): readonly Breach[] => {
    const parcel = known.get(orderNumber);
    if (parcel === undefined) return [{ kind: 'unresolved', reference: null, detail: `the post has parcel ${orderNumber}, and we have not` }];
    const { reference, paymentState } = parcel;
    const [due, found] = [twice.includes(orderNumber) ? 1 : 0, waiting.filter((one) => one === reference).length];
    return [
      ...(found === due ? [] : [{ kind: 'unresolved', reference, detail: `${String(due)} second payout in the statement, ${String(found)} with a person` } as const]),
      ...(codes.includes(RETURNED) && paymentState !== 'FAILED' ? [{ kind: 'fee', reference, detail: `its parcel came back, and it is ${paymentState}` } as const] : []),
    ];
  });
  return [
    ...judged, ...early.map((reference): Breach => ({ kind: 'not-taken', reference, detail: 'it was booked before any statement was imported' })),
    ...ours.filter((parcel) => !isOver(parcel)).map(({ reference, number, state }): Breach => ({ kind: 'unresolved', reference, detail: `parcel ${number} is ${state}, and never ended` })),
  ];
};

export const doorSummary = ({ theirs, twice }: DoorBooks): string => {
  const paidOut = theirs.filter(({ codes }) => codes.includes(PAID_OUT));
  return `${DOOR}: ${String(theirs.length)} parcels, ${String(paidOut.length)} paid out (${String(paidOut.reduce((total, { collectVnd }) => total + collectVnd, 0))} VND), ${String(theirs.filter(({ codes }) => codes.includes(RETURNED)).length)} returned, ${String(twice.length)} payouts stated twice`;
};
