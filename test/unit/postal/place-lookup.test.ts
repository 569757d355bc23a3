import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editsBetween, placePath } from '../../../src/postal/place-names.js';
import type { PlaceRecord } from '../../../src/postal/place.js';
import { PlaceTree } from '../../../src/postal/place-tree.js';
import type { PlaceAnswer, PlaceLevel } from '../../../src/postal/postal-address.js';

/** Names of the three levels that are hard on a lookup; the codes are invented. */
const THREE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'Thành phố Hồ Chí Minh': { 'Quận 1': ['Phường Bến Nghé', 'Phường Bến Thành', 'Phường Cô Giang'], 'Quận 10': ['Phường 1', 'Phường 5', 'Phường 12', 'Phường 15'], 'Quận Bình Thạnh': ['Phường 1', 'Phường 11', 'Phường 22'], 'Thành phố Thủ Đức': ['Phường Thảo Điền', 'Phường Hiệp Bình Chánh'] },
  'Thành phố Hà Nội': { 'Quận Cầu Giấy': ['Phường Dịch Vọng', 'Phường Dịch Vọng Hậu', 'Phường Nghĩa Đô', 'Phường Quan Hoa'], 'Huyện Ba Vì': ['Xã Ba Vì', 'Thị trấn Tây Đằng'], 'Thị xã Sơn Tây': ['Phường Quang Trung', 'Xã Đường Lâm'] },
  'Tỉnh Đồng Tháp': { 'Thành phố Cao Lãnh': ['Phường Mỹ Phú', 'Xã Tân Thuận Đông'], 'Huyện Cao Lãnh': ['Thị trấn Mỹ Thọ', 'Xã Mỹ Xương'] },
  'Tỉnh Đắk Lắk': { "Huyện Cư M'gar": ["Xã Ea M'DRóh", "Xã Cư M'gar", 'Thị trấn Quảng Phú'], "Huyện Ea H'leo": ["Xã Ea H'leo", 'Xã Dliê Yang'] },
  'Tỉnh Bà Rịa - Vũng Tàu': { 'Thành phố Vũng Tàu': ['Phường Thắng Tam', 'Xã Long Sơn'] },
  'Tỉnh Bình Định': { 'Thành phố Quy Nhơn': ['Phường Ghềnh Ráng', 'Xã Nhơn Lý'] },
  'Tỉnh Thừa Thiên Huế': { 'Thành phố Huế': ['Phường Phường Đúc', 'Phường Vỹ Dạ', 'Phường Thuận Hòa'] },
};

const record = (level: PlaceLevel, name: string, of: { readonly parentPath: string | null; readonly code: string }): PlaceRecord =>
  ({ epoch: 'THREE_LEVEL', level, name, path: placePath(of.parentPath, name), routeProvinceCode: null, routeDistrictCode: null, ...of });

const RECORDS: readonly PlaceRecord[] = Object.entries(THREE).flatMap(([province, districts], first) => {
  const top = record('PROVINCE', province, { parentPath: null, code: String(first + 10) });
  return [top, ...Object.entries(districts).flatMap(([district, communes], second) => {
    const middle = record('DISTRICT', district, { parentPath: top.path, code: `0${String(first)}${String(second)}` });
    return [middle, ...communes.map((commune, third) => record('COMMUNE', commune, { parentPath: middle.path, code: `00${String(first)}${String(second)}${String(third)}` }))];
  })];
});
const tree = new PlaceTree('THREE_LEVEL', RECORDS);
const ALL: readonly PlaceLevel[] = ['PROVINCE', 'DISTRICT', 'COMMUNE'];
const find = (province: string, district: string | null, commune: string, needs = ALL): PlaceAnswer => tree.find({ epoch: 'THREE_LEVEL', province, district, commune }, { named: needs, coded: needs });
const codesOf = (province: string, district: string, commune: string): PlaceAnswer => {
  const path = placePath(placePath(placePath(null, province), district), commune);
  const code = (level: PlaceLevel): string => RECORDS.find((entry) => entry.level === level && (path === entry.path || path.startsWith(`${entry.path}/`)))?.code ?? '?';
  return { kind: 'found', place: { provinceCode: code('PROVINCE'), districtCode: code('DISTRICT'), communeCode: code('COMMUNE') } };
};

