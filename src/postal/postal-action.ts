import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
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

export type PostalAnswer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'refused'; readonly refusal: PostalRefusal }
  | { readonly kind: 'conflict'; readonly key: string };

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

export interface PostalActionDeps {
  readonly database: Database;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** Runs `work` once under the caller's key, in a transaction. What it gives is stored: plain JSON without personal data. */
export const runPostOnce = async <Result>(
  { database, settings }: PostalActionDeps, call: PostalCall, of: { readonly action: string; readonly input: unknown; readonly work: (client: pg.PoolClient) => Promise<Result> },
): Promise<PostalAnswer<Result>> => {
  const claim = {
    client: call.caller.client, key: call.idempotencyKey, operation: of.action, keepHours: settings.keepHours,
    fingerprint: fingerprintOf(settings.fingerprintKey, of.action, { input: of.input, reason: call.reason }),
  };
  try {
    const done = await orUnavailable(database.transaction((client) => once(client, claim, () => of.work(client))));
    return done.kind === 'conflict' ? { kind: 'conflict', key: call.idempotencyKey } : done;
  } catch (error) {
    if (error instanceof RefusedPost) return { kind: 'refused', refusal: error.refusal };
    throw error;
  }
};

/** The audit row of an operator's action, in the chain of the parcel's dossier. */
export const auditPost = (client: pg.PoolClient, call: PostalCall, of: { readonly action: string; readonly number: string; readonly dossierCode: string }): Promise<void> =>
  recordOperatorAction(client, {
    actor: call.caller.client, role: call.caller.role, reason: call.reason, action: of.action, target: `shipment/${of.number}`, detail: { dossier: of.dossierCode },
  });
