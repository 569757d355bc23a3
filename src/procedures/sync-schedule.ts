import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import type { SyncKind } from './sync.js';
import type { SyncStore } from './sync-store.js';

export interface SyncScheduleSettings {
  /** Minutes after midnight in Vietnam; null: no schedule. */
  readonly nightlyAtMinutes: number | null;
  /** Day on which the nightly sync is a full one, 0 is Sunday; null: never. */
  readonly fullWeekday: number | null;
}

/** One night's sync; the slot is what makes it happen once, whichever worker's timer is first. */
export interface SyncSlot {
  readonly slot: string;
  readonly kind: SyncKind;
}

/** Vietnam has no summer time. */
const OFFSET_MS = 7 * 3_600_000;
/** A worker that was down at the hour still starts it, but not in the middle of the working day. */
const CATCH_UP_MINUTES = 3 * 60;
const LOOK_EVERY_MS = 60_000;

/** The slot that should have its sync by now; null outside the hours after its time. Pure. */
export const dueSlot = (now: Date, { nightlyAtMinutes, fullWeekday }: SyncScheduleSettings): SyncSlot | null => {
  if (nightlyAtMinutes === null) return null;
  const local = new Date(now.getTime() + OFFSET_MS - nightlyAtMinutes * 60_000);
  const sinceMinutes = local.getUTCHours() * 60 + local.getUTCMinutes();
  if (sinceMinutes >= CATCH_UP_MINUTES) return null;
  return { slot: local.toISOString().slice(0, 10), kind: local.getUTCDay() === fullWeekday ? 'full' : 'incremental' };
};

export interface SyncScheduleDeps {
  readonly database: Database;
  readonly store: SyncStore;
  readonly settings: SyncScheduleSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly ring: (syncId: string) => void;
}

/** Looks once; returns the sync that it started. */
export const startDueSync = async ({ database, store, settings, now, ring }: SyncScheduleDeps): Promise<string | null> => {
  const due = dueSlot(now(), settings);
  if (due === null) return null;
  const id = await store.start(database, { ...due, requestedBy: 'schedule' });
  if (id !== null) ring(id);
  return id;
};

/** Looks every minute, in every worker; the database lets one of them start each night's sync. Returns how to stop. */
export const startSyncSchedule = (deps: SyncScheduleDeps): (() => void) => {
  const timer = setInterval(() => {
    startDueSync(deps).catch((error: unknown) => deps.logger.warn({ err: error }, 'nightly procedure sync could not be started; tried again in a minute'));
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
};
