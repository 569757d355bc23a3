import { foldText } from '../agencies/fold-text.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { layoutOf } from '../tables/column-layout.js';
import type { Column } from '../tables/column-layout.js';
import type { Table, TableRow } from '../tables/table.js';
import type { PlaceCarrier } from './place-directory.js';
import { placePath } from './place-names.js';
import { placeKey } from './place-plan.js';
import type { EndedPlace } from './place-plan.js';
import type { PlaceRecord } from './place.js';

const COLUMNS = {
  carrier: { name: 'carrier', headings: ['don vi van chuyen', 'buu chinh', 'hang van chuyen'] },
  levels: { name: 'levels', headings: ['so cap', 'cap dia chi'] },
  province: { name: 'province', headings: ['tinh', 'ten tinh', 'tinh/thanh pho', 'tinh thanh pho'] },
  provinceCode: { name: 'province_code', headings: ['ma tinh'] },
  district: { name: 'district', headings: ['huyen', 'ten huyen', 'quan/huyen', 'quan huyen'] },
  districtCode: { name: 'district_code', headings: ['ma huyen', 'ma huyen cu'] },
  commune: { name: 'commune', headings: ['xa', 'ten xa', 'phuong/xa', 'phuong xa'] },
  communeCode: { name: 'commune_code', headings: ['ma xa', 'ma xa cu'] },
  routeProvinceCode: { name: 'route_province_code', headings: ['ma tinh cu'] },
  ended: { name: 'ended', headings: ['da bo', 'khong con', 'het hieu luc'] },
} as const satisfies Readonly<Record<string, Column>>;
type Field = keyof typeof COLUMNS;
const NEEDED: readonly Field[] = ['carrier', 'province', 'provinceCode'];

/** Carriers' codes are short; one that is not was put into the wrong column. */
const CODE = /^[A-Za-z0-9._-]{1,20}$/;
const MAX_NAME = 100;

const REQUIRED = breach('REQUIRED', 'Ô này không được để trống', 'This cell must not be empty');
const CODE_SHAPE = breach('PLACE_CODE', 'Mã gồm chữ, số, dấu chấm, gạch; tối đa 20 ký tự', 'A code has letters, digits, dots, dashes; at most 20');
const NAME_SHAPE = breach('PLACE_NAME', 'Tên dài quá 100 ký tự hoặc không có chữ nào', 'A name has letters, and at most 100 characters');
const LEVELS = { ...breach('ADDRESS_LEVELS', 'Số cấp là 2 hoặc 3', 'Levels are 2 or 3'), allowed: ['2', '3'] };
/** By what the cell of `ended` says, folded. */
const ENDED_WORDS: ReadonlyMap<string, boolean> = new Map([['', false], ['no', false], ['khong', false], ['yes', true], ['co', true], ['x', true]]);
const ENDED_WORD = { ...breach('PLACE_ENDED', 'Để trống, hoặc ghi "yes" (có) khi địa danh không còn', 'Empty, or yes where the place is no more'), allowed: ['yes', 'no'] };
const TWICE = breach('PLACE_TWICE', 'Địa danh này đã có ở dòng trên với nội dung khác, hoặc bị lặp', 'An earlier row says something else of this place, or the same');

/** The places that a row names, from the province down; the last is the row's own. Empty for a row that is refused, or that ends a place. */
export interface PlaceRow {
  readonly line: number;
  readonly carrier: string | null;
  /** As written, for the report. */
  readonly name: string | null;
  readonly places: readonly PlaceRecord[];
  /** The place that is no more, as the row says; null for any other row. */
  readonly ended: EndedPlace | null;
  /** The column in which the row's own place stands. */
  readonly column: string;
  readonly problems: readonly InputProblem[];
}

export type ReadPlaceRows = { readonly ok: true; readonly rows: readonly PlaceRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] };

type Cells = Readonly<Record<Field, string>>;

const problem = (field: Field, found: ReturnType<typeof breach>): InputProblem => problemAt(COLUMNS[field].name, found);

const isEnded = ({ ended }: Cells): boolean => ENDED_WORDS.get(foldText(ended)) === true;

const isThreeLevel = ({ levels, district }: Cells): boolean => (levels === '' ? district !== '' : levels === '3');

/** Which cells the row must fill: its names, and the codes of those levels that the carrier wants. What is no more needs no codes. */
const neededOf = (cells: Cells, needs: PlaceCarrier['needsPlaces']): readonly Field[] => {
  const three = isThreeLevel(cells);
  if (isEnded(cells)) return ['province', ...(three && cells.commune !== '' ? ['district'] as const : [])];
  const hasDistrict = three ? cells.district !== '' || cells.commune !== '' : cells.commune !== '';
  return [
    'province', 'provinceCode', ...(three && cells.commune !== '' ? ['district'] as const : []),
    ...(hasDistrict && needs.includes('DISTRICT') ? ['districtCode'] as const : []), ...(cells.commune !== '' && needs.includes('COMMUNE') ? ['communeCode'] as const : []),
  ];
};

