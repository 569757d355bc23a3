export const AGENCY_KINDS = ['PROVINCE', 'DEPARTMENT', 'DISTRICT', 'COMMUNE', 'WARD', 'SERVICE_CENTRE', 'OTHER'] as const;
export type AgencyKind = (typeof AGENCY_KINDS)[number];
/** DISTRICT exists on dossiers from before 1 July 2025 only. */
export const AGENCY_LEVELS = ['PROVINCE', 'DISTRICT', 'COMMUNE'] as const;
export type AgencyLevel = (typeof AGENCY_LEVELS)[number];
export const CONFIDENCES = ['HIGH', 'MEDIUM', 'LOW'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** First and last day, `yyyy-mm-dd` in Vietnam; null is open. */
export interface Period {
  readonly from: string | null;
  readonly until: string | null;
}

export interface AgencyCode extends Period {
  readonly code: string;
  /** HIGH: from a document; MEDIUM: seen in use; LOW: from memory or by analogy. */
  readonly confidence: Confidence;
}

/** A public body. Its contact is its office's, never a person's. */
export interface Agency {
  /** The code it was first known by: its identity, which never changes. */
  readonly code: string;
  /** All its codes of both epochs, this one among them, in code order. */
  readonly codes: readonly AgencyCode[];
  readonly nameVi: string;
  readonly nameEn: string | null;
  readonly kind: AgencyKind;
  readonly level: AgencyLevel;
  readonly parentCode: string | null;
  readonly address: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly active: Period;
  /** Who took over its charge, and since which day. */
  readonly successors: readonly { readonly code: string; readonly since: string }[];
}

/** A day within the period; days in `yyyy-mm-dd` compare as text. */
export const covers = (period: Period, day: string): boolean =>
  (period.from === null || period.from <= day) && (period.until === null || day <= period.until);

export const overlap = (left: Period, right: Period): boolean =>
  (left.from === null || right.until === null || left.from <= right.until) && (right.from === null || left.until === null || right.from <= left.until);

const VIETNAM_OFFSET_MS = 7 * 3_600_000;

/** Calendar day of an instant in Vietnam, `yyyy-mm-dd`. */
export const vietnamDay = (at: Date): string => new Date(at.getTime() + VIETNAM_OFFSET_MS).toISOString().slice(0, 10);
