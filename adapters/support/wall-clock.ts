/** Asia/Ho_Chi_Minh has been +07:00 without summer time since 1975-06-13; earlier instants cannot occur in a dossier. */
const OFFSET_MS = 7 * 3_600_000;

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** An instant as Vietnamese wall clock `yyyyMMddHHmmss`, without fractions of a second. Years 1000 to 9999. */
export const toWallClock = (instant: Date): string => {
  const local = new Date(instant.getTime() + OFFSET_MS);
  return `${local.getUTCFullYear()}${two(local.getUTCMonth() + 1)}${two(local.getUTCDate())}`
    + `${two(local.getUTCHours())}${two(local.getUTCMinutes())}${two(local.getUTCSeconds())}`;
};

/** @returns the instant of a wall clock `yyyyMMddHHmmss`, or null where it is no real date */
export const fromWallClock = (text: string): Date | null => {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const instant = new Date(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - OFFSET_MS);
  // Date.parse rolls 31 February over instead of refusing it, so the way back must give the same text.
  return Number.isNaN(instant.getTime()) || toWallClock(instant) !== text ? null : instant;
};
