import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningSandbox } from '../../adapters/support/sandbox-server.js';
import { eventually } from '../support/eventually.js';
import { insertAccount } from '../support/payment-gateway.js';
import { FAULTS, seeded } from './faults.js';
import { BookReader } from './payments-books.js';
import { liveCitizen } from './payments-citizens.js';
import type { Street } from './payments-citizens.js';
import { DOOR, PostDoor, afterStatement, checkDoor, doorBooks, doorSummary, endOfDoor } from './payments-door.js';
import type { DoorBooks, DoorEnd } from './payments-door.js';
import { checkBooks } from './payments-history.js';
import type { Books, Breach } from './payments-history.js';
import { HISTORY_API_KEYS, HistoryPortal } from './payments-portal.js';
import { importStatements } from './payments-statements.js';
import { connectedTills, shortTimes, startTill } from './payments-tills.js';
import type { Till } from './payments-tills.js';
import { Province } from './province.js';
import type { Carrier } from './province.js';

export interface RunSettings {
  readonly citizens: number;
  readonly seed: number;
  /** Faults go on at least so long, and until the last citizen is done. */
  readonly chaosSeconds: number;
  readonly carrier: Carrier;
  /** Absent for all that the composition knows. */
  readonly gateways?: readonly string[];
  readonly lanes?: number;
  readonly settleSeconds?: number;
  /** Hears what the run is at. */
  readonly progress?: (line: string) => void;
}

export interface RunReport {
  readonly books: Books;
  /** Null where no post collects. */
  readonly doors: DoorBooks | null;
  readonly breaches: readonly Breach[];
  /** For each breach about a payment: what we and its party know of it. */
  readonly histories: string;
  readonly crashes: readonly string[];
  readonly struck: readonly string[];
  readonly summary: string;
}

interface OpenTill extends Till {
  readonly url: string;
  readonly file: string;
  readonly sandbox: RunningSandbox;
}

/** As `insertAccount` seals with. */
const FIELD_KEYS = `k1:${Buffer.alloc(32, 5).toString('base64')}`;
const AGENCY = '000.12.34.H42';

const control = async (till: OpenTill, path: string, body: object = {}): Promise<void> => {
  const reply = await fetch(`${till.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${till.party} refused ${path}: ${await reply.text()}`);
};

const openTills = async (folder: string, gateways: readonly string[] | undefined): Promise<readonly OpenTill[]> => Promise.all(connectedTills().filter(({ party }) => gateways?.includes(party) !== false).map(async (till) => {
  const file = join(folder, `${till.party}.jsonl`);
  const sandbox = await startTill(till, file);
  return { ...till, file, sandbox, url: sandbox.url };
}));

/** A few at once, all of them in the end. */
const liveAll = (street: Street, citizens: number, lanes: number): Promise<unknown> => {
  let next = 0;
  return Promise.all(Array.from({ length: lanes }, async () => {
    while (next < citizens) {
      next += 1;
      await liveCitizen(street, next);
    }
  }));
};

const UP_WITHIN_MS = 60_000;

/** Whether the API answers, database included, within its time. */
const isUp = async ({ apiUrl }: Province): Promise<boolean> => {
  for (const deadline = Date.now() + UP_WITHIN_MS; Date.now() < deadline; await pause(100)) {
    if (await fetch(new URL('/health/ready', apiUrl), { signal: AbortSignal.timeout(5_000) }).then((reply) => reply.ok, () => false)) return true;
  }
  return false;
};

const strike = async (province: Province, settings: RunSettings, isBusy: () => boolean): Promise<readonly string[]> => {
  const random = seeded(settings.seed);
  const names = Object.keys(FAULTS).filter((name) => settings.carrier === 'redis' || !name.startsWith('Redis'));
  const struck: string[] = [];
  for (const until = Date.now() + settings.chaosSeconds * 1_000; Date.now() < until || isBusy();) {
    // Each fault once in turn, then by chance: a short run has met them all.
    const name = names[struck.length < names.length ? struck.length : Math.floor(random() * names.length)] ?? '';
    struck.push(name);
    settings.progress?.(name);
    await FAULTS[name]?.(province, random);
    // On a slow machine the next fault would come before anything was up again, and nothing but faults would be tested.
    await isUp(province);
    await pause(400 + random() * 900);
  }
  return struck;
};

interface Aftermath {
  readonly tills: readonly OpenTill[];
  readonly door: PostDoor | null;
  readonly reader: BookReader;
  readonly portal: HistoryPortal;
  readonly settleSeconds: number;
  readonly progress: (line: string) => void;
}

