import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Caller } from '../access/caller.js';
import { hasDatabaseUrl, processEnv, type Config } from '../config.js';
import { createLogger } from '../observability/logger.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { PostalPlaces } from '../postal/place-module.js';
import type { PlaceImportReport } from '../postal/place-register.js';
import type { PlaceSyncResult } from '../postal/place-sync.js';
import { ClientCommandError } from './client-command-error.js';
import type { Composition } from './composition.js';
import { readGivenFile } from './given-file.js';
import { finishImport } from './import-answer.js';
import { withLifecycle } from './lifecycle.js';
import { completeConfig, databaseFor } from './maintenance.js';

const SEED = join(PACKAGE_ROOT, 'schemas', 'seeds', 'postal-places-demo.csv');

const operator = (): Caller => ({ client: `server:${userInfo().username}`, role: 'operator', agencyScope: null });

const withPlaces = (composition: Composition, work: (places: PostalPlaces) => Promise<void>): Promise<void> => withLifecycle(async (lifecycle) => {
  const databaseUrl = await databaseFor(lifecycle);
  // The embedded database may be new, as with `npm start`.
  if (!hasDatabaseUrl(processEnv())) await composition.migrate(databaseUrl);
  // On real servers only configured carriers count.
  const config = await completeConfig(lifecycle, composition, { databaseUrl, withSandboxes: !hasDatabaseUrl(processEnv()) });
  await composition.withPostalDesk(config, createLogger('warn'), ({ places }) => work(places));
});

const print = ({ rows, created, changed, ended, unchanged, refused, dryRun }: PlaceImportReport): void => {
  for (const { line, carrier, name, outcome, problems } of rows) {
    if (outcome !== 'UNCHANGED') console.log([`line ${String(line)}`, carrier ?? '?', name ?? '?', outcome, ...problems.map(({ field, message }) => `${field}: ${message.en} / ${message.vi}`)].join('  '));
  }
  console.log(`${String(created)} created, ${String(changed)} changed, ${String(ended)} ended, ${String(unchanged)} unchanged, ${String(refused)} refused${dryRun ? ' (trial: nothing was stored)' : ''}.`);
};

/** `import-places`: reads a CSV or XLSX file of carriers' places; true when no row was refused. */
export const importPlaces = async (composition: Composition, file: string, dryRun: boolean): Promise<boolean> => {
  let complete = false;
  await withPlaces(composition, async ({ register }) => {
    complete = finishImport(await register.import({ caller: operator(), idempotencyKey: randomUUID(), reason: 'import-places' }, readGivenFile(file), { dryRun }), print);
  });
  return complete;
};

const sentenceOf = (result: PlaceSyncResult): string => {
  if (result.kind === 'failed') return `${result.carrier} gave no list of places (${result.code}).`;
  if (result.kind === 'shrunk') return `The list of ${result.carrier} lacks ${String(result.lostPercent)} % of known places, so nothing was changed. After a reform: --accept-loss`;
  const { carrier, listed, added, changed, gone, ignored } = result;
  return `${carrier}: ${String(listed)} listed, ${String(added)} added, ${String(changed)} changed, ${String(gone)} gone, ${String(ignored)} ignored.`;
};

/** `sync-places`: brings a carrier's own list in; true when it was. */
export const syncPlaces = async (composition: Composition, carrier: string, acceptsLoss: boolean): Promise<boolean> => {
  let isSynced = false;
  await withPlaces(composition, async ({ sync }) => {
    const answer = await sync.run({ caller: operator(), idempotencyKey: randomUUID(), reason: 'sync-places', acceptsLoss }, carrier);
    if (answer.kind !== 'done') throw new ClientCommandError(`There is no carrier ${carrier} that lists its places; import a file instead`);
    console.log(sentenceOf(answer.result));
    isSynced = answer.result.kind === 'synced';
  });
  return isSynced;
};

/** Gives a new embedded installation the places of its sandboxes: demo ones from the seed, the others from the carriers that list them. */
export const seedPlaces = (composition: Composition, config: Config): Promise<void> => composition.withPostalDesk(config, createLogger('silent'), async ({ places: { register, sync } }) => {
  if (!(await register.isEmpty())) return;
  // Rows of a carrier that is not connected are refused, which is right here.
  await register.import({ caller: operator(), idempotencyKey: randomUUID(), reason: 'demo places' }, readFileSync(SEED), { dryRun: false });
  await sync.sweep();
});
