import type { Breath } from './breath.js';
import { dice, nameKey, trigramsOf } from './match-text.js';
import type { MatchableProcedure } from './match.js';

export interface NameCandidate {
  readonly procedure: MatchableProcedure;
  readonly score: number;
}

/** A trigram in more names than this share tells nothing apart, and would cost most of the time. */
const COMMON_SHARE = 0.25;
/** Below this many names every trigram is worth its while. */
const SMALL_CATALOGUE = 400;

/** The national catalogue, arranged once for a run: by code, by name, and by trigrams of names. Suggestions are usable procedures only. */
export class MatchIndex {
  readonly procedures: readonly MatchableProcedure[];
  readonly #byCode = new Map<string, MatchableProcedure>();
  readonly #byName = new Map<string, MatchableProcedure[]>();
  readonly #usable: readonly MatchableProcedure[];
  readonly #sizes: Uint16Array;
  readonly #postings = new Map<string, number[]>();
  readonly #counts: Uint16Array;

  private constructor(procedures: readonly MatchableProcedure[]) {
    this.procedures = procedures;
    this.#usable = procedures.filter(({ usable }) => usable);
    this.#sizes = new Uint16Array(this.#usable.length);
    this.#counts = new Uint16Array(this.#usable.length);
    for (const procedure of procedures) this.#byCode.set(procedure.code, procedure);
  }

  static async build(procedures: readonly MatchableProcedure[], breathe: Breath): Promise<MatchIndex> {
    const index = new MatchIndex([...procedures].sort((left, right) => (left.code < right.code ? -1 : 1)));
    for (const [place, procedure] of index.#usable.entries()) {
      index.#place(procedure, place);
      await breathe();
    }
    return index;
  }

  find(stem: string): MatchableProcedure | null {
    return this.#byCode.get(stem) ?? null;
  }

  /** Usable procedures of this very name, in code order. */
  named(name: string): readonly MatchableProcedure[] {
    return this.#byName.get(nameKey(name)) ?? [];
  }

  /** Usable procedures of the likest names, the likest first, at least `atLeast` alike. */
  similar(name: string, atLeast: number, limit: number): readonly NameCandidate[] {
    const grams = trigramsOf(name);
    const touched = this.#count(grams);
    const found: NameCandidate[] = [];
    for (const place of touched) {
      const procedure = this.#usable[place];
      const score = procedure === undefined ? 0 : dice(this.#counts[place] ?? 0, grams.size, this.#sizes[place] ?? 0);
      if (procedure !== undefined && score >= atLeast) found.push({ procedure, score });
      this.#counts[place] = 0;
    }
    return found.sort((left, right) => right.score - left.score || (left.procedure.code < right.procedure.code ? -1 : 1)).slice(0, limit);
  }

  #place(procedure: MatchableProcedure, place: number): void {
    const key = nameKey(procedure.name);
    const namesakes = this.#byName.get(key);
    if (namesakes === undefined) this.#byName.set(key, [procedure]);
    else namesakes.push(procedure);
    const grams = trigramsOf(procedure.name);
    this.#sizes[place] = grams.size;
    for (const gram of grams) {
      const posting = this.#postings.get(gram);
      if (posting === undefined) this.#postings.set(gram, [place]);
      else posting.push(place);
    }
  }

  /** Counts shared trigrams into `#counts`; candidates must share one that is not common, then common ones count for them too. */
  #count(grams: ReadonlySet<string>): readonly number[] {
    const most = this.#usable.length < SMALL_CATALOGUE ? Infinity : this.#usable.length * COMMON_SHARE;
    const postings = [...grams].map((gram) => this.#postings.get(gram) ?? []);
    const touched: number[] = [];
    for (const posting of postings) {
      if (posting.length > most) continue;
      for (const place of posting) {
        if (this.#counts[place] === 0) touched.push(place);
        this.#counts[place] = (this.#counts[place] ?? 0) + 1;
      }
    }
    for (const posting of postings) {
      if (posting.length <= most) continue;
      for (const place of posting) if ((this.#counts[place] ?? 0) > 0) this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    }
    return touched;
  }
}
