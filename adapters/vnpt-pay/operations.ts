import type { OperationSpec } from '../support/call-party.js';
import type { VnptPaySettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'vnpt-pay';

/** Operations as breakers and journal name them. */
export type VnptPayOperation = 'open-payment' | 'ask-payment';

const EFFECTS = { 'open-payment': 'keyed', 'ask-payment': 'read' } as const;

export const operationOf = (name: VnptPayOperation, settings: VnptPaySettings): OperationSpec => ({ name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: settings.VNPT_PAY_DEADLINE_MS });
