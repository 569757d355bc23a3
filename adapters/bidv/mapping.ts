import type { DueAnswer } from '../../src/payments/due-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { fromWallClock } from '../support/wall-clock.js';
import { RESULTS } from './errors.js';
import type { BidvResult } from './errors.js';
import type { BillReply, GetbillBody, PaybillBody, ResultReply } from './wire.js';

/** People type it in either case, with spaces. */
export const referenceIn = (typed: string): string => typed.replaceAll(/[\s.-]/g, '').toUpperCase();

/** Values under the checksum, in order; the secret stands in front of them. */
export const getbillValues = ({ service_id, customer_id }: GetbillBody): readonly string[] => [service_id, customer_id];
export const paybillValues = ({ trans_id, bill_id, amount }: PaybillBody): readonly string[] => [trans_id, bill_id, amount];

/** What BIDV calls the transfer, and what must be the same when it comes again. */
export const identityOf = ({ service_id, trans_id, bill_id, amount }: PaybillBody): { readonly uniqueKey: string; readonly sameness: Buffer } =>
  ({ uniqueKey: `${service_id}/${trans_id}`, sameness: Buffer.from(JSON.stringify([service_id, trans_id, referenceIn(bill_id), amount])) });

/** The form of trans_date is not in the sources: 14 digits are read, 12 with a year of two, and anything else is no time. */
const paidAt = (date: string | undefined): Date | null => {
  const digits = date ?? '';
  return fromWallClock(digits.length === 12 ? `20${digits}` : digits);
};

export const noticeOf = ({ service_id, trans_id, trans_date, bill_id, amount }: PaybillBody): PaymentNotice => ({
  says: 'paid', code: RESULTS.ok[0], text: null, amountVnd: Number(amount), gatewayTransaction: trans_id, bankCode: 'BIDV', paidAt: paidAt(trans_date),
  // customer_id is not under the checksum, so the bill alone counts.
  reference: referenceIn(bill_id), dossierCode: null, merchant: service_id,
});

export const resultReply = (result: BidvResult): ResultReply => ({ result_code: RESULTS[result][0], result_desc: RESULTS[result][1] });

const DUE_RESULTS: Readonly<Record<DueAnswer['kind'], BidvResult>> = { due: 'ok', 'nothing-due': 'no-bill', unknown: 'customer' };

export const dueResult = ({ kind }: DueAnswer): BidvResult => DUE_RESULTS[kind];

/** One bill, whose number is the payment's reference. The citizen sees a name to be sure of; his address is nobody's business. */
export const billReply = (answer: DueAnswer, typed: string): BillReply | ResultReply => {
  const result = resultReply(dueResult(answer));
  if (answer.kind !== 'due') return result;
  const { bill } = answer;
  return {
    ...result, customer_id: typed, customer_name: bill.payer?.name ?? bill.agencyName, customer_addr: '',
    data: [{ type: 1, amount: bill.totalVnd, bill_id: bill.reference ?? referenceIn(typed) }],
  };
};
