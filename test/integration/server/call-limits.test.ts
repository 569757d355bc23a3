import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createCallLimits, type CallStore } from '../../../src/server/call-limits.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { hasRedis, startTestRedis, type TestRedis } from '../../support/redis.js';
import { TEST_KEYS, startHttpGateway } from '../../support/http-gateway.js';
import { eventually } from '../../support/eventually.js';

const quiet = { logger: { warn: () => undefined }, onAlone: () => undefined };
/** A store that is only held up by a busy machine is not away. */
const PATIENT = { storeTimeoutMs: 30_000 };
const passed = async (limits: { take(client: string): number | Promise<number> }, client: string, calls: number): Promise<number> => {
  const waits = await Promise.all(Array.from({ length: calls }, async () => limits.take(client)));
  return waits.filter((wait) => wait === 0).length;
};

describe('limits on calls', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    await test.database.query('SELECT 1');
  }, 60_000);
  afterAll(() => test.drop());
  const postgres = (): CallStore => ({ kind: 'postgres', database: test.database });

  it('hold over two processes that share PostgreSQL, for each client by itself', async () => {
    const [one, two] = [0, 1].map(() => createCallLimits({ perClient: 200, inAll: 0, ...PATIENT }, postgres(), quiet));
    const [first, second] = await Promise.all([passed(one!, 'portal', 150), passed(two!, 'portal', 150)]);
    expect(first + second).toBe(200);
    expect(await passed(two!, 'agency', 150)).toBe(150);
    expect(await one!.take('portal')).toBeGreaterThan(1_000);
  });

  it('hold for all clients together', async () => {
    const limits = createCallLimits({ perClient: 100, inAll: 120, ...PATIENT }, postgres(), quiet);
    expect((await passed(limits, 'a', 100)) + (await passed(limits, 'b', 100))).toBe(120);
  });

  it('are none where they are switched off', async () => {
    expect(await passed(createCallLimits({ perClient: 0, inAll: 0 }, postgres(), quiet), 'portal', 500)).toBe(500);
  });

  it('hold for each process by itself while the store is away, which is said once', async () => {
    const warnings: string[] = [];
    let alone = 0;
    const gone = await createTestDatabase();
    await gone.drop();
    const limits = createCallLimits({ perClient: 40, inAll: 0 }, { kind: 'postgres', database: gone.database }, {
      logger: { warn: (_fields: unknown, text?: string) => void warnings.push(text ?? '') }, onAlone: (calls) => { alone += calls; },
    });
    expect(await passed(limits, 'portal', 60)).toBe(40);
    expect(warnings).toEqual(['calls are counted by this process alone: the shared store is away']);
    expect(alone).toBeGreaterThanOrEqual(40);
  });

  (hasRedis() ? describe : describe.skip)('over Redis', () => {
    let server: TestRedis;
    const clients: Redis[] = [];
    beforeAll(async () => {
      server = await startTestRedis();
    });
    afterAll(async () => {
      for (const client of clients) client.disconnect();
      await server.stop();
    });
    const open = async (): Promise<CallStore> => {
      const client = new Redis({ port: server.port, host: '127.0.0.1', enableOfflineQueue: false, maxRetriesPerRequest: 1 });
      client.on('error', () => undefined);
      clients.push(client);
      await eventually('Redis to be connected', () => client.status === 'ready');
      return { kind: 'redis', redis: client };
    };

    it('hold over two processes, and go on when Redis is killed', async () => {
      const [one, two] = [createCallLimits({ perClient: 100, inAll: 0, ...PATIENT }, await open(), quiet), createCallLimits({ perClient: 100, inAll: 0, ...PATIENT }, await open(), quiet)];
      const [first, second] = await Promise.all([passed(one, 'portal', 90), passed(two, 'portal', 90)]);
      expect(first + second).toBe(100);
      await server.kill('SIGKILL');
      expect(await passed(one, 'agency', 150)).toBe(100);
    });
  });

  it('are answered with 429, Retry-After and a body of GraphQL; forged headers change nothing', async () => {
    const limits = createCallLimits({ perClient: 2, inAll: 0 }, { kind: 'process' }, quiet);
    const gateway = await startHttpGateway({ limits });
    const ask = (key: string | null, forwarded: string): Promise<Response> => fetch(`${gateway.url}/graphql`, {
      method: 'POST', body: '{"query":"{ caller { client } }"}',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded, 'x-real-ip': forwarded, forwarded: `for=${forwarded}`, 'x-user': 'test-operator', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
    });
    const answers = await Promise.all(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ask(TEST_KEYS.portal, address)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused?.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    // Who proves nobody is counted by the address of the socket, whatever it says of itself.
    const unproved = await Promise.all(Array.from({ length: 301 }, (_, index) => ask(null, `10.1.0.${index % 250}`).then(({ status }) => status)));
    expect(unproved.filter((status) => status === 401)).toHaveLength(300);
    expect(unproved.filter((status) => status === 429)).toHaveLength(1);
    await gateway.close();
  });
});
