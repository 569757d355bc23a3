/** /graphql over procedures that stay in memory, in a process of its own: node --import tsx test/bench/procedure-door.ts <database url>. Prints its address. */
import { createHash } from 'node:crypto';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createAuthenticator } from '../../src/access/bearer-keys.js';
import { CompiledQueries } from '../../src/graphql/compiled-queries.js';
import { startGraphqlServer } from '../../src/graphql/graphql-server.js';
import { createScalars } from '../../src/graphql/scalars.js';
import { readTypeDefinitions } from '../../src/graphql/schema.js';
import { TrustedDocumentStore } from '../../src/graphql/trusted-documents.js';
import { createLogger } from '../../src/observability/logger.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { CatalogueQueries } from '../../src/procedures/catalogue-queries.js';
import { createCatalogueResolvers } from '../../src/procedures/catalogue-resolvers.js';
import { CatalogueStore } from '../../src/procedures/catalogue-store.js';
import { createCallLimits } from '../../src/server/call-limits.js';
import { createGraphqlRoute } from '../../src/server/graphql-route.js';
import { HttpServer } from '../../src/server/http-server.js';
import { sendJson } from '../../src/server/json-answer.js';
import { createQuickLane } from '../../src/server/quick-lane.js';
import { Database } from '../../src/store/database.js';
import { OPERATOR_KEY } from '../support/portal-client.js';

const logger = createLogger('warn');
const metrics = createMetrics();
const database = new Database({ url: process.argv[2] ?? '', poolSize: 5, applicationName: 'bench' });
const page = await new CatalogueQueries(new CatalogueStore(database), 0).list({}, { first: 50, after: null });
const catalogue = createCatalogueResolvers({ version: null, list: () => Promise.resolve(page) } as unknown as CatalogueQueries);
const schema = makeExecutableSchema({
  typeDefs: readTypeDefinitions(),
  resolvers: [createScalars(), { ...catalogue, Query: { procedures: { resolve: catalogue.Query.procedures } } }] as never,
});
const queries = new CompiledQueries(schema);
const graphql = createGraphqlRoute({
  apollo: await startGraphqlServer({ schema, logger, metrics, queries }), quick: createQuickLane({ schema, queries, metrics }),
  authenticator: createAuthenticator([{ client: 'bench', role: 'operator', digest: createHash('sha256').update(OPERATOR_KEY).digest() }]),
  limits: createCallLimits({ perClient: 0, inAll: 0 }, { kind: 'postgres', database }, { logger, onAlone: () => undefined }), trusted: { documents: new TrustedDocumentStore(database), onlyFor: [] },
});
const server = new HttpServer(logger);
const url = await server.listen('127.0.0.1', 0);
server.serve({ graphql, other: (_request, response) => sendJson(response, { status: 404, body: {} }) });
console.log(`${url}/graphql`);
