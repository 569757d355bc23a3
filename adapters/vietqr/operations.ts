import type { OperationSpec } from '../support/call-party.js';
import type { VietqrSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'vietqr';

export const lookupOperation = (settings: VietqrSettings): OperationSpec => ({ name: 'account-name', effect: 'read', kept: KEPT_FIELDS, deadlineMs: settings.VIETQR_DEADLINE_MS });
