import type { Agency, Period } from './agency.js';
import { covers } from './agency.js';
import { editDistance, levelOneOf } from './agency-code.js';

/** A mistyped code differs in one or two places; what is farther is another code. */
const MAX_TYPOS = 2;
const MAX_SUGGESTIONS = 3;

interface Bearer {
  readonly agency: Agency;
  readonly period: Period;
}

/** All agencies at one moment, never changed: a new version of the tree is a new object. */
export class AgencyTree {
  readonly agencies: readonly Agency[];
  readonly #byCode = new Map<string, Agency>();
  readonly #bearers = new Map<string, Bearer[]>();
  readonly #children = new Map<string | null, Agency[]>();
  /** By successor: those whose whole charge went to it. */
  readonly #absorbed = new Map<string, Agency[]>();
  readonly #visible = new Map<string, ReadonlySet<string>>();

  constructor(agencies: readonly Agency[]) {
    this.agencies = [...agencies].sort((left, right) => (left.code < right.code ? -1 : 1));
    for (const agency of this.agencies) {
      this.#byCode.set(agency.code, agency);
      for (const period of agency.codes) add(this.#bearers, period.code, { agency, period });
      add(this.#children, agency.parentCode, agency);
      const [successor, ...others] = agency.successors;
      if (successor !== undefined && others.length === 0) add(this.#absorbed, successor.code, agency);
    }
  }

  get isEmpty(): boolean {
    return this.agencies.length === 0;
  }

  /** By any code that it has or ever had; its own identity goes first, then the bearer that is still active. */
  find(code: string): Agency | null {
    const own = this.#byCode.get(code);
    if (own !== undefined) return own;
    const bearers = this.#bearers.get(code) ?? [];
    return (bearers.find(({ agency, period }) => agency.active.until === null && period.until === null) ?? bearers[0])?.agency ?? null;
  }

  /** The agency that was active and had the code on that day. */
  findAt(code: string, day: string): Agency | null {
    const bearer = this.#bearers.get(code)?.find(({ agency, period }) => covers(agency.active, day) && covers(period, day));
    return bearer?.agency ?? null;
  }

  children(code: string | null): readonly Agency[] {
    return this.#children.get(code) ?? [];
  }

  /** From its parent up to the root. */
  ancestors(agency: Agency): readonly Agency[] {
    const path: Agency[] = [];
    for (let above = this.#parentOf(agency); above !== undefined; above = this.#parentOf(above)) path.push(above);
    return path;
  }

  /**
   * The agency with this code, all below it, and those that were merged into any of them, with all below. Not an agency whose charge
   * was split among several: each of them would see the others' dossiers. Empty for an unknown code.
   */
  subtree(code: string): ReadonlySet<Agency> {
    const root = this.find(code);
    const found = new Set<Agency>(root === null ? [] : [root]);
    // A Set's iterator also visits what is added on the way.
    for (const agency of found) {
      for (const below of [...this.children(agency.code), ...(this.#absorbed.get(agency.code) ?? [])]) found.add(below);
    }
    return found;
  }

  /** Codes of both epochs and all times in the subtree; not those that an agency outside has or had too. */
  visibleCodes(scope: string): ReadonlySet<string> {
    const known = this.#visible.get(scope);
    if (known !== undefined) return known;
    const inside = this.subtree(scope);
    const codes = new Set([...inside].flatMap((agency) => agency.codes.map(({ code }) => code)));
    for (const code of codes) if (this.#bearers.get(code)?.some(({ agency }) => !inside.has(agency)) === true) codes.delete(code);
    this.#visible.set(scope, codes);
    return codes;
  }

  /** Codes like this one that are in use on that day, the likeliest first. */
  nearest(code: string, day: string, isVisible: (code: string) => boolean): readonly string[] {
    const candidates = [...this.#bearers.keys()].filter((candidate) => levelOneOf(candidate) !== null && isVisible(candidate) && this.findAt(candidate, day) !== null);
    return candidates
      .map((candidate) => ({ candidate, typos: editDistance(code, candidate, MAX_TYPOS) }))
      .filter(({ typos }) => typos <= MAX_TYPOS)
      .sort((left, right) => left.typos - right.typos || (left.candidate < right.candidate ? -1 : 1))
      .slice(0, MAX_SUGGESTIONS)
      .map(({ candidate }) => candidate);
  }

  #parentOf({ parentCode }: Agency): Agency | undefined {
    return parentCode === null ? undefined : this.#byCode.get(parentCode);
  }
}

const add = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
};
