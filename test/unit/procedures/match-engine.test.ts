import { describe, expect, it } from '@jest/globals';
import { figuresOf } from '../../../src/procedures/match-engine.js';
import type { LocalProcedure, MatchResult } from '../../../src/procedures/match.js';
import { PROVINCE, localOf, matchLists, national } from '../../support/match-lists.js';

const CATALOGUE = Array.from({ length: 100 }, (_, index) => national(index + 1));
const run = (local: readonly LocalProcedure[], catalogue = CATALOGUE): Promise<readonly MatchResult[]> => matchLists(local, catalogue);
const only = async (change: Partial<LocalProcedure>, catalogue = CATALOGUE): Promise<MatchResult> => {
  const results = await run([localOf(national(7), change)], catalogue);
  const [found] = results.filter(({ local }) => local !== null);
  if (found === undefined) throw new Error('no result for the local procedure');
  return found;
};

describe('the match', () => {
  it('knows one syllable with its tone mark in either place', async () => {
    const catalogue = [national(7, { name: 'Hoà giải tranh chấp, thuỷ lợi' })];
    expect((await only({ name: 'Hòa giải tranh chấp , thủy lợi' }, catalogue)).class).toBe('MATCHED');
  });

  it('tells what differs, in the words of both sides', async () => {
    const { class: found, differences } = await only({ feeVnd: 5, level: 'COMMUNE', timeAmount: 3, fieldCode: 'X', name: 'Thu hồi giấy phép hoạt động khám bệnh' });
    expect(found).toBe('MATCHED_WITH_DIFFERENCES');
    expect(differences.map(({ aspect }) => aspect)).toEqual(['NAME', 'FIELD', 'LEVEL', 'TIME_LIMIT', 'FEE']);
    expect(differences.at(-1)).toEqual({ aspect: 'FEE', local: '5', national: '7000' });
  });

  it('compares nothing that one side does not say', async () => {
    const silent = [national(7, { feesVnd: [], times: [], fieldCodes: [], levels: [] })];
    expect((await only({ feeVnd: 1, timeAmount: 1, fieldCode: 'X' }, silent)).class).toBe('MATCHED');
    expect((await only({ feeVnd: null, timeAmount: null, fieldCode: null, level: null })).class).toBe('MATCHED');
  });

  it('takes the code of another procedure for wrong, when the name is found', async () => {
    expect(await only({ code: '1.000008.H42' })).toMatchObject({ class: 'CODE_WRONG', suggestedCode: '1.000007.H42', score: 1 });
  });

  it('suggests the form of code that is in use, with the present province', async () => {
    expect(await only({ code: '1.000007.000.00.00.H25' })).toMatchObject({ class: 'MATCHED_WITH_DIFFERENCES', suggestedCode: '1.000007.000.00.00.H42' });
    expect(await only({ code: '1.000007.000.00.00.H56' })).toMatchObject({ class: 'CODE_WRONG', suggestedCode: '1.000007.000.00.00.H42', differences: [{ aspect: 'SUFFIX', local: 'H56', national: 'H42' }] });
  });

  it('finds a misspelt name under an unknown code, with a score below one', async () => {
    const found = await only({ code: '1.999999', name: 'Xác nhận giấy phép hoạt dộng khám bệnnh số 7' });
    expect(found).toMatchObject({ class: 'CODE_WRONG', suggestedCode: '1.000007' });
    expect(found.score).toBeGreaterThan(0.72);
    expect(found.score).toBeLessThan(1);
  });

  it('says that a procedure was withdrawn, and what has its name now', async () => {
    const catalogue = [national(7, { usable: false }), national(8, { name: national(7).name })];
    expect(await only({}, catalogue)).toMatchObject({ class: 'WITHDRAWN', national: { code: '1.000007' }, suggestedCode: '1.000008' });
    expect(await only({}, [national(7, { usable: false })])).toMatchObject({ class: 'WITHDRAWN', suggestedCode: null });
  });

  it('keeps the cleanest of two entries of one agency, also under two codes of that agency', async () => {
    const results = await run([
      localOf(national(7), { id: '1', code: '1.000007.H25' }), localOf(national(7), { id: '2', agencyCode: 'H42.12' }), localOf(national(7), { id: '3', agencyCode: '000.00.13.H42' }),
    ], [national(7)]);
    expect(results.map(({ local, class: found }) => [local?.id, found])).toEqual([['1', 'DUPLICATE'], ['3', 'MATCHED'], ['2', 'MATCHED']]);
  });

  it('takes a wrong code for a duplicate where the agency has the named procedure already', async () => {
    const results = await run([localOf(national(7)), localOf(national(7), { id: '99', code: '1.555555' })], [national(7)]);
    expect(results.map(({ class: found }) => found)).toEqual(['MATCHED', 'DUPLICATE']);
  });

  it('finds what is missing where the record names our agency, and for the province where it names none', async () => {
    const catalogue = [
      national(1, { agencies: [{ code: 'H42.12', name: 'x' }] }), national(2, { agencies: [{ code: null, name: 'Sở  Y tế' }] }), national(3),
      national(4, { levels: ['MINISTRY'] }), national(5, { agencies: [{ code: 'H56.12', name: 'Sở khác' }] }), national(6, { usable: false }), national(7),
    ];
    const results = await run([localOf(national(7), { agencyCode: '000.00.77.H42' })], catalogue);
    expect(results.filter(({ class: found }) => found === 'MISSING_LOCALLY').map(({ agencyCode, national: entry }) => [agencyCode, entry?.code]))
      .toEqual([['000.00.12.H42', '1.000001'], ['000.00.12.H42', '1.000002'], [PROVINCE, '1.000003']]);
    expect(figuresOf(results)).toContainEqual({ agencyCode: '000.00.77.H42', total: 1, matched: 1, counts: { MATCHED: 1 } });
    expect(figuresOf(results)).toContainEqual({ agencyCode: PROVINCE, total: 0, matched: 0, counts: { MISSING_LOCALLY: 1 } });
  });

  it('lets the process serve others while it works', async () => {
    const catalogue = Array.from({ length: 3_000 }, (_, index) => national(index + 1));
    let turns = 0;
    const timer = setInterval(() => { turns += 1; }, 1);
    await run(catalogue.map((procedure) => localOf(procedure, { code: `9.9${procedure.code.slice(3)}` })), catalogue);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});
