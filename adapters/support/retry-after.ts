/** A day: a party that asks for more is misconfigured, and a person would hear of it too late. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * Reads a Retry-After header (RFC 9110 §10.2.3): seconds, or an HTTP date.
 * @returns milliseconds to wait, at most a day; null when absent or not understood
 */
export const parseRetryAfter = (value: string | undefined, nowMs: number): number | null => {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_WAIT_MS);
  const at = Date.parse(text);
  // Date.parse takes many shapes that are no HTTP date ("-5"), so the weekday is required.
  if (Number.isNaN(at) || !/^[A-Z][a-z]{2,8},? /.test(text)) return null;
  return Math.min(Math.max(at - nowMs, 0), LONGEST_WAIT_MS);
};
