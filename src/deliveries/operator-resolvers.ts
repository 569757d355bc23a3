import type { Role } from '../access/caller.js';
import { guardedMutation } from '../access/guarded.js';
import { NotFoundError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { Once } from '../store/once.js';
import { parseIds, parseReason } from './delivery-input.js';
import { REFUSALS } from './delivery-explanations.js';
import { isDeliveryId } from './delivery-queries.js';
import type { DeliveryQueries } from './delivery-queries.js';
import type { ActionItem, DeliveryCall, OperatorService } from './operator-service.js';

const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const AUDIT = { kind: 'operator-action' } as const;

interface ActionArgs { readonly idempotencyKey: string; readonly reason: string }
type CircuitArgs = ActionArgs & { readonly party: string; readonly operation: string; readonly position: 'OPEN' | 'CLOSED' | 'AUTOMATIC' };

const conflict = (key: string) => ({
  __typename: 'IdempotencyConflict', key, message: { en: 'This key was used for other content', vi: 'Khoá này đã được dùng cho nội dung khác' },
} as const);

const POSITIONS = { OPEN: 'open', CLOSED: 'closed', AUTOMATIC: null } as const;

/** Repairs by hand: authorise, parse, one call of the service, and the state after it. */
export function createOperatorResolvers(deps: { readonly queries: DeliveryQueries; readonly operators: OperatorService }) {
  const { queries, operators } = deps;
  const onOne = async (args: ActionArgs, once: Once<ActionItem[]>) => {
    if (once.kind === 'conflict') return conflict(args.idempotencyKey);
    const item = once.result[0];
    // What is another agency's is not found either, whether it exists or not.
    const delivery = item === undefined || item.refused === 'NOT_FOUND' || !isDeliveryId(item.id) ? null : await queries.find(item.id);
    if (item === undefined || delivery === null) throw new NotFoundError();
    return item.refused === null
      ? { __typename: 'DeliveryChanged', delivery }
      : { __typename: 'DeliveryActionRefused', code: item.refused, message: REFUSALS[item.refused], delivery };
  };
  const onParty = async (args: ActionArgs & { readonly party: string }, once: Once<null>) => {
    if (once.kind === 'conflict') return conflict(args.idempotencyKey);
    return { __typename: 'PartyChanged', party: (await queries.parties()).find((party) => party.name === args.party) };
  };
  return {
    Mutation: {
      retryDelivery: guardedMutation({
        roles: OPERATORS, audit: AUDIT,
        resolve: async (args: ActionArgs & { id: string }, context) => onOne(args, await operators.retry(operatorCall(args, context), parseIds([args.id]))),
      }),
      retryDeliveries: guardedMutation({
        roles: OPERATORS, audit: AUDIT,
        resolve: async (args: ActionArgs & { ids: readonly string[] }, context) => {
          const once = await operators.retry(operatorCall(args, context), parseIds(args.ids));
          return once.kind === 'conflict' ? conflict(args.idempotencyKey) : { __typename: 'DeliveriesActionDone', results: once.result.map((item) => ({ id: item.id, done: item.refused === null, code: item.refused })) };
        },
      }),
      resolveDelivery: guardedMutation({
        roles: OPERATORS, audit: AUDIT,
        resolve: async (args: ActionArgs & { id: string; as: 'DONE' | 'NOT_DONE' }, context) => onOne(args, await operators.resolve(operatorCall(args, context), firstId(args.id), args.as)),
      }),
      pauseParty: guardedMutation({
        roles: OPERATORS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { party: string }, context) => onParty(args, await operators.pause(operatorCall(args, context), args.party)),
      }),
      resumeParty: guardedMutation({
        roles: OPERATORS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { party: string }, context) => onParty(args, await operators.resume(operatorCall(args, context), args.party)),
      }),
      forceCircuit: guardedMutation({
        roles: OPERATORS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: CircuitArgs, context) =>
          onParty(args, await operators.forceCircuit(operatorCall(args, context), { party: args.party, operation: args.operation, position: POSITIONS[args.position] })),
      }),
    },
  };
}

const operatorCall = (args: ActionArgs, context: GatewayContext): DeliveryCall => ({
  caller: context.caller, correlationId: context.correlationId, idempotencyKey: args.idempotencyKey, reason: parseReason(args.reason),
});

const firstId = (id: string): string => parseIds([id])[0] ?? id;
