import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { actOnceOrRefuse } from '../store/act-once.js';
import type { ActOnceDeps, Deed } from '../store/act-once.js';
import type { Once } from '../store/once.js';
import type { PlaceLevel } from './postal-address.js';
import type { PostalRefusalCode } from './postal-refusals.js';

/** Who acts, under which key. `reason` is there for what operators do. */
export interface PostalCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

/** An address of which a carrier does not know one level. */
export interface UnknownPlace {
  /** Path of the address from the arguments; `office` for the agency's own. */
  readonly field: string;
  readonly carrier: string;
  readonly level: PlaceLevel;
  readonly suggestions: readonly string[];
}

/** Nothing was changed, and the key is free. */
export interface PostalRefusal {
  readonly code: PostalRefusalCode;
  readonly problems: readonly InputProblem[];
  /** Parcels that stand in the way. */
  readonly numbers: readonly string[];
  readonly place: UnknownPlace | null;
}

export type PostalAnswer<Result> = Once<Result> | { readonly kind: 'refused'; readonly refusal: PostalRefusal };

/** Undoes the transaction, and with it the claim of the key. */
export class RefusedPost extends Error {
  override readonly name = 'RefusedPost';
  readonly refusal: PostalRefusal;
  constructor(refusal: PostalRefusal) {
    super(`the action is refused: ${refusal.code}`);
    this.refusal = refusal;
  }
}

export const refusePost = (code: PostalRefusalCode, over: Partial<Omit<PostalRefusal, 'code'>> = {}): never => {
  throw new RefusedPost({ code, problems: [], numbers: [], place: null, ...over });
};

export type PostalActionDeps = ActOnceDeps;

/** Runs a deed once under the caller's key, in a transaction; a `RefusedPost` undoes it. */
export const runPostOnce = <Result>(deps: PostalActionDeps, call: PostalCall, deed: Deed<Result>): Promise<PostalAnswer<Result>> => actOnceOrRefuse(deps, call, { deed, refused: RefusedPost });

/** The audit row of an operator's action, in the chain of the parcel's dossier. */
export const auditPost = (client: pg.PoolClient, call: PostalCall, of: { readonly action: string; readonly number: string; readonly dossierCode: string }): Promise<void> =>
  recordOperatorAction(client, {
    actor: call.caller.client, role: call.caller.role, reason: call.reason, action: of.action, target: `shipment/${of.number}`, detail: { dossier: of.dossierCode },
  });
