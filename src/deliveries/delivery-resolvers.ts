import DataLoader from 'dataloader';
import type { Role } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { GatewayContext } from '../graphql/context.js';
import { parseFilter, parsePageSize } from './delivery-input.js';
import type { FilterInput } from './delivery-input.js';
import { isDeliveryId } from './delivery-queries.js';
import type { DeliveryQueries } from './delivery-queries.js';
import { attemptView } from './delivery-view.js';
import type { DeliveryView } from './delivery-view.js';

const READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor', 'auditor'];
const PARTY_READERS: readonly Role[] = ['operator', 'supervisor', 'leader', 'auditor'];
export function createDeliveryResolvers(queries: DeliveryQueries) {
  const loaders = createLoaders(queries);
  return {
    Query: {
      delivery: guardedQuery({ roles: READERS, resolve: ({ id }: { id: string }, context) => (isDeliveryId(id) ? queries.findFor(context, id) : null) }),
      deliveries: guardedQuery({
        roles: READERS,
        resolve: (args: { filter?: FilterInput | null; first?: number | null; after?: string | null }, context) =>
          queries.list(context, parseFilter(args.filter ?? {}, new Date()), { first: parsePageSize(args.first), after: args.after ?? null }),
      }),
      parties: guardedQuery({ roles: PARTY_READERS, resolve: () => queries.parties() }),
    },
    Delivery: {
      attempts: async (delivery: DeliveryView, _args: unknown, context: GatewayContext) => (await loaders(context).attempts.load(delivery.id)).map(attemptView),
      waitingBehind: (delivery: DeliveryView, _args: unknown, context: GatewayContext) => loaders(context).waiting.load(delivery.id),
    },
    Dossier: {
      deliveries: (dossier: { readonly code: string }, _args: unknown, context: GatewayContext) => loaders(context).byLane.load(dossier.code),
    },
  };
}

/** One set of loaders a request, so that a list of deliveries costs one statement for each field and not one for each row. */
function createLoaders(queries: DeliveryQueries) {
  const create = () => ({
    attempts: new DataLoader((ids: readonly string[]) => queries.attempts(ids)),
    waiting: new DataLoader((ids: readonly string[]) => queries.waitingBehind(ids)),
    byLane: new DataLoader((lanes: readonly string[]) => queries.byLanes(lanes)),
  });
  const byRequest = new WeakMap<GatewayContext, ReturnType<typeof create>>();
  return (context: GatewayContext): ReturnType<typeof create> => {
    const known = byRequest.get(context);
    if (known !== undefined) return known;
    const fresh = create();
    byRequest.set(context, fresh);
    return fresh;
  };
}
