import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartyError } from '../../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../../src/errors/party-error.js';
import { CATALOGUE_TABLES, CatalogueSyncs } from '../../support/catalogue-syncs.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ScriptedCatalogue, sampleProcedure } from '../../support/scripted-catalogue.js';

let test: TestDatabase;
let syncs: CatalogueSyncs;

const fails = (kind: PartyErrorKind, code: string, retryAfterMs?: number): PartyError =>
  new PartyError(kind, { party: 'procedure-database', operation: 'read', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
const count = async (where: string): Promise<number> => Number((await test.database.query<{ n: string }>(`SELECT count(*) AS n FROM ${where}`)).rows[0]?.n);
const changesOf = async (code: string): Promise<string[]> =>
  (await test.database.query<{ kind: string }>('SELECT kind FROM procedure_changes WHERE code = $1 ORDER BY id', [code])).rows.map(({ kind }) => kind);
const clear = (): Promise<unknown> => test.database.query(`TRUNCATE ${CATALOGUE_TABLES}`);

beforeAll(async () => {
  test = await createTestDatabase();
  syncs = new CatalogueSyncs(test.database);
});
beforeEach(clear);
afterAll(() => test.drop());

describe('a full sync', () => {
  it('reads every record once, no more at a time than allowed, and writes a first version of each', async () => {
    const party = new ScriptedCatalogue(25);
    expect(await syncs.sync('full', party, { concurrency: 3 })).toMatchObject({ state: 'complete', listed: 25, read: 25, changed: 25, failed: 0, listingComplete: true, reason: null });
    expect(party.reads.length).toBe(25);
    expect(party.mostInFlight).toBe(3);
    expect(await count(`procedure_changes WHERE kind = 'added' AND version = 1`)).toBe(25);
  });

  it('writes nothing new when nothing changed, and a diff when something did', async () => {
    const party = new ScriptedCatalogue(12);
    await syncs.sync('full', party);
    expect(await syncs.sync('full', party)).toMatchObject({ read: 12, changed: 0 });
    party.put(sampleProcedure(3, { name: 'Tên mới' }));
    party.put(sampleProcedure(4, { isPublic: false }));
    expect(await syncs.sync('full', party)).toMatchObject({ changed: 2 });
    const { rows } = await test.database.query(`SELECT kind, version, diff FROM procedure_changes WHERE version = 2 ORDER BY code`);
    expect(rows).toEqual([
      { kind: 'changed', version: 2, diff: { name: { from: 'Cấp giấy phép xây dựng số 3', to: 'Tên mới' } } },
      { kind: 'unpublished', version: 2, diff: { isPublic: { from: true, to: false } } },
    ]);
  });

  it('crashing at any page or record goes on without loss, and doubles no change', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 6 }), async (crashes) => {
      await clear();
      const party = new ScriptedCatalogue(43);
      let calls = 0;
      let worker = new AbortController();
      // The worker is gone at this very call: nothing of this step is stored, and another one takes over.
      const maybeCrash = (): void => {
        calls += 1;
        if (crashes.includes(calls)) worker.abort();
      };
      party.beforePage = maybeCrash;
      party.beforeRead = maybeCrash;
      const id = await syncs.start('full');
      const runner = syncs.runner(party);
      for (let turn = 0; (await syncs.get(id)).state === 'running'; turn += 1) {
        expect(turn).toBeLessThan(10);
        worker = new AbortController();
        await runner.run(worker.signal);
        await syncs.skipWaits();
      }
      expect(await syncs.get(id)).toMatchObject({ state: 'complete', listed: 43, read: 43, changed: 43 });
      expect([await count('national_procedures'), await count('procedure_changes')]).toEqual([43, 43]);
    }), { numRuns: 15 });
  }, 60_000);

  it('is not written by a worker that lost it to another', async () => {
    const party = new ScriptedCatalogue(5);
    const id = await syncs.start('full');
    let isFirst = true;
    party.beforeRead = async () => {
      if (!isFirst) return;
      isFirst = false;
      await syncs.skipWaits();
      expect((await syncs.finish(syncs.runner(new ScriptedCatalogue(5)))).at(-1)).toEqual({ kind: 'ended', syncId: id });
    };
    expect(await syncs.runner(party, { concurrency: 1 }).run(new AbortController().signal)).toEqual({ kind: 'lost' });
    expect(await syncs.get(id)).toMatchObject({ state: 'complete', read: 5, changed: 5 });
    expect(await count('procedure_changes')).toBe(5);
  });

  it('runs one at a time, held by one worker', async () => {
    await syncs.start('full');
    await expect(syncs.start('incremental')).rejects.toThrow('is running');
    expect([await syncs.store.take(test.database, 30_000), await syncs.store.take(test.database, 30_000)]).toEqual([expect.anything(), null]);
  });
});

