import { PartyError } from '../../src/errors/party-error.js';
import type { GatewayWord, PaymentGateway, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { warmed } from './hasty.js';
import { recordedCall } from './sample-dossier.js';
import { afterOpening, sampleOrder } from './sample-payment.js';
import type { Opened } from './sample-payment.js';

/** A gateway and, beside it, its sandbox as the citizen, the bank and a developer see it. */
export interface GatewayContestant {
  readonly gateway: PaymentGateway;
  /** The same at the same sandbox with a deadline of `HASTY_MS`; null where nothing is asked. */
  readonly hasty: PaymentGateway | null;
  /** What the suite may not change in an order: agency, amount, account. Empty where anything goes. */
  readonly orderOf?: (order: PaymentOrder) => PaymentOrder;
  /** The citizen pays what was opened. */
  pay(order: PaymentOrder, opened: Opened): Promise<void>;
  /** The citizen gives up, or has no money, and the party knows; null where it never hears of that. */
  readonly giveUp: ((order: PaymentOrder, opened: Opened) => Promise<void>) | null;
  /** VND that the party took for this reference, one entry for each time. */
  charges(reference: string): Promise<readonly number[]>;
  /** VND that the party gave back of this reference, one entry for each time. */
  givenBack(reference: string): Promise<readonly number[]>;
  /** Orders that the party holds under this reference. */
  held(reference: string): Promise<number>;
  /** An order to misbehave, as the sandbox's `/control/misbehave` takes it. */
  misbehave(order: object): Promise<void>;
  reset(): Promise<void>;
  /** Ends the sandbox only: nobody listens any more. */
  stopSandbox(): Promise<void>;
  close(): Promise<void>;
}

export interface GatewayContract {
  readonly name: string;
  /** Names of the sandbox's operations; null where opening needs no call, or where nothing can be asked or given back. */
  readonly operations: { readonly open: string | null; readonly ask: string | null; readonly refund: string | null };
  readonly partialRefunds: boolean;
  /** The sandbox's own kinds of misbehaviour when asked; null where the wire cannot do that. */
  readonly twists: { readonly unknownStatus: string | null; readonly otherAmount: string | null; readonly badSignature: string | null; readonly notFound: string | null };
  /** Misbehaviour that refuses to open; null where the sandbox needs no order for it, and then `refusedOrder` must be there or nothing is tested. */
  readonly refusal: string | null;
  readonly refusedOrder?: (order: PaymentOrder) => PaymentOrder;
  /** Starts adapter and sandbox, with a sandbox that hangs longer than the hasty one waits. */
  readonly start: () => Promise<GatewayContestant>;
}

export interface Failure {
  readonly kind: string;
  readonly code: string;
}

export const failure = async (work: Promise<unknown>): Promise<Failure> => {
  const error: unknown = await work.then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof PartyError)) throw new Error(`expected a PartyError, got ${String(error)}`);
  return { kind: error.kind, code: error.code };
};

/** An answer that never came, came late, or came as something else: what it means to a read and to a write. */
export const LOST: readonly (readonly [string, object, string])[] = [
  ['no answer before the deadline', { kind: 'hang' }, 'timeout'],
  ['a slow answer beyond the deadline', { kind: 'slow', delayMs: 5_000 }, 'timeout'],
  ['a dripping answer', { kind: 'drip', delayMs: 100 }, 'timeout'],
  ['a reset after it took effect', { kind: 'reset' }, 'reset'],
  ['a 503', { kind: '5xx', status: 503 }, 'http-503'],
  ['a firewall page with status 200', { kind: 'html' }, 'html-reply'],
];

export const GARBAGE: readonly (readonly [string, object])[] = [
  ['an empty answer', { kind: 'empty' }],
  ['half an answer', { kind: 'truncated' }],
  ['garbage', { kind: 'garbage' }],
];

export const REFUSED: readonly (readonly [string, object, Failure['kind']])[] = [
  ['429', { kind: '429', retryAfter: '7' }, 'rate-limited'],
  ['401', { kind: '401' }, 'refused-credentials'],
];

export interface Stage {
  readonly contract: GatewayContract;
  readonly contestant: () => GatewayContestant;
  readonly newOrder: (changes?: Partial<PaymentOrder>) => PaymentOrder;
  /** Opens, and fails the test where it was refused. */
  readonly open: (order?: PaymentOrder) => Promise<{ readonly order: PaymentOrder; readonly opened: Opened }>;
  readonly ask: (order: PaymentOrder, gateway?: PaymentGateway) => Promise<GatewayWord>;
  /** The hasty one where the failure will be a timeout, else the patient one. */
  readonly gatewayFor: (code: string) => Promise<PaymentGateway>;
}

export const stageOf = (contract: GatewayContract, contestant: () => GatewayContestant): Stage => {
  const newOrder: Stage['newOrder'] = (changes) => {
    const order = sampleOrder(changes);
    return contestant().orderOf?.(order) ?? order;
  };
  const ask: Stage['ask'] = (order, gateway = contestant().gateway) => {
    if (gateway.ask === null) throw new Error('this gateway cannot be asked');
    return gateway.ask(order, recordedCall().call);
  };
  return {
    contract, contestant, newOrder,
    open: async (order = newOrder()) => {
      const opened = await contestant().gateway.open(order, recordedCall().call);
      if (opened.kind !== 'opened') throw new Error(`refused: ${opened.code} ${opened.text}`);
      return { order: afterOpening(order, opened), opened };
    },
    ask,
    gatewayFor: async (code) => {
      const { gateway, hasty } = contestant();
      if (code !== 'timeout') return gateway;
      if (hasty === null) throw new Error('this gateway waits for nothing');
      return warmed(hasty, (port) => ask(newOrder(), port));
    },
  };
};
