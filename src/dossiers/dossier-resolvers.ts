import DataLoader from 'dataloader';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import type { AuditPolicy } from '../access/guarded.js';
import type { Role } from '../access/caller.js';
import type { GatewayContext } from '../graphql/context.js';
import { viewAppendAnswer, viewReportAnswer, viewUpsertAnswer } from './answer-view.js';
import type { ContentCodec } from './content-codec.js';
import type { DossierInput, StatusReportInput, StepInput } from './dossier-input.js';
import type { DossierService, WriteCaller } from './dossier-service.js';
import { viewDossier, viewStep } from './dossier-view.js';
import type { DossierView, StepView } from './dossier-view.js';
import type { DossierFilter, StepRow } from './dossier-rows.js';
import type { SharedListService } from './shared-list-service.js';

export interface DossierResolverDeps {
  readonly service: DossierService;
  readonly sharedLists: SharedListService;
  readonly codec: ContentCodec;
}

interface PageArgs {
  readonly filter?: DossierFilter | null;
  readonly first: number;
  readonly after?: string | null;
}

type Keyed<Args> = Args & { readonly idempotencyKey: string };

const WRITERS: readonly Role[] = ['portal', 'agency'];
const READERS: readonly Role[] = ['portal', 'agency', 'operator', 'auditor'];
const RECORDED: AuditPolicy = { kind: 'domain-record', where: 'dossier_versions and dossier_steps, with the client in dossiers and idempotency_keys' };
const REPORT_RECORDED: AuditPolicy = { kind: 'domain-record', where: 'status_reports' };

const writeCaller = ({ caller, correlationId, traceparent }: GatewayContext, key: string): WriteCaller =>
  ({ caller, key, correlationId, traceparent });

/** Steps of all dossiers of one answer are read together. */
const createStepLoaders = (service: DossierService) => {
  const loaders = new WeakMap<GatewayContext, DataLoader<string, readonly StepRow[]>>();
  return (context: GatewayContext): DataLoader<string, readonly StepRow[]> => {
    const known = loaders.get(context);
    if (known !== undefined) return known;
    const loader = new DataLoader<string, readonly StepRow[]>(async (codes) => {
      const byCode = await service.stepsOf(codes);
      return codes.map((code) => byCode.get(code) ?? []);
    });
    loaders.set(context, loader);
    return loader;
  };
};

const createQueries = ({ service, sharedLists, codec }: DossierResolverDeps) => ({
  dossier: guardedQuery<{ code: string }, Promise<DossierView | null>>({
    roles: READERS,
    resolve: async ({ code }, context) => {
      const row = await service.findDossier(context, code);
      return row === null ? null : viewDossier(row, context.caller.role, codec);
    },
  }),
  dossiers: guardedQuery({
    roles: READERS,
    resolve: async ({ filter, first, after }: PageArgs, context) => {
      const { rows, endCursor, hasNextPage } = await service.listDossiers(context, filter ?? {}, { first, after: after ?? null });
      return { nodes: rows.map((row) => viewDossier(row, context.caller.role, codec)), pageInfo: { endCursor, hasNextPage } };
    },
  }),
  nationalAgencies: guardedQuery({ roles: READERS, resolve: (_args: object, context) => sharedLists.agencies(context) }),
  nationalFields: guardedQuery({ roles: READERS, resolve: (_args: object, context) => sharedLists.fields(context) }),
});

const createMutations = ({ service }: DossierResolverDeps) => ({
  upsertDossiers: guardedMutation({
    roles: WRITERS,
    audit: RECORDED,
    resolve: async ({ idempotencyKey, dossiers }: Keyed<{ dossiers: readonly DossierInput[] }>, context) =>
      viewUpsertAnswer(await service.upsertDossiers(writeCaller(context, idempotencyKey), dossiers)),
  }),
  appendSteps: guardedMutation({
    roles: WRITERS,
    audit: RECORDED,
    resolve: async ({ idempotencyKey, dossierCode, steps }: Keyed<{ dossierCode: string; steps: readonly StepInput[] }>, context) =>
      viewAppendAnswer(await service.appendSteps(writeCaller(context, idempotencyKey), dossierCode, steps)),
  }),
  reportNationalDossierStatus: guardedMutation({
    roles: WRITERS,
    audit: REPORT_RECORDED,
    resolve: async ({ idempotencyKey, report }: Keyed<{ report: StatusReportInput }>, context) =>
      viewReportAnswer(await service.reportStatus(writeCaller(context, idempotencyKey), report)),
  }),
});

/** Resolvers of `dossier.graphql`. */
export const createDossierResolvers = (deps: DossierResolverDeps) => {
  const stepsOf = createStepLoaders(deps.service);
  return {
    Query: createQueries(deps),
    Mutation: createMutations(deps),
    Dossier: {
      // The parent was read under the caller's own scope, so its steps need no guard of their own.
      steps: async (dossier: DossierView, _args: object, context: GatewayContext): Promise<readonly StepView[]> =>
        (await stepsOf(context).load(dossier.code)).map((row) => viewStep(row, context.caller.role, deps.codec)),
    },
  };
};
