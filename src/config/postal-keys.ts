import { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const names = z.string().transform((text): readonly string[] => text.split(',').map((entry) => entry.trim()).filter(Boolean))
  .refine((list) => list.every((name) => /^[a-z0-9-]+$/.test(name)), 'each is the name of a party, such as vnpost');

const suffix = z.string().regex(/^[A-Za-z0-9._/-]{0,8}\{n\}[A-Za-z0-9._/-]{0,8}$/, 'it must hold {n}, and else letters, digits or . _ / - only');

/** Variables of the post. */
export const POSTAL_KEYS = {
  POSTAL_CARRIERS: spec(names, '', 'Carriers in the order in which they are preferred, separated by commas; empty for all that are connected'),
  POSTAL_NUMBER_SUFFIX: spec(suffix, '-{n}', 'What follows the dossier code in the number of its second parcel and of those after it; {n} stands for 2, 3 …'),
  POSTAL_POLL_SECONDS: spec(wholeNumber(1, 86_400), '60', 'Seconds between two reads of a carrier\'s feed that has nothing more'),
  POSTAL_ASK_HOURS: spec(wholeNumber(1, 240), '6', 'Hours between two questions for a parcel whose carrier has no feed'),
  POSTAL_SILENT_DAYS: spec(wholeNumber(1, 90), '5', 'Days without any word after which a person looks at a parcel that is under way'),
  POSTAL_PARK_DAYS: spec(wholeNumber(1, 30), '3', 'Age in days at which an order that a carrier did not take waits for a person'),
  POSTAL_PAYOUT_DAYS: spec(wholeNumber(1, 180), '15', 'Days from delivery to the carrier\'s payout; collected money that is in no statement by then is shown to a person'),
} as const;

export interface PostalCoreSettings {
  readonly carriers: readonly string[];
  readonly suffix: string;
  readonly pollEveryMs: number;
  readonly askEveryMs: number;
  readonly silentMs: number;
  readonly maxAgeMs: number;
  readonly payoutWithinMs: number;
}

export const postalSettingsOf = (values: {
  readonly POSTAL_CARRIERS: readonly string[]; readonly POSTAL_NUMBER_SUFFIX: string; readonly POSTAL_POLL_SECONDS: number;
  readonly POSTAL_ASK_HOURS: number; readonly POSTAL_SILENT_DAYS: number; readonly POSTAL_PARK_DAYS: number; readonly POSTAL_PAYOUT_DAYS: number;
}): PostalCoreSettings => ({
  carriers: values.POSTAL_CARRIERS, suffix: values.POSTAL_NUMBER_SUFFIX, pollEveryMs: values.POSTAL_POLL_SECONDS * 1_000, askEveryMs: values.POSTAL_ASK_HOURS * HOUR_MS,
  silentMs: values.POSTAL_SILENT_DAYS * DAY_MS, maxAgeMs: values.POSTAL_PARK_DAYS * DAY_MS, payoutWithinMs: values.POSTAL_PAYOUT_DAYS * DAY_MS,
});
