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

const HEADER = 'kind,order_number,carrier_number,amount_vnd,state,at';

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** As people write it: 2026-11-22 14:05:09, in Vietnam. */
const written = (atMs: number): string => toWallClock(new Date(atMs)).replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$1-$2-$3 $4:$5:$6');

/** The statement of a day (`2026-11-22`, in Vietnam) as CSV in our form; of all days where none is given. */
export const codStatement = (lines: readonly CodLine[], day: string | null): ControlText => {
  const rows = lines.map(({ atMs, ...line }) => ({ ...line, at: written(atMs) })).filter(({ at }) => day === null || at.startsWith(day));
  const text = rows.map(({ orderNumber, carrierNumber, amountVnd, state, at }) => ['COD', orderNumber, carrierNumber, String(amountVnd), state, at].map(cell).join(','));
  return new ControlText('text/csv; charset=utf-8', [HEADER, ...text, ''].join('\r\n'));
};