const EVERY = Object.entries(THREE).flatMap(([province, districts]) => Object.entries(districts).flatMap(([district, communes]) => communes.map((commune) => [province, district, commune] as const)));
const address = fc.constantFrom(...EVERY);

const SHORT: Readonly<Record<string, readonly string[]>> = {
  'Thành phố': ['Thành phố', 'TP.', 'TP', 'T.P', 'tp. '], 'Tỉnh': ['Tỉnh', 'tỉnh', 'T.'], 'Quận': ['Quận', 'Q.', 'Q'], 'Huyện': ['Huyện', 'H.', 'HUYỆN'], 'Thị xã': ['Thị xã', 'TX.', 'TX'],
  'Thị trấn': ['Thị trấn', 'TT.', 'TT'], 'Phường': ['Phường', 'P.', 'P'], 'Xã': ['Xã', 'X.', 'xã'],
};
const bare = (name: string): { readonly kind: string; readonly rest: string } => {
  const kind = Object.keys(SHORT).find((prefix) => name.startsWith(`${prefix} `)) ?? '';
  return { kind, rest: name.slice(kind.length).trim() };
};
const unaccented = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D');

/** The same name as somebody else writes it: another prefix form, spaces more or fewer, no marks, another case, NFD. */
const spelling = (name: string): fc.Arbitrary<string> => {
  const { kind, rest } = bare(name);
  return fc.record({
    prefix: fc.constantFrom(...(SHORT[kind] ?? [''])), gap: fc.constantFrom(' ', '   ', '\t'), join: fc.constantFrom(' ', '  ', ' ', ''),
    marks: fc.constantFrom((text: string) => text, unaccented, (text: string) => text.normalize('NFD')), letters: fc.constantFrom((text: string) => text, (text: string) => text.toUpperCase(), (text: string) => text.toLowerCase()),
  }).map(({ prefix, gap, join, marks, letters }) => letters(marks(`  ${prefix}${gap}${rest.split(' ').join(join)} `)));
};

