/** @jest-environment ./test/contract/apollo-suite/deviations-environment.js */
import { ApolloServer } from '@apollo/server';
import { defineIntegrationTestSuite } from '@apollo/server-integration-testsuite';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../src/observability/logger.js';
import { createGraphqlRoute, type GraphqlRouteDeps } from '../../../src/server/graphql-route.js';
import { HttpServer } from '../../../src/server/http-server.js';

/** What the environment of this file found. */
interface Found { readonly deviations: ReadonlyMap<string, string>; readonly notOffered: RegExp; readonly expected: readonly string[]; readonly left: readonly string[] }

const EVERYBODY: GraphqlRouteDeps['authenticator'] = { fromRequest: () => ({ client: 'apollo-suite', role: 'operator', agencyScope: null }) };

/** Our door around the servers that the suite makes, with every caller let in and the suite's context in the place of ours. */
defineIntegrationTestSuite(async (config, options) => {
  const apollo = new ApolloServer(config);
  await apollo.start();
  const withContext = {
    executeHTTPGraphQLRequest: (call: Parameters<typeof apollo.executeHTTPGraphQLRequest>[0]) =>
      apollo.executeHTTPGraphQLRequest({ ...call, context: options?.context ?? (() => Promise.resolve({})) }),
  };
  const server = new HttpServer(createLogger('silent'));
  const graphql = createGraphqlRoute({ apollo: withContext as never, authenticator: EVERYBODY });
  server.serve({ graphql, other: (request, response) => void graphql(request, response) });
  return { server: apollo, url: await server.listen('127.0.0.1', 0), extraCleanup: () => server.close(0) };
}, { noIncrementalDelivery: true });

describe('what the suite asks for and this door answers otherwise', () => {
  const { deviations, notOffered, expected, left } = (globalThis as unknown as { readonly apolloSuite: Found }).apolloSuite;

  it('is a list of tests that exist, each with its reason', () => {
    expect([...expected].sort()).toEqual([...deviations.keys()].sort());
    expect([...deviations.values()].every((reason) => reason.length > 20)).toBe(true);
  });

  it('is left out only where this door offers no such thing', () => {
    expect(left.filter((name) => !notOffered.test(name))).toEqual([]);
    expect(left).toHaveLength(28);
  });
});
