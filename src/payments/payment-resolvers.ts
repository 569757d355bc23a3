import DataLoader from 'dataloader';
import type { Role } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { GatewayContext } from '../graphql/context.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { UnmatchedCredit } from './credit.js';
import { creditContext, openLink, openQr } from './payment-content.js';
import type { PaymentFilterInput, PaymentQueries } from './payment-queries.js';
import type { Settlement } from './settlement.js';
import type { FeeItem } from './payment.js';
import type { FeeRow, PaymentEvent } from './payment-rows.js';
import { viewCredit, viewEvent, viewFee, viewPayment, viewRefund } from './payment-view.js';
import type { PaymentShape, RefundShape } from './payment-view.js';
import { drawQrPng, drawQrSvg } from './qr-image.js';
import type { Refund, RefundState } from './refund.js';

const READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor'];
const INSPECTORS: readonly Role[] = ['operator', 'supervisor', 'auditor'];
/** Who brings a citizen to pay. Link and code hold his address, and the number of an account. */
const PAYERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor'];
const MATCHERS: readonly Role[] = ['operator', 'supervisor'];

interface PageArgs { readonly first: number; readonly after?: string | null }
const pageOf = ({ first, after }: PageArgs) => ({ first, after: after ?? null });
const connection = <Row, Node>({ rows, endCursor, hasNextPage }: { readonly rows: readonly Row[]; readonly endCursor: string | null; readonly hasNextPage: boolean }, view: (row: Row) => Node) =>
  ({ nodes: rows.map(view), pageInfo: { endCursor, hasNextPage } });

/** Text of a transfer, for those who match it. */
export const openCredit = (cipher: FieldCipher, credit: UnmatchedCredit, { caller }: GatewayContext) => {
  const { party, bankReference, contentSealed } = credit;
  return viewCredit(credit, contentSealed === null || !MATCHERS.includes(caller.role) ? null : cipher.open(contentSealed, creditContext(party, bankReference)));
};

/** Fees with the references of the payments that hold or paid them. */
export const viewFees = async (queries: PaymentQueries, fees: readonly FeeRow[]) => {
  const references = await queries.referencesOf(fees.flatMap(({ openPayment, paidBy }) => [openPayment, paidBy]).filter((id) => id !== null));
  return fees.map((fee) => viewFee(fee, references));
};

/** Resolvers of what `payment.graphql` lets people read. */
export const createPaymentReads = ({ queries, cipher }: { readonly queries: PaymentQueries; readonly cipher: FieldCipher }) => {
  const loaders = createLoaders(queries);
  return {
    Query: {
      payment: guardedQuery({
        roles: READERS,
        resolve: async ({ reference }: { reference: string }, context) => {
          const found = await queries.find(context, reference);
          return found === null ? null : viewPayment(found);
        },
      }),
      payments: guardedQuery({
        roles: READERS,
        resolve: async ({ filter, ...page }: PageArgs & { filter?: PaymentFilterInput | null }, context) => connection(await queries.list(context, filter ?? {}, pageOf(page)), viewPayment),
      }),
      feesOfDossier: guardedQuery({
        roles: READERS,
        resolve: async ({ dossierCode }: { dossierCode: string }, context) => {
          const fees = await queries.feesOf(context, dossierCode);
          return fees === null ? null : viewFees(queries, fees);
        },
      }),
      refunds: guardedQuery({
        roles: INSPECTORS,
        resolve: async ({ state, ...page }: PageArgs & { state?: RefundState | null }, context) => connection(await queries.refunds(context, state ?? null, pageOf(page)), viewRefund),
      }),
      // Whose money it is nobody knows yet.
      unmatchedCredits: guardedQuery({
        roles: INSPECTORS, wholeProvince: true,
        resolve: async ({ resolved, ...page }: PageArgs & { resolved: boolean }, context) => connection(await queries.credits(resolved, pageOf(page)), (credit) => openCredit(cipher, credit, context)),
      }),
    },
    Payment: {
      payUrl: ({ reference, linkSealed }: PaymentShape, _args: unknown, { caller }: GatewayContext) => (linkSealed === null || !PAYERS.includes(caller.role) ? null : openLink(cipher, reference, linkSealed)),
      qr: ({ reference, qrSealed }: PaymentShape, _args: unknown, { caller }: GatewayContext) => (qrSealed === null || !PAYERS.includes(caller.role) ? null : { content: openQr(cipher, reference, qrSealed) }),
      items: ({ rowId }: PaymentShape, _args: unknown, context: GatewayContext) => loaders(context).items.load(rowId),
      history: async ({ rowId }: PaymentShape, _args: unknown, context: GatewayContext) => (await loaders(context).histories.load(rowId)).map(viewEvent),
      refunds: async ({ rowId }: PaymentShape, _args: unknown, context: GatewayContext) => (await loaders(context).refunds.load(rowId)).map(viewRefund),
      settlements: ({ rowId }: PaymentShape, _args: unknown, context: GatewayContext) => loaders(context).settlements.load(rowId),
    },
    PaymentQr: {
      svg: ({ content }: { content: string }) => drawQrSvg(content),
      pngDataUri: ({ content }: { content: string }) => drawQrPng(content),
    },
    Refund: {
      payment: async ({ paymentId }: RefundShape, _args: unknown, context: GatewayContext) => loaders(context).payments.load(paymentId),
    },
  };
};

/** One set a request: a page costs one statement for each kind of thing on it. */
const createLoaders = (queries: PaymentQueries) => {
  const create = (context: GatewayContext) => ({
    items: new DataLoader<string, readonly FeeItem[]>((ids) => queries.itemsOf(ids)),
    histories: new DataLoader<string, readonly PaymentEvent[]>((ids) => queries.historiesOf(ids)),
    refunds: new DataLoader<string, readonly Refund[]>((ids) => queries.refundsOf(ids)),
    settlements: new DataLoader<string, readonly Settlement[]>((ids) => queries.settlementsOf(ids)),
    payments: new DataLoader<string, PaymentShape>(async (ids) => {
      const references = await queries.referencesOf(ids);
      const found = await queries.byReferences(context, [...references.values()]);
      return ids.map((id) => found.get(id) ?? new Error('a refund without its payment')).map((row) => (row instanceof Error ? row : viewPayment(row)));
    }),
  });
  const byRequest = new WeakMap<GatewayContext, ReturnType<typeof create>>();
  return (context: GatewayContext): ReturnType<typeof create> => {
    const known = byRequest.get(context) ?? create(context);
    byRequest.set(context, known);
    return known;
  };
};
