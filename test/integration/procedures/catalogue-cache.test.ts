import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogueQueries } from '../../../src/procedures/catalogue-queries.js';
import { CatalogueStore } from '../../../src/procedures/catalogue-store.js';
import { CatalogueWriter } from '../../../src/procedures/catalogue-writer.js';
import type { NationalProcedure } from '../../../src/procedures/procedure.js';
import { Database } from '../../../src/store/database.js';
import type { Queryable } from '../../../src/store/database.js';
import { CATALOGUE_TABLES } from '../../support/catalogue-syncs.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { sampleProcedure } from '../../support/scripted-catalogue.js';

const FIRST = { first: 50, after: null };
const writer = new CatalogueWriter();
let test: TestDatabase;
/** As another process has it: pool, statements and memory of its own. */
let other: Database;

const write = (client: Queryable, ...procedures: readonly NationalProcedure[]) =>
  writer.apply(client, '1', procedures.map((procedure) => ({ procedure, original: {}, reference: `r-${procedure.code}`, listedVersion: null, listedName: procedure.name })));
const open = (database: Queryable, size = 100): CatalogueQueries => new CatalogueQueries(new CatalogueStore(database), size);
const namesOf = async (queries: CatalogueQueries, detail: 'mark' | 'record' = 'record'): Promise<readonly string[]> => (await queries.list({}, { ...FIRST, detail })).nodes.map(({ name }) => name);

beforeAll(async () => { test = await createTestDatabase(); });
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${CATALOGUE_TABLES}`);
  other = new Database({ url: test.url, poolSize: 2, applicationName: 'other' });
});
afterEach(() => other.close());
afterAll(() => test.drop());

describe('answers from memory', () => {
  it.each(['mark', 'record'] as const)('of %ss are those of before while another process\'s transaction is open, and new from its commit on', async (detail) => {
    await write(test.database, sampleProcedure(1, { name: 'A' }));
    const queries = open(other);
    expect(await namesOf(queries, detail)).toEqual(['A']);
    await test.database.transaction(async (client) => {
      await write(client, sampleProcedure(1, { name: 'B' }), sampleProcedure(2, { name: 'C' }));
      expect(await namesOf(queries, detail)).toEqual(['A']);
    });
    expect(await namesOf(queries, detail)).toEqual(['B', 'C']);
    await expect(test.database.transaction(async (client) => {
      await write(client, sampleProcedure(1, { name: 'D' }));
      throw new Error('rolled back');
    })).rejects.toThrow('rolled back');
    expect(await namesOf(queries, detail)).toEqual(['B', 'C']);
  });

  it('are new after every way of changing the catalogue', async () => {
    await write(test.database, sampleProcedure(1), sampleProcedure(2));
    const queries = open(other);
    const held = async () => [await queries.list({}, FIRST), await queries.find(['1.000001'])];
    for (const change of [
      `UPDATE national_procedures SET read_at = read_at + interval '1 day'`, `UPDATE national_procedures SET withdrawn_at = now() WHERE code = '1.000002'`,
      `DELETE FROM national_procedures WHERE code = '1.000002'`, 'TRUNCATE national_procedures',
    ]) {
      const [list, found] = await held();
      expect(await held()).toEqual([list, found]);
      await test.database.query(change);
      const [listAfter, foundAfter] = await held();
      expect([change, listAfter]).not.toEqual([change, list]);
      if (!change.includes('000002')) expect([change, foundAfter]).not.toEqual([change, found]);
    }
  });

  it('do not follow what nobody reads', async () => {
    await write(test.database, sampleProcedure(1));
    const queries = open(other);
    const page = await queries.list({}, FIRST);
    await test.database.query('UPDATE national_procedures SET absences = 1');
    expect(await queries.list({}, FIRST)).toBe(page);
  });

  it('are not mixed up where a restored database has the same version number with other content', async () => {
    await write(test.database, sampleProcedure(1, { name: 'A' }));
    const queries = open(other);
    expect(await namesOf(queries)).toEqual(['A']);
    await test.database.query('TRUNCATE national_procedures');
    await write(test.database, sampleProcedure(1, { name: 'B' }));
    expect((await queries.find(['1.000001']))[0]).toMatchObject({ version: 1, name: 'B' });
  });

  it('never go back while a writer changes the catalogue under many readers', async () => {
    await write(test.database, sampleProcedure(1, { name: '0' }));
    const queries = open(other);
    let committed = 0;
    let writing = true;
    const writes = (async () => {
      for (let number = 1; number <= 40; number += 1) {
        await write(test.database, sampleProcedure(1, { name: String(number) }));
        committed = number;
      }
      writing = false;
    })();
    let reads = 0;
    await Promise.all([writes, ...Array.from({ length: 8 }, async () => {
      while (writing) {
        const before = committed;
        const [name] = await namesOf(queries);
        expect(Number(name)).toBeGreaterThanOrEqual(before);
        reads += 1;
      }
    })]);
    expect(await namesOf(queries)).toEqual(['40']);
    expect(reads).toBeGreaterThan(0);
  });
});

describe('memory', () => {
  it('holds no more than it may, however much is asked, and still answers right', async () => {
    await write(test.database, ...Array.from({ length: 60 }, (_value, index) => sampleProcedure(index)));
    const queries = open(other, 20);
    for (let number = 0; number < 60; number += 1) {
      const { code, name } = sampleProcedure(number);
      expect((await queries.find([code]))[0]?.name).toBe(name);
      const { nodes } = await queries.list({ fieldCode: `LV${String(number % 7)}` }, { first: 1 + (number % 30), after: null });
      expect(new Set(nodes.map(({ fields }) => fields[0]?.code))).toEqual(new Set([`LV${String(number % 7)}`]));
      expect(queries.kept.records).toBeLessThanOrEqual(20);
      expect(queries.kept.answers).toBeLessThanOrEqual(200);
    }
    expect(queries.kept.records).toBe(20);
  });

  it('that is switched off keeps nothing and asks for no version', async () => {
    await write(test.database, sampleProcedure(1, { name: 'A' }));
    const texts: string[] = [];
    const queries = open({ query: (config, values) => { texts.push(typeof config === 'string' ? config : config.text); return other.query(config as string, values); } }, 0);
    expect(await namesOf(queries)).toEqual(await namesOf(queries));
    expect(texts.filter((text) => text.includes('catalogue_version'))).toEqual([]);
    expect(texts).toHaveLength(4);
    expect(queries.kept).toEqual({ records: 0, answers: 0 });
  });
});
