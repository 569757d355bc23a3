/** One server of the bench of the door, in a process of its own: node --import tsx test/bench/door-server.ts <kind> [database url]. Prints its address. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { makeExecutableSchema } from '@graphql-tools/schema';
import express from 'express';
import fastify from 'fastify';
import mercurius from 'mercurius';
import { createAuthenticator } from '../../src/access/bearer-keys.js';
import { guardedMutation, guardedQuery } from '../../src/access/guarded.js';
import { buildSchema } from '../../src/graphql/schema.js';
import { TrustedDocumentStore } from '../../src/graphql/trusted-documents.js';
import { createLogger } from '../../src/observability/logger.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { openDoor } from '../../src/server/door.js';
import { Health } from '../../src/server/health.js';
import { HttpServer } from '../../src/server/http-server.js';
import { Database } from '../../src/store/database.js';

const FIELDS = Array.from({ length: 20 }, (_, index) => `field${index}`);
const ITEMS = Array.from({ length: 50 }, (_item, row) => Object.fromEntries(FIELDS.map((field, column) => [field, `value ${row}.${column}`])));
const TYPE = `type Item { ${FIELDS.map((field) => `${field}: String!`).join(' ')} }`;
const PLAIN = { typeDefs: `${TYPE} type Query { items: [Item!]! }`, resolvers: { Query: { items: () => ITEMS } } };
/** The key that the load carries to the gateway. */
const KEY = 'bench-key';

const startApollo = async (): Promise<string> => {
  const server = new ApolloServer({ schema: makeExecutableSchema(PLAIN) });
  await server.start();
  const app = express();
  app.use('/graphql', express.json(), expressMiddleware(server));
  const http = createServer(app);
  await new Promise<void>((fulfil) => http.listen(0, '127.0.0.1', fulfil));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`;
};

const startMercurius = async (): Promise<string> => {
  const app = fastify();
  await app.register(mercurius, { schema: PLAIN.typeDefs, resolvers: PLAIN.resolvers, jit: 1 });
  return `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`;
};

const startGateway = async (databaseUrl: string): Promise<string> => {
  const logger = createLogger('warn');
  const database = new Database({ url: databaseUrl, poolSize: 5, applicationName: 'bench' });
  const schema = buildSchema([{
    Query: { items: guardedQuery({ roles: ['portal'], resolve: () => ITEMS }) },
    Mutation: { nothing: guardedMutation({ roles: ['portal'], audit: { kind: 'no-audit', because: 'it does nothing' }, resolve: () => true }) },
  }], [BASE, `${TYPE} extend type Query { items: [Item!]! } extend type Mutation { nothing: Boolean }`]);
  const door = await openDoor({
    http: { admin: null, callbacks: { listener: null, perAddress: 0, certificateHeader: null }, trustedProxies: [], rateLimits: { perClient: 9_000_000, inAll: 9_000_000 }, trustedDocumentsClients: [] },
    logger, metrics: createMetrics(), showsMetrics: true, health: new Health([]), schema, documents: new TrustedDocumentStore(database), calls: { kind: 'postgres', database }, files: null, queueBoard: null, callbacks: null,
    authenticator: createAuthenticator([{ client: 'bench', role: 'portal', digest: createHash('sha256').update(KEY).digest() }]),
  });
  const server = new HttpServer(logger);
  const url = await server.listen('127.0.0.1', 0);
  server.serve(door.routes);
  return `${url}/graphql`;
};

const [kind = '', databaseUrl = ''] = process.argv.slice(2);
const BASE = (await import('../../src/graphql/schema.js')).readTypeDefinitions(['common.graphql']).join('\n');
const starters: Readonly<Record<string, () => Promise<string>>> = { apollo: startApollo, mercurius: startMercurius, gateway: () => startGateway(databaseUrl) };
console.log(await starters[kind]?.());
