import type { MatchableProcedure } from './match.js';
import type { AdministrativeLevel, NationalProcedure } from './procedure.js';

/** A stored national record, as far as the match reads it. */
export interface NationalRow {
  readonly code: string;
  readonly name: string;
  readonly usable: boolean;
  readonly fieldCodes: readonly string[];
  readonly levels: readonly AdministrativeLevel[];
  readonly methods: NationalProcedure['methods'] | null;
  readonly agencies: NationalProcedure['executingAgencies'] | null;
}

/** Stored record → what decides about a match. One fee that cannot be read makes all of them no ground for a difference. */
export const nationalFacts = ({ code, name, usable, fieldCodes, levels, methods, agencies }: NationalRow): MatchableProcedure => {
  const times = (methods ?? []).flatMap((method) => method.times);
  const fees = times.flatMap((time) => time.fees.map(({ amountVnd }) => amountVnd));
  return {
    code, name, usable, fieldCodes, levels,
    feesVnd: fees.includes(null) ? [] : [...new Set(fees.filter((fee) => fee !== null))],
    times: times.flatMap(({ amount, unit }) => (amount === null ? [] : [{ amount, unit }])),
    agencies: (agencies ?? []).map((agency) => ({ code: agency.code, name: agency.name })),
  };
};
