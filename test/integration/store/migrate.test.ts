import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeSchemaProblem, migrate, readMigrations, readSchemaState, type Migration } from '../../../src/store/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const migration = (name: string, sql: string): Migration => ({ name, sql, checksum: name + sql });

describe('migrate', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
  }, 60_000);
  afterEach(() => test.drop());

  it('finds the database of the test template current', async () => {
    const state = await readSchemaState(test.url);
    expect(state).toEqual({ pending: [], unknown: [], changed: [] });
    expect(describeSchemaProblem(state)).toBeNull();
    expect(await migrate(test.url)).toEqual([]);
  });

  it('applies a new migration once when two processes start together', async () => {
    const migrations = [...readMigrations(), migration('9001-more.sql', 'CREATE TABLE more (n integer); INSERT INTO more VALUES (1)')];
    const applied = await Promise.all([migrate(test.url, migrations), migrate(test.url, migrations)]);
    expect(applied.flat()).toEqual(['9001-more.sql']);
    expect((await test.database.query('SELECT n FROM more')).rows).toEqual([{ n: 1 }]);
  });

  it('leaves nothing of a migration that fails', async () => {
    const migrations = [...readMigrations(), migration('9001-half.sql', 'CREATE TABLE half (n integer); SELECT 1 / 0')];
    await expect(migrate(test.url, migrations)).rejects.toThrow(/9001-half\.sql failed/);
    expect((await test.database.query(`SELECT to_regclass('half') AS half`)).rows).toEqual([{ half: null }]);
    expect((await readSchemaState(test.url, migrations)).pending).toEqual(['9001-half.sql']);
  });

  it('refuses a database that is newer than the program', async () => {
    await test.database.query(`INSERT INTO schema_migrations (name, checksum) VALUES ('9999-future.sql', 'x')`);
    await expect(migrate(test.url)).rejects.toThrow(/newer than this program.*9999-future\.sql/);
  });

  it('refuses a migration that was edited after it was applied', async () => {
    const [first, ...rest] = readMigrations();
    if (first === undefined) throw new Error('no migrations');
    await expect(migrate(test.url, [{ ...first, checksum: 'edited' }, ...rest])).rejects.toThrow(`edited after they had been applied: ${first.name}`);
  });
});
