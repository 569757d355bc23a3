import type { OperationSpec } from '../support/call-party.js';
import type { PortalService } from './errors.js';
import { KEPT_FIELDS } from './wire-journal.js';

export const PARTY = 'national-portal';

/** Insert and update are one operation to breakers and journal: both are the upsert of the port. */
const NAMES: Readonly<Record<PortalService, Pick<OperationSpec, 'name' | 'effect'>>> = {
  insert: { name: 'upsert-dossier', effect: 'keyed' },
  update: { name: 'upsert-dossier', effect: 'keyed' },
  progress: { name: 'append-steps', effect: 'unsafe' },
  find: { name: 'find-dossier', effect: 'read' },
  status: { name: 'report-status', effect: 'keyed' },
  'technical-id': { name: 'find-technical-id', effect: 'read' },
  agencies: { name: 'list-agencies', effect: 'read' },
  fields: { name: 'list-fields', effect: 'read' },
};

export type PortalOperations = Readonly<Record<PortalService, OperationSpec>>;

/** @param deadlineMs of one call; the same for all, since none is documented as faster */
export const portalOperations = (deadlineMs: number): PortalOperations => {
  const entries = Object.entries(NAMES) as [PortalService, Pick<OperationSpec, 'name' | 'effect'>][];
  return Object.fromEntries(entries.map(([service, named]) => [service, { ...named, deadlineMs, kept: KEPT_FIELDS[service] }])) as PortalOperations;
};

/** Name of each service on both wires. Source: national-portal.md §2. */
export const SERVICE_NAMES: Readonly<Record<PortalService, string>> = {
  insert: 'DongBoHoSoMC',
  update: 'DongBoHoSoMC',
  progress: 'CapNhatTienDoHoSoMC',
  find: 'TraCuuHoSo',
  status: 'DongBoTrangThaiHoSo',
  'technical-id': 'TraCuuTechID',
  agencies: 'LayDanhMucCoQuan',
  fields: 'LayDanhMucLinhVuc',
};

/** Which of the two G1 endpoints serves it. Source: national-portal.md §2. */
export const SHARE_SERVICES: ReadonlySet<PortalService> = new Set<PortalService>(['technical-id', 'agencies', 'fields']);
