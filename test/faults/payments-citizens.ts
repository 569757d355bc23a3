import { setTimeout as pause } from 'node:timers/promises';
import { dossierInput, todaysDossierCode } from '../support/portal-client.js';
import type { BookReader } from './payments-books.js';
import { seeded } from './faults.js';
import type { PostDoor } from './payments-door.js';
import type { HistoryPortal, OpenedPayment } from './payments-portal.js';
import type { Till } from './payments-tills.js';

export interface Street {
  readonly portal: HistoryPortal;
  readonly books: BookReader;
  /** By party: where its sandbox is. */
  readonly tills: ReadonlyMap<string, Till & { readonly url: string }>;
  /** Null where no post collects. */
  readonly door: PostDoor | null;
  readonly seed: number;
  /** How often each plan was carried out to its end. */
  readonly done: Map<string, number>;
}

interface Citizen {
  readonly street: Street;
  readonly code: string;
  /** Keys of all that is owed. */
  readonly fees: readonly string[];
  readonly random: () => number;
}

type Press = 'pay' | 'cancel';
type Plan = (citizen: Citizen) => Promise<void>;

const CLICK_WITHIN_MS = 3_000;
const WAIT_MS = 25_000;

const click = async (url: string, init: RequestInit = {}): Promise<boolean> => {
  try {
    const reply = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(CLICK_WITHIN_MS) });
    await reply.arrayBuffer();
    return reply.status < 400;
  } catch {
    return false;
  }
};

/** Looks at the gateway's page; the page may fail, and is then loaded again. */
const visit = async (payment: OpenedPayment | null): Promise<void> => {
  for (let attempt = 0; payment?.payUrl != null && attempt < 4; attempt += 1) if (await click(payment.payUrl)) return;
};

const isPayable = (street: Street, payment: OpenedPayment | null): boolean => {
  const till = street.tills.get(payment?.gateway ?? '');
  return payment !== null && (till?.body === undefined ? payment.payUrl !== null : till.body(payment) !== null && payment.state === 'AWAITING');
};

/** Presses a button once, or pays in the bank's app; whether it had an effect is for the party's ledger to say. */
const press = async ({ street }: Citizen, payment: OpenedPayment | null, action: Press = 'pay'): Promise<void> => {
  const till = street.tills.get(payment?.gateway ?? '');
  if (payment === null || till === undefined || !isPayable(street, payment) || (till.body !== undefined && action === 'cancel')) return;
  const body = till.body === undefined ? new URLSearchParams({ ref: payment.reference, action }) : JSON.stringify(till.body(payment));
  await click(`${till.url}${till.confirmPath}`, { method: 'POST', body });
};

/** Opens until there is a page to pay at; null where none could be had. */
const opened = async ({ street, code, random }: Citizen): Promise<OpenedPayment | null> => {
  const names = [...street.tills.keys()];
  const roll = Math.floor(random() * (names.length + 1));
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const payment = await street.portal.open(code, names[roll] ?? null);
    if (isPayable(street, payment)) return payment;
    await pause(300);
  }
  return null;
};

const isNow = async ({ street }: Citizen, { reference }: Pick<OpenedPayment, 'reference'>, states: readonly string[]): Promise<boolean> => {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await pause(400)) {
    const [row] = await street.books.query<{ state: string }>('SELECT state FROM payments WHERE reference = $1', [reference]);
    if (states.includes(row?.state ?? '')) return true;
  }
  return false;
};

/** The time to pay goes by, and the payment ends unpaid. */
const over = async (citizen: Citizen, payment: OpenedPayment | null): Promise<boolean> => {
  if (payment === null) return false;
  await citizen.street.books.outwait(payment.reference);
  return isNow(citizen, payment, ['EXPIRED', 'FAILED']);
};

/** Once the parcel has set its fees free, they are paid otherwise. */
const paysInstead = async (citizen: Citizen, number: string): Promise<void> => {
  const [parcel] = (await citizen.street.books.parcels()).filter((each) => each.number === number);
  if (parcel === undefined || !(await isNow(citizen, parcel, ['FAILED']))) return;
  const instead = await opened(citizen);
  await visit(instead);
  await press(citizen, instead);
};

/** Four in ten pay the postman; three are not at home until it goes back, and pay otherwise; the rest wait for another try. */
const paysAtTheDoor: Plan = async (citizen) => {
  const { street: { portal, door }, code, fees, random } = citizen;
  const [isHasty, roll] = [random() < 0.3, random()];
  // Of a payment page and a parcel that are asked for at once, one holds the fees.
  const [number, page] = await Promise.all([portal.orderReturn(code, fees), isHasty ? opened(citizen) : null]);
  await visit(page);
  await press(citizen, page);
  if (number === null || door === null) return;
  if (random() < 0.3) await portal.orderReturn(code, fees);
  const way = roll < 0.4 ? 'cod-paid-out' : roll < 0.7 ? 'returned' : 'nobody-there';
  if (await door.carry(number, way) && way === 'returned') await paysInstead(citizen, number);
};

