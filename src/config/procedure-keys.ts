import { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const timeOfDay = z.string().regex(/^(off|([01]\d|2[0-3]):[0-5]\d)$/, 'it is neither a time such as 02:30 nor off')
  .transform((text) => (text === 'off' ? null : Number(text.slice(0, 2)) * 60 + Number(text.slice(3))));
const weekday = z.enum([...WEEKDAYS, 'never'], `it is none of ${WEEKDAYS.join(', ')}, never`).transform((day) => (day === 'never' ? null : WEEKDAYS.indexOf(day)));

/** Variables of the national catalogue; the party's own are in its section. */
export const PROCEDURE_KEYS = {
  PROCEDURE_SYNC_AT: spec(timeOfDay, '02:30', 'Time in Vietnam at which the nightly sync of national procedures starts; an empty catalogue is filled at once. off: none starts by itself'),
  PROCEDURE_SYNC_FULL_WEEKDAY: spec(weekday, 'sunday', 'Day on which the nightly sync reads every record, such as sunday, or never'),
  PROCEDURE_SYNC_REREAD_RUNS: spec(wholeNumber(1, 3_650), '30', 'Incremental syncs within which every record is read again, a share in each'),
  PROCEDURE_SYNC_MAX_ABSENT_PERCENT: spec(wholeNumber(0, 100), '20', 'Share of known procedures that a complete list may lack and still be believed; raise it for a great reorganisation'),
  PROCEDURE_POLICY: spec(z.enum(['off', 'refuse-new', 'refuse-new-park-old'], 'it is none of off, refuse-new, refuse-new-park-old'), 'refuse-new-park-old', 'What becomes of dossiers with an unknown or withdrawn procedure code, once a full sync was complete: off, refuse-new, or refuse-new-park-old'),
  PROCEDURE_CACHE_SIZE: spec(wholeNumber(0, 100_000), '1000', 'National procedures whose content one process keeps in memory, and as many again in answers; 0 keeps none'),
} as const;

export interface ProcedureCoreSettings {
  readonly nightlyAtMinutes: number | null;
  readonly fullWeekday: number | null;
  readonly rereadRuns: number;
  readonly maxAbsentShare: number;
  readonly policy: 'off' | 'refuse-new' | 'refuse-new-park-old';
  readonly cacheSize: number;
}

export const procedureSettingsOf = (values: {
  readonly PROCEDURE_SYNC_AT: number | null; readonly PROCEDURE_SYNC_FULL_WEEKDAY: number | null; readonly PROCEDURE_SYNC_REREAD_RUNS: number;
  readonly PROCEDURE_SYNC_MAX_ABSENT_PERCENT: number; readonly PROCEDURE_CACHE_SIZE: number; readonly PROCEDURE_POLICY: ProcedureCoreSettings['policy'];
}): ProcedureCoreSettings => ({
  nightlyAtMinutes: values.PROCEDURE_SYNC_AT,
  fullWeekday: values.PROCEDURE_SYNC_FULL_WEEKDAY,
  rereadRuns: values.PROCEDURE_SYNC_REREAD_RUNS,
  maxAbsentShare: values.PROCEDURE_SYNC_MAX_ABSENT_PERCENT / 100,
  policy: values.PROCEDURE_POLICY,
  cacheSize: values.PROCEDURE_CACHE_SIZE,
});
