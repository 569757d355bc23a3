import type { Redis } from 'ioredis';
import type { Database } from '../../src/store/database.js';

/** Base64 of a text at each of the three places where it can stand in a longer one, without the ends that its neighbours change. */
const base64Forms = (text: string): string[] => {
  const bytes = Buffer.from(text, 'utf8');
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '');
    return encoded.slice(offset === 0 ? 0 : offset + 1, (bytes.length + offset) % 3 === 0 ? undefined : -1);
  });
};
const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex');

/** Every form in which a canary would still be legible: composed, decomposed, escaped for a URL, a form or JSON, base64, and each as hex. */
export const legibleForms = (canary: string): readonly string[] => {
  const plain = [canary, canary.normalize('NFD'), encodeURIComponent(canary), encodeURIComponent(canary).replaceAll('%20', '+'), JSON.stringify(canary).slice(1, -1), ...base64Forms(canary)];
  return [...new Set([...plain, ...plain.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')), ...plain.map(hex)])];
};

/** Canaries that can be read in a text. */
export const canariesIn = (text: string, canaries: readonly string[]): string[] => {
  const lower = text.toLowerCase();
  return canaries.filter((canary) => legibleForms(canary).some((form) => text.includes(form) || lower.includes(form.toLowerCase())));
};

/** Every row of every table of every schema, as JSON a row; bytes are hex. */
export const databaseRows = async (database: Database): Promise<readonly { readonly table: string; readonly row: string }[]> => {
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`);
  const found = [];
  for (const { name } of tables) {
    const { rows } = await database.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} AS t`);
    found.push(...rows.map(({ row }) => ({ table: name, row })));
  }
  return found;
};

/** Everything that a Redis holds, keys and values, as text. */
export const redisContent = async (redis: Redis): Promise<string> => {
  const parts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value = type === 'hash' ? await redis.hgetall(key)
      : type === 'list' ? await redis.lrange(key, 0, -1)
        : type === 'set' ? await redis.smembers(key)
          : type === 'zset' ? await redis.zrange(key, '0', '-1')
            : type === 'stream' ? await redis.xrange(key, '-', '+') : await redis.get(key);
    parts.push(key, JSON.stringify(value));
  }
  return parts.join('\n');
};
