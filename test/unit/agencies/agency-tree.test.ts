import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Agency } from '../../../src/agencies/agency.js';
import { covers, overlap, vietnamDay } from '../../../src/agencies/agency.js';
import { editDistance, epochOf, levelOneOf } from '../../../src/agencies/agency-code.js';
import { planAgencies } from '../../../src/agencies/agency-plan.js';
import { columnName } from '../../../src/agencies/agency-rows.js';
import { AgencyTree } from '../../../src/agencies/agency-tree.js';
import { foldText } from '../../../src/agencies/fold-text.js';

const codeOf = (index: number): string => `H42.${String(100 + index)}`;

const agency = (index: number, parent: number | null, over: Partial<Agency> = {}): Agency => ({
  code: codeOf(index), codes: [{ code: codeOf(index), from: null, until: null, confidence: 'HIGH' }], nameVi: `Cơ quan ${String(index)}`, nameEn: null, kind: 'OTHER',
  level: 'PROVINCE', parentCode: parent === null ? null : codeOf(parent), address: null, phone: null, email: null, active: { from: null, until: null }, successors: [], ...over,
});

/** Any tree: each agency's parent is one before it, or none. */
const parents = fc.integer({ min: 1, max: 25 }).chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => fc.option(fc.nat({ max: Math.max(index - 1, 0) })).map((parent) => (index === 0 ? null : parent)))));

const isBelow = (all: readonly (number | null)[], index: number, root: number): boolean => {
  for (let at: number | null | undefined = index; at != null; at = all[at]) if (at === root) return true;
  return false;
};

const isTree = (tree: AgencyTree): boolean => {
  const reached = new Set(tree.children(null));
  for (const above of reached) for (const below of tree.children(above.code)) reached.add(below);
  return reached.size === tree.agencies.length;
};

describe('what an agency sees', () => {
  it('is its subtree, in any tree', () => {
    fc.assert(fc.property(parents, fc.nat(), (all, pick) => {
      const root = pick % all.length;
      const visible = new AgencyTree(all.map((parent, index) => agency(index, parent))).visibleCodes(codeOf(root));
      expect([...visible].sort()).toEqual(all.map((_, index) => index).filter((index) => isBelow(all, index, root)).map(codeOf).sort());
    }));
  });

  it('holds codes of both epochs and all times, and whatever was merged into it whole', () => {
    const tree = new AgencyTree([
      agency(0, null), agency(1, 0, { codes: [{ code: '000.00.01.H42', from: null, until: '2020-12-31', confidence: 'LOW' }, { code: codeOf(1), from: null, until: null, confidence: 'HIGH' }] }),
      agency(2, 0, { successors: [{ code: codeOf(1), since: '2025-07-01' }] }), agency(3, 2),
      agency(4, 0, { successors: [{ code: codeOf(0), since: '2025-07-01' }, { code: codeOf(1), since: '2025-07-01' }] }),
    ]);
    expect([...tree.visibleCodes(codeOf(1))].sort()).toEqual(['000.00.01.H42', codeOf(1), codeOf(2), codeOf(3)]);
    expect(tree.visibleCodes('000.00.01.H42')).toEqual(tree.visibleCodes(codeOf(1)));
  });

  it('does not hold a code that an agency outside has had too, and nothing for an unknown scope', () => {
    const shared = { code: 'H42.999', from: null, until: '2020-12-31', confidence: 'LOW' as const };
    const tree = new AgencyTree([agency(0, null, { codes: [{ ...shared, from: '2021-01-01', until: null }] }), agency(1, null, { codes: [shared] })]);
    expect([...tree.visibleCodes(codeOf(1))]).toEqual([]);
    expect([...tree.visibleCodes('H42.1')]).toEqual([]);
  });
});

