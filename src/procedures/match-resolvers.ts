import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { GatewayContext } from '../graphql/context.js';
import type { LocalProcedureService, ProcedureCall } from './local-service.js';
import type { MatchService } from './match-corrections.js';
import { draftOf, fileOf, suggestionOrderOf } from './match-input.js';
import type { AcceptArgs, LocalProcedureInput } from './match-input.js';
import type { MatchFilter, MatchQueries } from './match-queries.js';
import { writeCorrections } from './match-report.js';
import type { FileFormat } from './match-report.js';
import { viewAccepted, viewEntries, viewFile, viewImported, viewRequested, viewRun, viewRuns } from './match-view.js';

const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const IMPORTERS: readonly Role[] = ['portal', ...OPERATORS];
const AUDIT = { kind: 'operator-action' } as const;

type Acted<Args> = Args & { readonly idempotencyKey: string; readonly reason: string };
type Paged<Args> = Args & { readonly first: number; readonly after?: string | null };

const callOf = ({ idempotencyKey, reason }: Acted<object>, { caller, correlationId }: GatewayContext): ProcedureCall =>
  ({ caller, correlationId, idempotencyKey, reason: parseReason(reason) });

export interface MatchResolverDeps {
  readonly queries: MatchQueries;
  readonly matches: MatchService;
  readonly locals: LocalProcedureService;
}

const createQueries = ({ queries, matches }: MatchResolverDeps) => ({
  procedureMatch: guardedQuery({
    roles: ROLES,
    resolve: async ({ filter, first, after }: Paged<{ filter?: MatchFilter | null }>, context) => viewEntries(await queries.entries(context, filter ?? {}, { first, after: after ?? null })),
  }),
  matchRuns: guardedQuery({
    roles: ROLES,
    resolve: async ({ first, after }: Paged<object>, context) => viewRuns(await queries.runs(context, { first, after: after ?? null })),
  }),
  matchFigure: guardedQuery({
    roles: ROLES,
    resolve: async ({ month }: { month: string }, context) => {
      const run = await queries.figure(context, month);
      return run === null ? null : viewRun(run);
    },
  }),
  requestedMatchRun: guardedQuery({
    roles: ROLES,
    resolve: async ({ requestId }: { requestId: string }, context) => {
      const run = await queries.requested(context, requestId);
      return run === null ? null : viewRun(run);
    },
  }),
  procedureCorrectionFile: guardedQuery({
    roles: IMPORTERS,
    resolve: async ({ format, acceptedSince }: { format: FileFormat; acceptedSince?: Date | null }, context) =>
      viewFile('sua-ma-thu-tuc', format, writeCorrections(format, await matches.corrections(context, acceptedSince ?? null))),
  }),
});

/** Resolvers of `procedure-match.graphql`. */
export const createMatchResolvers = (deps: MatchResolverDeps) => ({
  Query: createQueries(deps),
  Mutation: {
    importLocalProcedures: guardedMutation({
      roles: IMPORTERS, audit: AUDIT,
      resolve: async (args: Acted<{ procedures?: readonly LocalProcedureInput[] | null; contentBase64?: string | null; dryRun: boolean; complete: boolean }>, context) => {
        const { procedures, contentBase64, dryRun, complete } = args;
        const order = { rows: procedures?.map(draftOf) ?? null, file: contentBase64 == null ? null : fileOf(contentBase64), dryRun, complete };
        return viewImported(await deps.locals.import(callOf(args, context), order));
      },
    }),
    runProcedureMatch: guardedMutation({
      roles: OPERATORS, audit: AUDIT,
      resolve: async (args: Acted<object>, context) => viewRequested(await deps.matches.requestRun(callOf(args, context))),
    }),
    acceptProcedureSuggestions: guardedMutation({
      roles: OPERATORS, audit: AUDIT,
      resolve: async (args: Acted<AcceptArgs>, context) => viewAccepted(await deps.matches.accept(callOf(args, context), suggestionOrderOf(args))),
    }),
  },
});
