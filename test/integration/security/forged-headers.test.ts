import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

/** Names under which gateways and proxies are known to tell who calls, and from where. */
const FORGED: Readonly<Record<string, string>> = {
  'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1', forwarded: 'for=10.0.0.1;by=proxy;host=internal', 'x-client-ip': '10.0.0.1', 'true-client-ip': '10.0.0.1',
  'x-user': 'test-operator', 'x-user-id': 'test-operator', 'x-remote-user': 'test-operator', 'remote-user': 'test-operator', 'x-role': 'operator', 'x-client': 'test-operator',
  'x-agency': 'H42', 'x-forwarded-user': 'test-operator', 'x-forwarded-client-cert': 'Subject="CN=test-operator"', 'ssl-client-cert': 'CN=test-operator', 'x-ssl-client-cert': 'CN=test-operator',
  'x-original-url': '/metrics', 'x-rewrite-url': '/metrics', 'x-http-method-override': 'DELETE', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', cookie: 'session=operator',
};
const CALLER = '{ caller { client role } }';

describe('headers that say who calls', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  }, 60_000);
  afterAll(() => gateway.close());

  it('do not change who a caller is, each alone and all together', async () => {
    for (const headers of [...Object.entries(FORGED).map(([name, value]) => ({ [name]: value })), FORGED]) {
      expect(await gateway.query({ ...bearer(gateway.keys.portal), ...headers }, CALLER)).toEqual({ status: 200, data: { caller: { client: 'test-portal', role: 'PORTAL' } }, codes: [] });
    }
  });

  it('let nobody in without a key, on any route', async () => {
    expect(await gateway.query(FORGED, CALLER)).toEqual({ status: 401, data: null, codes: ['UNAUTHENTICATED'] });
    for (const path of ['/metrics', '/queues/', '/queues/api/queues']) expect((await fetch(gateway.url + path, { headers: FORGED })).status).toBe(401);
    expect((await fetch(`${gateway.url}/health/live`, { headers: FORGED })).status).toBe(200);
  });

  it('open no other route than the one that was asked for', async () => {
    const answer = await fetch(`${gateway.url}/nothing-here`, { headers: { ...FORGED, ...bearer(gateway.keys.operator) } });
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('onestop_');
  });

  it('give nobody a fresh start at guessing keys: the address is that of the connection', async () => {
    const statuses = new Set<number>();
    for (let at = 0; at < 400; at += 1) {
      const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': `203.0.113.${at % 250}`, ...bearer(`guess-${at}`) }, body: '{"query":"{ __typename }"}' });
      statuses.add(answer.status);
      await answer.text();
    }
    expect([...statuses].sort()).toEqual([401, 429]);
  }, 60_000);
});
