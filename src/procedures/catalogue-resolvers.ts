import DataLoader from 'dataloader';
import { ROLES } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { GatewayContext } from '../graphql/context.js';
import { nationalCodeOf, parseCatalogueFilter } from './catalogue-input.js';
import type { CatalogueFilterInput } from './catalogue-input.js';
import type { CatalogueQueries, ListPage } from './catalogue-queries.js';
import { viewChange, viewEntry } from './catalogue-view.js';
import type { ChangeShape, EntryShape } from './catalogue-view.js';

interface PageArgs { readonly first: number; readonly after?: string | null }

const viewPage = <Node, View>({ nodes, pageInfo }: ListPage<Node>, view: (node: Node) => View) => ({ nodes: nodes.map(view), pageInfo });

/** Resolvers of the catalogue in `procedure.graphql`. It is public information: no role sees less of it than another. */
export const createCatalogueResolvers = (queries: CatalogueQueries) => {
  const loaders = createLoaders(queries);
  return {
    Query: {
      procedure: guardedQuery({
        roles: ROLES,
        resolve: async ({ code }: { code: string }) => {
          const [entry = null] = await queries.find([nationalCodeOf(code)]);
          return entry === null ? null : viewEntry(entry);
        },
      }),
      procedures: guardedQuery({
        roles: ROLES,
        resolve: async ({ filter, first, after }: PageArgs & { filter?: CatalogueFilterInput | null }) =>
          viewPage(await queries.list(parseCatalogueFilter(filter ?? {}), { first, after: after ?? null }), viewEntry),
      }),
      procedureChanges: guardedQuery({
        roles: ROLES,
        resolve: async ({ code, first, after }: PageArgs & { code?: string | null }) =>
          viewPage(await queries.changes(code == null ? null : nationalCodeOf(code), { first, after: after ?? null }), viewChange),
      }),
    },
    NationalProcedure: {
      latestChanges: async ({ code }: EntryShape, _args: unknown, context: GatewayContext) => (await loaders(context).changes.load(code)).map(viewChange),
    },
    ProcedureChange: {
      procedure: async ({ code }: ChangeShape, _args: unknown, context: GatewayContext) => {
        const entry = await loaders(context).entries.load(code);
        return entry === null ? null : viewEntry(entry);
      },
    },
  };
};

/** One set of loaders a request: a list costs one statement for each field and not one for each row. */
function createLoaders(queries: CatalogueQueries) {
  const create = () => ({
    entries: new DataLoader((codes: readonly string[]) => queries.find(codes)),
    changes: new DataLoader((codes: readonly string[]) => queries.latestChanges(codes)),
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
