import type { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

/** A month: whoever waits longer has forgotten what was approved. */
const MAX_COOLING_HOURS = 720;

/** Variables of the register of bank accounts. */
export const ACCOUNT_KEYS = {
  BANK_ACCOUNT_COOLING_HOURS: spec(wholeNumber(0, MAX_COOLING_HOURS), '24', 'Hours between the approval of a bank account and its first use; 0 for none'),
  BANK_ACCOUNT_RECHECK_DAYS: spec(wholeNumber(1, 366), '30', 'Days after which a bank is asked again for the holder of an active account'),
} as const;

export interface AccountCoreSettings {
  readonly coolingHours: number;
  readonly recheckDays: number;
}

export const accountSettingsOf = (values: { readonly BANK_ACCOUNT_COOLING_HOURS: number; readonly BANK_ACCOUNT_RECHECK_DAYS: number }): AccountCoreSettings =>
  ({ coolingHours: values.BANK_ACCOUNT_COOLING_HOURS, recheckDays: values.BANK_ACCOUNT_RECHECK_DAYS });
