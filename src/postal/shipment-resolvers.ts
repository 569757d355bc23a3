import DataLoader from 'dataloader';
import type { Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import type { AuditPolicy } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { GatewayContext } from '../graphql/context.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { PostalAnswer, PostalCall } from './postal-action.js';
import type { PostalMonth, PostalMonths } from './postal-months.js';
import { openShipment } from './shipment-content.js';
import type { ShipmentDesk } from './shipment-desk.js';
import type { PickupInput, ReturnInput } from './shipment-input.js';
import { FAILURE_LABELS } from './shipment-labels.js';
import type { ShipmentNumber, ShipmentOrdering } from './shipment-ordering.js';
import type { ListedShipment, ShipmentFilterInput, ShipmentQueries, ShownEvent } from './shipment-queries.js';
import { viewPostalRefusal, viewShipment } from './shipment-view.js';
import type { ShipmentShape } from './shipment-view.js';
import type { CorrectedState, FailureReason } from './shipment.js';

export interface ShipmentResolverDeps {
  readonly queries: ShipmentQueries;
  readonly months: PostalMonths;
  readonly ordering: ShipmentOrdering;
  readonly desk: ShipmentDesk;
  readonly cipher: FieldCipher;
}

const READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor'];
/** Those who deal with the citizen, or with the carrier on his behalf. */
const KNOW_THE_CITIZEN: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor'];
const FIGURE_READERS: readonly Role[] = ['agency', 'operator', 'supervisor', 'leader', 'auditor'];
const ORDERERS: readonly Role[] = ['portal', 'agency'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const BY_ROWS: AuditPolicy = { kind: 'domain-record', where: 'shipments, shipment_events, deliveries' };
const BY_OPERATOR: AuditPolicy = { kind: 'operator-action' };

interface Keyed { readonly idempotencyKey: string }
interface Acted extends Keyed { readonly number: string; readonly reason?: string | null }
interface Corrected extends Acted { readonly state: CorrectedState; readonly failure?: FailureReason | null }

const callOf = ({ idempotencyKey, reason }: Keyed & { readonly reason?: string | null }, { caller, correlationId, traceparent }: GatewayContext): PostalCall =>
  ({ caller, correlationId, traceparent, idempotencyKey, reason: reason == null ? null : parseReason(reason) });

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const viewMonth = ({ medianHours, p90Hours, failures, ...month }: PostalMonth) => ({
  ...month, sentShare: share(month.sentByPost, month.dossiers), returnedShare: share(month.returnedByPost, month.dossiers), deliveryHoursMedian: medianHours, deliveryHoursP90: p90Hours,
  failures: failures.map(({ failure, count }) => ({ failure, count, label: FAILURE_LABELS[failure] })),
});

/** Resolvers of `postal.graphql`. */
export const createShipmentResolvers = ({ queries, months, ordering, desk, cipher }: ShipmentResolverDeps) => {
  const view = (shipment: ListedShipment, { caller }: GatewayContext): ShipmentShape =>
    viewShipment(shipment, shipment.content === null ? null : openShipment(cipher, shipment.orderNumber, shipment.content), !KNOW_THE_CITIZEN.includes(caller.role));
  const after = async (context: GatewayContext, answer: PostalAnswer<ShipmentNumber>) => {
    if (answer.kind !== 'done') return viewPostalRefusal(answer);
    const found = await queries.find(context, answer.result.number);
    return found === null ? viewPostalRefusal({ kind: 'refused', refusal: { code: 'NOT_FOUND', problems: [], numbers: [], place: null } }) : { __typename: 'ShipmentSaved', shipment: view(found, context) };
  };
  const events = createEventLoader(queries);
  return {
    Query: {
      shipment: guardedQuery({
        roles: READERS,
        resolve: async ({ number }: { number: string }, context) => {
          const found = await queries.find(context, number);
          return found === null ? null : view(found, context);
        },
      }),
      shipments: guardedQuery({
        roles: READERS,
        resolve: async ({ filter, first, after: cursor }: { filter?: ShipmentFilterInput | null; first: number; after?: string | null }, context) => {
          const { rows, ...pageInfo } = await queries.list(context, filter ?? {}, { first, after: cursor ?? null });
          return { nodes: rows.map((row) => view(row, context)), pageInfo };
        },
      }),
      postalFigures: guardedQuery({
        roles: FIGURE_READERS,
        resolve: async ({ from, to, agencyCode }: { from: string; to: string; agencyCode?: string | null }, context) => (await months.of(context, { from, to, agencyCode: agencyCode ?? null })).map(viewMonth),
      }),
    },
    Mutation: {
      orderPickup: guardedMutation({
        roles: ORDERERS, audit: BY_ROWS,
        resolve: async ({ order, ...args }: Keyed & { order: PickupInput }, context) => after(context, await ordering.orderPickup(callOf(args, context), order)),
      }),
      orderReturn: guardedMutation({
        roles: ORDERERS, audit: BY_ROWS,
        resolve: async ({ order, ...args }: Keyed & { order: ReturnInput }, context) => after(context, await ordering.orderReturn(callOf(args, context), order)),
      }),
      cancelShipment: guardedMutation({
        roles: [...ORDERERS, ...OPERATORS], audit: BY_OPERATOR,
        resolve: async ({ number, reason, ...args }: Acted, context) => {
          // What a person ends is ended for a reason.
          const call = callOf({ ...args, reason: OPERATORS.includes(context.caller.role) ? reason ?? '' : reason ?? null }, context);
          return after(context, await desk.cancel(call, number));
        },
      }),
      closeShipmentCase: guardedMutation({
        roles: OPERATORS, audit: BY_OPERATOR,
        resolve: async ({ number, ...args }: Acted, context) => after(context, await desk.close(callOf(args, context), number)),
      }),
      correctShipment: guardedMutation({
        roles: OPERATORS, audit: BY_OPERATOR,
        resolve: async ({ number, state, failure = null, ...args }: Corrected, context) => after(context, await desk.correct(callOf(args, context), number, { state, failure })),
      }),
    },
    Shipment: {
      events: ({ rowId }: ShipmentShape, _args: unknown, context: GatewayContext) => events(context).load(rowId),
    },
  };
};

/** One a request: a page costs one statement. */
const createEventLoader = (queries: ShipmentQueries): ((context: GatewayContext) => DataLoader<string, readonly ShownEvent[]>) => {
  const byRequest = new WeakMap<GatewayContext, DataLoader<string, readonly ShownEvent[]>>();
  return (context) => {
    const loader = byRequest.get(context) ?? new DataLoader<string, readonly ShownEvent[]>((ids) => queries.eventsOf(ids));
    byRequest.set(context, loader);
    return loader;
  };
};
