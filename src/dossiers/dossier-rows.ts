import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Stored } from './content-codec.js';
import type { DossierContent, DossierStatus, NationalState } from './dossier.js';
import type { StepContent } from './personal-fields.js';
import type { QualityFlag } from './quality-flags.js';

export interface DossierRow {
  readonly code: string;
  readonly version: number;
  readonly quality_flags: readonly QualityFlag[];
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly content: Stored<DossierContent>;
  readonly national_state: NationalState;
  readonly acknowledged_version: number | null;
  readonly acknowledged_status: DossierStatus | null;
  readonly acknowledged_at: Date | null;
  readonly rejected_version: number | null;
  readonly rejected_at: Date | null;
  readonly rejected_reason: string | null;
  readonly rejected_text: string | null;
}

export interface StepRow {
  readonly id: string;
  readonly dossier_code: string;
  readonly status: DossierStatus;
  readonly processed_at: Date;
  readonly content: Stored<StepContent>;
  readonly national_state: NationalState;
  readonly national_reason: string | null;
  readonly national_text: string | null;
  readonly national_at: Date | null;
}

export interface DossierFilter {
  readonly agencyCode?: string | null | undefined;
  readonly procedureCode?: string | null | undefined;
  readonly status?: DossierStatus | null | undefined;
  readonly nationalState?: NationalState | null | undefined;
  readonly updatedSince?: Date | null | undefined;
  readonly flagged?: boolean | null | undefined;
}

/** Position in the list, which runs from the newest change to the oldest. The time is PostgreSQL's own text: a Date has no microseconds. */
export interface ListPosition {
  readonly updatedAt: string;
  readonly code: string;
}

export interface ListQuery {
  readonly limits: ReadLimits;
  readonly filter: DossierFilter;
  readonly after: ListPosition | null;
  readonly limit: number;
}
