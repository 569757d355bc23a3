import type { AuditPolicy } from '../access/guarded.js';
import type { Role } from '../access/caller.js';
import { guardedMutation } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { GatewayContext } from '../graphql/context.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { CreditService } from './credit-service.js';
import type { FeeService } from './fee-service.js';
import type { ActionAnswer, PaymentCall } from './payment-action.js';
import type { PaymentCases } from './payment-cases.js';
import type { FeeInput, OpenInput } from './payment-input.js';
import type { PaymentOpening } from './payment-opening.js';
import type { PaymentQueries } from './payment-queries.js';
import { openCredit, viewFees } from './payment-resolvers.js';
import { viewPayment, viewRefund, viewRefusal } from './payment-view.js';
import type { RefundRef } from './refund-acts.js';
import type { RefundByHand } from './refund-by-hand.js';
import type { RefundService } from './refund-service.js';
import type { HandOutcome } from './refund.js';
import type { SettlementService } from './settlement-service.js';
import type { SettleAs } from './settlement.js';

export interface PaymentMutationDeps {
  readonly queries: PaymentQueries;
  readonly opening: PaymentOpening;
  readonly fees: FeeService;
  readonly refunds: RefundService;
  readonly byHand: RefundByHand;
  readonly settlements: SettlementService;
  readonly cases: PaymentCases;
  readonly credits: CreditService;
  readonly cipher: FieldCipher;
}

const PORTAL: readonly Role[] = ['portal'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const SUPERVISORS: readonly Role[] = ['supervisor'];
const BY_OPERATOR: AuditPolicy = { kind: 'operator-action' };
const BY_ROWS: AuditPolicy = { kind: 'domain-record', where: 'fee_items, payments, payment_events' };

/** What was acted on is there no more, or no longer the caller's to see. */
const GONE = { kind: 'refused', refusal: { code: 'NOT_FOUND', problems: [], references: [] } } as const;

interface Keyed { readonly idempotencyKey: string }
type Acted<Args> = Keyed & { readonly reason: string } & Args;

const callOf = ({ idempotencyKey, reason }: Keyed & { readonly reason?: string | null }, { caller, correlationId, traceparent }: GatewayContext): PaymentCall =>
  ({ caller, correlationId, traceparent, idempotencyKey, reason: reason == null ? null : parseReason(reason) });

/** Resolvers of what `payment.graphql` lets people change: authorise, parse, one call, and the state after it. */
export const createPaymentMutations = (deps: PaymentMutationDeps) => ({
  Mutation: { ...portalMutations(deps), ...refundMutations(deps), ...operatorMutations(deps) },
});

const afterPayment = async ({ queries }: PaymentMutationDeps, context: GatewayContext, answer: ActionAnswer<{ readonly reference: string }>) => {
  if (answer.kind !== 'done') return viewRefusal(answer);
  const payment = await queries.find(context, answer.result.reference);
  return payment === null ? viewRefusal(GONE) : { __typename: 'PaymentChanged', payment: viewPayment(payment) };
};

const afterRefund = async ({ queries }: PaymentMutationDeps, answer: ActionAnswer<RefundRef>) => {
  if (answer.kind !== 'done') return viewRefusal(answer);
  const refund = await queries.findRefund(answer.result.requestId);
  return refund === null ? viewRefusal(GONE) : { __typename: 'RefundChanged', refund: viewRefund(refund) };
};

const portalMutations = (deps: PaymentMutationDeps) => ({
  declareFees: guardedMutation({
    roles: PORTAL, audit: BY_ROWS,
    resolve: async ({ dossierCode, fees, dropOthers, ...args }: Keyed & { dossierCode: string; fees: readonly FeeInput[]; dropOthers: boolean }, context) => {
      const answer = await deps.fees.declare(callOf(args, context), { dossierCode, fees, dropOthers });
      if (answer.kind !== 'done') return viewRefusal(answer);
      return { __typename: 'FeesDeclared', fees: await viewFees(deps.queries, await deps.queries.feesOf(context, dossierCode) ?? []) };
    },
  }),
  openPayment: guardedMutation({
    roles: PORTAL, audit: BY_ROWS,
    resolve: async ({ payment, ...args }: Keyed & { payment: OpenInput }, context) => {
      const answer = await deps.opening.open(callOf(args, context), payment);
      return answer.kind === 'done' ? { __typename: 'PaymentOpened', payment: viewPayment(answer.result) } : viewRefusal(answer, { opens: true });
    },
  }),
  cancelPayment: guardedMutation({
    roles: [...PORTAL, ...OPERATORS], audit: BY_OPERATOR,
    resolve: async ({ reference, reason, ...args }: Keyed & { reference: string; reason?: string | null }, context) => {
      // What a person ends is ended for a reason.
      const call = callOf({ ...args, reason: context.caller.role === 'portal' ? reason ?? null : reason ?? '' }, context);
      return afterPayment(deps, context, await deps.settlements.cancel(call, reference));
    },
  }),
});

const refundMutations = (deps: PaymentMutationDeps) => ({
  requestRefund: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ reference, amountVnd, ...args }: Acted<{ reference: string; amountVnd?: number | null }>, context) =>
      afterRefund(deps, await deps.refunds.request(callOf(args, context), reference, amountVnd ?? null)),
  }),
  approveRefund: guardedMutation({
    roles: SUPERVISORS, audit: BY_OPERATOR,
    resolve: async ({ requestId, ...args }: Acted<{ requestId: string }>, context) => afterRefund(deps, await deps.refunds.approve(callOf(args, context), requestId)),
  }),
  declineRefund: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ requestId, ...args }: Acted<{ requestId: string }>, context) => afterRefund(deps, await deps.refunds.decline(callOf(args, context), requestId)),
  }),
  recordManualRefund: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ requestId, bankReference, ...args }: Acted<{ requestId: string; bankReference: string }>, context) =>
      afterRefund(deps, await deps.byHand.record(callOf(args, context), requestId, bankReference)),
  }),
  settleRefundByHand: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ requestId, settleAs, bankReference, ...args }: Acted<{ requestId: string; settleAs: HandOutcome; bankReference?: string | null }>, context) =>
      afterRefund(deps, await deps.byHand.settle(callOf(args, context), requestId, { outcome: settleAs, bankReference: bankReference ?? null })),
  }),
  decideSurplus: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ reference, as, ...args }: Acted<{ reference: string; as: 'REFUND' | 'KEEP' }>, context) => {
      const call = callOf(args, context);
      return afterPayment(deps, context, await (as === 'KEEP' ? deps.refunds.keepSurplus(call, reference) : deps.refunds.request(call, reference, null)));
    },
  }),
});

