import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { TEST_KEYS, startHttpGateway, type HttpGateway } from '../../support/http-gateway.js';

describe('the GraphQL-over-HTTP audits', () => {
  let gateway: HttpGateway;
  beforeAll(async () => {
    gateway = await startHttpGateway();
  });
  afterAll(() => gateway.close());

  // Two audits read the schema, so an operator asks; plain GETs need the header that no foreign page can send.
  const fetchFn = (url: string, options: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(options.headers);
    headers.set('authorization', `Bearer ${TEST_KEYS.operator}`);
    headers.set('apollo-require-preflight', 'true');
    return fetch(url, { ...options, headers });
  };

  it('are all passed, with protection against cross-site requests on', async () => {
    const results = await Promise.all(serverAudits({ url: `${gateway.url}/graphql`, fetchFn }).map((audit) => audit.fn()));
    expect(results.filter(({ status }) => status !== 'ok').map(({ id, name, status }) => `${status} ${id} ${name}`)).toEqual([]);
    expect(results).toHaveLength(61);
  });

  it('find the protection on: a plain GET without the header is refused', async () => {
    const query = new URLSearchParams({ query: '{ caller { client } }' });
    const ask = (headers: Record<string, string>): Promise<Response> => fetch(`${gateway.url}/graphql?${query.toString()}`, { headers: { authorization: `Bearer ${TEST_KEYS.portal}`, ...headers } });
    expect((await ask({})).status).toBe(400);
    expect((await ask({ 'apollo-require-preflight': 'true' })).status).toBe(200);
  });
});
