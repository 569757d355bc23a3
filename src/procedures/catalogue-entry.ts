import type { RecordDiff } from './catalogue-diff.js';
import type { AdministrativeLevel, NationalProcedure } from './procedure.js';

/** A row of the catalogue without its content: what a short list shows, and what says which version of the content is the right one. */
export interface CatalogueMark {
  readonly code: string;
  readonly name: string;
  readonly version: number;
  readonly isPublic: boolean;
  readonly firstSeenAt: Date;
  readonly changedAt: Date;
  readonly readAt: Date;
  readonly withdrawnAt: Date | null;
}

/** A national procedure as we hold it; its texts are clean. */
export type CatalogueEntry = NationalProcedure & CatalogueMark;

export type ChangeKind = 'added' | 'changed' | 'unpublished' | 'published' | 'withdrawn' | 'returned';

export interface ProcedureChange {
  /** Decimal string; orders the changes. */
  readonly id: string;
  readonly code: string;
  readonly version: number;
  readonly kind: ChangeKind;
  readonly diff: RecordDiff;
  readonly seenAt: Date;
}

/** Every part is optional; what is given must hold together. */
export interface CatalogueFilter {
  /** A tsquery made by `searchQueryOf`. */
  readonly search?: string;
  readonly fieldCode?: string;
  readonly agencyCode?: string;
  readonly level?: AdministrativeLevel;
  readonly isPublic?: boolean;
  readonly withdrawn?: boolean;
}
