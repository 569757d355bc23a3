import type { Queryable } from '../store/database.js';
import type { EvidenceEntry } from './evidence.js';

const column = (entries: readonly EvidenceEntry[], field: keyof EvidenceEntry): string[] => entries.map((entry) => entry[field]);

/**
 * Writes evidence in the transaction of its cause: when it cannot be written, the cause does not happen. Attempts at parties,
 * mutations and operator actions are recorded by the database itself (0005-evidence.sql); this is for everything else.
 */
export class EvidenceLog {
  /** `client` is the transaction of the cause. Order within a chain is kept; chains stay locked until commit. */
  async append(client: Queryable, entries: readonly EvidenceEntry[]): Promise<void> {
    await client.query({
      name: 'append-evidence',
      text: `SELECT append_evidence(ARRAY(SELECT ROW(chain, kind, actor, subject, message, NULL)::evidence_entry
               FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
                 AS e (chain, kind, actor, subject, message, ord) ORDER BY ord))`,
      values: [column(entries, 'chain'), column(entries, 'kind'), column(entries, 'actor'), column(entries, 'subject'), column(entries, 'message')],
    });
  }
}