/** The post refuses the order in words, so nobody brings anything; what it took all the same, and lost the answer of, is on the road. */
const isRefusedByThePost: Plan = async (citizen) => {
  const { street: { portal, door }, code, fees } = citizen;
  await door?.refuse(code);
  const number = await portal.orderReturn(code, fees);
  if (number !== null) await paysInstead(citizen, number);
};

/** Called off at once, or while the postman comes: the post decides, and some are brought after all. */
const callsItOff: Plan = async (citizen) => {
  const { street: { portal, door }, code, fees, random } = citizen;
  const isRace = random() < 0.5;
  const number = await portal.orderReturn(code, fees);
  if (number === null || door === null) return;
  await Promise.all([portal.callOff(number), isRace ? door.carry(number, 'cod-paid-out') : false]);
  if (!isRace) await paysInstead(citizen, number);
};

const PLANS: Readonly<Record<string, { readonly share: number; readonly plan: Plan; readonly atTheDoor?: true }>> = {
  pays: {
    share: 34, plan: async (citizen) => {
      const payment = await opened(citizen);
      await visit(payment);
      await press(citizen, payment);
    },
  },
  'pays in two windows at once': {
    share: 6, plan: async (citizen) => {
      const payment = await opened(citizen);
      await Promise.all([visit(payment), visit(payment)]);
      await Promise.all([press(citizen, payment), press(citizen, payment)]);
    },
  },
  'pays late': {
    share: 12, plan: async (citizen) => {
      const payment = await opened(citizen);
      await visit(payment);
      await over(citizen, payment);
      await press(citizen, payment);
    },
  },
  'pays the new one and the old tab': {
    share: 14, plan: async (citizen) => {
      const old = await opened(citizen);
      await visit(old);
      const isOver = await over(citizen, old);
      const fresh = isOver ? await opened(citizen) : null;
      await visit(fresh);
      const both = citizen.random() < 0.5 ? [fresh, old] : [old, fresh];
      for (const payment of both) await press(citizen, payment);
    },
  },
  'pays what the portal cancelled, and the next': {
    share: 10, plan: async (citizen) => {
      const old = await opened(citizen);
      await visit(old);
      if (old === null || !(await citizen.street.portal.cancel(old.reference))) return press(citizen, old);
      const fresh = citizen.random() < 0.6 ? await opened(citizen) : null;
      await visit(fresh);
      await Promise.all([press(citizen, old), press(citizen, fresh)]);
    },
  },
  'gives up at the gateway, and pays again': {
    share: 8, plan: async (citizen) => {
      const first = await opened(citizen);
      await visit(first);
      await press(citizen, first, 'cancel');
      if (first === null || !(await isNow(citizen, first, ['FAILED', 'EXPIRED']))) return;
      const second = await opened(citizen);
      await visit(second);
      await press(citizen, second);
    },
  },
  'never pays': { share: 6, plan: async (citizen) => { await visit(await opened(citizen)); } },
  'pays, and gets it back': {
    share: 10, plan: async (citizen) => {
      const payment = await opened(citizen);
      await visit(payment);
      await press(citizen, payment);
      if (payment === null || !(await isNow(citizen, payment, ['PAID']))) return;
      await citizen.street.portal.refund(payment.reference, citizen.random() < 0.5 ? null : 10_000);
    },
  },
  'has the result brought, and pays at the door': { share: 30, plan: paysAtTheDoor, atTheDoor: true },
  'has it refused by the post, and pays otherwise': { share: 6, plan: isRefusedByThePost, atTheDoor: true },
  'calls the parcel off, and pays otherwise': { share: 8, plan: callsItOff, atTheDoor: true },
};

/** The same number and seed, the same citizen. */
const planOf = ({ door }: Street, random: () => number): readonly [string, Plan] => {
  const plans = Object.entries(PLANS).filter(([, { atTheDoor }]) => door !== null || atTheDoor !== true);
  let roll = random() * plans.reduce((total, [, { share }]) => total + share, 0);
  const chosen = plans.find(([, { share }]) => (roll -= share) < 0) ?? plans[0];
  if (chosen === undefined) throw new Error('no plan');
  return [chosen[0], chosen[1].plan];
};

/** Files dossier `number`, says what it owes, and lets its citizen do as planned. */
export const liveCitizen = async (street: Street, number: number): Promise<void> => {
  const random = seeded(Math.imul(street.seed, 7_919) + number * 104_729);
  random();
  const code = todaysDossierCode(number);
  await street.portal.file(dossierInput(number));
  const fees = Array.from({ length: random() < 0.3 ? 2 : 1 }, (_, index) => ({ key: `LP${String(index)}`, kind: index === 0 ? 'CHARGE' : 'FEE', name: `Lệ phí ${String(index + 1)}`, amountVnd: 20_000 + Math.floor(random() * 400) * 1_000 }));
  await street.portal.declare(code, fees);
  const [name, plan] = planOf(street, random);
  await plan({ street, code, fees: fees.map(({ key }) => key), random });
  street.done.set(name, (street.done.get(name) ?? 0) + 1);
};
