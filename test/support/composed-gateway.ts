import { createHash, randomBytes } from 'node:crypto';
import type { AccessRule } from '../../src/access/access-rules.js';
import { composition } from '../../src/compose.js';
import { ROLES, type Role } from '../../src/access/caller.js';
import { readConfig, type Env } from '../../src/config.js';
import { createLogger } from '../../src/observability/logger.js';
import { HttpServer } from '../../src/server/http-server.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

export interface GraphqlAnswer {
  readonly status: number;
  // Answers of any shape: tests look into them by path.
  readonly data: Readonly<Record<string, never>> | null;
  readonly codes: readonly string[];
}

export interface ComposedGateway {
  readonly url: string;
  /** Of the national portal's sandbox. */
  readonly sandboxUrl: string;
  /** What the sandboxes gave, by which the gateway finds them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly test: TestDatabase;
  readonly logLines: string[];
  readonly rules: readonly AccessRule[];
  /** Configured bearer keys, one a role; the clients are named `test-<role>`. */
  readonly keys: Readonly<Record<Role, string>>;
  query(headers: Readonly<Record<string, string>>, document: string, variables?: object): Promise<GraphqlAnswer>;
  close(): Promise<void>;
}

const keysOf = (): Record<Role, string> => Object.fromEntries(ROLES.map((role) => [role, randomBytes(24).toString('hex')])) as Record<Role, string>;
const key32 = (): string => randomBytes(32).toString('base64');
const configuredKeys = (keys: Readonly<Record<Role, string>>): string =>
  ROLES.map((role) => `test-${role}:${role}:${createHash('sha256').update(keys[role]).digest('hex')}`).join(',');

export const bearer = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` });

/** Of which each gateway has its own; what was started `after` another shares them with it, which closes them. */
const groundsOf = async (after: ComposedGateway | undefined) => {
  if (after !== undefined) return { test: after.test, sandboxUrl: after.sandboxUrl, environment: after.environment, close: () => Promise.resolve() };
  const test = await createTestDatabase();
  await composition.migrate(test.url);
  const sandboxes = await Promise.all(composition.sections.map(({ party }) => composition.startSandbox(party, { host: '127.0.0.1', port: 0 })));
  return {
    test, sandboxUrl: sandboxes[0]?.url ?? '', environment: Object.assign({}, ...sandboxes.map((sandbox) => sandbox.environment)) as Env,
    close: async () => {
      await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
      await test.drop();
    },
  };
};

/** The whole API as it is composed for production, on a test database and a sandbox, over loopback. */
export const startComposedGateway = async (
  env: Env | ((url: string) => Env) = {}, { worker = false, level = 'info', after }: { readonly worker?: boolean; readonly level?: string; readonly after?: ComposedGateway } = {},
): Promise<ComposedGateway> => {
  const grounds = await groundsOf(after);
  const { test, environment, sandboxUrl } = grounds;
  const keys = keysOf();
  const logLines: string[] = [];
  const logger = createLogger(level, { write: (line: string) => void logLines.push(line) });
  const server = new HttpServer(logger);
  const url = await server.listen('127.0.0.1', 0);
  const config = readConfig({
    ...environment,
    DATABASE_URL: test.url, API_KEYS: configuredKeys(keys), FIELD_KEYS: `k1:${key32()}`, FILE_LINK_KEYS: `k1:${key32()}`, FINGERPRINT_KEY: key32(), FILE_STORE_DIR: '.',
    // No sync that a test has not asked for.
    PROCEDURE_SYNC_AT: 'off',
    ...(typeof env === 'function' ? env(url) : env),
  }, composition.sections);
  const gateway = await composition.startGateway({ config, roles: { api: true, worker }, publicUrl: url, logger });
  server.serve(gateway.routes);
  return {
    url, sandboxUrl, environment, test, logLines, keys, rules: gateway.accessRules,
    query: async (headers, document, variables = {}) => {
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query: document, variables }) });
      const body = (await response.json()) as { data?: GraphqlAnswer['data']; errors?: { extensions?: { code?: string } }[] };
      return { status: response.status, data: body.data ?? null, codes: (body.errors ?? []).map(({ extensions }) => extensions?.code ?? '') };
    },
    close: async () => {
      await server.close(1_000);
      await gateway.close(1_000);
      await grounds.close();
    },
  };
};
