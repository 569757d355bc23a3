import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { actOnceOrRefuse } from '../store/act-once.js';
import type { ActOnceDeps, Deed } from '../store/act-once.js';
import type { Once } from '../store/once.js';
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

export type ActionAnswer<Result> = Once<Result> | { readonly kind: 'refused'; readonly refusal: Refusal };

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

export type ActionDeps = ActOnceDeps;

/** Runs a deed once under the caller's key, in a transaction; a `RefusedAction` undoes it. */
export const runOnce = <Result>(deps: ActionDeps, call: PaymentCall, deed: Deed<Result>): Promise<ActionAnswer<Result>> => actOnceOrRefuse(deps, call, { deed, refused: RefusedAction });

/** The audit row of an operator's action, in the chain of the payment's dossier. */
export const audit = (client: pg.PoolClient, call: PaymentCall, of: { readonly action: string; readonly payment: PaymentRow; readonly detail?: Readonly<Record<string, unknown>> }): Promise<void> =>
  recordOperatorAction(client, {
    actor: call.caller.client, role: call.caller.role, reason: call.reason, action: of.action, target: `payment/${of.payment.reference}`,
    detail: { ...of.detail, dossier: of.payment.dossierCode },
  });
