import type { OperationSpec } from '../support/call-party.js';
import type { MbBankSettings } from './config.js';
import { KEPT_FIELDS } from './wire.js';

export const PARTY = 'mb-bank';

export const enquiryOperation = (settings: MbBankSettings): OperationSpec => ({ name: 'account-name', effect: 'read', kept: KEPT_FIELDS, deadlineMs: settings.MB_BANK_DEADLINE_MS });
