import { Cluster, type Redis } from 'ioredis';
import type { RedisTarget } from '../../src/config.js';
import { withDeadline } from './deadline.js';
import { connectWorker } from './redis-connection.js';

const CHECK_TIMEOUT_MS = 4_000;
/** Oldest Redis that BullMQ 6 runs on. */
const MIN_MAJOR_VERSION = 5;

const field = (info: string, name: string): string | undefined => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim();

const checkNode = async (node: Redis): Promise<string[]> => {
  const problems: string[] = [];
  const policy = field(await node.info('memory'), 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    problems.push(`Redis at ${node.options.host ?? '?'}:${node.options.port ?? '?'} evicts (maxmemory-policy ${policy}) and would lose jobs silently; set it to noeviction`);
  }
  const version = field(await node.info('server'), 'redis_version');
  if (version !== undefined && Number.parseInt(version, 10) < MIN_MAJOR_VERSION) problems.push(`Redis ${version} is too old; ${MIN_MAJOR_VERSION}.0 or newer is needed`);
  return problems;
};

/** What is wrong with the Redis that shall carry the queues, one line a problem; empty when it will do. */
export const findRedisProblems = async (target: RedisTarget): Promise<readonly string[]> => {
  const client = connectWorker(target);
  let lastError = '';
  client.on('error', (error: Error) => {
    lastError = ` (${(error as NodeJS.ErrnoException).code ?? error.name})`;
  });
  const check = async (): Promise<string[]> => {
    await client.ping();
    const nodes = client instanceof Cluster ? client.nodes('master') : [client];
    return (await Promise.all(nodes.map(checkNode))).flat();
  };
  try {
    return await withDeadline('Redis', CHECK_TIMEOUT_MS, check());
  } catch (error) {
    const code = (error as Error).message.split(' ')[0];
    return [`Redis does not answer${lastError === '' ? ` (${code ?? 'no reason given'})` : lastError}; check REDIS_URL and that the server runs`];
  } finally {
    client.disconnect();
  }
};
