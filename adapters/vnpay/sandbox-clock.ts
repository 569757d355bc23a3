/** A wall clock in Việt Nam as the sandbox writes it, which may go wrong as real ones do. */
export type ClockFault = 'clock-7h' | 'clock-2min' | 'clock-12h';

const HOUR_MS = 3_600_000;

const digits = (at: number, hours12: boolean): string => {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const hour = Number(time.slice(0, 2));
  // .NET's `hh`: 15:30 is written as 03:30.
  const written = hours12 ? hour % 12 || 12 : hour;
  return `${date.replaceAll('-', '')}${String(written).padStart(2, '0')}${time.slice(3, 5)}${time.slice(6, 8)}`;
};

export const vietnamTime = (fault: ClockFault | null = null, at: number = Date.now()): string => {
  if (fault === 'clock-7h') return digits(at, false);
  return digits(at + 7 * HOUR_MS + (fault === 'clock-2min' ? 120_000 : 0), fault === 'clock-12h');
};
