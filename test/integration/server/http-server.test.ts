import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../src/observability/logger.js';
import { HttpServer } from '../../../src/server/http-server.js';
import { TEST_KEYS, startHttpGateway, type HttpGateway } from '../../support/http-gateway.js';

const bearer = (key: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${key}` } });

describe('HTTP server', () => {
  const open: { close(): Promise<void> }[] = [];
  const start = async (options: Parameters<typeof startHttpGateway>[0] = {}): Promise<HttpGateway> => {
    const gateway = await startHttpGateway(options);
    open.push(gateway);
    return gateway;
  };
  afterEach(async () => {
    for (const gateway of open.splice(0)) await gateway.close();
  });

  it('says which port is taken and what to do', async () => {
    const gateway = await start();
    const port = Number(new URL(gateway.url).port);
    await expect(new HttpServer(createLogger('silent')).listen('127.0.0.1', port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  });

  it('answers "starting" until it is given routes', async () => {
    const server = new HttpServer(createLogger('silent'));
    open.push({ close: () => server.close(100) });
    const url = await server.listen('127.0.0.1', 0);
    expect((await fetch(`${url}/graphql`, { method: 'POST' })).status).toBe(503);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  });

  it('is ready when every check is, and says which is not', async () => {
    let queueReady = false;
    const { url } = await start({
      checks: [
        { name: 'database', check: () => Promise.resolve({ ready: true }) },
        { name: 'queue', check: () => (queueReady ? Promise.resolve({ ready: true }) : Promise.reject(new Error('password=hunter2'))) },
      ],
    });
    const down = await fetch(`${url}/health/ready`);
    expect(down.status).toBe(503);
    expect(await down.json()).toEqual({ ready: false, checks: { database: true, queue: false } });
    queueReady = true;
    const { url: other } = await start({ checks: [{ name: 'queue', check: () => Promise.resolve({ ready: queueReady }) }] });
    expect(await (await fetch(`${other}/health/ready`)).json()).toEqual({ ready: true, checks: { queue: true } });
  });

  it('is not ready when a check hangs', async () => {
    const { url } = await start({ checks: [{ name: 'database', check: () => new Promise(() => undefined) }] });
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  }, 10_000);

  it('shows metrics to operators and auditors only', async () => {
    const { url, query } = await start();
    await query('{ caller { client } }');
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`, bearer(TEST_KEYS.portal))).status).toBe(403);
    const text = await (await fetch(`${url}/metrics`, bearer(TEST_KEYS.auditor))).text();
    expect(text).toMatch(/onestop_graphql_seconds_count\{kind="query",outcome="ok"\} 1/);
    expect(text).toContain('onestop_process_resident_memory_bytes');
  });

  it('answers what it does not know with JSON and without a name of its maker', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/nothing-here`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'NOT_FOUND' });
    expect(response.headers.get('x-powered-by')).toBeNull();
  });
});
