import { BIDV } from '../../adapters/registry.js';
import type { BidvSandboxOptions } from '../../adapters/bidv/sandbox.js';
import type { DueAnswer } from '../../src/payments/due-port.js';
import type { PaymentNotice, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { listen, questionDoor, receiverDoor } from './callback-listener.js';
import type { Heard, Listener } from './callback-listener.js';
import { SILENT_LOGGER } from './hasty.js';
import type { GatewayContestant } from './payment-gateway-stage.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

export interface HeldPayment {
  readonly transId: string;
  readonly amountVnd: number;
  readonly state: 'taken' | 'booked' | 'reversed';
}

export interface BidvContestant extends GatewayContestant {
  readonly party: ReturnType<typeof BIDV.create>;
  readonly control: SandboxControl;
  readonly listener: Listener;
  readonly heard: Heard<PaymentNotice>[];
  /** What is due under a reference; opening adds to it. */
  readonly due: Map<string, number>;
  /** Goes to the counter with a number. @returns status and body */
  counter(number: string, amountVnd?: number): Promise<{ readonly status: number; readonly body: unknown }>;
  payments(reference: string): Promise<readonly HeldPayment[]>;
}

const dueAnswer = (due: ReadonlyMap<string, number>, reference: string): DueAnswer => {
  const totalVnd = due.get(reference);
  if (totalVnd === undefined) return { kind: 'unknown' };
  if (totalVnd === 0) return { kind: 'nothing-due' };
  return {
    kind: 'due', bill: {
      dossierCode: 'H42-1', procedureCode: 'P1', procedureName: 'Khai sinh', agencyCode: 'H42', agencyName: 'UBND phường Hoa Lư', items: [], totalVnd, payer: null, reference,
      account: { bankBin: '970418', bankCode: 'BIDV', number: '0123456789', holderName: 'UBND PHUONG HOA LU' },
    },
  };
};

/** Books by the map alone, as the domain would by its rows. */
const bookIn = (due: Map<string, number>) => ({ reference, amountVnd }: PaymentNotice): readonly ['applied' | 'refused', string] => {
  const owed = due.get(reference);
  if (owed === undefined) return ['refused', 'unknown-order'];
  if (owed === 0) return ['applied', 'already'];
  if (owed !== amountVnd) return ['refused', 'amount'];
  due.set(reference, 0);
  return ['applied', 'confirmed'];
};

/** Adapter and sandbox, which call each other's doors over loopback. */
export const startBidv = async (options: { readonly sandbox?: BidvSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<BidvContestant> => {
  const sandbox = await BIDV.startSandbox({ paybillRetryMs: 30, ...options.sandbox });
  const read = BIDV.settings.read({ ...sandbox.environment, ...options.env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const party = BIDV.create(read.settings, { logger: SILENT_LOGGER });
  const [tokens] = party.tokens;
  const [bills] = party.bills;
  if (party.gateway === null || party.callback === null || tokens === undefined || bills === undefined) throw new Error('BIDV is off');
  const heard: Heard<PaymentNotice>[] = [];
  const due = new Map<string, number>();
  const listener = await listen('bidv', {
    token_generate: questionDoor(tokens, () => Promise.resolve(null)),
    getbill: questionDoor(bills, ({ reference }) => Promise.resolve(dueAnswer(due, reference))),
    paybill: receiverDoor(party.callback, { heard, code: bookIn(due) }),
  });
  const control = controlOf(sandbox.url);
  await control.post('callback-address', { url: listener.address });
  const payments: BidvContestant['payments'] = (reference) => control.get(`payments/${reference}`);
  const counter: BidvContestant['counter'] = async (number, amountVnd) => {
    const reply = await fetch(`${sandbox.url}/counter/pay`, { method: 'POST', body: JSON.stringify({ number, amountVnd }) });
    return { status: reply.status, body: await reply.json() as unknown };
  };
  const charges = async (reference: string): Promise<readonly number[]> => (await payments(reference)).filter(({ state }) => state !== 'reversed').map(({ amountVnd }) => amountVnd);
  return {
    gateway: party.gateway, hasty: null, party, control, listener, heard, due, counter, payments,
    pay: async ({ reference, amountVnd }: PaymentOrder) => {
      due.set(reference, amountVnd);
      const { status } = await counter(reference);
      if (status !== 200) throw new Error(`the counter says ${status}`);
    },
    giveUp: null,
    charges,
    givenBack: async (reference) => (await payments(reference)).filter(({ state }) => state === 'reversed').map(({ amountVnd }) => amountVnd),
    held: async (reference) => (await charges(reference)).length,
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    stopSandbox: () => sandbox.close(),
    close: async () => {
      await sandbox.close().catch(() => undefined);
      await listener.close();
    },
  };
};
