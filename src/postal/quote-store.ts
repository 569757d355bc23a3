import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { Quote } from './postal-carrier-port.js';

export interface KeptQuotes {
  readonly quotes: readonly Quote[];
  readonly quotedAt: Date;
}

/** SQL of prices that still hold. */
export class QuoteStore {
  /** By carrier, of those that have one for its route. */
  async find(database: Queryable, routes: ReadonlyMap<string, Buffer>): Promise<ReadonlyMap<string, KeptQuotes>> {
    const { rows } = await orUnavailable(database.query<KeptQuotes & { carrier: string }>({
      name: 'postal-quotes-find',
      text: `SELECT q.carrier, q.quotes, q.quoted_at AS "quotedAt" FROM postal_quotes q JOIN unnest($1::text[], $2::bytea[]) AS w(carrier, route) ON w.carrier = q.carrier AND w.route = q.route WHERE q.expires_at > now()`,
      values: [[...routes.keys()], [...routes.values()]],
    }));
    return new Map(rows.map(({ carrier, quotes, quotedAt }) => [carrier, { quotes, quotedAt }]));
  }

  async keep(database: Queryable, { carrier, route, quotes, keepMs }: { readonly carrier: string; readonly route: Buffer; readonly quotes: readonly Quote[]; readonly keepMs: number }): Promise<void> {
    await database.query(
      `INSERT INTO postal_quotes (carrier, route, quotes, expires_at) VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')
       ON CONFLICT (carrier, route) DO UPDATE SET quotes = excluded.quotes, quoted_at = now(), expires_at = excluded.expires_at`,
      [carrier, route, JSON.stringify(quotes), keepMs]);
  }

  /** Returns how many went. */
  async prune(database: Queryable): Promise<number> {
    return (await database.query('DELETE FROM postal_quotes WHERE expires_at <= now()')).rowCount ?? 0;
  }
}
