/** Vietnam has one zone and no daylight saving time. */
const OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

/** Number of the day, in Vietnamese local time, on which an instant falls. */
export const localDayOf = (instant: Date): number => Math.floor((instant.getTime() + OFFSET_MS) / DAY_MS);

/** Number of a calendar day, or null when there is no such day (30 February). */
export const dayNumber = (year: number, month: number, day: number): number | null => {
  const midnight = new Date(Date.UTC(year, month - 1, day));
  const real = midnight.getUTCFullYear() === year && midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  return real ? midnight.getTime() / DAY_MS : null;
};
