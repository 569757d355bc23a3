import type { Role } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { BilingualText } from '../errors/gateway-error.js';
import type { FileLinkSigner } from '../files/file-target.js';
import type { GatewayBills, NoBillReason } from './gateway-bills.js';

/** The paper names the payer: no leaders, no auditors. */
const PAPER_READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor'];

const REASONS: Readonly<Record<NoBillReason, BilingualText>> = {
  'not-paid': { vi: 'Chưa thu tiền cho lượt thanh toán này', en: 'No money was taken for this payment' },
  'no-bills': { vi: 'Cổng thanh toán này không cấp biên lai', en: 'This gateway writes no receipts' },
  'none-yet': { vi: 'Cổng thanh toán chưa có biên lai; hãy hỏi lại sau', en: 'The gateway has none yet; ask again later' },
  unavailable: { vi: 'Cổng thanh toán chưa trả lời; hãy hỏi lại sau', en: 'The gateway did not answer; ask again later' },
};

/** Resolver of `paymentBill`. */
export const createGatewayBillResolvers = ({ bills, links, now }: { readonly bills: Pick<GatewayBills, 'of'>; readonly links: FileLinkSigner; readonly now: () => Date }) => ({
  Query: {
    paymentBill: guardedQuery({
      roles: PAPER_READERS,
      resolve: async ({ reference }: { reference: string }, context) => {
        const answer = await bills.of(context, reference);
        if (answer === null) return null;
        const { gateway } = answer;
        if (answer.kind === 'none') return { __typename: 'NoPaymentBill' as const, paymentReference: reference, gateway, code: answer.reason, gatewayCode: answer.gatewayCode, message: REASONS[answer.reason] };
        return { __typename: 'PaymentBill' as const, paymentReference: reference, gateway, form: answer.form === 'pdf' ? 'PDF' as const : 'FIELDS' as const, url: links.sign(answer.target, now()) };
      },
    }),
  },
});
