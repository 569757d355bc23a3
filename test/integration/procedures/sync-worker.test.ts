import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../src/observability/logger.js';
import { startDueSync } from '../../../src/procedures/sync-schedule.js';
import { SyncWorker } from '../../../src/procedures/sync-worker.js';
import { CATALOGUE_TABLES, CatalogueSyncs } from '../../support/catalogue-syncs.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ScriptedCatalogue } from '../../support/scripted-catalogue.js';

const logger = createLogger('silent');
let test: TestDatabase;
let syncs: CatalogueSyncs;

const createWorker = (party: ScriptedCatalogue, onEnded: (id: string) => Promise<void> = () => Promise.resolve()): SyncWorker =>
  new SyncWorker({ runner: syncs.runner(party), logger, onEnded, sweepMs: 20 });

beforeAll(async () => {
  test = await createTestDatabase();
  syncs = new CatalogueSyncs(test.database);
});
beforeEach(() => test.database.query(`TRUNCATE ${CATALOGUE_TABLES}`));
afterAll(() => test.drop());

describe('a worker', () => {
  it('finds a sync that nobody rang for, and tells when it has ended', async () => {
    const ended: string[] = [];
    const worker = createWorker(new ScriptedCatalogue(12), (id) => Promise.resolve(void ended.push(id)));
    worker.start();
    const id = await syncs.start('full');
    await eventually('the end of the sync', () => ended.length > 0);
    await worker.close();
    expect(ended).toEqual([id]);
    expect(await syncs.get(id)).toMatchObject({ state: 'complete', read: 12 });
  });

  it('that is stopped gives the sync back at once, and another one ends it', async () => {
    const party = new ScriptedCatalogue(12);
    const id = await syncs.start('full');
    const stopped = createWorker(party);
    party.beforeRead = (_reference, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended')), { once: true }));
    stopped.start();
    await eventually('a read under way', () => party.inFlight > 0);
    await stopped.close();
    expect((await test.database.query('SELECT lease_token FROM procedure_syncs')).rows).toEqual([{ lease_token: null }]);
    const next = createWorker(new ScriptedCatalogue(12));
    next.start();
    await eventually('the end of the sync', async () => (await syncs.get(id)).state === 'complete');
    await next.close();
  });

  it('goes on after what follows a sync has failed', async () => {
    const worker = createWorker(new ScriptedCatalogue(3), () => Promise.reject(new Error('the match failed')));
    worker.start();
    const first = await syncs.start('full');
    await eventually('the first sync', async () => (await syncs.get(first)).state === 'complete');
    const second = await syncs.start('incremental');
    await eventually('the second sync', async () => (await syncs.get(second)).state === 'complete');
    await worker.close();
  });
});

describe('the nightly sync', () => {
  const settings = { nightlyAtMinutes: 150, fullWeekday: null };
  const look = (now: string): Promise<string | null> => startDueSync({ database: test.database, store: syncs.store, settings, logger, now: () => new Date(now), ring: () => undefined });

  it('is started once, however many workers look, and again in the next night', async () => {
    const started = await Promise.all(Array.from({ length: 6 }, () => look('2026-11-23T03:00:00+07:00')));
    expect(started.filter((id) => id !== null)).toHaveLength(1);
    await syncs.finish(syncs.runner(new ScriptedCatalogue(3)));
    expect(await look('2026-11-23T03:01:00+07:00')).toBeNull();
    expect(await look('2026-11-24T03:01:00+07:00')).not.toBeNull();
  });

  it('waits for one that runs, and starts after it in the same night', async () => {
    await syncs.start('full');
    expect(await look('2026-11-23T03:00:00+07:00')).toBeNull();
    await syncs.finish(syncs.runner(new ScriptedCatalogue(3)));
    expect(await look('2026-11-23T03:30:00+07:00')).not.toBeNull();
  });
});
