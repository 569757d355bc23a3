import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findPostgresCarrierProblems, migratePostgresCarrier } from '../../../queues/runtime/postgres-carrier.js';
import { findDatabaseProblems, skewOf } from '../../../src/store/start-checks.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

describe('start checks of the database', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
  }, 60_000);
  afterEach(() => test.drop());

  it('finds nothing wrong with a migrated one', async () => {
    expect(await findDatabaseProblems(test.url)).toEqual([]);
  });

  it('names what is missing and what is newer', async () => {
    await test.database.query(`DELETE FROM schema_migrations WHERE name LIKE '0001%'`);
    expect(await findDatabaseProblems(test.url)).toEqual([expect.stringMatching(/^The database lacks 0001-deliveries\.sql; run: npm run onestop -- migrate$/)]);
    await test.database.query(`INSERT INTO schema_migrations (name, checksum) VALUES ('9999-future.sql', 'x')`);
    expect(await findDatabaseProblems(test.url)).toEqual([expect.stringMatching(/newer than this program/)]);
  });

  it('names an edited migration', async () => {
    await test.database.query(`UPDATE schema_migrations SET checksum = 'x' WHERE name LIKE '0001%'`);
    expect(await findDatabaseProblems(test.url)).toEqual([expect.stringMatching(/^Migrations were edited after they had been applied: 0001-deliveries\.sql/)]);
  });

  it.each([
    ['a wrong password', (url: string) => url.replace(/onestop:[^@]+@/, 'onestop:wrong-secret@'), /it refuses the user or password/],
    ['a database that is not there', (url: string) => url.replace(/\/test_\w+$/, '/nowhere'), /the database does not exist/],
    ['a server that is not there', (url: string) => url.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'), /ECONNREFUSED/],
  ])('says of %s what to do, without the password', async (_name, change, expected) => {
    const [problem, ...others] = await findDatabaseProblems(change(test.url));
    expect(problem).toMatch(expected);
    expect(problem).not.toContain('wrong-secret');
    expect(others).toEqual([]);
  });

  it('names queue tables that are missing', async () => {
    expect(await findPostgresCarrierProblems(test.url)).toEqual([expect.stringMatching(/queue tables are missing/)]);
    await migratePostgresCarrier(test.url);
    expect(await findPostgresCarrierProblems(test.url)).toEqual([]);
  });
});

describe('how far two clocks are apart', () => {
  it.each([
    ['not at all while an answer that took long came', 1_000, 0], ['as far as the database is behind the question', 200, 800], ['as far as it is ahead of the answer', 9_000, -2_500],
  ])('is %s', (_what, serverMs, skewMs) => {
    expect(skewOf(serverMs, { asked: 1_000, answered: 6_500 })).toBe(skewMs);
  });
});
