import { likeness, nameKey } from './match-text.js';
import type { LocalProcedure, MatchableProcedure, MatchDifference } from './match.js';

const folded = (code: string): string => code.normalize('NFC').trim().toLowerCase();

const fieldDifference = (local: LocalProcedure, { fieldCodes }: MatchableProcedure): MatchDifference | null => {
  const { fieldCode } = local;
  if (fieldCode === null || fieldCodes.length === 0 || fieldCodes.some((code) => folded(code) === folded(fieldCode))) return null;
  return { aspect: 'FIELD', local: fieldCode, national: fieldCodes.join(', ') };
};

const levelDifference = ({ level }: LocalProcedure, { levels }: MatchableProcedure): MatchDifference | null =>
  level === null || levels.length === 0 || levels.includes(level) ? null : { aspect: 'LEVEL', local: level, national: levels.join(', ') };

const timeText = (amount: number, unit: string | null): string => (unit === null ? String(amount) : `${String(amount)} ${unit}`);

/** The national record has a limit for each way of submitting; one of them is enough. */
const timeDifference = ({ timeAmount, timeUnit }: LocalProcedure, { times }: MatchableProcedure): MatchDifference | null => {
  if (timeAmount === null || times.length === 0) return null;
  if (times.some(({ amount, unit }) => amount === timeAmount && (unit === null || timeUnit === null || unit === timeUnit))) return null;
  return { aspect: 'TIME_LIMIT', local: timeText(timeAmount, timeUnit), national: [...new Set(times.map(({ amount, unit }) => timeText(amount, unit)))].join(', ') };
};

const feeDifference = ({ feeVnd }: LocalProcedure, { feesVnd }: MatchableProcedure): MatchDifference | null =>
  feeVnd === null || feesVnd.length === 0 || feesVnd.includes(feeVnd) ? null : { aspect: 'FEE', local: String(feeVnd), national: [...new Set(feesVnd)].join(', ') };

export const sameName = (left: string, right: string): boolean => nameKey(left) === nameKey(right);

export const nameDifference = (local: LocalProcedure, national: MatchableProcedure): MatchDifference | null =>
  sameName(local.name, national.name) ? null : { aspect: 'NAME', local: local.name, national: national.name };

/** What both sides say, and say differently; the codes are compared elsewhere. */
export const differencesOf = (local: LocalProcedure, national: MatchableProcedure): readonly MatchDifference[] =>
  [nameDifference, fieldDifference, levelDifference, timeDifference, feeDifference].map((compare) => compare(local, national)).filter((found) => found !== null);

export const nameScore = (local: LocalProcedure, national: MatchableProcedure): number =>
  sameName(local.name, national.name) ? 1 : likeness(local.name, national.name);
