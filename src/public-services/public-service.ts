import type { BilingualText, InputProblem } from '../errors/gateway-error.js';
import type { RegisteredLevel } from './service-level.js';

export const CONNECTION_STATES = ['NOT_READY', 'READY', 'SUBMITTED', 'CONNECTED', 'SUSPENDED'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** Legal moves. A connected service is not taken back without having been suspended: citizens are using it. */
export const CONNECTION_MOVES: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  NOT_READY: ['READY'],
  READY: ['SUBMITTED', 'NOT_READY'],
  SUBMITTED: ['CONNECTED', 'READY', 'NOT_READY'],
  CONNECTED: ['SUSPENDED'],
  SUSPENDED: ['CONNECTED', 'NOT_READY'],
};

/** States that only a service that meets every condition may enter. */
export const NEEDS_READINESS: ReadonlySet<ConnectionState> = new Set(['READY', 'SUBMITTED']);

export const STATE_LABELS: Readonly<Record<ConnectionState, BilingualText>> = {
  NOT_READY: { vi: 'Chưa đủ điều kiện', en: 'Not ready' },
  READY: { vi: 'Đủ điều kiện', en: 'Ready' },
  SUBMITTED: { vi: 'Đã đề nghị kết nối', en: 'Submitted' },
  CONNECTED: { vi: 'Đã kết nối', en: 'Connected' },
  SUSPENDED: { vi: 'Tạm dừng', en: 'Suspended' },
};

/** What the province says of a service. Its identity is procedure and agency together. */
export interface ServiceFacts {
  /** National service code: procedure code and a running number, `.01` unless said otherwise. */
  readonly code: string;
  readonly procedureCode: string;
  readonly agencyCode: string;
  readonly level: RegisteredLevel;
  readonly electronicForm: boolean;
  readonly onlinePayment: boolean;
  readonly electronicResult: boolean;
  readonly postalResult: boolean;
  readonly officials: number;
  readonly deepLink: string | null;
}

/** A look at the deep link; `problem` null: it answered. */
export interface LinkLook {
  readonly at: Date;
  readonly status: number | null;
  readonly problem: string | null;
}

/** What the national catalogue says of the procedure's stem; null where it does not know it. */
export interface NationalSide {
  readonly code: string;
  /** Public and not withdrawn. */
  readonly usable: boolean;
  /** Fees that could be read, in VND. */
  readonly feesVnd: readonly number[];
  readonly hasTimeLimit: boolean;
}

/** A row of the register with all that readiness is computed from. */
export interface PublicService extends ServiceFacts {
  /** Decimal string. */
  readonly id: string;
  readonly state: ConnectionState;
  readonly updatedAt: Date;
  readonly name: string | null;
  readonly link: LinkLook | null;
  readonly localFeeVnd: number | null;
  readonly hasLocalTimeLimit: boolean;
  readonly national: NationalSide | null;
  /** A listing of the national catalogue came to its end at least once: only then is an absent code a wrong one. */
  readonly catalogueComplete: boolean;
}

/** One change of state or level; append-only. */
export interface StateChange {
  readonly serviceId: string;
  readonly fromState: ConnectionState | null;
  readonly toState: ConnectionState;
  readonly level: RegisteredLevel;
  readonly at: Date;
  readonly actor: string;
  readonly reason: string | null;
  readonly overridden: boolean;
}

/** Undefined: nothing is said, what is stored stays. */
export interface ServiceDraft {
  readonly procedureCode: string;
  readonly agencyCode: string;
  readonly code?: string | undefined;
  readonly level?: RegisteredLevel | undefined;
  readonly electronicForm?: boolean | undefined;
  readonly onlinePayment?: boolean | undefined;
  readonly electronicResult?: boolean | undefined;
  readonly postalResult?: boolean | undefined;
  readonly officials?: number | undefined;
  readonly deepLink?: string | null | undefined;
}

/** A draft with its place: a line of a sheet, or the position in a call from 1. */
export interface DraftRow {
  readonly line: number;
  readonly draft: ServiceDraft;
  readonly problems: readonly InputProblem[];
}

export type ServiceOutcome = 'CREATED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED';

export interface ServiceRowReport {
  readonly line: number;
  readonly procedureCode: string | null;
  readonly agencyCode: string | null;
  readonly outcome: ServiceOutcome;
  readonly problems: readonly InputProblem[];
}
