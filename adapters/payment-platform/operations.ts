import type { OperationSpec } from '../support/call-party.js';
import type { PaymentPlatformSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'payment-platform';

/** Operations as breakers and journal name them. */
export type PlatformOperation = 'open-payment' | 'ask-payment' | 'fetch-receipt';

const EFFECTS = { 'open-payment': 'keyed', 'ask-payment': 'read', 'fetch-receipt': 'read' } as const;

export const operationOf = (name: PlatformOperation, settings: PaymentPlatformSettings): OperationSpec => ({
  name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: name === 'open-payment' ? settings.PAYMENT_PLATFORM_OPEN_DEADLINE_MS : settings.PAYMENT_PLATFORM_DEADLINE_MS,
});
