import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import type { SyncKind } from './sync.js';
import type { SyncStore } from './sync-store.js';

export interface SyncScheduleSettings {
  /** Minutes after midnight in Vietnam; null: no sync starts by itself. */
  readonly nightlyAtMinutes: number | null;
  /** Day on which the nightly sync is a full one, 0 is Sunday; null: never. */
  readonly fullWeekday: number | null;
}

/** A sync that is due; the slot is what makes it happen once, whichever worker's timer is first. */
export interface SyncSlot {
  readonly slot: string;
  readonly kind: SyncKind;
}

/** Vietnam has no summer time. */
const OFFSET_MS = 7 * 3_600_000;
/** A worker that was down at the hour still starts it, but not in the middle of the working day. */
const CATCH_UP_MINUTES = 3 * 60;
const LOOK_EVERY_MS = 60_000;
/** What starts with this process answers its first callers before it begins to read thousands of records. */
const FIRST_LOOK_MS = 1_500;

/** The slot that should have its sync by now; null outside the hours after its time. Pure. */
export const dueSlot = (now: Date, { nightlyAtMinutes, fullWeekday }: SyncScheduleSettings): SyncSlot | null => {
  if (nightlyAtMinutes === null) return null;
  const local = new Date(now.getTime() + OFFSET_MS - nightlyAtMinutes * 60_000);
  const sinceMinutes = local.getUTCHours() * 60 + local.getUTCMinutes();
  if (sinceMinutes >= CATCH_UP_MINUTES) return null;
  return { slot: local.toISOString().slice(0, 10), kind: local.getUTCDay() === fullWeekday ? 'full' : 'incremental' };
};

/** The hour in which a catalogue that is still empty may have one try; a party that stays away is not asked more often. Pure. */
export const firstSlot = (now: Date): string => `first-${now.toISOString().slice(0, 13)}`;

export interface SyncScheduleDeps {
  readonly database: Database;
  readonly store: SyncStore;
  readonly settings: SyncScheduleSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly ring: (syncId: string) => void;
}

/**
 * Looks once; returns the sync that it started. A fresh install is filled at once and in full. Until a full sync was complete the
 * nightly one is full as well: no code can be judged by a part of the catalogue.
 */
export const startDueSync = async ({ database, store, settings, now, ring }: SyncScheduleDeps): Promise<string | null> => {
  if (settings.nightlyAtMinutes === null) return null;
  const { isEmpty, hasFull } = await store.coverage(database);
  const nightly = dueSlot(now(), settings);
  const due: SyncSlot | null = isEmpty && !hasFull ? { slot: firstSlot(now()), kind: 'full' } : nightly;
  if (due === null) return null;
  const id = await store.start(database, { ...due, kind: hasFull ? due.kind : 'full', requestedBy: 'schedule' });
  if (id !== null) ring(id);
  return id;
};

/** Looks soon and then every minute, in every worker; the database lets one of them start each sync. Returns how to stop. */
export const startSyncSchedule = (deps: SyncScheduleDeps): (() => void) => {
  const look = (): void => {
    startDueSync(deps).catch((error: unknown) => deps.logger.warn({ err: error }, 'procedure sync could not be started; tried again in a minute'));
  };
  const soon = setTimeout(look, FIRST_LOOK_MS).unref();
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return () => {
    clearTimeout(soon);
    clearInterval(timer);
  };
};
