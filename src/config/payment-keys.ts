import { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const PARTY = /^[a-z0-9-]+$/;
const LARGEST_VND = 999_999_999_999;

const names = z.string().transform((text): readonly string[] => text.split(',').map((entry) => entry.trim()).filter(Boolean))
  .refine((list) => list.every((name) => PARTY.test(name)), 'each is the name of a party, such as vnpay');

const byAgency = z.string().transform((text, context): ReadonlyMap<string, readonly string[]> => {
  const shape = z.record(z.string().min(1), z.array(z.string().regex(PARTY)));
  try {
    return new Map(Object.entries(shape.parse(text === '' ? {} : JSON.parse(text))));
  } catch {
    context.addIssue({ code: 'custom', message: 'it must be a JSON object of agency codes and lists of gateways, such as {"H42.12.34":["vnpay"]}' });
    return z.NEVER;
  }
});

const timeOfDay = z.string().regex(/^(off|([01]\d|2[0-3]):[0-5]\d)$/, 'it is neither a time such as 05:30 nor off')
  .transform((text) => (text === 'off' ? null : Number(text.slice(0, 2)) * 60 + Number(text.slice(3))));

/** Variables of payments. */
export const PAYMENT_KEYS = {
  PAYMENT_GATEWAYS: spec(names, '', 'Payment gateways in the order in which they are tried, separated by commas; empty for all that are connected'),
  PAYMENT_GATEWAYS_BY_AGENCY: spec(byAgency, '', 'JSON object: by agency code, the only gateways, in order, for it and all below it'),
  REFUND_FOUR_EYES_ABOVE_VND: spec(wholeNumber(0, LARGEST_VND), '0', 'A refund of more than this needs a second person; 0 for always'),
  REFUND_STUCK_AFTER_HOURS: spec(wholeNumber(1, 720), '72', 'Hours after which a person is told of a refund that was approved and that the gateway has not ended'),
  RECONCILE_AT: spec(timeOfDay, '05:30', 'Time in Vietnam from which the day before is compared with each gateway, and the ledger checked; off: on demand only'),
  PAYMENT_ASK_CONCURRENCY: spec(wholeNumber(1, 100), '4', 'Questions about open payments that one worker has at one gateway at once'),
} as const;

export interface PaymentCoreSettings {
  readonly order: { readonly gateways: readonly string[]; readonly byAgency: ReadonlyMap<string, readonly string[]> };
  readonly fourEyesAboveVnd: number;
  readonly askConcurrency: number;
  readonly refundStuckAfterMs: number;
  /** Minutes after midnight in Vietnam; null: on demand only. */
  readonly reconcileAtMinutes: number | null;
}

export const paymentSettingsOf = (values: {
  readonly PAYMENT_GATEWAYS: readonly string[]; readonly PAYMENT_GATEWAYS_BY_AGENCY: ReadonlyMap<string, readonly string[]>;
  readonly REFUND_FOUR_EYES_ABOVE_VND: number; readonly PAYMENT_ASK_CONCURRENCY: number; readonly RECONCILE_AT: number | null;
  readonly REFUND_STUCK_AFTER_HOURS: number;
}): PaymentCoreSettings => ({
  order: { gateways: values.PAYMENT_GATEWAYS, byAgency: values.PAYMENT_GATEWAYS_BY_AGENCY },
  fourEyesAboveVnd: values.REFUND_FOUR_EYES_ABOVE_VND, askConcurrency: values.PAYMENT_ASK_CONCURRENCY, refundStuckAfterMs: values.REFUND_STUCK_AFTER_HOURS * 3_600_000, reconcileAtMinutes: values.RECONCILE_AT,
});
