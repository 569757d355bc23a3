import type { Caller } from '../access/caller.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { PostalContact } from './postal-address.js';
import type { PostalOfficeChange } from './postal-office.js';

/** SQL of postal offices: rows are only added, the last of an agency counts. */
export class PostalOfficeStore {
  /** What each of these agencies said last; one that has none any more is there with null. */
  async latest(database: Queryable, agencyCodes: readonly string[]): Promise<ReadonlyMap<string, PostalContact | null>> {
    const { rows } = await orUnavailable(database.query<{ code: string; contact: PostalContact | null }>({
      name: 'postal-offices-latest',
      text: `SELECT DISTINCT ON (agency_code) agency_code AS code, contact FROM postal_offices WHERE agency_code = ANY ($1) ORDER BY agency_code, id DESC`,
      values: [agencyCodes],
    }));
    return new Map(rows.map(({ code, contact }) => [code, contact]));
  }

  async add(client: Queryable, { agencyCode, contact, caller, reason }: { readonly agencyCode: string; readonly contact: PostalContact | null; readonly caller: Caller; readonly reason: string }): Promise<void> {
    await client.query('INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ($1, $2, $3, $4, $5)',
      [agencyCode, contact === null ? null : JSON.stringify(contact), caller.client, caller.role, reason]);
  }

  /** Newest first. */
  async history(database: Queryable, agencyCode: string, most: number): Promise<readonly PostalOfficeChange[]> {
    const { rows } = await orUnavailable(database.query<PostalOfficeChange>('SELECT at, actor, role, reason, contact FROM postal_offices WHERE agency_code = $1 ORDER BY id DESC LIMIT $2', [agencyCode, most]));
    return rows;
  }
}
