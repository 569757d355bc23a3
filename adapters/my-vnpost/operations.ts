import type { OperationSpec } from '../support/call-party.js';
import type { MyVnpostSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'my-vnpost';

/** Operations as breakers and journal name them; the log-in is `login`. */
export type MyVnpostOperation = 'create-order' | 'cancel-order' | 'ask-orders' | 'find-order' | 'quote' | 'list-places';

const EFFECTS = { 'create-order': 'unsafe', 'cancel-order': 'keyed', 'ask-orders': 'read', 'find-order': 'read', quote: 'read', 'list-places': 'read' } as const;

export const operationOf = (name: MyVnpostOperation, settings: MyVnpostSettings): OperationSpec => ({ name, effect: EFFECTS[name], kept: KEPT_FIELDS, deadlineMs: settings.MY_VNPOST_DEADLINE_MS });

/** As every log-in: it changes nothing at the party. */
export const loginOperation = (settings: MyVnpostSettings): OperationSpec => ({ name: 'login', effect: 'read', kept: KEPT_FIELDS, deadlineMs: settings.MY_VNPOST_DEADLINE_MS });