const problemsOf = (cells: Cells, carrier: PlaceCarrier | undefined, carriers: readonly PlaceCarrier[]): readonly InputProblem[] => {
  if (carrier === undefined) return [{ ...problem('carrier', breach('CARRIER_UNKNOWN', 'Không có đơn vị bưu chính này', 'There is no such carrier')), allowed: carriers.map(({ party }) => party) }];
  const names = (['province', 'district', 'commune'] as const).filter((field) => cells[field] !== '' && (cells[field].length > MAX_NAME || placePath(null, cells[field]) === ''));
  const codes = (['provinceCode', 'districtCode', 'communeCode', 'routeProvinceCode'] as const).filter((field) => cells[field] !== '' && !CODE.test(cells[field]));
  return [
    ...(['', '2', '3'].includes(cells.levels) ? [] : [problem('levels', LEVELS)]),
    ...(ENDED_WORDS.has(foldText(cells.ended)) ? [] : [problem('ended', ENDED_WORD)]),
    ...neededOf(cells, carrier.needsPlaces).filter((field) => cells[field] === '').map((field) => problem(field, REQUIRED)),
    ...names.map((field) => problem(field, NAME_SHAPE)), ...codes.map((field) => problem(field, CODE_SHAPE)),
  ];
};

const orNull = (text: string): string | null => (text === '' ? null : text);

const recordsOf = (cells: Cells): readonly PlaceRecord[] => {
  const three = isThreeLevel(cells);
  const base = { epoch: three ? 'THREE_LEVEL' : 'TWO_LEVEL', routeProvinceCode: null, routeDistrictCode: null } as const;
  const provincePath = placePath(null, cells.province);
  const province: PlaceRecord = { ...base, level: 'PROVINCE', path: provincePath, parentPath: null, name: cells.province, code: cells.provinceCode };
  const districtPath = placePath(provincePath, cells.district);
  const district: PlaceRecord = { ...base, level: 'DISTRICT', path: districtPath, parentPath: provincePath, name: cells.district, code: orNull(cells.districtCode) };
  const parentPath = three ? districtPath : provincePath;
  const commune: PlaceRecord = {
    ...base, level: 'COMMUNE', path: placePath(parentPath, cells.commune), parentPath, name: cells.commune, code: orNull(cells.communeCode),
    ...(three ? {} : { routeProvinceCode: orNull(cells.routeProvinceCode), routeDistrictCode: orNull(cells.districtCode) }),
  };
  return [province, ...(three && cells.district !== '' ? [district] : []), ...(cells.commune === '' ? [] : [commune])];
};

const same = (left: PlaceRecord, right: PlaceRecord): boolean => JSON.stringify(left) === JSON.stringify(right);

/** Reads rows one after the other: what an earlier one says of a place holds for the file. */
class RowReader {
  readonly #carriers: readonly PlaceCarrier[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #said = new Map<string, PlaceRecord>();
  readonly #own = new Set<string>();
  readonly #ended = new Set<string>();

  constructor(carriers: readonly PlaceCarrier[], places: ReadonlyMap<string, number>) {
    this.#carriers = carriers;
    this.#places = places;
  }

  read({ line, cells: row }: TableRow): PlaceRow {
    const cells = Object.fromEntries(Object.keys(COLUMNS).map((field) => [field, row[this.#places.get(field) ?? -1] ?? ''])) as Cells;
    const carrier = this.#carriers.find(({ party }) => party === cells.carrier);
    const problems = problemsOf(cells, carrier, this.#carriers);
    const own = (['commune', 'district', 'province'] as const).find((field) => cells[field] !== '') ?? 'province';
    const report = { line, carrier: carrier?.party ?? null, name: orNull(cells[own]), column: COLUMNS[own].name, places: [], ended: null };
    if (carrier === undefined || problems.length > 0) return { ...report, problems };
    const places = recordsOf(cells);
    if (this.#clashes(carrier.party, places, isEnded(cells))) return { ...report, problems: [problem(cells.commune === '' ? 'province' : 'commune', TWICE)] };
    return isEnded(cells) ? { ...report, ended: places.at(-1) ?? null, problems: [] } : { ...report, places, problems: [] };
  }

  /** Remembers what the row says, unless an earlier one says otherwise, or the same of its own place. */
  #clashes(party: string, places: readonly PlaceRecord[], ends: boolean): boolean {
    const key = (place: PlaceRecord): string => `${party}/${placeKey(place)}`;
    const leaf = places.at(-1);
    if (leaf === undefined || this.#own.has(key(leaf))) return true;
    if (ends) {
      if (this.#said.has(key(leaf))) return true;
      this.#ended.add(key(leaf));
    } else {
      if (places.some((place) => this.#ended.has(key(place)) || !same(this.#said.get(key(place)) ?? place, place))) return true;
      for (const place of places) this.#said.set(key(place), place);
    }
    this.#own.add(key(leaf));
    return false;
  }
}

/** Sheet → places with what is wrong with each row, or what is wrong with its headings. */
export const readPlaceRows = (table: Table, carriers: readonly PlaceCarrier[]): ReadPlaceRows => {
  const { places, problems } = layoutOf<Field>(table.header, COLUMNS, NEEDED);
  if (problems.length > 0) return { ok: false, problems };
  const reader = new RowReader(carriers, places);
  return { ok: true, rows: table.rows.map((row) => reader.read(row)) };
};