const operatorMutations = (deps: PaymentMutationDeps) => ({
  askPayment: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ reference, ...args }: Acted<{ reference: string }>, context) => afterPayment(deps, context, await deps.settlements.askNow(callOf(args, context), reference)),
  }),
  closePaymentCase: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ reference, ...args }: Acted<{ reference: string }>, context) => afterPayment(deps, context, await deps.cases.close(callOf(args, context), reference)),
  }),
  settlePaymentByHand: guardedMutation({
    roles: OPERATORS, audit: BY_OPERATOR,
    resolve: async ({ reference, settleAs, bankReference, ...args }: Acted<{ reference: string; settleAs: SettleAs; bankReference?: string | null }>, context) =>
      afterPayment(deps, context, await deps.settlements.request(callOf(args, context), reference, { settleAs, bankReference: bankReference ?? null })),
  }),
  decideSettlement: guardedMutation({
    roles: SUPERVISORS, audit: BY_OPERATOR,
    resolve: async ({ id, approve, ...args }: Acted<{ id: string; approve: boolean }>, context) =>
      afterPayment(deps, context, await deps.settlements.decide(callOf(args, context), id, approve)),
  }),
  matchCredit: guardedMutation({
    roles: OPERATORS, wholeProvince: true, audit: BY_OPERATOR,
    resolve: async ({ id, reference, ...args }: Acted<{ id: string; reference?: string | null }>, context) => {
      const answer = await deps.credits.match(callOf(args, context), id, reference ?? null);
      if (answer.kind !== 'done') return viewRefusal(answer);
      const credit = await deps.queries.findCredit(answer.result.id);
      return credit === null ? null : { __typename: 'CreditMatched', credit: openCredit(deps.cipher, credit, context) };
    },
  }),
});
