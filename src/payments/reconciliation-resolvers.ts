import DataLoader from 'dataloader';
import type { AuditPolicy } from '../access/guarded.js';
import { ROLES } from '../access/caller.js';
import type { Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { GatewayContext } from '../graphql/context.js';
import { LEDGER_FAULT_TEXTS } from './ledger-check-faults.js';
import type { LedgerFaultKind } from './ledger-check-faults.js';
import type { ActionAnswer, PaymentCall } from './payment-action.js';
import type { Page, PageOf } from './payment-queries.js';
import { viewRefusal } from './payment-view.js';
import { writeReconciliation } from './reconciliation-export.js';
import type { ReportFormat } from './reconciliation-export.js';
import { ACTION_LABELS, CLASS_LABELS, FAILURE_LABELS } from './reconciliation-labels.js';
import type { DifferenceFilter, KeptDifference, LedgerCheckResult, ReconciliationQueries } from './reconciliation-queries.js';
import type { ReconciliationRun } from './reconciliation-run.js';
import type { ReconciliationService } from './reconciliation-service.js';
import type { PaymentTotals } from './reconciliation-totals.js';
import { statementBytes } from './statement-input.js';

export interface ReconciliationResolverDeps {
  readonly queries: ReconciliationQueries;
  readonly totals: PaymentTotals;
  readonly service: ReconciliationService;
}

const INSPECTORS: readonly Role[] = ['operator', 'supervisor', 'leader', 'auditor'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const BY_OPERATOR: AuditPolicy = { kind: 'operator-action' };
/** A file holds no more; a run with more has one cause, which a page of them shows as well. */
const MAX_EXPORTED = 10_000;
const EXPORT_PAGE = 200;

interface PageArgs { readonly first: number; readonly after?: string | null }
type Acted<Args> = Args & { readonly idempotencyKey: string; readonly reason: string };

const pageArgs = ({ first, after }: PageArgs): PageOf => ({ first, after: after ?? null });
const connection = <Row, Node>({ rows, endCursor, hasNextPage }: Page<Row>, view: (row: Row) => Node) => ({ nodes: rows.map(view), pageInfo: { endCursor, hasNextPage } });
const callOf = ({ idempotencyKey, reason }: Acted<object>, { caller, correlationId, traceparent }: GatewayContext): PaymentCall =>
  ({ caller, correlationId, traceparent, idempotencyKey, reason: parseReason(reason) });

const viewRun = ({ failure, ...run }: ReconciliationRun) => ({
  ...run, state: failure !== null ? 'FAILED' : run.endedAt !== null ? 'DONE' : run.startedAt === null ? 'WAITING' : 'RUNNING',
  failure: failure === null ? null : { code: failure, message: FAILURE_LABELS[failure] ?? FAILURE_LABELS['internal'] },
});
type RunShape = ReturnType<typeof viewRun>;

const viewDifference = ({ class: found, action, theirsState, ...rest }: KeptDifference) => ({
  ...rest, class: found, action, theirsState: theirsState?.toUpperCase().replace('-', '_') ?? null, classLabel: CLASS_LABELS[found], actionLabel: ACTION_LABELS[action],
});

const viewCheck = ({ faultKind, transactionId, reference, ...check }: LedgerCheckResult) => ({
  ...check, balanced: check.faultCount === 0,
  firstFault: faultKind === null ? null : { code: faultKind, message: LEDGER_FAULT_TEXTS[faultKind as LedgerFaultKind], transactionId, reference },
});

const allDifferences = async (queries: ReconciliationQueries, runId: string): Promise<readonly KeptDifference[]> => {
  const found: KeptDifference[] = [];
  for (let after: string | null = null; found.length < MAX_EXPORTED;) {
    const page: Page<KeptDifference> = await queries.differences({ runId }, { first: EXPORT_PAGE, after });
    found.push(...page.rows);
    if (!page.hasNextPage) break;
    after = page.endCursor;
  }
  return found.reverse();
};

const createQueries = ({ queries, totals }: ReconciliationResolverDeps) => ({
  reconciliationRuns: guardedQuery({
    roles: INSPECTORS, wholeProvince: true,
    resolve: async ({ gateway, day, ...page }: PageArgs & { gateway?: string | null; day?: string | null }) => connection(await queries.runs({ gateway: gateway ?? null, day: day ?? null }, pageArgs(page)), viewRun),
  }),
  reconciliationRun: guardedQuery({
    roles: INSPECTORS, wholeProvince: true,
    resolve: async ({ id }: { id: string }) => {
      const run = await queries.run(id);
      return run === null ? null : viewRun(run);
    },
  }),
  reconciliationDifferences: guardedQuery({
    roles: INSPECTORS, wholeProvince: true,
    resolve: async ({ filter, ...page }: PageArgs & { filter?: DifferenceFilter | null }) => connection(await queries.differences(filter ?? {}, pageArgs(page)), viewDifference),
  }),
  reconciliationFile: guardedQuery({
    roles: INSPECTORS, wholeProvince: true,
    resolve: async ({ runId, format }: { runId: string; format: ReportFormat }) => {
      const run = await queries.run(runId);
      return run === null ? null : writeReconciliation(format, { run, differences: await allDifferences(queries, runId) });
    },
  }),
  paymentTotals: guardedQuery({
    roles: ROLES,
    resolve: async ({ from, to, gateway, ...page }: PageArgs & { from: string; to: string; gateway?: string | null }, context) => connection(await totals.list(context, { from, to, gateway: gateway ?? null }, pageArgs(page)), (total) => total),
  }),
  ledgerCheck: guardedQuery({
    roles: INSPECTORS, wholeProvince: true,
    resolve: async () => {
      const last = await queries.lastCheck();
      return last === null ? null : viewCheck(last);
    },
  }),
});

const viewStarted = async (queries: ReconciliationQueries, answer: ActionAnswer<{ readonly runId: string }>) => {
  if (answer.kind !== 'done') return viewRefusal(answer);
  const run = await queries.run(answer.result.runId);
  return run === null ? null : { __typename: 'ReconciliationStarted', run: viewRun(run) };
};

const createMutations = ({ queries, service }: ReconciliationResolverDeps) => ({
  startReconciliation: guardedMutation({
    roles: OPERATORS, wholeProvince: true, audit: BY_OPERATOR,
    resolve: async ({ gateway, day, ...args }: Acted<{ gateway: string; day: string }>, context) => viewStarted(queries, await service.start(callOf(args, context), gateway, day)),
  }),
  importStatement: guardedMutation({
    roles: OPERATORS, wholeProvince: true, audit: BY_OPERATOR,
    resolve: async ({ gateway, day, contentBase64, replacesEarlier, ...args }: Acted<{ gateway: string; day: string; contentBase64: string; replacesEarlier: boolean }>, context) =>
      viewStarted(queries, await service.importStatement(callOf(args, context), { gateway, day, content: statementBytes(contentBase64), replacesEarlier })),
  }),
  resolveDifference: guardedMutation({
    roles: OPERATORS, wholeProvince: true, audit: BY_OPERATOR,
    resolve: async ({ id, ...args }: Acted<{ id: string }>, context) => {
      const answer = await service.resolve(callOf(args, context), id);
      if (answer.kind !== 'done') return viewRefusal(answer);
      const difference = await queries.difference(answer.result.differenceId);
      return difference === null ? null : { __typename: 'DifferenceResolved', difference: viewDifference(difference) };
    },
  }),
});

/** Resolvers of `reconciliation.graphql`. */
export const createReconciliationResolvers = (deps: ReconciliationResolverDeps) => {
  const countLoaders = new WeakMap<GatewayContext, DataLoader<string, { readonly differences: number; readonly open: number }>>();
  const countsOf = (context: GatewayContext) => {
    const loader = countLoaders.get(context) ?? new DataLoader((ids: readonly string[]) => deps.queries.countsOf(ids));
    countLoaders.set(context, loader);
    return loader;
  };
  return {
    Query: createQueries(deps),
    Mutation: createMutations(deps),
    ReconciliationRun: {
      differenceCount: async ({ id }: RunShape, _args: unknown, context: GatewayContext) => (await countsOf(context).load(id)).differences,
      openCount: async ({ id }: RunShape, _args: unknown, context: GatewayContext) => (await countsOf(context).load(id)).open,
      statement: async ({ statementId }: RunShape) => {
        const statement = statementId === null ? null : await deps.queries.statement(statementId);
        return statement === null ? null : { ...statement, source: statement.source.toUpperCase() };
      },
    },
  };
};
