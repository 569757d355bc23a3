import { LEVELS_OF } from './place.js';
import type { PlaceRecord } from './place.js';
import { readPlaceName } from './place-names.js';
import type { PlaceName } from './place-names.js';
import { namesOf, suggestionsFor } from './place-suggestions.js';
import type { ElsewhereNode, PlaceNode } from './place-suggestions.js';
import type { AddressEpoch, CarrierPlace, PlaceAnswer, PlaceLevel, PostalAddress } from './postal-address.js';

const TOP = '';

type Match = { readonly kind: 'one'; readonly node: PlaceNode } | { readonly kind: 'none'; readonly suggestions: readonly string[] };

/** What of an address is written in names. */
export type NamedAddress = Pick<PostalAddress, 'epoch' | 'province' | 'district' | 'commune'>;

export interface WantedLevels {
  readonly named: readonly PlaceLevel[];
  readonly coded: readonly PlaceLevel[];
}

/** Where an epoch says what a level is for: without districts, a district's code stands at the commune. */
export const levelIn = (epoch: AddressEpoch, level: PlaceLevel): PlaceLevel => (LEVELS_OF[epoch].includes(level) ? level : 'COMMUNE');

const writtenAt = ({ province, district, commune }: NamedAddress, level: PlaceLevel): string => ({ PROVINCE: province, DISTRICT: district ?? '', COMMUNE: commune })[level];

/** The only one of several with a like name that is written exactly so, or is of the same kind and marks. */
const narrow = (nodes: readonly PlaceNode[], written: PlaceName): PlaceNode | null => {
  const sameKind = nodes.filter(({ name }) => name.kind === written.kind);
  const sameMarks = nodes.filter(({ name }) => name.marked === written.marked);
  const both = sameKind.filter((node) => sameMarks.includes(node));
  const [only = null] = [nodes, both, written.kind === null ? [] : sameKind, sameMarks].find(({ length }) => length === 1) ?? [];
  return only;
};

/** The places of one carrier in one epoch, by names. */
export class PlaceTree {
  readonly #epoch: AddressEpoch;
  /** Path of the parent → key → places. */
  readonly #index = new Map<string, Map<string, PlaceNode[]>>();
  /** The same of all parents together, by level. */
  readonly #everywhere = new Map<PlaceLevel, Map<string, PlaceNode[]>>();
  readonly #provinces = new Map<string, PlaceRecord>();
  readonly #districts = new Map<string, PlaceRecord>();

  constructor(epoch: AddressEpoch, places: readonly PlaceRecord[]) {
    this.#epoch = epoch;
    for (const place of places) this.#add(place);
  }

  #add(place: PlaceRecord): void {
    const { level, path, parentPath } = place;
    if (level === 'PROVINCE') this.#provinces.set(path, place);
    if (level === 'DISTRICT') this.#districts.set(path, place);
    const node = { place, name: readPlaceName(level, place.name) };
    const siblings = this.#index.get(parentPath ?? TOP) ?? new Map<string, PlaceNode[]>();
    const namesakes = this.#everywhere.get(level) ?? new Map<string, PlaceNode[]>();
    for (const key of node.name.keys) {
      siblings.set(key, [...(siblings.get(key) ?? []), node]);
      namesakes.set(key, [...(namesakes.get(key) ?? []), node]);
    }
    this.#index.set(parentPath ?? TOP, siblings);
    this.#everywhere.set(level, namesakes);
  }

  /**
   * Goes down as far as the names lead. Of the levels that `named` lists each must be found, and of those in `coded` the carrier must
   * have a code; any other may fail, and is then null with all below it.
   */
  find(address: NamedAddress, { named, coded }: WantedLevels): PlaceAnswer {
    const levels = LEVELS_OF[this.#epoch];
    const needed = named.map((level) => levelIn(this.#epoch, level));
    let found: PlaceNode | null = null;
    for (const [depth, level] of levels.entries()) {
      const match = this.#match(found?.place.path ?? TOP, level, writtenAt(address, level));
      if (match.kind === 'one') found = match.node;
      else if (levels.slice(depth).some((below) => needed.includes(below))) return { kind: 'unknown', level, suggestions: match.suggestions };
      else break;
    }
    const place = found === null ? null : this.#codesOf(found.place);
    if (place === null) return { kind: 'unknown', level: 'PROVINCE', suggestions: [] };
    const missing = coded.find((level) => codeAt(place, level) === null);
    return missing === undefined ? { kind: 'found', place } : { kind: 'unknown', level: levelIn(this.#epoch, missing), suggestions: [] };
  }

  #match(parentPath: string, level: PlaceLevel, text: string): Match {
    const siblings = this.#index.get(parentPath) ?? new Map<string, PlaceNode[]>();
    const written = readPlaceName(level, text);
    for (const keys of [written.keys, written.gluedKeys]) {
      const hits = [...new Set(keys.flatMap((key) => siblings.get(key) ?? []))];
      const only = narrow(hits, written);
      if (only !== null) return { kind: 'one', node: only };
      if (hits.length > 0) return { kind: 'none', suggestions: namesOf(hits) };
    }
    return { kind: 'none', suggestions: suggestionsFor(written, { siblings: new Set([...siblings.values()].flat()), elsewhere: this.#elsewhere(level, written, parentPath) }) };
  }

  /** Places of this very name that lie in something else than `parentPath`. */
  #elsewhere(level: PlaceLevel, { keys, gluedKeys }: PlaceName, parentPath: string): readonly ElsewhereNode[] {
    const namesakes = this.#everywhere.get(level);
    const of = (candidates: readonly string[]): readonly PlaceNode[] => [...new Set(candidates.flatMap((key) => namesakes?.get(key) ?? []))];
    const exact = of(keys);
    const named = parentPath.split('/');
    return (exact.length > 0 ? exact : of(gluedKeys)).map((node) => {
      const steps = (node.place.parentPath ?? TOP).split('/');
      const first = steps.findIndex((step, depth) => step !== named[depth]);
      const within = first === -1 ? [] : steps.slice(first).map((_step, index) => this.#nameAt(steps.slice(0, first + index + 1).join('/')));
      return { ...node, within: within.toReversed() };
    }).filter(({ within }) => within.length > 0);
  }

  #nameAt(path: string): string {
    return (this.#districts.get(path) ?? this.#provinces.get(path))?.name ?? path;
  }

  /** Null where the carrier has no code of the province. */
  #codesOf({ level, path, parentPath, code, routeProvinceCode, routeDistrictCode }: PlaceRecord): CarrierPlace | null {
    const district = level === 'DISTRICT' ? path : parentPath ?? '';
    const provinceCode = routeProvinceCode ?? this.#provinces.get(path.split('/')[0] ?? '')?.code ?? null;
    if (provinceCode === null) return null;
    return { provinceCode, districtCode: routeDistrictCode ?? this.#districts.get(district)?.code ?? null, communeCode: level === 'COMMUNE' ? code : null };
  }
}

const codeAt = ({ provinceCode, districtCode, communeCode }: CarrierPlace, level: PlaceLevel): string | null =>
  ({ PROVINCE: provinceCode, DISTRICT: districtCode, COMMUNE: communeCode })[level];
