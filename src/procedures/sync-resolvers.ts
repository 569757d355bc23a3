import DataLoader from 'dataloader';
import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import { NotFoundError } from '../errors/gateway-error.js';
import type { BilingualText } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { Once } from '../store/once.js';
import { viewSync } from './catalogue-view.js';
import type { SyncShape } from './catalogue-view.js';
import type { FailedItem } from './sync.js';
import type { SyncAction, SyncService } from './sync-service.js';

const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const AUDIT = { kind: 'operator-action' } as const;
const KINDS = { FULL: 'full', INCREMENTAL: 'incremental' } as const;
const RUNNING: BilingualText = { en: 'Another sync is running', vi: 'Đang có một lượt đồng bộ khác' };
const ENDED: BilingualText = { en: 'The sync has ended already', vi: 'Lượt đồng bộ đã kết thúc' };

/** Resolvers of syncs in `procedure.graphql`. */
export const createSyncResolvers = (service: SyncService) => {
  const failures = createFailureLoader(service);
  const answer = async (key: string, once: Once<SyncAction>, refusal: BilingualText) => {
    if (once.kind === 'conflict') return { __typename: 'IdempotencyConflict', key, message: { en: 'This key was used for other content', vi: 'Khoá này đã được dùng cho nội dung khác' } };
    const sync = await service.find(once.result.id);
    if (sync === null) throw new NotFoundError();
    return once.result.done ? { __typename: 'ProcedureSyncChanged', sync: viewSync(sync) } : { __typename: 'ProcedureSyncRefused', message: refusal, sync: viewSync(sync) };
  };
  return {
    Query: {
      procedureSyncs: guardedQuery({
        roles: ROLES,
        resolve: async ({ first, after }: { first: number; after?: string | null }) => {
          const { nodes, pageInfo } = await service.list({ first, after: after ?? null });
          return { nodes: nodes.map(viewSync), pageInfo };
        },
      }),
    },
    Mutation: {
      syncProcedures: guardedMutation({
        roles: OPERATORS, audit: AUDIT,
        resolve: async ({ idempotencyKey, kind }: { idempotencyKey: string; kind: keyof typeof KINDS }, { caller }) =>
          answer(idempotencyKey, await service.start({ caller, idempotencyKey, reason: null }, KINDS[kind]), RUNNING),
      }),
      cancelProcedureSync: guardedMutation({
        roles: OPERATORS, audit: AUDIT,
        resolve: async ({ idempotencyKey, id, reason }: { idempotencyKey: string; id: string; reason: string }, { caller }) =>
          answer(idempotencyKey, await service.cancel({ caller, idempotencyKey, reason: parseReason(reason) }, id), ENDED),
      }),
    },
    ProcedureSync: {
      failures: ({ id, failed }: SyncShape, _args: unknown, context: GatewayContext) => (failed === 0 ? [] : failures(context).load(id)),
    },
  };
};

function createFailureLoader(service: SyncService) {
  const byRequest = new WeakMap<GatewayContext, DataLoader<string, readonly FailedItem[]>>();
  return (context: GatewayContext): DataLoader<string, readonly FailedItem[]> => {
    const known = byRequest.get(context);
    if (known !== undefined) return known;
    const fresh = new DataLoader((ids: readonly string[]) => service.failures(ids));
    byRequest.set(context, fresh);
    return fresh;
  };
}
