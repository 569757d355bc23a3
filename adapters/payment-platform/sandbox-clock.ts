/** A wall clock in Việt Nam as the platform writes it, which may go wrong as real ones do. */
export type ClockFault = 'clock-7h' | 'clock-2min' | 'clock-12h';

const HOUR_MS = 3_600_000;

const digits = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(0, 14);

/** .NET's `hh`: 15:30 is written as 03:30. */
const onTwelve = (stamp: string): string => `${stamp.slice(0, 8)}${String(Number(stamp.slice(8, 10)) % 12 || 12).padStart(2, '0')}${stamp.slice(10)}`;

export const vietnamTime = (fault: ClockFault | null = null): string => {
  const now = Date.now();
  if (fault === 'clock-7h') return digits(now);
  const stamp = digits(now + 7 * HOUR_MS + (fault === 'clock-2min' ? 120_000 : 0));
  return fault === 'clock-12h' ? onTwelve(stamp) : stamp;
};
