import { levelOneOf } from '../agencies/agency-code.js';
import type { Breath } from './breath.js';
import { nameKey } from './match-text.js';
import type { LocalProcedure, MatchableProcedure, MatchResult } from './match.js';

/** Where agencies stand, as the tree has it; every code is an identity in it. */
export interface AgencyPlaces {
  /** By any code that it has or had; null when it is unknown. */
  identityOf(code: string): string | null;
  /** By its name, if one active agency has it. */
  named(key: string): string | null;
  /** The province itself: what cannot be laid at one agency's door is its. */
  readonly province: string;
}

export interface Coverage {
  /** Stems that an agency has, or is told to use. */
  readonly byAgency: ReadonlyMap<string, ReadonlySet<string>>;
  readonly tenantAgencyCodes: readonly string[];
  readonly agencies: AgencyPlaces;
}

const PROVINCE_CODE = /^H\d{2}$/;

/** Local agencies that the national record names, by code or else by name. */
const executorsOf = ({ agencies: named }: MatchableProcedure, { agencies }: Coverage): readonly string[] =>
  [...new Set(named.map(({ code, name }) => (code === null ? null : agencies.identityOf(code)) ?? agencies.named(nameKey(name))).filter((code) => code !== null))];

/** It names agencies of another province, and so is that province's own. */
const isForeign = ({ agencies }: MatchableProcedure, { tenantAgencyCodes }: Coverage): boolean => {
  const provinces = agencies.flatMap(({ code }) => (code === null ? [] : levelOneOf(code.toUpperCase()) ?? [])).filter((code) => PROVINCE_CODE.test(code));
  return provinces.length > 0 && !provinces.some((code) => tenantAgencyCodes.includes(code));
};

const missingAt = (agencyCode: string, national: MatchableProcedure): MatchResult =>
  ({ local: null, agencyCode, class: 'MISSING_LOCALLY', national, suggestedCode: null, suggestedName: null, score: null, differences: [] });

const missingOf = (national: MatchableProcedure, coverage: Coverage, covered: ReadonlySet<string>): readonly MatchResult[] => {
  const executors = executorsOf(national, coverage);
  if (executors.length > 0) return executors.filter((code) => coverage.byAgency.get(code)?.has(national.code) !== true).map((code) => missingAt(code, national));
  const isOurs = national.levels.some((level) => level !== 'MINISTRY') && !isForeign(national, coverage);
  return isOurs && !covered.has(national.code) ? [missingAt(coverage.agencies.province, national)] : [];
};

/**
 * Usable procedures that an agency of ours should have and does not. Where the record names no agency that we know, any agency of the
 * province that has it is enough: thousands of communes are not each told of the same gap.
 */
export const findMissing = async (procedures: readonly MatchableProcedure[], coverage: Coverage, breathe: Breath): Promise<readonly MatchResult[]> => {
  const covered = new Set([...coverage.byAgency.values()].flatMap((stems) => [...stems]));
  const missing: MatchResult[] = [];
  for (const procedure of procedures) {
    if (procedure.usable) missing.push(...missingOf(procedure, coverage, covered));
    await breathe();
  }
  return missing;
};

/** Order in which a run looks at local procedures: the same for the same list, however it was permuted. */
export const byPlace = (left: LocalProcedure, right: LocalProcedure): number => {
  if (left.agencyCode !== right.agencyCode) return left.agencyCode < right.agencyCode ? -1 : 1;
  if (left.code !== right.code) return left.code < right.code ? -1 : 1;
  return left.id.length - right.id.length || (left.id < right.id ? -1 : 1);
};
