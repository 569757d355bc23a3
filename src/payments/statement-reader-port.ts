import type { InputProblem } from '../errors/gateway-error.js';
import type { Queryable } from '../store/database.js';
import type { GatewayWord } from './payment-gateway-port.js';

/** `PAYOUT`: money that the gateway handed on to the agency's account. */
export type StatementKind = 'PAYMENT' | 'REFUND' | 'PAYOUT';

export interface StatementLine {
  /** As a person finds it in the file, from 1; of answers, their number. */
  readonly line: number;
  readonly kind: StatementKind;
  /** Our reference of the payment; null where the gateway's file has none. */
  readonly reference: string | null;
  readonly gatewayTransaction: string | null;
  readonly amountVnd: number | null;
  /** Of a refund or a payout `paid` is "done". */
  readonly state: GatewayWord['says'];
  readonly at: Date | null;
}

export type StatementReading = { readonly kind: 'read'; readonly lines: readonly StatementLine[] } | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] };

/**
 * Reads one form of a gateway's statement. Strict: a file of which any line is wrong is refused as a whole, each problem with its line
 * and field. Of the national payment platform's own file (22 columns, pipe-delimited, in base64, with a summary line) nothing more is
 * known than that; until it is, its statements come in our documented form like all others.
 */
export interface StatementReader {
  /** `day` in Vietnam, `yyyy-mm-dd`: the one that the file is about. */
  read(bytes: Uint8Array, day: string): StatementReading;
  /** Where the file names payments otherwise than by our reference: from its names to our references. A name that is not known is missing, and stays as it is. */
  readonly references?: (client: Queryable, names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}
