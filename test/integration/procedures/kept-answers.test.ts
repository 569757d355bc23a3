import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogueWriter } from '../../../src/procedures/catalogue-writer.js';
import { CATALOGUE_TABLES } from '../../support/catalogue-syncs.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { sampleProcedure } from '../../support/scripted-catalogue.js';

/** A query is compiled when it comes for the third time, and answered from memory after that. */
const UNTIL_KEPT = 6;
const LIST = 'query List($first: Int!) { procedures(first: $first) { nodes { code name kind } pageInfo { hasNextPage } } }';
let gateway: ComposedGateway;

const write = (number: number, name: string) => new CatalogueWriter().apply(gateway.test.database, '1', [
  { procedure: sampleProcedure(number, { name }), original: {}, reference: `r-${String(number)}`, listedVersion: null, listedName: name },
]);
const ask = async (document: string, variables: object = {}, role: 'leader' | 'portal' = 'leader') => {
  const { data, codes } = await gateway.query(bearer(gateway.keys[role]), document, variables);
  return codes.length > 0 ? codes : data;
};
/** Answers of the same call again and again, until it comes from memory. */
const often = async (document: string, variables: object = {}, role: 'leader' | 'portal' = 'leader'): Promise<unknown[]> => {
  const answers: unknown[] = [];
  for (let turn = 0; turn < UNTIL_KEPT; turn += 1) answers.push(await ask(document, variables, role));
  return answers;
};
const page = (hasNextPage: boolean, ...names: readonly string[]) => ({ procedures: { nodes: names.map((name) => ({ code: expect.any(String), name, kind: 'TTHC' })), pageInfo: { hasNextPage } } });
const times = <Value>(value: Value): Value[] => Array.from({ length: UNTIL_KEPT }, () => value);

beforeAll(async () => { gateway = await startComposedGateway(); });
beforeEach(() => gateway.test.database.query(`TRUNCATE ${CATALOGUE_TABLES}`));
afterAll(() => gateway.close());

describe('answers that are kept whole', () => {
  it('are the same as those that were read, by variables and role, marks and all', async () => {
    await write(1, 'Cấp giấy phép “một”');
    await write(2, 'Đăng ký\u2028hai');
    expect(await often(LIST, { first: 1 })).toEqual(times(page(true, 'Cấp giấy phép “một”')));
    expect(await often(LIST, { first: 2 })).toEqual(times(page(false, 'Cấp giấy phép “một”', 'Đăng ký\u2028hai')));
    expect(await often(LIST, { first: 2 }, 'portal')).toEqual(times(page(false, 'Cấp giấy phép “một”', 'Đăng ký\u2028hai')));
  });

  it('are new from the commit of another process on', async () => {
    await write(1, 'một');
    expect(await often(LIST, { first: 5 })).toEqual(times(page(false, 'một')));
    const code = '1.000001';
    expect(await often('query One($code: ID!) { procedure(code: $code) { name } }', { code })).toEqual(times({ procedure: { name: 'một' } }));
    for (const name of ['hai', 'ba', 'bốn']) {
      await write(1, name);
      expect(await ask(LIST, { first: 5 })).toEqual(page(false, name));
      expect(await ask('query One($code: ID!) { procedure(code: $code) { name } }', { code })).toEqual({ procedure: { name } });
    }
  });

  it('never hold what depends on the caller or on other data', async () => {
    await write(1, 'một');
    const mixed = '{ procedures { nodes { code } } caller { client } }';
    expect(await often(mixed)).toEqual(times({ procedures: { nodes: [{ code: '1.000001' }] }, caller: { client: 'test-leader' } }));
    expect(await often(mixed, {}, 'portal')).toEqual(times({ procedures: { nodes: [{ code: '1.000001' }] }, caller: { client: 'test-portal' } }));
    const changes = '{ procedures { nodes { latestChanges { version } } } }';
    expect(await often(changes)).toEqual(times({ procedures: { nodes: [{ latestChanges: [{ version: 1 }] }] } }));
    await gateway.test.database.query('DELETE FROM procedure_changes');
    expect(await ask(changes)).toEqual({ procedures: { nodes: [{ latestChanges: [] }] } });
  });

  it('never hold errors, and come back after one', async () => {
    await write(1, 'một');
    expect(await often(LIST, { first: 201 })).toEqual(times(['BAD_USER_INPUT']));
    expect(await often(LIST, { first: 5 })).toEqual(times(page(false, 'một')));
    await gateway.test.database.query('ALTER TABLE catalogue_version RENAME TO catalogue_version_away');
    try {
      expect(await ask(LIST, { first: 5 })).not.toEqual(page(false, 'một'));
    } finally {
      await gateway.test.database.query('ALTER TABLE catalogue_version_away RENAME TO catalogue_version');
    }
    expect(await ask(LIST, { first: 5 })).toEqual(page(false, 'một'));
  });
});