describe('moves', () => {
  it('in any number keep it a tree: a move below itself is refused, all others are made', () => {
    fc.assert(fc.property(parents, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }), (start, moves) => {
      const all = [...start];
      let tree = new AgencyTree(all.map((parent, index) => agency(index, parent)));
      for (const [a, b] of moves) {
        const [moved, to] = [a % all.length, b % all.length];
        const depth = (at: number): number => { const above = all[at]; return above == null ? 0 : 1 + depth(above); };
        if (depth(to) > 8) continue;
        const { reports: [report], changes } = planAgencies(tree, [{ line: 1, problems: [], draft: { code: codeOf(moved), parentCode: codeOf(to) } }], { tenant: ['H42'], path: columnName });
        expect(report?.outcome === 'REFUSED').toBe(isBelow(all, to, moved));
        if (report?.outcome !== 'REFUSED') all[moved] = to;
        tree = new AgencyTree(tree.agencies.map((known) => changes.find(({ code }) => code === known.code) ?? known));
        expect(isTree(tree)).toBe(true);
      }
    }));
  });

  it('of two in one file that make a ring together are both refused', () => {
    const tree = new AgencyTree([agency(0, null), agency(1, 0), agency(2, 0)]);
    const rows = [[1, 2], [2, 1]].map(([from = 0, to = 0], line) => ({ line, problems: [], draft: { code: codeOf(from), parentCode: codeOf(to) } }));
    expect(planAgencies(tree, rows, { tenant: ['H42'], path: columnName }).reports.map(({ outcome, problems }) => [outcome, problems[0]?.code])).toEqual([['REFUSED', 'CYCLE'], ['REFUSED', 'CYCLE']]);
  });

  it('refuse what hangs on a refused row, in whatever order, and nothing else', () => {
    const draft = (code: string, parentCode: string, nameVi = 'A') => ({ line: 1, problems: [], draft: { code, parentCode, nameVi, kind: 'OTHER' as const, level: 'PROVINCE' as const } });
    const { reports } = planAgencies(new AgencyTree([agency(0, null)]), [draft('H42.11.01', 'H42.11'), draft('H42.11', 'H42.99'), draft('H42.12', codeOf(0))], { tenant: ['H42'], path: columnName });
    expect(reports.map(({ outcome }) => outcome)).toEqual(['REFUSED', 'REFUSED', 'CREATED']);
  });
});

describe('codes', () => {
  it.each([['000.12.34.H42', 'QCVN_102_2016', 'H42'], ['H42', 'DECISION_20_2020', 'H42'], ['G09.20', 'DECISION_20_2020', 'G09'], ['H42.1', null, null], ['0.0.0.H42', null, null], ['', null, null]])('%j', (code, epoch, levelOne) => {
    expect([epochOf(code), levelOneOf(code)]).toEqual([epoch, levelOne]);
  });

  it('that were mistyped are recognised, among those in force and visible', () => {
    const tree = new AgencyTree([agency(0, null), agency(1, null, { active: { from: null, until: '2020-01-01' } }), agency(2, null)]);
    expect(tree.nearest('H42.10', '2026-01-01', () => true)).toEqual(['H42.100', 'H42.102']);
    expect(tree.nearest('H42.10', '2026-01-01', (code) => code === 'H42.102')).toEqual(['H42.102']);
    expect(tree.nearest('000.12.34.H42', '2026-01-01', () => true)).toEqual([]);
  });

  it('have a distance like any texts: symmetric, zero for the same, at most one for one more letter', () => {
    fc.assert(fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (left, right) => {
      expect(editDistance(left, right, 20)).toBe(editDistance(right, left, 20));
      expect(editDistance(left, left, 20)).toBe(0);
      expect(editDistance(left, `${left}x`, 20)).toBe(1);
    }));
  });
});

describe('days and words', () => {
  it('count periods by whole days, both ends in', () => {
    expect([covers({ from: '2025-07-01', until: '2025-07-01' }, '2025-07-01'), covers({ from: null, until: '2025-06-30' }, '2025-07-01')]).toEqual([true, false]);
    expect([overlap({ from: null, until: '2025-06-30' }, { from: '2025-07-01', until: null }), overlap({ from: null, until: '2025-07-01' }, { from: '2025-07-01', until: null })]).toEqual([false, true]);
    expect(vietnamDay(new Date('2025-06-30T17:00:00Z'))).toBe('2025-07-01');
  });

  it('fold marks, case and đ', () => {
    expect([foldText('  Phường  HOÀ Lư'), foldText('Đồng Hướng'.normalize('NFD'))]).toEqual(['phuong hoa lu', 'dong huong']);
  });
});
