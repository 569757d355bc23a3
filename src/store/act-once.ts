import type pg from 'pg';
import type { Database } from './database.js';
import { orUnavailable } from './database-errors.js';
import { fingerprintOf } from './idempotency.js';
import { once } from './once.js';
import type { Once } from './once.js';

/** Who acts, under which key, and why where a reason is asked. */
export interface KeyedCall {
  readonly caller: { readonly client: string };
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

export interface ActOnceDeps {
  readonly database: Database;
  /** `keepHours`: how long a key is remembered. */
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

export interface Deed<Result> {
  /** Name of the action; part of what the key is tied to. */
  readonly action: string;
  readonly input: unknown;
  /** The dossier that it is about, where the caller named one: its evidence is kept there. */
  readonly dossierCode?: string;
  /** What it gives is stored: plain JSON without personal data. */
  readonly work: (client: pg.PoolClient) => Promise<Result>;
}

/**
 * Runs a deed once under the caller's key, in a transaction of its own. What throws leaves the key free.
 * @throws UnavailableError while the database is away
 */
export const actOnce = <Result>({ database, settings }: ActOnceDeps, call: KeyedCall, { action, input, dossierCode, work }: Deed<Result>): Promise<Once<Result>> => {
  const claim = {
    client: call.caller.client, key: call.idempotencyKey, operation: action, keepHours: settings.keepHours, dossierCode: dossierCode ?? null,
    fingerprint: fingerprintOf(settings.fingerprintKey, action, { input, reason: call.reason }),
  };
  return orUnavailable(database.transaction((client) => once(client, claim, () => work(client))));
};

/** As `actOnce`; an error of `refused` undoes the deed, and with it the claim of the key, and is the answer. */
export const actOnceOrRefuse = async <Result, Refusal>(
  deps: ActOnceDeps, call: KeyedCall, of: { readonly deed: Deed<Result>; readonly refused: new (...args: never[]) => Error & { readonly refusal: Refusal } },
): Promise<Once<Result> | { readonly kind: 'refused'; readonly refusal: Refusal }> => {
  try {
    return await actOnce(deps, call, of.deed);
  } catch (error) {
    if (error instanceof of.refused) return { kind: 'refused', refusal: error.refusal };
    throw error;
  }
};
