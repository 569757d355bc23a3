import type { OperationSpec } from '../support/call-party.js';
import type { VnpostSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'vnpost';

/** Operations as breakers and journal name them. */
export type VnpostOperation = 'create-shipment' | 'cancel-shipment' | 'track-shipments' | 'announce-dossier' | 'quote-postage';

/** Creating is keyed by customer code and order number: a repeat is answered with 101. */
const EFFECTS = { 'create-shipment': 'keyed', 'cancel-shipment': 'keyed', 'track-shipments': 'read', 'announce-dossier': 'keyed', 'quote-postage': 'read' } as const;

export const operationOf = (name: VnpostOperation, settings: VnpostSettings): OperationSpec =>
  ({ name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: settings.VNPOST_DEADLINE_MS });
