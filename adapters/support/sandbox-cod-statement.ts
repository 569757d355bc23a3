import { ControlText } from './sandbox-control.js';
import { toWallClock } from './wall-clock.js';

/** One line of a carrier's statement: what was collected at a door, or what of it was paid out to us. */
export interface CodLine {
  readonly orderNumber: string;
  readonly carrierNumber: string;
  readonly amountVnd: number;
  readonly state: 'COLLECTED' | 'PAID_OUT';
  readonly atMs: number;
}

const HEADER = 'order_number,carrier_number,amount_vnd,state,payout,time';

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** As people write it: 2026-11-22 14:05:09, in Vietnam. */
const written = (atMs: number): string => toWallClock(new Date(atMs)).replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$1-$2-$3 $4:$5:$6');

/** All that is paid out on a day goes by one transfer. */
const transferOf = (time: string): string => `CT-${time.slice(0, 10).replaceAll('-', '')}`;

/** The statement of a day (`2026-11-22`, in Vietnam) as CSV in our form; of all days where none is given. */
export const codStatement = (lines: readonly CodLine[], day: string | null): ControlText => {
  const rows = lines.map(({ atMs, ...line }) => ({ ...line, time: written(atMs) })).filter(({ time }) => day === null || time.startsWith(day));
  const text = rows.map(({ orderNumber, carrierNumber, amountVnd, state, time }) => [orderNumber, carrierNumber, String(amountVnd), state, state === 'PAID_OUT' ? transferOf(time) : '', time].map(cell).join(','));
  return new ControlText('text/csv; charset=utf-8', [HEADER, ...text, ''].join('\r\n'));
};
