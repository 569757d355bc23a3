import type { Breath } from './breath.js';
import { readProcedureCode } from './match-code.js';
import { MatchIndex } from './match-index.js';
import { asDuplicate, judgeByCode, judgeByName, nameTurn, takesSuggestion } from './match-judge.js';
import type { Judged, JudgeContext } from './match-judge.js';
import { byPlace, findMissing } from './match-missing.js';
import type { AgencyPlaces } from './match-missing.js';
import type { LocalProcedure, MatchableProcedure, MatchClass, MatchResult } from './match.js';

export interface MatchInput {
  readonly local: readonly LocalProcedure[];
  readonly national: readonly MatchableProcedure[];
  /** Level-1 codes of the province, the current one first. */
  readonly tenantAgencyCodes: readonly string[];
  readonly agencies: AgencyPlaces;
}

/** Best first: an entry without fault, then the one with the fewest. */
const rank = ({ class: found, differences }: MatchResult): number => (found === 'MATCHED' ? 0 : found === 'MATCHED_WITH_DIFFERENCES' ? 1 : 2) * 100 + differences.length;

/** What each agency has, or is told to use. */
class Holdings {
  readonly byAgency = new Map<string, Set<string>>();

  of(agencyCode: string): Set<string> {
    const known = this.byAgency.get(agencyCode) ?? new Set<string>();
    this.byAgency.set(agencyCode, known);
    return known;
  }
}

/** Results by code, with all but the best of each agency and procedure made duplicates. */
const withoutTwins = (results: readonly (MatchResult | null)[], holdings: Holdings): (MatchResult | null)[] => {
  const best = new Map<string, MatchResult>();
  const keyOf = (result: MatchResult): string => `${result.agencyCode} ${result.national?.code ?? ''}`;
  for (const result of results) {
    if (result === null) continue;
    const kept = best.get(keyOf(result));
    if (kept === undefined || rank(result) < rank(kept)) best.set(keyOf(result), result);
    if (result.national !== null) holdings.of(result.agencyCode).add(result.national.code);
  }
  return results.map((result) => {
    const kept = result === null ? undefined : best.get(keyOf(result));
    return result === null || kept === undefined || kept === result ? result : asDuplicate(result, kept);
  });
};

interface FirstLook {
  readonly entry: Judged;
  readonly byCode: MatchResult | null;
}

/** Results in the order given; what the code did not tell is judged by its name, the surest first. */
const namedResults = async (looks: readonly FirstLook[], { context, holdings, breathe }: { context: JudgeContext; holdings: Holdings; breathe: Breath }): Promise<readonly MatchResult[]> => {
  const take = ({ agencyCode, suggestedCode }: MatchResult): void => {
    const stem = suggestedCode === null ? undefined : readProcedureCode(suggestedCode)?.stem;
    if (stem !== undefined) holdings.of(agencyCode).add(stem);
  };
  for (const { byCode } of looks) if (byCode !== null) take(byCode);
  const named = new Map<Judged, MatchResult>();
  const open = looks.flatMap(({ entry, byCode }) => (byCode === null ? [{ entry, turn: nameTurn(entry, context) }] : []));
  // Sorting is stable: within a turn the order of places holds.
  for (const { entry } of open.sort((left, right) => left.turn - right.turn)) {
    const result = judgeByName(entry, context, holdings.of(entry.agencyCode));
    if (takesSuggestion(result)) take(result);
    named.set(entry, result);
    await breathe();
  }
  return looks.flatMap(({ entry, byCode }) => byCode ?? named.get(entry) ?? []);
};

/** Gives each local procedure a class, and finds those that are missing. Pure but for `breathe`, which lets others run in between. */
export const matchProcedures = async (input: MatchInput, breathe: Breath): Promise<readonly MatchResult[]> => {
  const context: JudgeContext = { index: await MatchIndex.build(input.national, breathe), tenantAgencyCodes: input.tenantAgencyCodes };
  const judged = [...input.local].sort(byPlace).map((local): Judged =>
    ({ local, agencyCode: input.agencies.identityOf(local.agencyCode) ?? local.agencyCode, code: readProcedureCode(local.code) }));
  const holdings = new Holdings();
  const verdicts: (MatchResult | null)[] = [];
  for (const entry of judged) {
    verdicts.push(judgeByCode(entry, context));
    await breathe();
  }
  const byCode = withoutTwins(verdicts, holdings);
  const results = await namedResults(judged.map((entry, place) => ({ entry, byCode: byCode[place] ?? null })), { context, holdings, breathe });
  const missing = await findMissing(context.index.procedures, { byAgency: holdings.byAgency, tenantAgencyCodes: input.tenantAgencyCodes, agencies: input.agencies }, breathe);
  return [...results, ...missing];
};

export type ClassCounts = Readonly<Partial<Record<MatchClass, number>>>;

export interface AgencyFigure {
  readonly agencyCode: string;
  /** Local procedures; what is missing is not among them. */
  readonly total: number;
  readonly matched: number;
  readonly counts: ClassCounts;
}

/** Figures of each agency, in code order. */
export const figuresOf = (results: readonly MatchResult[]): readonly AgencyFigure[] => {
  const counts = new Map<string, Partial<Record<MatchClass, number>>>();
  for (const { agencyCode, class: found } of results) {
    const own = counts.get(agencyCode) ?? {};
    own[found] = (own[found] ?? 0) + 1;
    counts.set(agencyCode, own);
  }
  return [...counts].map(([agencyCode, own]) => ({ agencyCode, ...totalsOf(own), counts: own })).sort((left, right) => (left.agencyCode < right.agencyCode ? -1 : 1));
};

/** How many local procedures there are, and how many of them match. */
export const totalsOf = (counts: ClassCounts): { readonly total: number; readonly matched: number } => {
  const all = Object.entries(counts).reduce((sum, [found, count]) => sum + (found === 'MISSING_LOCALLY' ? 0 : count), 0);
  return { total: all, matched: (counts.MATCHED ?? 0) + (counts.MATCHED_WITH_DIFFERENCES ?? 0) };
};
