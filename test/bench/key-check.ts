import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ApiClientService } from '../../src/access/api-client-service.js';
import { ApiClientStore } from '../../src/access/api-client-store.js';
import { firstProof, type Authenticator } from '../../src/access/authenticator.js';
import { createBearerProof, createConfiguredKeys } from '../../src/access/bearer-keys.js';
import { IssuedKeys } from '../../src/access/issued-keys.js';
import { createLogger } from '../../src/observability/logger.js';
import { Database } from '../../src/store/database.js';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { summary } from './report.js';
import type { Row } from './report.js';

/** Clients of a large province: each agency's system, the portal, tools. */
const CLIENTS = 200;
const CONFIGURED = 6;
/** Checks between two turns of the event loop, in which a process compares its copy of the keys. */
const BURST = 500;

const issueKeys = async (database: Database, store: ApiClientStore): Promise<string[]> => {
  const service = new ApiClientService({ database, store, settings: { fingerprintKey: Buffer.alloc(32), keepHours: 1 } });
  const secrets: string[] = [];
  for (let index = 0; index < CLIENTS; index += 1) {
    const call = { actor: { name: 'server:bench', role: 'server' as const }, reason: 'bench', idempotencyKey: null };
    const issued = await service.create(call, { name: `bench-${index}`, role: 'portal', agencyScope: null, registeredDocumentsOnly: false }, 1);
    if (issued.kind === 'issued' && issued.secret !== null) secrets.push(issued.secret);
  }
  return secrets;
};

/** Microseconds a check, with the comparisons of the copy that fall between. */
const measure = async (authenticator: Authenticator, keys: readonly string[], checks: number): Promise<number> => {
  const requests = keys.map((key) => ({ headers: { authorization: `Bearer ${key}` }, socket: {} }));
  const startedMs = performance.now();
  for (let done = 0; done < checks; done += 1) {
    const request = requests[done % requests.length] ?? { headers: {}, socket: {} };
    const caller = authenticator.fromRequest(request);
    if ((caller instanceof Promise ? await caller : caller) === null) throw new Error('A key was refused');
    if (done % BURST === 0) await setImmediate();
  }
  return ((performance.now() - startedMs) * 1_000) / checks;
};

const measureRounds = async (authenticator: Authenticator, keys: readonly string[], short: boolean): Promise<number[]> => {
  const checks = short ? 20_000 : 200_000;
  const times: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= (short ? 2 : 5); round += 1) {
    const microseconds = await measure(authenticator, keys, checks);
    if (round > 0) times.push(microseconds);
  }
  return times;
};

/** What each call pays to be known: hot path of every request. */
export async function benchKeyCheck({ short }: { readonly short: boolean }): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-keys-'));
  const postgres = await startEmbeddedPostgres({ folder });
  const database = new Database({ url: postgres.url, poolSize: 2, applicationName: 'bench' });
  try {
    await migrate(postgres.url);
    const store = new ApiClientStore(database);
    const issued = await issueKeys(database, store);
    const configured = Array.from({ length: CONFIGURED }, () => randomBytes(24).toString('hex'));
    const ofConfiguration = createConfiguredKeys(configured.map((key, index) => ({ client: `configured-${index}`, role: 'portal' as const, digest: createHash('sha256').update(key).digest() })));
    const authenticator = firstProof([createBearerProof([new IssuedKeys({ store, logger: createLogger('warn') }), ofConfiguration])]);
    const aim = 'below 20';
    return [
      { case: `check of an issued key (${CLIENTS} live)`, ...summary(await measureRounds(authenticator, issued, short)), unit: 'µs', aim },
      { case: `check of a key of the configuration (${CONFIGURED})`, ...summary(await measureRounds(authenticator, configured, short)), unit: 'µs', aim },
    ];
  } finally {
    await database.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
