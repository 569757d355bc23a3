/** A wall clock in Việt Nam as the sandbox writes it, which may go wrong as real ones do: in UTC, ahead, or with .NET's 12-hour `hh`. */
export const CLOCK_FAULTS = ['clock-7h', 'clock-2min', 'clock-12h'] as const;
export type ClockFault = (typeof CLOCK_FAULTS)[number];

const SHIFTS_MS: Readonly<Record<ClockFault, number>> = { 'clock-7h': -25_200_000, 'clock-2min': 120_000, 'clock-12h': 0 };

export const vietnamTime = (fault: ClockFault | null = null, at: number = Date.now()): string => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Ho_Chi_Minh', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: fault === 'clock-12h' ? 'h12' : 'h23',
  }).formatToParts(at + (fault === null ? 0 : SHIFTS_MS[fault]));
  const part = (type: string): string => (parts.find((one) => one.type === type)?.value ?? '').padStart(2, '0');
  return ['year', 'month', 'day', 'hour', 'minute', 'second'].map(part).join('');
};
