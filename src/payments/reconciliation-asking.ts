import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from '../deliveries/delivery.js';
import { PartyError } from '../errors/party-error.js';
import { newCorrelationId } from '../observability/correlation.js';
import type { Database } from '../store/database.js';
import type { GatewayWord, PaymentGateway } from './payment-gateway-port.js';
import type { PaymentOrders } from './payment-order.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { ReconciliationStore } from './reconciliation-store.js';
import type { StatementLine } from './statement-reader-port.js';

export interface AskingDeps {
  readonly database: Database;
  readonly store: PaymentStore;
  readonly runs: ReconciliationStore;
  readonly orders: PaymentOrders;
  readonly logger: Logger;
  /** Questions to one gateway at once. */
  readonly concurrency: number;
}

export interface AskedDay {
  readonly gateway: PaymentGateway;
  readonly from: Date;
  readonly to: Date;
  readonly signal: AbortSignal;
  /** Called before each handful of questions. */
  readonly alive: () => Promise<void>;
}

const ASK_DEADLINE_MS = 60_000;
/** A gateway that asks for more patience than this is asked again with the next run. */
const LONGEST_PAUSE_MS = 120_000;
const MAX_PAUSES = 20;
/** A payment that was asked for too often just now is asked for again at the end, so many times, and after so long at most. */
const MAX_PUT_OFFS = 3;
const LONGEST_PUT_OFF_MS = 900_000;
/** While it waits a run says that it lives. */
const SAY_ALIVE_EVERY_MS = 30_000;

/** The gateway could not be asked about all; what it did say is not enough to compare with. */
export class IncompleteAnswers extends Error {
  override readonly name = 'IncompleteAnswers';
}

interface Answered {
  readonly payment: PaymentRow;
  readonly word: GatewayWord;
}

/** A payment of which alone the gateway would not speak yet. */
interface PutOff {
  readonly id: string;
  readonly dueAt: number;
  readonly times: number;
}

interface Pauses {
  left: number;
}

/** What a gateway says of each payment that may have been paid on a day: the statement of one that hands out none. Throws IncompleteAnswers. */
export const askForDay = async (deps: AskingDeps, day: AskedDay): Promise<readonly StatementLine[]> => {
  const lines: StatementLine[] = [];
  const later: PutOff[] = [];
  const pauses: Pauses = { left: MAX_PAUSES };
  const take = (asked: Answered | PutOff): void => {
    if ('dueAt' in asked) later.push(asked);
    else lines.push(lineOf(asked.payment, asked.word, lines.length + 1));
  };
  for (let after = '0'; ;) {
    const ids = await deps.runs.toAsk(deps.database, { gateway: day.gateway.party, from: day.from, to: day.to, after, limit: deps.concurrency });
    const last = ids.at(-1);
    if (last === undefined) break;
    after = last;
    await day.alive();
    (await Promise.all(ids.map((id) => askPatiently(deps, day, { id, pauses, times: 0 })))).forEach(take);
  }
  for (let next = later.shift(); next !== undefined; next = later.shift()) {
    await waitAlive(day, next.dueAt);
    take(await askPatiently(deps, day, { ...next, pauses }));
  }
  return lines;
};

const waitAlive = async ({ alive, signal }: AskedDay, until: number): Promise<void> => {
  for (let leftMs = until - Date.now(); leftMs > 0; leftMs = until - Date.now()) {
    await alive();
    await delay(Math.min(leftMs, SAY_ALIVE_EVERY_MS), undefined, { signal });
  }
};

const lineOf = ({ reference }: PaymentRow, word: GatewayWord, line: number): StatementLine =>
  ({ line, kind: 'PAYMENT', reference, gatewayTransaction: word.gatewayTransaction, amountVnd: word.amountVnd, state: word.says, at: word.paidAt });

const askPatiently = async (deps: AskingDeps, day: AskedDay, { id, pauses, times }: { readonly id: string; readonly pauses: Pauses; readonly times: number }): Promise<Answered | PutOff> => {
  const payment = await deps.store.findById(deps.database, id);
  if (payment === null) throw new IncompleteAnswers();
  for (;;) {
    try {
      return { payment, word: await ask(deps, day, payment) };
    } catch (error) {
      if (!(error instanceof PartyError)) throw error;
      const pauseMs = error.kind === 'rate-limited' ? error.retryAfterMs ?? day.gateway.windows.askEveryMs : Infinity;
      if (error.isOfOne && times < MAX_PUT_OFFS && pauseMs <= LONGEST_PUT_OFF_MS) return { id, dueAt: Date.now() + pauseMs, times: times + 1 };
      pauses.left -= 1;
      if (error.isOfOne || pauseMs > LONGEST_PAUSE_MS || pauses.left < 0) {
        deps.logger.info({ reference: payment.reference, party: day.gateway.party, code: error.code }, 'the gateway did not answer for a payment of the day');
        throw new IncompleteAnswers(undefined, { cause: error });
      }
      await delay(pauseMs, undefined, { signal: day.signal });
    }
  }
};

const ask = async ({ orders, store, database }: AskingDeps, { gateway, signal }: AskedDay, payment: PaymentRow): Promise<GatewayWord> => {
  if (gateway.ask === null) throw new IncompleteAnswers();
  const exchanges: Exchange[] = [];
  const call = { correlationId: newCorrelationId(), traceparent: null, signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_DEADLINE_MS)]), journal: (exchange: Exchange) => void exchanges.push(exchange) };
  const word = await gateway.ask(await orders.of(payment), call);
  // What agrees is kept as a line of the statement; what does not is evidence.
  const agrees = word.says === 'paid' ? payment.paidVnd === word.amountVnd : word.says !== 'disputed' && payment.paidVnd === 0;
  if (!agrees) await store.recordExchanges(database, payment.reference, { source: 'query', party: gateway.party, exchanges });
  return word;
};
