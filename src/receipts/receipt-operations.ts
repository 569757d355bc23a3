import type { DeliveryOperation, Inquiry, SendResult, Settled, Unsendable } from '../deliveries/delivery-operation.js';
import type { LeasedDelivery } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import type { PaymentOrders } from '../payments/payment-order.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Database } from '../store/database.js';
import type { IssueAnswer, ReceiptIssuer, ReceiptOrder } from './receipt-port.js';
import type { ReceiptSettling } from './receipt-settling.js';
import type { ReceiptStore } from './receipt-store.js';
import { ADJUST_OPERATION, CANCEL_OPERATION, ISSUE_OPERATION, itemsWithin } from './receipt.js';
import type { Receipt } from './receipt.js';

export interface ReceiptOperationDeps {
  readonly database: Database;
  readonly store: ReceiptStore;
  readonly payments: PaymentStore;
  readonly orders: Pick<PaymentOrders, 'of'>;
  readonly settling: ReceiptSettling;
  readonly maxAgeMs: number;
}

interface OwedReceipt {
  readonly receipt: Receipt;
  readonly order: ReceiptOrder;
  /** Key of the receipt that this one corrects. */
  readonly adjusts: string | null;
}

type Loaded = ReadonlyMap<string, OwedReceipt | Unsendable>;

/** The order of a stored receipt, the same each time. */
const orderOf = async ({ database, payments, orders }: ReceiptOperationDeps, receipt: Receipt): Promise<ReceiptOrder | null> => {
  const payment = await payments.findById(database, receipt.paymentId);
  if (payment === null) return null;
  const { items, payer, agencyCodes } = await orders.of(payment);
  return { key: receipt.key, dossierCode: payment.dossierCode, agencyCodes, items: itemsWithin(items, receipt.totalVnd), totalVnd: receipt.totalVnd, paidAt: payment.paidAt ?? receipt.createdAt, payer };
};

/** `needsPayer`: a receipt is made out to somebody; one who was erased is not named any more. */
const loading = (deps: ReceiptOperationDeps, needsPayer: boolean) => async (deliveries: readonly LeasedDelivery[]): Promise<Loaded> => {
  const receipts = new Map((await deps.store.byIds(deps.database, deliveries.map(({ subjectId }) => subjectId))).map((receipt) => [receipt.id, receipt]));
  const originals = new Map((await deps.store.byIds(deps.database, [...receipts.values()].flatMap(({ adjusts }) => adjusts ?? []))).map(({ id, key }) => [id, key]));
  const loaded = new Map<string, OwedReceipt | Unsendable>();
  for (const { id, subjectId } of deliveries) {
    const receipt = receipts.get(subjectId);
    const order = receipt === undefined ? null : await orderOf(deps, receipt);
    if (receipt === undefined || order === null) continue;
    const isNameless = needsPayer && order.payer === null;
    loaded.set(id, isNameless ? { unsendable: 'content-missing' } : { receipt, order, adjusts: receipt.adjusts === null ? null : originals.get(receipt.adjusts) ?? null });
  }
  return loaded;
};

/** The three operations that carry receipts to one issuer. */
export const createReceiptOperations = (issuer: ReceiptIssuer, deps: ReceiptOperationDeps): readonly DeliveryOperation<OwedReceipt>[] => {
  const { store, database, settling, maxAgeMs } = deps;
  const afterMs = issuer.inFlightMs;
  /** Kept before the delivery settles: a lost settling finds it by asking. */
  const taken = async (receipt: Receipt, answer: IssueAnswer): Promise<SendResult> => {
    if (answer.kind === 'rejected') return answer;
    if (answer.receipt !== null) await store.keepIssued(database, receipt.id, answer.receipt);
    return { kind: 'accepted' };
  };
  const ask = async ({ receipt, order }: OwedReceipt, call: PartyCall): Promise<Inquiry> => {
    const found = await issuer.find(order.key, order.agencyCodes, call);
    if (found === null) return { kind: 'not-done' };
    await store.keepIssued(database, receipt.id, found);
    return { kind: 'done' };
  };
  const base = { party: issuer.party, effect: 'keyed', maxAgeMs } as const;
  const settledAs = (kind: 'issue' | 'adjust' | 'cancel'): DeliveryOperation['settled'] => async (client, settled: readonly Settled[]) => {
    for (const each of settled) await settling.settle(client, kind, each);
  };
  return [
    { ...base, name: ISSUE_OPERATION, whenUnknown: { act: 'ask', afterMs }, load: loading(deps, true), ask, settled: settledAs('issue'),
      send: async ({ receipt, order }, call) => taken(receipt, await issuer.issue(order, call)) },
    { ...base, name: ADJUST_OPERATION, whenUnknown: { act: 'ask', afterMs }, load: loading(deps, true), ask, settled: settledAs('adjust'),
      send: async ({ receipt, order, adjusts }, call) => taken(receipt, await issuer.adjust({ ...order, adjusts: adjusts ?? '' }, call)) },
    { ...base, name: CANCEL_OPERATION, whenUnknown: { act: 'repeat', afterMs, because: 'cancelling what is cancelled changes nothing' }, load: loading(deps, false), settled: settledAs('cancel'),
      send: ({ order }, call) => issuer.cancel(order.key, order.agencyCodes, call) },
  ];
};
