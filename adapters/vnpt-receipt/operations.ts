import type { OperationSpec } from '../support/call-party.js';
import type { VnptReceiptSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'vnpt-receipt';

/** Operations as breakers and journal name them. */
export type ReceiptOperation = 'issue-receipt' | 'find-receipt' | 'download-receipt' | 'cancel-receipt' | 'adjust-receipt';

const EFFECTS = { 'issue-receipt': 'keyed', 'find-receipt': 'read', 'download-receipt': 'read', 'cancel-receipt': 'keyed', 'adjust-receipt': 'keyed' } as const;

export const operationOf = (name: ReceiptOperation, settings: VnptReceiptSettings): OperationSpec => ({
  name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: settings.VNPT_RECEIPT_DEADLINE_MS,
});
