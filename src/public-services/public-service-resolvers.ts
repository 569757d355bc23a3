import DataLoader from 'dataloader';
import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { CatalogueEntry } from '../procedures/catalogue-entry.js';
import type { CatalogueQueries } from '../procedures/catalogue-queries.js';
import { viewEntry } from '../procedures/catalogue-view.js';
import type { LinkChecker } from './link-checker.js';
import type { ServiceDraft } from './public-service.js';
import { viewChange, viewFile, viewHistory, viewImport, viewService, viewShare, viewSummary } from './public-service-view.js';
import type { ServiceShape } from './public-service-view.js';
import { writeReadinessReport } from './readiness-report.js';
import type { ReportFormat } from './readiness-report.js';
import { levelNamed } from './service-level.js';
import type { LevelName } from './service-level.js';
import type { ServiceFilterInput, ServiceQueries } from './service-queries.js';
import type { MoveOrder, ServiceCall, ServiceRegister } from './service-register.js';

/** Who says what a service is; the portal does, and operators correct it. */
const WRITERS: readonly Role[] = ['portal', 'operator', 'supervisor'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const AUDIT = { kind: 'operator-action' } as const;

const NO_SERVICE = breach('SERVICE_UNKNOWN', 'Không có dịch vụ công này', 'There is no such public service');

type Acted<Args> = Args & { readonly idempotencyKey: string; readonly reason: string };
interface Under { readonly underCode?: string | null }

interface ServiceInput {
  readonly procedureCode: string;
  readonly agencyCode: string;
  readonly code?: string | null;
  readonly level?: LevelName | null;
  readonly electronicForm?: boolean | null;
  readonly onlinePayment?: boolean | null;
  readonly electronicResult?: boolean | null;
  readonly postalResult?: boolean | null;
  readonly officials?: number | null;
  readonly deepLink?: string | null;
}

/** Null and absent say nothing; only a link can be taken away. */
const draftOf = ({ procedureCode, agencyCode, code, level, deepLink, officials, ...flags }: ServiceInput): ServiceDraft => ({
  procedureCode, agencyCode, deepLink, code: code ?? undefined, level: level == null ? undefined : levelNamed(level), officials: officials ?? undefined,
  electronicForm: flags.electronicForm ?? undefined, onlinePayment: flags.onlinePayment ?? undefined,
  electronicResult: flags.electronicResult ?? undefined, postalResult: flags.postalResult ?? undefined,
});

const callOf = ({ idempotencyKey, reason }: Acted<object>, { caller, correlationId }: GatewayContext): ServiceCall => ({ caller, correlationId, idempotencyKey, reason: parseReason(reason) });

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const fileOf = (contentBase64: string): Uint8Array => {
  if (!BASE64.test(contentBase64)) throw new UserInputError([problemAt('contentBase64', breach('BASE64', 'Nội dung phải ở dạng base64', 'The content must be base64'))]);
  return Buffer.from(contentBase64, 'base64');
};

/** The catalogue, as far as services show it: entries in the order of codes, null for one that is not known. */
export type NationalRecords = Pick<CatalogueQueries, 'find'>;

export interface PublicServiceResolverDeps {
  readonly catalogue: NationalRecords;
  readonly queries: ServiceQueries;
  readonly register: ServiceRegister;
  readonly links: LinkChecker;
  readonly targetPercent: number;
  readonly now: () => Date;
}

/** Resolvers of `public-service.graphql`. */
export const createPublicServiceResolvers = (deps: PublicServiceResolverDeps) => {
  const loaders = createLoaders(deps);
  return {
    Query: createQueries(deps),
    Mutation: createMutations(deps),
    PublicService: {
      history: async ({ id }: ServiceShape, _args: unknown, context: GatewayContext) => (await loaders(context).histories.load(id)).map(viewHistory),
      nationalProcedure: async ({ nationalCode }: ServiceShape, _args: unknown, context: GatewayContext) => {
        const entry = nationalCode === null ? null : await loaders(context).procedures.load(nationalCode);
        return entry === null ? null : viewEntry(entry);
      },
    },
  };
};

const createQueries = ({ queries, targetPercent, now }: PublicServiceResolverDeps) => ({
  publicServices: guardedQuery({
    roles: ROLES,
    resolve: async ({ filter, first, after }: { filter?: ServiceFilterInput | null; first: number; after?: string | null }, context) => {
      const { services, endCursor, hasNextPage } = await queries.list(context, filter ?? {}, { first, after: after ?? null });
      return { nodes: services.map(viewService), pageInfo: { endCursor, hasNextPage } };
    },
  }),
  serviceReadiness: guardedQuery({
    roles: ROLES,
    resolve: async ({ code, agencyCode }: { code: string; agencyCode?: string | null }, context) => {
      const found = await queries.find(context, code, agencyCode ?? null);
      return found === null ? null : viewService(found);
    },
  }),
  readinessByAgency: guardedQuery({
    roles: ROLES,
    resolve: async ({ underCode }: Under, context) => viewSummary(await queries.summary(context, underCode ?? null)),
  }),
  readinessReport: guardedQuery({
    roles: ROLES,
    resolve: async ({ format, underCode }: Under & { format: ReportFormat }, context) =>
      viewFile(writeReadinessReport(await queries.all(context, 'readinessReport', underCode ?? null), format, now())),
  }),
  connectedShare: guardedQuery({
    roles: ROLES,
    resolve: async ({ fromMonth, untilMonth, underCode }: Under & { fromMonth?: string | null; untilMonth?: string | null }, context) => {
      const months = await queries.shareByMonth(context, { fromMonth: fromMonth ?? null, untilMonth: untilMonth ?? null, underCode: underCode ?? null });
      return { targetPercent, months: months.map((month) => viewShare(month, targetPercent)) };
    },
  }),
  connectedShareAt: guardedQuery({
    roles: ROLES,
    resolve: async ({ at, underCode }: Under & { at: Date }, context) => {
      const point = await queries.shareAt(context, at, underCode ?? null);
      return point === null ? null : viewShare({ ...point, month: null }, targetPercent);
    },
  }),
});

const createMutations = ({ queries, register, links }: PublicServiceResolverDeps) => ({
  importPublicServices: guardedMutation({
    roles: WRITERS, audit: AUDIT,
    resolve: async (args: Acted<{ services?: readonly ServiceInput[] | null; contentBase64?: string | null; dryRun: boolean }>, context) =>
      viewImport(await register.import(callOf(args, context), {
        rows: args.services?.map(draftOf) ?? null, file: args.contentBase64 == null ? null : fileOf(args.contentBase64), dryRun: args.dryRun,
      })),
  }),
  savePublicService: guardedMutation({
    roles: WRITERS, audit: AUDIT,
    resolve: async (args: Acted<{ service: ServiceInput }>, context) => {
      const answer = await register.save(callOf(args, context), draftOf(args.service));
      return viewChange(answer, answer.kind === 'done' ? await queries.byProcedure(context, answer.result.procedureCode, answer.result.agencyCode) : null);
    },
  }),
  setConnectionState: guardedMutation({
    roles: OPERATORS, audit: AUDIT,
    resolve: async ({ procedureCode, agencyCode, to, override, ...args }: Acted<MoveOrder>, context) => {
      const answer = await register.move(callOf(args, context), { procedureCode, agencyCode, to, override });
      return viewChange(answer, answer.kind === 'done' ? await queries.byId(context, answer.result.serviceId) : null);
    },
  }),
  checkServiceLink: guardedMutation({
    roles: OPERATORS, audit: AUDIT,
    resolve: async ({ procedureCode, agencyCode, reason, idempotencyKey }: { idempotencyKey: string; procedureCode: string; agencyCode: string; reason?: string | null }, context) => {
      const found = await queries.byProcedure(context, procedureCode, agencyCode);
      if (found === null) return viewChange({ kind: 'refused', problems: [problemAt('procedureCode', NO_SERVICE)], unmet: [] }, null);
      const call = { caller: context.caller, correlationId: context.correlationId, idempotencyKey, reason: reason == null ? null : parseReason(reason) };
      const answer = await links.check(call, found.service);
      return viewChange(answer, answer.kind === 'done' ? await queries.byId(context, found.service.id) : null);
    },
  }),
});

/** One set a request: a page costs one statement for all histories, and one for all national records. */
const createLoaders = ({ queries, catalogue }: PublicServiceResolverDeps) => {
  const create = () => ({
    histories: new DataLoader<string, Awaited<ReturnType<ServiceQueries['histories']>>[number]>((ids) => queries.histories(ids)),
    procedures: new DataLoader<string, CatalogueEntry | null>((codes) => catalogue.find(codes)),
  });
  const byRequest = new WeakMap<GatewayContext, ReturnType<typeof create>>();
  return (context: GatewayContext): ReturnType<typeof create> => {
    const known = byRequest.get(context) ?? create();
    byRequest.set(context, known);
    return known;
  };
};
