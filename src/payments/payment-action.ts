import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import type { PaymentRow } from './payment-rows.js';
import type { RefusalCode } from './payment-refusals.js';

/** Who acts, under which key. `reason` is there for what operators do. */
export interface PaymentCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

/** Nothing was changed, and the key is free. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly problems: readonly InputProblem[];
  /** Payments that stand in the way. */
  readonly references: readonly string[];
}

export type ActionAnswer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'conflict'; readonly key: string };

/** Undoes the transaction, and with it the claim of the key. */
export class RefusedAction extends Error {
  override readonly name = 'RefusedAction';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(`the action is refused: ${refusal.code}`);
    this.refusal = refusal;
  }
}

export const refuse = (code: RefusalCode, over: Partial<Omit<Refusal, 'code'>> = {}): never => {
  throw new RefusedAction({ code, problems: [], references: [], ...over });
};

export interface ActionDeps {
  readonly database: Database;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** Runs `work` once under the caller's key, in a transaction. What it gives is stored: plain JSON without personal data. */
export const runOnce = async <Result>(
  { database, settings }: ActionDeps, call: PaymentCall, of: { readonly action: string; readonly input: unknown; readonly work: (client: pg.PoolClient) => Promise<Result> },
): Promise<ActionAnswer<Result>> => {
  const claim = {
    client: call.caller.client, key: call.idempotencyKey, operation: of.action, keepHours: settings.keepHours,
    fingerprint: fingerprintOf(settings.fingerprintKey, of.action, { input: of.input, reason: call.reason }),
  };
  try {
    const done = await orUnavailable(database.transaction((client) => once(client, claim, () => of.work(client))));
    return done.kind === 'conflict' ? { kind: 'conflict', key: call.idempotencyKey } : done;
  } catch (error) {
    if (error instanceof RefusedAction) return { kind: 'refused', refusal: error.refusal };
    throw error;
  }
};

/** The audit row of an operator's action, in the chain of the payment's dossier. */
export const audit = (client: pg.PoolClient, call: PaymentCall, of: { readonly action: string; readonly payment: PaymentRow; readonly detail?: Readonly<Record<string, unknown>> }): Promise<void> =>
  recordOperatorAction(client, {
    actor: call.caller.client, role: call.caller.role, reason: call.reason, action: of.action, target: `payment/${of.payment.reference}`,
    detail: { ...of.detail, dossier: of.payment.dossierCode },
  });
