import type { OperationSpec } from '../support/call-party.js';
import { KEPT_FIELDS } from './wire-journal.js';

export const PARTY = 'procedure-database';

/** Operations as breakers and journal name them. All are reads. */
export type ProcedureOperation = 'list-procedures' | 'read-procedure' | 'list-fields' | 'list-agencies' | 'read-decision';

export const operationOf = (name: ProcedureOperation, deadlineMs: number): OperationSpec => ({ name, effect: 'read', deadlineMs, kept: KEPT_FIELDS });

/** Names of the services on G1 and G2. Source: national-portal.md §2. */
export const SERVICE_NAMES: Readonly<Record<ProcedureOperation, string>> = {
  'list-procedures': 'LayDanhSachTTHC',
  'read-procedure': 'LayThuTuc',
  'list-fields': 'LayDanhMucLinhVuc',
  'list-agencies': 'LayDanhMucCoQuan',
  'read-decision': 'LayQDCB',
};

/** The only service of this party on the integration endpoint of G1. Source: national-portal.md §2. */
export const INTEGRATION_OPERATION: ProcedureOperation = 'read-procedure';

/** Paths of G3 below its address. Source: national-portal.md §5.3. */
export const G3_PATHS = {
  list: 'submitting/formality/list-all-public-formality-by-citizen',
  detail: 'configuring/formality/get-formality-by-citizen',
  departments: 'configuring/citizen/department/list-with-location',
} as const;
