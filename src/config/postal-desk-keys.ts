import type { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const HOUR_MS = 3_600_000;

/** Variables of places and quotes of the post. */
export const POSTAL_DESK_KEYS = {
  POSTAL_PLACES_SYNC_HOURS: spec(wholeNumber(0, 720), '24', 'Hours between two looks at the list of places of each carrier that gives one; 0: on demand only'),
  POSTAL_PLACES_MAX_LOST_PERCENT: spec(wholeNumber(0, 100), '10', 'Share of a level\'s known places that a carrier\'s list may lack and still be believed'),
  POSTAL_QUOTE_KEEP_MINUTES: spec(wholeNumber(0, 10_080), '60', 'Minutes for which a carrier\'s price of a route and weight is not asked for again; 0 asks each time'),
  POSTAL_QUOTE_TIMEOUT_SECONDS: spec(wholeNumber(1, 60), '8', 'Seconds after which a quote goes without the carriers that have not answered'),
} as const;

export interface PostalDeskSettings {
  readonly placesEveryMs: number | null;
  readonly maxLostShare: number;
  readonly quoteKeepMs: number;
  readonly quoteTimeoutMs: number;
}

export const postalDeskSettingsOf = (values: {
  readonly POSTAL_PLACES_SYNC_HOURS: number; readonly POSTAL_PLACES_MAX_LOST_PERCENT: number; readonly POSTAL_QUOTE_KEEP_MINUTES: number; readonly POSTAL_QUOTE_TIMEOUT_SECONDS: number;
}): PostalDeskSettings => ({
  placesEveryMs: values.POSTAL_PLACES_SYNC_HOURS === 0 ? null : values.POSTAL_PLACES_SYNC_HOURS * HOUR_MS, maxLostShare: values.POSTAL_PLACES_MAX_LOST_PERCENT / 100,
  quoteKeepMs: values.POSTAL_QUOTE_KEEP_MINUTES * 60_000, quoteTimeoutMs: values.POSTAL_QUOTE_TIMEOUT_SECONDS * 1000,
});
