import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServeHost, type ServeHost } from '../support/serve-process.js';
import { hasRedis, startTestRedis } from '../support/redis.js';

const LIMIT = 60;

interface Heard { readonly passed: number; readonly refused: readonly Response[]; readonly others: readonly number[] }

/** Calls of one client at one process, a few at a time, so that two processes take turns. */
const callOften = async (url: string, key: string, calls: number): Promise<Heard> => {
  const answers: Response[] = [];
  const callOne = async (): Promise<void> => {
    while (answers.length < calls) {
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: '{"query":"{ caller { client } }"}' });
      answers.push(response);
    }
  };
  await Promise.all(Array.from({ length: 4 }, callOne));
  const refused = answers.filter(({ status }) => status === 429);
  const passed = answers.filter(({ status }) => status === 200).length;
  return { passed, refused, others: answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 429) };
};

describe('a limit on calls of two processes', () => {
  let host: ServeHost;
  beforeAll(async () => {
    host = await createServeHost();
  }, 90_000);
  afterEach(() => host.stop(), 60_000);
  afterAll(() => host.close(), 60_000);

  const holdsTogether = async (carrier: Readonly<Record<string, string>>): Promise<void> => {
    const limits = { RATE_LIMIT_CLIENT: String(LIMIT), RATE_LIMIT_TOTAL: '0', ...carrier };
    const [one, two] = await Promise.all([host.serve(limits), host.serve(limits)]);
    const countedAlone = async (): Promise<number> => {
      const counts = await Promise.all([one, two].map(async ({ url }) => {
        const text = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${host.keys.operator}` } })).text();
        return Number(/^onestop_calls_counted_alone_total (\d+)$/m.exec(text)?.[1]);
      }));
      return counts.reduce((sum, count) => sum + count);
    };
    // A store that answers too late is left alone on purpose, each process counting for itself: then another client shows it.
    for (const key of host.portals) {
      const before = await countedAlone();
      // Both take part, however quick one of them is afterwards.
      const first = [await callOften(one.url, key, 1), await callOften(two.url, key, 1)];
      const heard = await Promise.all([one, two].map(({ url }) => callOften(url, key, LIMIT)));
      if (await countedAlone() !== before) continue;
      expect(heard.flatMap(({ others }) => others)).toEqual([]);
      expect(first.map(({ passed }) => passed > 0)).toEqual([true, true]);
      expect([...first, ...heard].reduce((sum, { passed }) => sum + passed, 0)).toBeLessThanOrEqual(LIMIT);
      for (const { refused } of heard) {
        expect(refused.length).toBeGreaterThan(0);
        for (const response of refused) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await refused[0]?.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
      }
      // Spent is spent, at whichever process one asks, and only for this client.
      for (const { url } of [one, two]) {
        expect(await callOften(url, key, 1)).toMatchObject({ passed: 0 });
        expect((await callOften(url, host.keys.operator, 1)).passed).toBeGreaterThan(0);
      }
      return;
    }
    throw new Error('the store was never quick enough to be counted in');
  };

  it('holds for both together, on PostgreSQL', () => holdsTogether({}), 120_000);

  (hasRedis() ? it : it.skip)('holds for both together, on Redis', async () => {
    const redis = await startTestRedis(['--maxmemory-policy', 'noeviction']);
    try {
      await holdsTogether({ REDIS_URL: redis.url });
    } finally {
      await host.stop();
      await redis.stop();
    }
  }, 120_000);
});
