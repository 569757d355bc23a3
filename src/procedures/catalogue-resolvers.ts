import DataLoader from 'dataloader';
import { ROLES } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import { dependingOn } from '../graphql/answer-version.js';
import type { GatewayContext } from '../graphql/context.js';
import { nationalCodeOf, parseCatalogueFilter } from './catalogue-input.js';
import type { CatalogueFilterInput } from './catalogue-input.js';
import type { CatalogueQueries, ListPage } from './catalogue-queries.js';
import { asksForRecords } from './catalogue-selection.js';
import { viewChange } from './catalogue-view.js';
import type { ChangeShape } from './catalogue-view.js';
import type { CatalogueMark } from './catalogue-entry.js';

interface PageArgs { readonly first: number; readonly after?: string | null }

const viewPage = <Node, View>({ nodes, pageInfo }: ListPage<Node>, view: (node: Node) => View) => ({ nodes: nodes.map(view), pageInfo });

/** Resolvers of the catalogue in `procedure.graphql`. It is public information: no role sees less of it than another. */
export const createCatalogueResolvers = (queries: CatalogueQueries) => {
  const loaders = createLoaders(queries);
  const kept = <Marked extends (...call: never[]) => unknown>(resolver: Marked): Marked => dependingOn(queries.version, resolver);
  return {
    Query: {
      procedure: kept(guardedQuery({
        roles: ROLES,
        resolve: async ({ code }: { code: string }) => (await queries.find([nationalCodeOf(code)]))[0] ?? null,
      })),
      procedures: kept(guardedQuery({
        roles: ROLES,
        resolve: ({ filter, first, after }: PageArgs & { filter?: CatalogueFilterInput | null }, _context, info) =>
          queries.list(parseCatalogueFilter(filter ?? {}), { first, after: after ?? null, detail: asksForRecords(info) ? 'record' : 'mark' }),
      })),
      procedureChanges: guardedQuery({
        roles: ROLES,
        resolve: async ({ code, first, after }: PageArgs & { code?: string | null }) =>
          viewPage(await queries.changes(code == null ? null : nationalCodeOf(code), { first, after: after ?? null }), viewChange),
      }),
    },
    NationalProcedure: {
      latestChanges: async ({ code }: CatalogueMark, _args: unknown, context: GatewayContext) => (await loaders(context).changes.load(code)).map(viewChange),
    },
    ProcedureChange: {
      procedure: ({ code }: ChangeShape, _args: unknown, context: GatewayContext) => loaders(context).entries.load(code),
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
