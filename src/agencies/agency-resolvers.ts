import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { ForbiddenError, UserInputError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { AgencyKind, AgencyLevel, Confidence } from './agency.js';
import type { AgencyDraft } from './agency-draft.js';
import type { MergerOrder } from './agency-merger.js';
import type { AgencyFilter, AgencyQueries } from './agency-queries.js';
import type { AgencyCall, AgencyService } from './agency-service.js';
import { viewAgency, viewChange, viewImport } from './agency-view.js';
import type { AgencyShape } from './agency-view.js';

const WRITERS: readonly Role[] = ['operator', 'supervisor'];
const AUDIT = { kind: 'operator-action' } as const;

type Acted<Args> = Args & { readonly idempotencyKey: string; readonly reason: string };

interface AgencyInput {
  readonly code: string;
  readonly codes?: readonly { readonly code: string; readonly validFrom?: string | null; readonly validUntil?: string | null; readonly confidence: Confidence }[] | null;
  readonly nameVi?: string | null;
  readonly nameEn?: string | null;
  readonly kind?: AgencyKind | null;
  readonly level?: AgencyLevel | null;
  readonly parentCode?: string | null;
  readonly address?: string | null;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly activeFrom?: string | null;
  readonly activeUntil?: string | null;
}

const draftOf = ({ codes, nameVi, kind, level, ...rest }: AgencyInput): AgencyDraft => ({
  ...rest,
  nameVi: nameVi ?? undefined,
  kind: kind ?? undefined,
  level: level ?? undefined,
  otherCodes: codes?.map(({ code, validFrom, validUntil, confidence }) => ({ code, from: validFrom ?? null, until: validUntil ?? null, confidence })),
});

/** The tree decides what everybody sees, so who sees only a part of it does not change it. */
const callOf = ({ idempotencyKey, reason }: Acted<object>, { caller }: GatewayContext): AgencyCall => {
  if (caller.agencyScope !== null) throw new ForbiddenError();
  return { caller, idempotencyKey, reason: parseReason(reason) };
};

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const fileOf = (contentBase64: string): Uint8Array => {
  if (!BASE64.test(contentBase64)) throw new UserInputError([problemAt('contentBase64', breach('BASE64', 'Nội dung phải ở dạng base64', 'The content must be base64'))]);
  return Buffer.from(contentBase64, 'base64');
};

/** Resolvers of `agency.graphql`. */
export const createAgencyResolvers = ({ queries, service }: { readonly queries: AgencyQueries; readonly service: AgencyService }) => ({
  Query: {
    agency: guardedQuery({
      roles: ROLES,
      resolve: async ({ code }: { code: string }, context) => {
        const agency = await queries.find(context, code);
        return agency === null ? null : viewAgency(agency);
      },
    }),
    agencies: guardedQuery({
      roles: ROLES,
      resolve: async ({ filter, first, after }: { filter?: AgencyFilter | null; first: number; after?: string | null }, context) => {
        const { agencies, endCursor, hasNextPage } = await queries.list(context, filter ?? {}, { first, after: after ?? null });
        return { nodes: agencies.map(viewAgency), pageInfo: { endCursor, hasNextPage } };
      },
    }),
  },
  Mutation: {
    importAgencies: guardedMutation({
      roles: WRITERS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: Acted<{ contentBase64: string; dryRun: boolean }>, context) =>
        viewImport(await service.importFile(callOf(args, context), fileOf(args.contentBase64), { dryRun: args.dryRun })),
    }),
    saveAgency: guardedMutation({
      roles: WRITERS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: Acted<{ agency: AgencyInput }>, context) => {
        const answer = await service.save(callOf(args, context), draftOf(args.agency));
        return answer.kind === 'done' ? viewChange(answer, await queries.find(context, answer.result.code), answer.result.outcome) : viewChange(answer, null, '');
      },
    }),
    mergeAgencies: guardedMutation({
      roles: WRITERS, wholeProvince: true, audit: AUDIT,
      resolve: async ({ fromCodes, intoCode, since, moveChildren, ...args }: Acted<MergerOrder>, context) => {
        const answer = await service.merge(callOf(args, context), { fromCodes, intoCode, since, moveChildren });
        return viewChange(answer, answer.kind === 'done' ? await queries.find(context, answer.result.code) : null, 'CHANGED');
      },
    }),
  },
  Agency: {
    // Above its own agency a caller of limited scope sees nothing; asking for the parent of what it was shown is no attempt.
    parent: async ({ parentCode }: AgencyShape, _args: object, { caller }: GatewayContext): Promise<AgencyShape | null> => {
      const parent = parentCode === null ? null : await queries.peek(caller, parentCode);
      return parent === null ? null : viewAgency(parent);
    },
  },
});
