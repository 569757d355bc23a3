import { DOSSIER_STATUS_MOVES } from './dossier.js';
import type { DossierStatus } from './dossier.js';

/** A status that may not follow the one before it. */
export interface IllegalMove {
  readonly field: string;
  readonly from: DossierStatus;
  readonly to: DossierStatus;
  readonly allowed: readonly DossierStatus[];
}

/** The dossier's own track: the first status is free, and the same status again is an update of other fields. */
export const checkDossierMove = (field: string, from: DossierStatus | null, to: DossierStatus): IllegalMove | null =>
  from === null || from === to ? null : checkStepMove(field, from, to);

/** The track of steps: each step is a move from the step before it. */
export const checkStepMove = (field: string, from: DossierStatus | null, to: DossierStatus): IllegalMove | null => {
  if (from === null) return null;
  const allowed = DOSSIER_STATUS_MOVES[from];
  return allowed.includes(to) ? null : { field, from, to, allowed };
};
