import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PartyError } from '../../../src/errors/party-error.js';
import { createLogger } from '../../../src/observability/logger.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { registerSyncGauges } from '../../../src/observability/sync-gauges.js';
import { readSyncFigures } from '../../../src/procedures/sync-figures.js';
import { startDueSync } from '../../../src/procedures/sync-schedule.js';
import { SyncWorker } from '../../../src/procedures/sync-worker.js';
import { CATALOGUE_TABLES, CatalogueSyncs } from '../../support/catalogue-syncs.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ScriptedCatalogue, sampleProcedure } from '../../support/scripted-catalogue.js';

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

const look = (now: string, nightlyAtMinutes: number | null = 150): Promise<string | null> =>
  startDueSync({ database: test.database, store: syncs.store, settings: { nightlyAtMinutes, fullWeekday: null }, logger, now: () => new Date(now), ring: () => undefined });

describe('the nightly sync', () => {
  beforeEach(() => syncs.sync('full', new ScriptedCatalogue(3)));

  it('is started once, however many workers look, and again in the next night', async () => {
    const started = await Promise.all(Array.from({ length: 6 }, () => look('2026-11-23T03:00:00+07:00')));
    const ids = started.filter((id) => id !== null);
    expect(ids).toHaveLength(1);
    expect(await syncs.get(ids[0] ?? '')).toMatchObject({ kind: 'incremental', requestedBy: 'schedule' });
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

describe('an empty catalogue', () => {
  it('is filled in full at any hour by one sync, however many workers look', async () => {
    const started = await Promise.all(Array.from({ length: 6 }, () => look('2026-11-23T14:00:00+07:00')));
    const [id = ''] = started.filter((found) => found !== null);
    expect(started.filter((found) => found !== null)).toHaveLength(1);
    expect(await syncs.get(id)).toMatchObject({ kind: 'full', state: 'running', requestedBy: 'schedule' });
    await syncs.finish(syncs.runner(new ScriptedCatalogue(3)));
    expect(await syncs.get(id)).toMatchObject({ state: 'complete', read: 3 });
    expect(await look('2026-11-23T15:00:00+07:00')).toBeNull();
  });

  it('is tried again in the next hour, and not before, when the party gave nothing', async () => {
    const party = new ScriptedCatalogue(3);
    party.beforePage = () => { throw new PartyError('refused-credentials', { party: 'p', operation: 'o', code: 'login-refused' }); };
    const id = await look('2026-11-23T14:00:00+07:00');
    await syncs.finish(syncs.runner(party));
    expect(await syncs.get(id ?? '')).toMatchObject({ state: 'failed', reason: 'login-refused' });
    expect(await look('2026-11-23T14:59:00+07:00')).toBeNull();
    expect(await look('2026-11-23T15:00:00+07:00')).not.toBeNull();
  });

  it('that was filled in part only is read in full by the nightly sync', async () => {
    const party = new ScriptedCatalogue(3);
    party.total = 9;
    await look('2026-11-23T14:00:00+07:00');
    await syncs.finish(syncs.runner(party));
    expect(await look('2026-11-23T15:00:00+07:00')).toBeNull();
    const id = await look('2026-11-24T03:00:00+07:00');
    expect(await syncs.get(id ?? '')).toMatchObject({ kind: 'full' });
  });

  it('stays empty where nothing is to start by itself', async () => {
    expect(await look('2026-11-23T14:00:00+07:00', null)).toBeNull();
  });
});

describe('the metrics', () => {
  it('count runs and records over all processes, and tell the age of the last complete sync', async () => {
    const metrics = createMetrics();
    registerSyncGauges(metrics, () => readSyncFigures(test.database));
    expect(await metrics.read()).not.toMatch(/onestop_procedure_sync_age_seconds\{/);
    const party = new ScriptedCatalogue(5);
    await syncs.sync('full', party);
    party.put(sampleProcedure(2, { name: 'Tên mới' }), '2');
    party.beforeRead = (reference) => { if (reference === 'r-1.000003') throw new Error('defect'); };
    party.put(sampleProcedure(3), '2');
    await syncs.sync('incremental', party);
    await test.database.query(`UPDATE procedure_syncs SET ended_at = ended_at - interval '2 days' WHERE kind = 'full'`);
    // Read twice: what is asked of the database must not add up.
    await metrics.read();
    const text = await metrics.read();
    const valueOf = (series: string): number => Number(text.split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1]);
    expect(valueOf('onestop_procedure_syncs{kind="full",state="complete"}')).toBe(1);
    expect(valueOf('onestop_procedure_sync_records_total{kind="full",outcome="read"}')).toBe(5);
    expect(valueOf('onestop_procedure_sync_records_total{kind="incremental",outcome="changed"}')).toBe(1);
    expect(valueOf('onestop_procedure_sync_records_total{kind="incremental",outcome="failed"}')).toBe(1);
    expect(valueOf('onestop_procedure_sync_age_seconds{kind="full"}')).toBeGreaterThan(2 * 86_400);
    expect(valueOf('onestop_procedure_sync_age_seconds{kind="incremental"}')).toBeLessThan(3_600);
  });
});