describe('a place by names', () => {
  it('is found by every re-spaced, unaccented, re-prefixed spelling of all its levels', () => {
    fc.assert(fc.property(address.chain(([province, district, commune]) => fc.tuple(fc.constant([province, district, commune] as const), spelling(province), spelling(district), spelling(commune))), ([names, ...written]) => {
      expect(find(...written)).toEqual(codesOf(...names));
    }), { numRuns: 500 });
  });

  it('is found without any prefix, but where a sibling differs by nothing else', () => {
    for (const [province, district, commune] of EVERY) {
      const answer = find(bare(province).rest, bare(district).rest, bare(commune).rest);
      if (bare(district).rest === 'Cao Lãnh') expect(answer).toEqual({ kind: 'unknown', level: 'DISTRICT', suggestions: ['Thành phố Cao Lãnh', 'Huyện Cao Lãnh'] });
      else expect(answer).toEqual(codesOf(province, district, commune));
    }
  });

  it.each([
    ['TP.HCM', 'Q1', 'P. Bến Nghé', 'Thành phố Hồ Chí Minh', 'Quận 1', 'Phường Bến Nghé'],
    ['tphcm', 'quan 10', 'P.05', 'Thành phố Hồ Chí Minh', 'Quận 10', 'Phường 5'],
    ['Sài Gòn', 'Q.10', 'p5', 'Thành phố Hồ Chí Minh', 'Quận 10', 'Phường 5'],
    ['HàNội', 'QuậnCầuGiấy', 'phườngquanhoa', 'Thành phố Hà Nội', 'Quận Cầu Giấy', 'Phường Quan Hoa'],
    ['Bà Rịa-Vũng Tàu', 'Vũng Tàu', 'Long Sơn', 'Tỉnh Bà Rịa - Vũng Tàu', 'Thành phố Vũng Tàu', 'Xã Long Sơn'],
    ['Bình Định', 'Qui Nhơn', 'Nhơn Lí', 'Tỉnh Bình Định', 'Thành phố Quy Nhơn', 'Xã Nhơn Lý'],
    ['Đắk Lắk', 'Ea Hleo', 'ea h’leo', 'Tỉnh Đắk Lắk', "Huyện Ea H'leo", "Xã Ea H'leo"],
    ['Thừa Thiên - Huế', 'Huế', 'Phường Đúc', 'Tỉnh Thừa Thiên Huế', 'Thành phố Huế', 'Phường Phường Đúc'],
    ['Thừa Thiên Huế', 'TP Huế', 'Thuận Hoà', 'Tỉnh Thừa Thiên Huế', 'Thành phố Huế', 'Phường Thuận Hòa'],
    ['Hà Nội', 'Ba Vì', 'Phường Ba Vì', 'Thành phố Hà Nội', 'Huyện Ba Vì', 'Xã Ba Vì'],
  ])('%s / %s / %s', (province, district, commune, ...names) => {
    expect(find(province, district, commune)).toEqual(codesOf(...names));
  });

  it('keeps numbers apart: ward 1 is none of 10, 11 or 15', () => {
    expect(find('HCM', 'Quận 10', 'Phường 11')).toMatchObject({ kind: 'unknown', level: 'COMMUNE' });
    expect(find('HCM', 'Quận 3', 'Phường 1')).toMatchObject({ kind: 'unknown', level: 'DISTRICT' });
  });

  it('suggests each name with a planted misspelling among the five nearest', () => {
    const named = EVERY.flatMap((names) => ALL.map((level, depth) => ({ names, level, depth }))).filter(({ names, depth }) => bare(names[depth] ?? '').rest.length >= 5);
    const edit = fc.constantFrom(
      (text: string, at: number) => text.slice(0, at) + text.slice(at + 1), (text: string, at: number) => `${text.slice(0, at)}w${text.slice(at)}`,
      (text: string, at: number) => `${text.slice(0, at)}z${text.slice(at + 1)}`, (text: string, at: number) => text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2));
    let planted = 0;
    fc.assert(fc.property(fc.constantFrom(...named), edit, fc.nat(), ({ names, level, depth }, change, place) => {
      const { kind, rest } = bare(names[depth] ?? '');
      const wrong = `${kind} ${change(unaccented(rest), place % rest.length)}`;
      const answer = find(...(names.map((name, index) => (index === depth ? wrong : name)) as [string, string, string]));
      if (answer.kind === 'found') return;
      planted += 1;
      expect(answer).toEqual({ kind: 'unknown', level, suggestions: expect.arrayContaining([names[depth]]) });
      expect(answer.suggestions.length).toBeLessThanOrEqual(5);
    }), { numRuns: 800 });
    expect(planted).toBeGreaterThan(400);
  });

  it('names the nearest first, and what begins like it while somebody is still typing', () => {
    expect(find('Hà Nội', 'Cầu Giấy', 'Dịch Vọg')).toEqual({ kind: 'unknown', level: 'COMMUNE', suggestions: ['Phường Dịch Vọng', 'Phường Dịch Vọng Hậu'] });
    expect(find('Ho Chi', null, '')).toEqual({ kind: 'unknown', level: 'PROVINCE', suggestions: ['Thành phố Hồ Chí Minh', 'Thành phố Hà Nội'] });
    expect(find('Atlantis', null, '')).toEqual({ kind: 'unknown', level: 'PROVINCE', suggestions: [] });
  });

  it('needs no more than the carrier: what it does not need may fail and is null with all below it', () => {
    expect(find('Hà Nội', 'Quận Không Có', 'x', ['PROVINCE'])).toEqual({ kind: 'found', place: { provinceCode: '11', districtCode: null, communeCode: null } });
    expect(find('Hà Nội', 'Cầu Giấy', 'Không có', ['PROVINCE', 'DISTRICT'])).toMatchObject({ kind: 'found', place: { districtCode: '010', communeCode: null } });
    expect(find('Hà Nội', 'Quận Không Có', 'Dịch Vọng', ['COMMUNE'])).toMatchObject({ kind: 'unknown', level: 'DISTRICT' });
  });
});