/** The parties find out what they were not sure of, half one way and half the other; operators decide what is theirs to decide. */
const decideByPeople = async ({ tills, reader, portal }: Aftermath): Promise<void> => {
  for (const till of tills.filter(({ unsure, refunds }) => refunds || unsure.length > 0)) {
    for (const [index, order] of (await (await fetch(`${till.url}/control/orders?limit=100000`)).json() as { reference: string; state: string; refunds?: { status: string }[] }[]).entries()) {
      if (till.unsure.includes(order.state)) await control(till, 'resolve', { reference: order.reference, state: index % 2 === 0 ? 'paid' : 'failed' });
      if (order.refunds?.some(({ status }) => status === '05') === true) await control(till, 'settle-refund', { reference: order.reference, status: index % 5 === 0 ? '09' : '00' });
    }
  }
  for (const { reference, id } of await reader.query<{ reference: string; id: string }>(`SELECT reference, id FROM payments WHERE surplus AND state = 'PAID' AND person_reason = 'surplus'`)) {
    const kept = Number(id) % 3 === 0 ? await portal.decideSurplus(reference, 'KEEP') : null;
    if (kept?.__typename !== 'PaymentChanged') await portal.decideSurplus(reference, 'REFUND');
  }
  for (const { requestId } of await reader.query<{ requestId: string }>(`SELECT request_id AS "requestId" FROM refunds WHERE state = 'REQUESTED'`)) await portal.approve(requestId);
};

type SettledDoor = DoorEnd & Pick<DoorBooks, 'afterFirst'>;

/** Statements of banks, and the two of the post, the second in the place of the first. */
const importAll = async (aftermath: Aftermath, atDoors: DoorEnd | null): Promise<SettledDoor | null> => {
  const { tills, reader } = aftermath;
  await importStatements(tills, { ...aftermath, others: atDoors === null ? [] : [{ party: DOOR, file: atDoors.statements.first }] });
  if (atDoors === null) return null;
  const afterFirst = await afterStatement(reader);
  await importStatements([], { ...aftermath, others: [{ party: DOOR, file: atDoors.statements.second, replaces: true }] });
  await reader.outwaitPayouts(DOOR);
  return { ...atDoors, afterFirst };
};

/** No more misbehaviour, no more faults: time goes by until everything is over, or a person has it. Gives how it ended at the doors. */
const settle = async (aftermath: Aftermath): Promise<SettledDoor | null> => {
  const { tills, door, reader, settleSeconds, progress } = aftermath;
  for (const till of tills) await control(till, 'behave');
  await door?.control('behave');
  // What a party hid has come to light by then.
  await pause(4_000);
  const atDoors = await importAll(aftermath, door === null ? null : await endOfDoor(door, reader, settleSeconds));
  let left: readonly string[] = [];
  for (const round of ['what is open', 'what persons decided'] as const) {
    if (round === 'what persons decided') await decideByPeople(aftermath);
    const since = await reader.asks();
    const deadline = Date.now() + settleSeconds * 1_000;
    do {
      await reader.outwaitAll();
      await settleRefunds(tills);
      await pause(1_000);
      left = await reader.pending(since);
      progress(`${round}: ${String(left.length)} pending, such as ${left[0] ?? 'none'}`);
    } while (left.length > 0 && Date.now() < deadline);
  }
  return atDoors;
};

const settleRefunds = async (tills: readonly OpenTill[]): Promise<void> => {
  for (const till of tills.filter(({ refunds }) => refunds)) {
    const orders = await (await fetch(`${till.url}/control/orders?limit=100000`)).json() as { reference: string; refunds?: { status: string }[] }[];
    for (const { reference, refunds = [] } of orders) if (refunds.some(({ status }) => status === '05')) await control(till, 'settle-refund', { reference, status: '00' });
  }
};

const historiesOf = async (breaches: readonly Breach[], reader: BookReader, tills: readonly OpenTill[]): Promise<string> => {
  const texts: string[] = [];
  for (const { kind, reference, detail } of breaches.slice(0, 10)) {
    texts.push(`${kind}: ${reference ?? '-'}: ${detail}`);
    if (reference === null) continue;
    texts.push(await reader.historyOf(reference));
    for (const till of tills) {
      const reply = await fetch(`${till.url}/control/orders/${reference}`);
      if (!reply.ok) continue;
      const notices = await (await fetch(`${till.url}/control/notices?limit=100000`)).json() as { key: string }[];
      texts.push(`  ${till.party}: ${await reply.text()}`, ...notices.filter(({ key }) => key === reference).map((notice) => `  ${JSON.stringify(notice)}`));
    }
  }
  return texts.join('\n');
};

