import type { AuditPolicy } from '../access/guarded.js';
import type { Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { FileLinkSigner } from '../files/file-target.js';
import type { GatewayContext } from '../graphql/context.js';
import type { ActionAnswer, PaymentCall } from '../payments/payment-action.js';
import { viewRefusal } from '../payments/payment-view.js';
import type { ReceiptFilterInput, ReceiptQueries, ReceiptRow } from './receipt-queries.js';
import type { ReceiptRef, ReceiptService } from './receipt-service.js';
import { viewReceipt } from './receipt-view.js';

export interface ReceiptResolverDeps {
  readonly queries: ReceiptQueries;
  readonly service: ReceiptService;
  readonly links: FileLinkSigner;
  readonly now: () => Date;
}

const READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor'];
/** The paper names the payer. */
const PAPER_READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const BY_OPERATOR: AuditPolicy = { kind: 'operator-action' };

interface Acted { readonly idempotencyKey: string; readonly reason: string; readonly key: string }

const callOf = ({ idempotencyKey, reason }: Acted, { caller, correlationId, traceparent }: GatewayContext): PaymentCall =>
  ({ caller, correlationId, traceparent, idempotencyKey, reason: parseReason(reason) });

/** Resolvers of `receipt.graphql`. */
export const createReceiptResolvers = ({ queries, service, links, now }: ReceiptResolverDeps) => {
  const hasPaper = ({ state }: ReceiptRow): boolean => state === 'ISSUED' || state === 'CANCELLING' || state === 'CANCELLED';
  const view = (receipt: ReceiptRow, { caller }: GatewayContext) =>
    viewReceipt(receipt, hasPaper(receipt) && PAPER_READERS.includes(caller.role) ? links.sign({ source: 'receipt-pdf', rowId: receipt.id, index: 0 }, now()) : null);
  const after = async (context: GatewayContext, answer: ActionAnswer<ReceiptRef>) => {
    if (answer.kind !== 'done') return viewRefusal(answer);
    const receipt = await queries.byKey(context, answer.result.key);
    return receipt === null ? viewRefusal({ kind: 'refused', refusal: { code: 'NOT_FOUND', problems: [], references: [] } }) : { __typename: 'ReceiptChanged', receipt: view(receipt, context) };
  };
  return {
    Query: {
      receipt: guardedQuery({
        roles: READERS,
        resolve: async ({ paymentReference }: { paymentReference: string }, context) => {
          const found = await queries.ofPayment(context, paymentReference);
          return found === null ? null : view(found, context);
        },
      }),
      receipts: guardedQuery({
        roles: READERS,
        resolve: async ({ filter, first, after: cursor }: { filter?: ReceiptFilterInput | null; first: number; after?: string | null }, context) => {
          const { rows, ...pageInfo } = await queries.list(context, filter ?? {}, { first, after: cursor ?? null });
          return { nodes: rows.map((row) => view(row, context)), pageInfo };
        },
      }),
    },
    Mutation: {
      reissueReceipt: guardedMutation({
        roles: OPERATORS, audit: BY_OPERATOR,
        resolve: async (args: Acted, context) => after(context, await service.reissue(callOf(args, context), args.key)),
      }),
      closeReceiptCase: guardedMutation({
        roles: OPERATORS, audit: BY_OPERATOR,
        resolve: async (args: Acted & { readonly cancelled: boolean }, context) => after(context, await service.close(callOf(args, context), args.key, args.cancelled)),
      }),
    },
  };
};