describe('a name that exists, and lies elsewhere', () => {
  it('is suggested with the district where it really lies, before names that are only alike', () => {
    expect(find('Hà Nội', 'Quận Cầu Giấy', 'Xã Đường Lâm')).toEqual({ kind: 'unknown', level: 'COMMUNE', suggestions: ['Xã Đường Lâm (Thị xã Sơn Tây)', 'Phường Dịch Vọng Hậu'] });
    expect(find('Đồng Tháp', 'Huyện Cao Lãnh', 'my phu')).toMatchObject({ level: 'COMMUNE', suggestions: ['Phường Mỹ Phú (Thành phố Cao Lãnh)', 'Thị trấn Mỹ Thọ'] });
    expect(find('HCM', 'Quận 10', 'Phường 11')).toMatchObject({ suggestions: ['Phường 11 (Quận Bình Thạnh)', 'Phường 1', 'Phường 12', 'Phường 15'] });
  });

  it('is suggested with district and province where both are others, and the district itself with its province', () => {
    expect(find('Đồng Tháp', 'TP Cao Lãnh', 'P. Vỹ Dạ')).toMatchObject({ level: 'COMMUNE', suggestions: ['Phường Vỹ Dạ (Thành phố Huế, Tỉnh Thừa Thiên Huế)'] });
    expect(find('Hà Nội', 'Thủ Đức', 'Thảo Điền')).toMatchObject({ level: 'DISTRICT', suggestions: ['Thành phố Thủ Đức (Thành phố Hồ Chí Minh)'] });
  });

  const communes = (district: string, ...names: readonly string[]): readonly PlaceRecord[] => {
    const parent = record('DISTRICT', district, { parentPath: 'ha noi', code: district });
    return [parent, ...names.map((name) => record('COMMUNE', name, { parentPath: parent.path, code: name }))];
  };
  const treeOf = (...districts: readonly (readonly PlaceRecord[])[]): PlaceTree => new PlaceTree('THREE_LEVEL', [record('PROVINCE', 'Hà Nội', { parentPath: null, code: '1' }), ...districts.flat()]);

  it('leaves the room of two to names of the named place', () => {
    const many = treeOf(...['Quận 1', 'Quận 2', 'Quận 3', 'Quận 4'].map((district) => communes(district, 'Phường 1')), communes('Quận 9', 'Phường 11', 'Phường 12'));
    expect(many.find({ epoch: 'THREE_LEVEL', province: 'Hà Nội', district: 'Q9', commune: 'P1' }, { named: ALL, coded: ALL })).toEqual(
      { kind: 'unknown', level: 'COMMUNE', suggestions: ['Phường 1 (Quận 1)', 'Phường 1 (Quận 2)', 'Phường 1 (Quận 3)', 'Phường 11', 'Phường 12'] });
  });

  it('is one of the kind that is written, where there is one', () => {
    const kinds = treeOf(communes('Quận 1', 'Phường Hoa Lư'), communes('Huyện B', 'Xã Hoa Lư'), communes('Huyện C', 'Xã Khác'));
    const suggested = (commune: string): PlaceAnswer => kinds.find({ epoch: 'THREE_LEVEL', province: 'Hà Nội', district: 'Huyện C', commune }, { named: ALL, coded: ALL });
    expect(suggested('Xã Hoa Lư')).toMatchObject({ suggestions: ['Xã Hoa Lư (Huyện B)'] });
    expect(suggested('Thị trấn Hoa Lư')).toMatchObject({ suggestions: ['Xã Hoa Lư (Huyện B)', 'Phường Hoa Lư (Quận 1)'] });
  });
});

