import type { PublicService } from './public-service.js';
import type { Readiness } from './readiness-check.js';
import { CONDITION_CODES } from './readiness-conditions.js';
import type { ConditionCode } from './readiness-conditions.js';

export interface ReadinessCount {
  readonly services: number;
  readonly ready: number;
  /** Services that each condition holds back, in the order of `CONDITION_CODES`; those that hold back none are left out. */
  readonly unmet: readonly { readonly condition: ConditionCode; readonly services: number }[];
}

export interface ReadinessSummary {
  readonly at: Date;
  readonly total: ReadinessCount;
  /** In the order of agency codes. */
  readonly agencies: readonly (ReadinessCount & { readonly agencyCode: string; readonly agencyName: string | null })[];
}

export interface Assessed {
  readonly service: Pick<PublicService, 'agencyCode'>;
  readonly readiness: Readiness;
  readonly agency: { readonly nameVi: string } | null;
}

const count = (assessed: readonly Assessed[]): ReadinessCount => ({
  services: assessed.length,
  ready: assessed.filter(({ readiness }) => readiness.ready).length,
  unmet: CONDITION_CODES.map((condition) => ({ condition, services: assessed.filter(({ readiness }) => readiness.unmet.includes(condition)).length })).filter(({ services }) => services > 0),
});

export const summarise = (assessed: readonly Assessed[], at: Date): ReadinessSummary => {
  const byAgency = new Map<string, Assessed[]>();
  for (const entry of assessed) {
    const known = byAgency.get(entry.service.agencyCode);
    if (known === undefined) byAgency.set(entry.service.agencyCode, [entry]);
    else known.push(entry);
  }
  const agencies = [...byAgency].sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([agencyCode, entries]) => ({ agencyCode, agencyName: entries[0]?.agency?.nameVi ?? null, ...count(entries) }));
  return { at, total: count(assessed), agencies };
};
