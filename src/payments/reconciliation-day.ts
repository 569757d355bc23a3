const VIETNAM_OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** `yyyy-mm-dd` that is a day of the calendar. */
export const isDay = (text: string): boolean => {
  const midnight = new Date(DAY.test(text) ? `${text}T00:00:00Z` : NaN);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
};

/** The instant at which a day begins in Vietnam, which has no summer time. */
export const vietnamMidnight = (day: string): Date => new Date(new Date(`${day}T00:00:00Z`).getTime() - VIETNAM_OFFSET_MS);

export const dayAfter = (day: string, days = 1): string => new Date(new Date(`${day}T00:00:00Z`).getTime() + days * DAY_MS).toISOString().slice(0, 10);

/** Minutes since midnight in Vietnam. */
export const vietnamMinutes = (at: Date): number => {
  const local = new Date(at.getTime() + VIETNAM_OFFSET_MS);
  return local.getUTCHours() * 60 + local.getUTCMinutes();
};
