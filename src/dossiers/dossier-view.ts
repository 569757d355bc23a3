import type { Role } from '../access/caller.js';
import { reviveDossier, reviveStep } from './content-codec.js';
import type { ContentCodec } from './content-codec.js';
import type { DossierContent, DossierStep } from './dossier.js';
import type { DossierRow, StepRow } from './dossier-rows.js';
import { mapPersonalFields, mapPersonalStepFields } from './personal-fields.js';
import { QUALITY_FLAGS } from './quality-flags.js';
import type { QualityFlag } from './quality-flags.js';

export const MASK = '***';
const mask = (): string => MASK;

/** Only the portal that sent them sees personal fields; for all others they are never even opened. */
const seesPersonalFields = (role: Role): boolean => role === 'portal';

export const viewFlags = (flags: readonly QualityFlag[]) => flags.map((code) => ({ code, message: QUALITY_FLAGS[code] }));

const viewNational = (row: DossierRow) => ({
  state: row.national_state,
  acknowledgedVersion: row.acknowledged_version,
  acknowledgedStatus: row.acknowledged_status,
  acknowledgedAt: row.acknowledged_at,
  rejectedVersion: row.rejected_version,
  rejectedAt: row.rejected_at,
  reason: row.rejected_reason,
  reasonText: row.rejected_text,
});

const contentFor = (row: DossierRow, role: Role, codec: ContentCodec): DossierContent => {
  const content = reviveDossier(row.content);
  return seesPersonalFields(role) ? codec.openDossier(content) : mapPersonalFields(content, mask);
};

/** Dossier → GraphQL `Dossier`; `steps` and `deliveries` are fields of their own. */
export const viewDossier = (row: DossierRow, role: Role, codec: ContentCodec) => ({
  ...contentFor(row, role, codec),
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  national: viewNational(row),
  qualityFlags: viewFlags(row.quality_flags),
});
export type DossierView = ReturnType<typeof viewDossier>;

export const viewStep = (row: StepRow, role: Role, codec: ContentCodec) => {
  const content = reviveStep(row.content);
  const step: DossierStep = {
    id: row.id, dossierCode: row.dossier_code, status: row.status, processedAt: row.processed_at,
    ...(seesPersonalFields(role) ? codec.openStep(row.dossier_code, content) : mapPersonalStepFields(content, mask)),
  };
  return { ...step, national: { state: row.national_state, at: row.national_at, reason: row.national_reason, reasonText: row.national_text } };
};
export type StepView = ReturnType<typeof viewStep>;
