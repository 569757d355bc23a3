export type SyncKind = 'full' | 'incremental';
export type SyncState = 'running' | 'complete' | 'failed' | 'cancelled';

/** One run through the national catalogue, and how far it is. */
export interface ProcedureSync {
  /** Decimal string. */
  readonly id: string;
  readonly kind: SyncKind;
  readonly state: SyncState;
  readonly requestedBy: string;
  readonly listingDone: boolean;
  /** The listing ended without a gap: only then were absences counted. */
  readonly listingComplete: boolean;
  readonly listed: number;
  /** How many the party says there are; null where it does not. */
  readonly total: number | null;
  readonly read: number;
  readonly unchanged: number;
  readonly changed: number;
  readonly failed: number;
  readonly withdrawn: number;
  /** Why it waits, ended early or counted no absences; a code. */
  readonly reason: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly resumeAt: Date;
}

/** A sync that this worker holds, with what it needs to go on. */
export interface LeasedSync {
  readonly id: string;
  readonly kind: SyncKind;
  readonly cursor: string | null;
  readonly listingDone: boolean;
  readonly listingComplete: boolean;
  readonly listed: number;
  readonly failures: number;
  readonly startedAt: Date;
  readonly token: string;
}

/** One record that a sync still has to read. */
export interface SyncItem {
  readonly reference: string;
  readonly code: string;
  readonly name: string;
  readonly version: string | null;
  readonly tries: number;
}

/** What became of an item after a try. */
export interface SettledItem {
  readonly reference: string;
  /** The record's own code where it was read. */
  readonly code: string;
  readonly state: 'listed' | 'read' | 'failed' | 'gone';
  readonly tries: number;
  readonly delayMs: number;
  readonly reason: string | null;
}

/** A record that could not be read, after all tries. */
export interface FailedItem {
  readonly syncId: string;
  readonly code: string;
  readonly reason: string;
}

/** Another worker holds the sync, or somebody ended it: what is in hand is dropped. */
export class SyncLostError extends Error {
  override readonly name = 'SyncLostError';
  constructor() {
    super('The sync is not ours any more');
  }
}
