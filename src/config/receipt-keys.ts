import { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const DAY_MS = 86_400_000;

/** Variables of e-receipts. */
export const RECEIPT_KEYS = {
  RECEIPTS_ISSUE: spec(z.enum(['true', 'false']).transform((text) => text === 'true'), 'true', 'Owe an e-receipt for each paid payment of an agency that a connected issuer serves; false owes no new ones'),
  RECEIPTS_PARK_DAYS: spec(wholeNumber(1, 90), '7', 'Age in days at which a receipt that could not be issued waits for a person'),
} as const;

export interface ReceiptCoreSettings {
  readonly areOwed: boolean;
  readonly maxAgeMs: number;
}

export const receiptSettingsOf = (values: { readonly RECEIPTS_ISSUE: boolean; readonly RECEIPTS_PARK_DAYS: number }): ReceiptCoreSettings =>
  ({ areOwed: values.RECEIPTS_ISSUE, maxAgeMs: values.RECEIPTS_PARK_DAYS * DAY_MS });
