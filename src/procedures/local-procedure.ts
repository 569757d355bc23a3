import type { InputProblem } from '../errors/gateway-error.js';
import type { AdministrativeLevel, TimeUnit } from './procedure.js';

/** Levels 2–4 of before 2022; PARTIAL (một phần) and FULL (toàn trình) since; INFORMATION: only described online. */
export const SERVICE_LEVELS = ['2', '3', '4', 'PARTIAL', 'FULL', 'INFORMATION'] as const;
export type LocalServiceLevel = (typeof SERVICE_LEVELS)[number];

/** A procedure as the provincial portal lists it. `code` and `agencyCode` together are its identity. */
export interface LocalRecord {
  readonly code: string;
  readonly agencyCode: string;
  readonly name: string;
  readonly fieldCode: string | null;
  readonly level: AdministrativeLevel | null;
  readonly serviceLevel: LocalServiceLevel | null;
  readonly feeVnd: number | null;
  readonly timeAmount: number | null;
  readonly timeUnit: TimeUnit | null;
  readonly active: boolean;
}

/** What a row or a call says, before it is checked. Undefined: nothing is said, what is stored stays; null: it has none. */
export interface LocalDraft {
  readonly code: string;
  readonly agencyCode: string;
  readonly name: string;
  readonly fieldCode?: string | null | undefined;
  readonly level?: AdministrativeLevel | null | undefined;
  readonly serviceLevel?: LocalServiceLevel | null | undefined;
  readonly feeVnd?: number | null | undefined;
  readonly timeAmount?: number | null | undefined;
  readonly timeUnit?: TimeUnit | null | undefined;
  readonly active?: boolean | undefined;
}

/** A draft with its place: a line of a sheet, or the position in a call from 1. */
export interface DraftRow {
  readonly line: number;
  readonly draft: LocalDraft;
  readonly problems: readonly InputProblem[];
}

export type LocalOutcome = 'CREATED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED';

export interface LocalRowReport {
  readonly line: number;
  /** Null when the row names none that can be read. */
  readonly code: string | null;
  readonly agencyCode: string | null;
  readonly outcome: LocalOutcome;
  readonly problems: readonly InputProblem[];
}
