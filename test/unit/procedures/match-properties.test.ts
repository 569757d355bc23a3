import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { figuresOf } from '../../../src/procedures/match-engine.js';
import type { LocalProcedure, MatchableProcedure, MatchClass } from '../../../src/procedures/match.js';
import { DEPARTMENT, localOf, matchLists, national } from '../../support/match-lists.js';

const SYLLABLES = ['cấp', 'giấy', 'phép', 'hoà', 'giải', 'thuỷ', 'lợi', 'khoẻ', 'uỷ', 'quyền', 'đất', 'ở', 'hộ', 'tịch', 'trưởng', 'nghề', 'y', 'dược', 'Đăng', 'ký'];
/** One syllable, two places of its tone mark; both are in use. */
const TONE_PLACES = [['oà', 'òa'], ['uỷ', 'ủy'], ['oẻ', 'ỏe']] as const;

const movedTones = (name: string): string => TONE_PLACES.reduce((text, [one, other]) => text.replaceAll(one, other), name);

/** The same name and code as other programs write them. */
const disguise = fc.record({
  form: fc.constantFrom('NFC' as const, 'NFD' as const), write: fc.constantFrom((name: string) => name, (name: string) => name.toUpperCase(), (name: string) => name.toLowerCase()),
  tones: fc.constantFrom((name: string) => name, movedTones), gap: fc.constantFrom(' ', '  ', '\u00a0', ' \t '), ends: fc.constantFrom(['', ''], [' ', ' '], ['', '.'], ['\t', ' ;']),
  suffix: fc.constantFrom('', '.H42', '.000.00.00.H42'), code: fc.constantFrom((code: string) => code, (code: string) => ` ${code} `, (code: string) => code.toLowerCase()),
});

/** Procedures with any names of Vietnamese syllables, and a disguise for each, in an order of their own. */
const catalogues = fc.uniqueArray(fc.record({
  number: fc.integer({ min: 1, max: 999_999 }), words: fc.array(fc.constantFrom(...SYLLABLES), { minLength: 1, maxLength: 12 }), disguise, rank: fc.nat(),
}), { selector: ({ number }) => number, minLength: 1, maxLength: 80 });

/** What a defect leaves: the province's entries and how the national record differs. `class`: of the first entry, or of what is missing. */
interface Planted {
  readonly local: readonly LocalProcedure[];
  readonly record?: Partial<MatchableProcedure>;
  readonly class: MatchClass;
  readonly suggests?: boolean;
}

const renumbered = (code: string): string => `9.9${code.slice(3)}`;
const DEFECTS: Readonly<Record<string, (entry: LocalProcedure) => Planted>> = {
  none: (entry) => ({ local: [entry], class: 'MATCHED' }),
  renumbered: (entry) => ({ local: [{ ...entry, code: renumbered(entry.code) }], class: 'CODE_WRONG', suggests: true }),
  foreign: (entry) => ({ local: [{ ...entry, code: `${entry.code}.000.00.00.H56` }], class: 'CODE_WRONG', suggests: true }),
  misshapen: (entry) => ({ local: [{ ...entry, code: entry.code.replace('.', '') }], class: 'CODE_WRONG', suggests: true }),
  unknown: (entry) => ({ local: [{ ...entry, code: `8.8${entry.code.slice(3)}`, name: `Zzyx qwrt ${entry.id}` }], class: 'UNKNOWN' }),
  renamed: (entry) => ({ local: [{ ...entry, name: `${entry.name} (sửa đổi, bổ sung năm 2026)` }], class: 'MATCHED_WITH_DIFFERENCES' }),
  fee: (entry) => ({ local: [{ ...entry, feeVnd: 1 }], class: 'MATCHED_WITH_DIFFERENCES' }),
  field: (entry) => ({ local: [{ ...entry, fieldCode: 'G99-LV99' }], class: 'MATCHED_WITH_DIFFERENCES' }),
  level: (entry) => ({ local: [{ ...entry, level: 'COMMUNE' }], class: 'MATCHED_WITH_DIFFERENCES' }),
  time: (entry) => ({ local: [{ ...entry, timeAmount: 999 }], class: 'MATCHED_WITH_DIFFERENCES' }),
  withdrawn: (entry) => ({ local: [entry], record: { usable: false }, class: 'WITHDRAWN' }),
  duplicate: (entry) => ({ local: [{ ...entry, id: `${entry.id}-2`, code: renumbered(entry.code) }, entry], class: 'DUPLICATE' }),
  missing: () => ({ local: [], record: { agencies: [{ code: 'H42.12', name: 'x' }] }, class: 'MISSING_LOCALLY' }),
};
const PLANTINGS = fc.array(fc.record({ defect: fc.constantFrom(...Object.keys(DEFECTS)), localRank: fc.nat(), nationalRank: fc.nat() }), { minLength: 1, maxLength: 100 });