describe('an incremental sync', () => {
  it('reads what is new, listed otherwise, or withdrawn before, and the oldest share of the rest', async () => {
    const party = new ScriptedCatalogue(30);
    await syncs.sync('full', party);
    await test.database.query(`UPDATE national_procedures SET read_at = now() - interval '9 days' WHERE code = '1.000030'`);
    party.reads.length = 0;
    party.put(sampleProcedure(31));
    party.put(sampleProcedure(2, { name: 'Đổi tên' }));
    party.put(sampleProcedure(5, { kind: 'Đặc thù' }), '2');
    expect(await syncs.sync('incremental', party)).toMatchObject({ state: 'complete', read: 4, changed: 3, unchanged: 27 });
    expect([...party.reads].sort()).toEqual(['r-1.000002', 'r-1.000005', 'r-1.000030', 'r-1.000031']);
  });

  it('has read every record again after as many runs as configured', async () => {
    const party = new ScriptedCatalogue(20);
    await syncs.sync('full', party);
    party.reads.length = 0;
    for (let run = 0; run < 4; run += 1) await syncs.sync('incremental', party, { rereadRuns: 4 });
    expect(new Set(party.reads).size).toBe(20);
    expect(party.reads.length).toBe(20);
  });
});

describe('what is absent', () => {
  it('is withdrawn after two complete listings without it, and returns when it is listed again', async () => {
    const party = new ScriptedCatalogue(10);
    await syncs.sync('full', party);
    party.records.delete('1.000004');
    expect(await syncs.sync('incremental', party)).toMatchObject({ withdrawn: 0 });
    expect(await syncs.sync('incremental', party)).toMatchObject({ withdrawn: 1 });
    expect(await syncs.sync('incremental', party)).toMatchObject({ withdrawn: 0 });
    party.put(sampleProcedure(4));
    await syncs.sync('incremental', party);
    expect(await changesOf('1.000004')).toEqual(['added', 'withdrawn', 'returned']);
    expect(await count('national_procedures WHERE withdrawn_at IS NOT NULL OR absences > 0')).toBe(0);
  });

  it('starts from zero when a listing between has it', async () => {
    const party = new ScriptedCatalogue(10);
    const whole = new ScriptedCatalogue(10);
    await syncs.sync('full', whole);
    party.records.delete('1.000004');
    for (const each of [party, whole, party]) await syncs.sync('incremental', each);
    expect(await changesOf('1.000004')).toEqual(['added']);
  });

  it.each([
    ['a page that keeps failing', (party: ScriptedCatalogue) => { party.beforePage = (cursor) => { if (cursor === '20') throw fails('unavailable', 'http-503'); }; }, 'http-503'],
    ['a list shorter than its total', (party: ScriptedCatalogue) => { party.total = 40; for (let number = 21; number <= 40; number += 1) party.records.delete(sampleProcedure(number).code); }, 'listing-short'],
    ['an empty list', (party: ScriptedCatalogue) => party.records.clear(), 'listing-empty'],
    ['a cursor that goes round', (party: ScriptedCatalogue) => { party.cursorAfter = (next, cursor) => (cursor === '10' ? '0' : next); }, 'cursor-trap'],
    ['a page refused as nonsense', (party: ScriptedCatalogue) => { party.beforePage = (cursor) => { if (cursor === '10') throw fails('bad-request', 'http-400'); }; }, 'http-400'],
  ])('is never counted after %s, twice or more', async (_name, spoil, reason) => {
    const party = new ScriptedCatalogue(40);
    await syncs.sync('full', party);
    spoil(party);
    for (let run = 0; run < 3; run += 1) expect(await syncs.sync('incremental', party, { maxAbsentShare: 1 })).toMatchObject({ state: 'failed', reason, withdrawn: 0, listingComplete: false });
    expect(await count('national_procedures WHERE absences > 0 OR withdrawn_at IS NOT NULL')).toBe(0);
  });

  it('is not believed when too much is absent at once', async () => {
    const party = new ScriptedCatalogue(10);
    await syncs.sync('full', party);
    for (let number = 1; number <= 6; number += 1) party.records.delete(sampleProcedure(number).code);
    for (let run = 0; run < 2; run += 1) expect(await syncs.sync('full', party)).toMatchObject({ state: 'complete', reason: 'too-many-absent', withdrawn: 0 });
  });

  it('is what the list names and the party does not know any more', async () => {
    const party = new ScriptedCatalogue(10);
    await syncs.sync('full', party);
    const real = party.readProcedure.bind(party);
    party.readProcedure = async (reference, call) => (reference === 'r-1.000007' ? null : real(reference, call));
    for (let run = 0; run < 2; run += 1) await syncs.sync('full', party);
    expect(await changesOf('1.000007')).toEqual(['added', 'withdrawn']);
  });
});

