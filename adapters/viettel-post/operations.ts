import type { OperationSpec } from '../support/call-party.js';
import { LOGIN_OPERATION } from '../support/circuit-board.js';
import type { ViettelPostSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'viettel-post';

/** Operations as breakers and journal name them; the log-in is `login`. */
export type ViettelPostOperation = 'create-order' | 'cancel-order' | 'find-order' | 'quote' | 'list-places';

const EFFECTS = { 'create-order': 'unsafe', 'cancel-order': 'keyed', 'find-order': 'read', quote: 'read', 'list-places': 'read', [LOGIN_OPERATION]: 'read' } as const;

export const operationOf = (name: ViettelPostOperation | typeof LOGIN_OPERATION, settings: ViettelPostSettings): OperationSpec =>
  ({ name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: settings.VIETTEL_POST_DEADLINE_MS });
