export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface RedisAccess {
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
}

/** Where the queue's Redis is: one server, a master named to Sentinels, or a cluster. */
export type RedisTarget =
  | (RedisAccess & { readonly kind: 'single'; readonly node: RedisNode; readonly database: number })
  | (RedisAccess & { readonly kind: 'sentinel'; readonly nodes: readonly RedisNode[]; readonly master: string; readonly database: number })
  | (RedisAccess & { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] });

const SHAPE = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]+)(?:\/([^/?]*))?(?:\/(\d+))?$/;
const DEFAULT_PORT = { single: 6379, sentinel: 26379, cluster: 6379 } as const;
const NODE = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

const parseNode = (text: string, defaultPort: number): RedisNode | null => {
  const [, host, port] = NODE.exec(text.trim()) ?? [];
  if (host === undefined) return null;
  const number = port === undefined ? defaultPort : Number(port);
  return number > 0 && number < 65_536 ? { host: host.replace(/^\[|\]$/g, ''), port: number } : null;
};

const decoded = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : decodeURIComponent(text));

const accessOf = (tls: boolean, username: string | undefined, password: string | undefined): RedisAccess => ({
  tls, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }),
});

interface UrlRest {
  readonly access: RedisAccess;
  readonly path: string;
  readonly sentinelDatabase: string | undefined;
}

const targetOf = (kind: RedisTarget['kind'], nodes: readonly RedisNode[], rest: UrlRest): RedisTarget | null => {
  const { access, path, sentinelDatabase } = rest;
  switch (kind) {
    case 'sentinel':
      return path === '' ? null : { kind, nodes, master: path, database: Number(sentinelDatabase ?? 0), ...access };
    case 'cluster':
      return path === '' && sentinelDatabase === undefined ? { kind, nodes, ...access } : null;
    case 'single':
      return nodes.length === 1 && nodes[0] !== undefined && /^\d{0,2}$/.test(path) && sentinelDatabase === undefined
        ? { kind, node: nodes[0], database: Number(path), ...access }
        : null;
  }
};

/**
 * Reads `redis[s]://host:port/db`, `redis[s]+sentinel://h1:26379,h2:26379/master[/db]` or `redis[s]+cluster://h1:6379,h2:6379`,
 * each with an optional `user:password@`. Null when it is none of these.
 */
export const parseRedisUrl = (url: string): RedisTarget | null => {
  const match = SHAPE.exec(url.trim());
  if (match === null) return null;
  const [, scheme, topology, user, secret, hosts = '', path = '', sentinelDatabase] = match;
  const kind = (topology ?? 'single') as RedisTarget['kind'];
  const nodes = hosts.split(',').map((host) => parseNode(host, DEFAULT_PORT[kind])).filter((node) => node !== null);
  if (nodes.length !== hosts.split(',').length) return null;
  const access = accessOf(scheme === 'rediss', decoded(user), decoded(secret));
  return targetOf(kind, nodes, { access, path, sentinelDatabase });
};
