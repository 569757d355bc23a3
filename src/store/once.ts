import type { Queryable } from './database.js';
import type { IdempotencyClaim } from './idempotency.js';

export type Once<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** The key was used for something else. */
  | { readonly kind: 'conflict'; readonly key: string };

export interface OnceClaim extends IdempotencyClaim {
  readonly keepHours: number;
  /** The dossier that it is about: its evidence is kept there, else in the client's chain. */
  readonly dossierCode?: string | null;
}

/**
 * Runs `work` at most once under the client's key, inside the caller's transaction: the same key and content give the stored result,
 * other content a conflict, and a simultaneous caller waits for the first. What throws is rolled back with its key, so a failure is
 * never frozen. `Result` must be plain JSON and hold no personal data.
 */
export async function once<Result>(client: Queryable, claim: OnceClaim, work: () => Promise<Result>): Promise<Once<Result>> {
  const claimed = await client.query({
    name: 'once-claim',
    text: `INSERT INTO idempotency_keys AS k (client, key, operation, fingerprint, response, expires_at, dossier_code)
           VALUES ($1, $2, $3, decode($4, 'hex'), 'null', now() + $5 * interval '1 hour', $6)
           ON CONFLICT (client, key) DO UPDATE SET operation = excluded.operation, fingerprint = excluded.fingerprint,
             response = excluded.response, created_at = now(), expires_at = excluded.expires_at, dossier_code = excluded.dossier_code
           WHERE k.expires_at <= now()`,
    values: [claim.client, claim.key, claim.operation, claim.fingerprint, claim.keepHours, claim.dossierCode ?? null],
  });
  if ((claimed.rowCount ?? 0) === 0) return stored<Result>(client, claim);
  const result = await work();
  await client.query({ name: 'once-answer', text: 'UPDATE idempotency_keys SET response = $3 WHERE client = $1 AND key = $2', values: [claim.client, claim.key, JSON.stringify(result)] });
  return { kind: 'done', result };
}

async function stored<Result>(client: Queryable, claim: IdempotencyClaim): Promise<Once<Result>> {
  const found = await client.query<{ same: boolean; response: Result }>({
    text: `SELECT fingerprint = decode($3, 'hex') AS same, response FROM idempotency_keys WHERE client = $1 AND key = $2`,
    values: [claim.client, claim.key, claim.fingerprint],
  });
  const row = found.rows[0];
  return row?.same === true ? { kind: 'done', result: row.response } : { kind: 'conflict', key: claim.key };
}