describe('two levels', () => {
  const commune = (name: string, codes: Partial<PlaceRecord>): PlaceRecord => ({ epoch: 'TWO_LEVEL', level: 'COMMUNE', name, path: placePath('tinh ninh binh', name), parentPath: 'tinh ninh binh', code: null, routeProvinceCode: null, routeDistrictCode: null, ...codes });
  const two = new PlaceTree('TWO_LEVEL', [
    { ...record('PROVINCE', 'Tỉnh Ninh Bình', { parentPath: null, code: '43' }), epoch: 'TWO_LEVEL' },
    commune('Phường Hoa Lư', { code: '04301', routeDistrictCode: '0430' }), commune('Phường Phủ Lý', { code: '04001', routeDistrictCode: '0400', routeProvinceCode: '40' }), commune('Xã Gia Viễn', {}),
  ]);
  const route = (name: string, needs: readonly PlaceLevel[]): PlaceAnswer => two.find({ epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: name }, { named: needs, coded: needs });

  it('route by the old codes that the commune carries, of another province too', () => {
    expect(route('hoa lu', ALL)).toEqual({ kind: 'found', place: { provinceCode: '43', districtCode: '0430', communeCode: '04301' } });
    expect(route('P. Phủ Lý', ALL)).toEqual({ kind: 'found', place: { provinceCode: '40', districtCode: '0400', communeCode: '04001' } });
  });

  it('say that the commune cannot be routed where the carrier needs a district that it has no code of', () => {
    expect(route('Gia Viễn', ['PROVINCE', 'DISTRICT'])).toEqual({ kind: 'unknown', level: 'COMMUNE', suggestions: [] });
    expect(route('Gia Viễn', ['PROVINCE'])).toMatchObject({ kind: 'found', place: { provinceCode: '43', districtCode: null } });
    expect(route('Gia Vien x', ['DISTRICT'])).toEqual({ kind: 'unknown', level: 'COMMUNE', suggestions: ['Xã Gia Viễn'] });
  });
});

describe('names that differ by their marks only', () => {
  const of = (name: string, code: string): PlaceRecord => ({ ...record('PROVINCE', name, { parentPath: null, code }), path: `${placePath(null, name)} ${code}` });
  const provinces = new PlaceTree('THREE_LEVEL', [of('Tỉnh Thanh Lộc', '1'), of('Tỉnh Thạnh Lộc', '2')]);
  const codeOf = (province: string): PlaceAnswer => provinces.find({ epoch: 'THREE_LEVEL', province, district: null, commune: '' }, { named: ['PROVINCE'], coded: [] });

  it('are told apart by the marks, and are both suggested without', () => {
    expect(codeOf('thạnh lộc')).toMatchObject({ kind: 'found', place: { provinceCode: '2' } });
    expect(codeOf('T. Thanh Lộc')).toMatchObject({ kind: 'found', place: { provinceCode: '1' } });
    expect(codeOf('thanh loc')).toEqual({ kind: 'unknown', level: 'PROVINCE', suggestions: ['Tỉnh Thanh Lộc', 'Tỉnh Thạnh Lộc'] });
  });
});

describe('edits between two words', () => {
  it('are none for the same, one for a swap, and as many either way round', () => {
    expect([editsBetween('', ''), editsBetween('hoalu', 'hoalu'), editsBetween('hoalu', 'ohalu'), editsBetween('abc', '')]).toEqual([0, 0, 1, 3]);
    const word = fc.stringMatching(/^[a-e]{0,8}$/);
    fc.assert(fc.property(word, word, (left, right) => {
      expect(editsBetween(left, right)).toBe(editsBetween(right, left));
      expect(editsBetween(left, right)).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
      expect(editsBetween(left, right) === 0).toBe(left === right);
    }));
  });
});
