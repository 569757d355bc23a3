import type { Role } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { EvidenceReader } from './evidence-reader.js';

const READERS: readonly Role[] = ['operator', 'supervisor', 'auditor'];

interface PageArgs {
  readonly first: number;
  readonly after?: string | null;
}

const pageInfo = (numbers: readonly number[], hasNextPage: boolean) => {
  const last = numbers.at(-1);
  return { endCursor: last === undefined ? null : String(last), hasNextPage };
};

/** PostgreSQL's instant has microseconds; the digest is made over that text, so it is shown beside the DateTime. */
const instants = (at: string) => ({ at: new Date(at), exactAt: at });

/** Resolvers of `evidence.graphql`. */
export const createEvidenceResolvers = (reader: EvidenceReader) => ({
  Query: {
    evidence: guardedQuery({
      roles: READERS,
      resolve: async ({ chain, first, after }: PageArgs & { chain: string }) => {
        const { records, hasNextPage } = await reader.records(chain, { first, after: after ?? null });
        return { nodes: records.map((record) => ({ ...record, ...instants(record.at) })), pageInfo: pageInfo(records.map(({ sequence }) => sequence), hasNextPage) };
      },
    }),
    evidenceHeads: guardedQuery({
      roles: READERS,
      resolve: async ({ first, after }: PageArgs) => {
        const { heads, hasNextPage } = await reader.heads({ first, after: after ?? null });
        return { nodes: heads.map((head) => ({ ...head, ...instants(head.at) })), pageInfo: pageInfo(heads.map(({ number }) => number), hasNextPage) };
      },
    }),
  },
});
