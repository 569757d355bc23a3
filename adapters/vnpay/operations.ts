import type { OperationSpec } from '../support/call-party.js';
import type { VnpaySettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'vnpay';

/** Operations as breakers and journal name them. */
export type VnpayOperation = 'open-payment' | 'ask-payment' | 'refund-payment' | 'ask-refund';

const EFFECTS = { 'open-payment': 'keyed', 'ask-payment': 'read', 'refund-payment': 'unsafe', 'ask-refund': 'read' } as const;

export const operationOf = (name: VnpayOperation, settings: VnpaySettings): OperationSpec => ({
  name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: name === 'refund-payment' ? settings.VNPAY_REFUND_DEADLINE_MS : settings.VNPAY_DEADLINE_MS,
});
