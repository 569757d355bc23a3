import type { InputProblem } from '../errors/gateway-error.js';
import type { DossierStatus } from './dossier.js';
import type { Truncation } from './input-reader.js';
import type { QualityFlag } from './quality-flags.js';

/** Answers per item, as kept under the idempotency key: JSON, and without personal data. */
export interface DossierAccepted {
  readonly kind: 'accepted';
  readonly index: number;
  readonly dossierCode: string;
  readonly version: number;
  /** The same content as before: nothing was stored or sent for it (steps are counted apart). */
  readonly unchanged: boolean;
  readonly truncations: readonly Truncation[];
  readonly flags: readonly QualityFlag[];
  readonly stepIds: readonly string[];
  readonly deliveryIds: readonly string[];
}

export interface StepAccepted {
  readonly kind: 'step-accepted';
  readonly index: number;
  readonly stepId: string;
  readonly truncations: readonly Truncation[];
}

export interface InputRejected {
  readonly kind: 'rejected';
  readonly index: number;
  readonly dossierCode: string | null;
  readonly problems: readonly InputProblem[];
}

export interface StatusMoveRefused {
  readonly kind: 'move-refused';
  readonly index: number;
  readonly dossierCode: string;
  readonly field: string;
  readonly from: DossierStatus;
  readonly to: DossierStatus;
  readonly allowed: readonly DossierStatus[];
}

export interface IdempotencyConflict {
  readonly kind: 'conflict';
  readonly key: string;
}

export interface DossierNotFound {
  readonly kind: 'not-found';
  readonly dossierCode: string;
}

export interface StatusReportAccepted {
  readonly kind: 'report-accepted';
  readonly reportId: string;
  readonly deliveryId: string;
  readonly keyExpiresAt: Date;
}

export type Refusal = InputRejected | StatusMoveRefused;
export type DossierItemAnswer = DossierAccepted | Refusal;
export type StepItemAnswer = StepAccepted | Refusal;

/** Kept under the key until `keyExpiresAt`, also when every item was refused. */
export interface ItemsAnswer<Item> {
  readonly kind: 'answered';
  readonly items: readonly Item[];
  readonly keyExpiresAt: Date;
}

export type UpsertDossiersAnswer = ItemsAnswer<DossierItemAnswer> | IdempotencyConflict;
export type AppendStepsAnswer = (ItemsAnswer<StepItemAnswer> & { readonly deliveryIds: readonly string[] }) | IdempotencyConflict | DossierNotFound;
export type ReportStatusAnswer = StatusReportAccepted | Refusal | IdempotencyConflict;