const summaryOf = ({ theirs, payments }: Books, struck: readonly string[], done: ReadonlyMap<string, number>): string => {
  const count = (states: readonly string[]): number => payments.filter(({ state }) => states.includes(state)).length;
  const taken = theirs.filter(({ taken: amounts }) => amounts.length > 0);
  return [
    `${String(payments.length)} payments at ${[...new Set(payments.map(({ gateway }) => gateway))].join(', ')}, ${String(struck.length)} faults`,
    `taken ${String(taken.length)}; ours paid ${String(count(['PAID', 'REFUNDING']))}, given back ${String(count(['REFUNDED']))}, expired ${String(count(['EXPIRED']))}, failed ${String(count(['FAILED']))}, cancelled ${String(count(['CANCELLED']))}, `
      + `disputed ${String(count(['DISPUTED']))}, with a person ${String(payments.filter(({ personReason }) => personReason !== null).length)}, paid over ${String(payments.filter(({ surplus }) => surplus).length)}`,
    [...done].map(([name, times]) => `${name} ${String(times)}`).join('; '),
  ].join('\n');
};

/** One run from an empty province to its judgement. @throws where the province does not come up, or its portal is not answered */
export const runHistory = async (settings: RunSettings): Promise<RunReport> => {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-history-'));
  const tills = await openTills(folder, settings.gateways);
  const door = await PostDoor.open(folder, settings.gateways);
  const env = Object.assign({ ...door?.environment }, ...tills.map((till) => ({ ...till.sandbox.environment, ...shortTimes(till) }))) as Record<string, string>;
  const province = await Province.start({ carrier: settings.carrier, env: { ...env, FIELD_KEYS, API_KEYS: HISTORY_API_KEYS, PAYMENT_ASK_CONCURRENCY: '16', RATE_LIMIT_CLIENT: '0', PROCEDURE_SYNC_AT: 'off' } });
  const reader = new BookReader(Object.assign(new URL(province.databaseUrl()), { port: String(province.postgresProxy.port) }).href);
  try {
    await insertAccount(reader.database, AGENCY, { gateways: [...tills.map(({ party }) => party), ...(door === null ? [] : [DOOR])], bank: ['MB', '970422'] });
    await door?.furnish(reader.database);
    await door?.misbehave(settings.seed);
    const portal = new HistoryPortal(province.apiUrl);
    for (const till of tills) {
      await control(till, 'callback-address', { url: new URL(`/callbacks/${till.bank ?? till.party}`, province.apiUrl).href });
      await control(till, 'random', { seed: settings.seed, rates: till.calls, operation: '*', delayMs: null });
      await control(till, 'random-notices', { seed: settings.seed, rates: till.notices, operation: '*', delayMs: null });
    }
    const street: Street = { portal, books: reader, door, tills: new Map(tills.map((till) => [till.party, till])), seed: settings.seed, done: new Map() };
    let isBusy = true;
    const lived = liveAll(street, settings.citizens, settings.lanes ?? 12).finally(() => { isBusy = false; });
    const [struck] = await Promise.all([strike(province, settings, () => isBusy), lived]);
    await eventually('the API answers', () => fetch(new URL('/health/live', province.apiUrl)).then((reply) => reply.ok, () => false), { timeoutMs: 120_000 });
    const atDoors = await settle({ tills, door, reader, portal, settleSeconds: settings.settleSeconds ?? 60, progress: settings.progress ?? (() => undefined) });
    const books = await reader.books(new Map(tills.map(({ party, file }) => [party, file])), { told: portal.told, toldParcels: portal.toldParcels, door: door === null || atDoors === null ? [] : await door.orders(reader, atDoors) });
    const doors = door === null || atDoors === null ? null : await doorBooks(door, reader, atDoors);
    const breaches = [...checkBooks(books), ...(doors === null ? [] : checkDoor(doors))];
    return { books, doors, breaches, struck, crashes: province.crashes(), histories: await historiesOf(breaches, reader, tills), summary: [summaryOf(books, struck, street.done), ...(doors === null ? [] : [doorSummary(doors)])].join('\n') };
  } catch (error) {
    throw new Error(`seed ${String(settings.seed)}: ${String(error)}\n${province.logs()}`, { cause: error });
  } finally {
    await reader.close();
    await province.stop();
    await Promise.all([...tills, ...(door === null ? [] : [door])].map(({ sandbox }) => sandbox.close()));
    rmSync(folder, { recursive: true, force: true });
  }
};