describe('a party in trouble', () => {
  it('costs a record its turn, not the sync its end: it is tried again, and read in the next sync', async () => {
    const party = new ScriptedCatalogue(10);
    party.beforeRead = (reference) => { if (reference === 'r-1.000003') throw fails('bad-reply', 'json-broken'); };
    const sync = await syncs.sync('full', party);
    expect(sync).toMatchObject({ state: 'complete', read: 9, failed: 1 });
    expect((await test.database.query('SELECT code, tries, reason FROM procedure_sync_items')).rows).toEqual([{ code: '1.000003', tries: 5, reason: 'json-broken' }]);
    party.beforeRead = () => undefined;
    expect(await syncs.sync('incremental', party)).toMatchObject({ failed: 0, changed: 1 });
  });

  it('that says "wait" is left alone for as long, and nobody loses a try', async () => {
    const party = new ScriptedCatalogue(6);
    let refusals = 7;
    party.beforeRead = () => { if ((refusals -= 1) >= 0) throw fails('rate-limited', 'http-429', 60_000); };
    const id = await syncs.start('full');
    const end = await syncs.runner(party, { concurrency: 1 }).run(new AbortController().signal);
    expect(end).toEqual({ kind: 'waits', waitMs: 60_000 });
    expect(await syncs.runner(party).run(new AbortController().signal)).toEqual({ kind: 'idle' });
    await syncs.skipWaits();
    await syncs.finish(syncs.runner(party, { concurrency: 1 }));
    expect(await syncs.get(id)).toMatchObject({ state: 'complete', read: 6, failed: 0 });
  });

  it.each([['while listing', 'beforePage'], ['while reading', 'beforeRead']] as const)('whose breaker is open is waited for, %s', async (_name, hook) => {
    const party = new ScriptedCatalogue(6);
    let refusals = 12;
    party[hook] = () => { if ((refusals -= 1) >= 0) throw fails('unavailable', 'circuit-open'); };
    expect(await syncs.sync('full', party, { concurrency: 1 })).toMatchObject({ state: 'complete', read: 6, failed: 0 });
  });

  it.each([['while listing', 'beforePage'], ['while reading', 'beforeRead']] as const)('that refuses us ends the sync with the reason, %s', async (_name, hook) => {
    const party = new ScriptedCatalogue(6);
    party[hook] = () => { throw fails('refused-credentials', 'http-401'); };
    expect(await syncs.sync('full', party, { concurrency: 1 })).toMatchObject({ state: 'failed', reason: 'http-401', read: 0, withdrawn: 0 });
  });

  it('whose cursor never stops moving is left after the first page without anything new', async () => {
    const party = new ScriptedCatalogue(15);
    let step = 0;
    party.cursorAfter = () => String((step += 1) % 3);
    expect(await syncs.sync('full', party)).toMatchObject({ state: 'failed', reason: 'cursor-trap' });
    expect(party.pages.length).toBeLessThan(10);
  });

  it('whose cursor stands still has come to the end of its list', async () => {
    const party = new ScriptedCatalogue(15);
    party.cursorAfter = (next) => next ?? '10';
    expect(await syncs.sync('full', party)).toMatchObject({ state: 'complete', listed: 15 });
  });
});