const ranked = <Entry>(entries: readonly { readonly rank: number; readonly entry: Entry }[]): readonly Entry[] => [...entries].sort((left, right) => left.rank - right.rank).map(({ entry }) => entry);

describe('the match', () => {
  it('finds every procedure of any catalogue that was permuted, re-accented, decomposed, re-spaced and re-cased', async () => {
    await fc.assert(fc.asyncProperty(catalogues, async (drawn) => {
      const catalogue = drawn.map(({ number, words }) => national(number, { name: words.join(' ') }));
      const local = ranked(drawn.map(({ number, words, disguise: as, rank }) => {
        const name = as.write(as.tones(`${as.ends[0] ?? ''}${words.join(as.gap)}${as.ends[1] ?? ''}`)).normalize(as.form);
        const procedure = national(number);
        return { rank, entry: localOf(procedure, { name, code: as.code(`${procedure.code}${as.suffix}`) }) };
      }));
      const results = await matchLists(local, catalogue);
      expect(results.map(({ class: found }) => found)).toEqual(catalogue.map(() => 'MATCHED'));
      expect(figuresOf(results)).toEqual([{ agencyCode: DEPARTMENT, total: catalogue.length, matched: catalogue.length, counts: { MATCHED: catalogue.length } }]);
    }), { numRuns: 100 });
  });

  it('classes each planted defect as planted, wherever it is planted and in whatever order the lists come', async () => {
    await fc.assert(fc.asyncProperty(PLANTINGS, async (plantings) => {
      const planted = plantings.map(({ defect, ...ranks }, index) => {
        const procedure = national(index + 1);
        const what = DEFECTS[defect]?.(localOf(procedure)) ?? { local: [], class: 'MATCHED' as const };
        return { defect, procedure, ...ranks, ...what };
      });
      const local = ranked(planted.flatMap(({ local: entries, localRank }) => entries.map((entry) => ({ rank: localRank, entry }))));
      const results = await matchLists(local, ranked(planted.map(({ procedure, record = {}, nationalRank }) => ({ rank: nationalRank, entry: { ...procedure, ...record } }))));
      for (const { defect, procedure, local: [entry], class: expected, suggests = false } of planted) {
        const found = results.find((result) => (entry === undefined ? result.class === 'MISSING_LOCALLY' && result.national?.code === procedure.code : result.local?.id === entry.id));
        expect([defect, found?.class]).toEqual([defect, expected]);
        if (suggests) expect([defect, found?.suggestedCode?.startsWith(procedure.code)]).toEqual([defect, true]);
      }
      // Each entry has one class; and nothing is missing but what was planted so, and what an unknown code hides.
      expect(results.filter(({ local: entry }) => entry !== null)).toHaveLength(local.length);
      const absent = planted.filter(({ defect }) => defect === 'missing' || defect === 'unknown').map(({ procedure }) => procedure.code);
      expect(results.filter(({ class: found }) => found === 'MISSING_LOCALLY').map((result) => result.national?.code).sort()).toEqual(absent);
    }), { numRuns: 60 });
  });
});
