import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { GatewayContext } from '../graphql/context.js';
import type { PostalOfficeDesk } from './postal-office-desk.js';
import type { ContactInput } from './shipment-input.js';

/** Who says where an agency's post goes, each within its scope. */
const OWNERS: readonly Role[] = ['agency', 'operator', 'supervisor'];
/** Who changed what is for those who answer for it. */
const HISTORY_READERS: readonly Role[] = ['agency', 'operator', 'supervisor', 'auditor'];
const KEY_CONFLICT = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };

interface SetArgs {
  readonly idempotencyKey: string;
  readonly agencyCode: string;
  readonly contact?: ContactInput | null;
  readonly reason: string;
}

/** Resolvers of postal offices in `postal-place.graphql`. */
export const createPostalOfficeResolvers = (desk: PostalOfficeDesk) => ({
  Query: {
    postalOffice: guardedQuery({
      roles: ROLES,
      resolve: ({ agencyCode }: { agencyCode: string }, context) => desk.find(context, agencyCode),
    }),
    postalOfficeHistory: guardedQuery({
      roles: HISTORY_READERS,
      resolve: ({ agencyCode }: { agencyCode: string }, context) => desk.history(context, agencyCode),
    }),
  },
  Mutation: {
    setPostalOffice: guardedMutation({
      roles: OWNERS, audit: { kind: 'operator-action' },
      resolve: async ({ idempotencyKey, agencyCode, contact, reason }: SetArgs, context: GatewayContext) => {
        const answer = await desk.set({ ...context, idempotencyKey, reason: parseReason(reason) }, agencyCode, contact ?? null);
        if (answer.kind === 'conflict') return { __typename: 'IdempotencyConflict' as const, key: answer.key, message: KEY_CONFLICT };
        if (answer.kind === 'refused') return { __typename: 'PostalOfficeRefused' as const, problems: answer.problems };
        return { __typename: 'PostalOfficeSaved' as const, office: await desk.find(context, answer.result.agencyCode) };
      },
    }),
  },
});
