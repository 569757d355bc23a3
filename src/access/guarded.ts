import { ForbiddenError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { Role } from './caller.js';

/** How an action leaves a trace. Leaving it out of a mutation does not compile. */
export type AuditPolicy =
  /** The service writes an `operator_actions` row in the transaction of the action. */
  | { readonly kind: 'operator-action' }
  /** The rows that the action writes are themselves the record; `where` names them. */
  | { readonly kind: 'domain-record'; readonly where: string }
  | { readonly kind: 'no-audit'; readonly because: string };

export interface GuardedQuery<Args, Result> {
  readonly roles: readonly Role[];
  readonly resolve: (args: Args, context: GatewayContext) => Promise<Result> | Result;
}

export interface GuardedMutation<Args, Result> extends GuardedQuery<Args, Result> {
  readonly audit: AuditPolicy;
}

export type GuardedResolver<Args, Result> = (parent: unknown, args: Args, context: GatewayContext) => Promise<Result> | Result;

const guard = <Args, Result>(rule: GuardedQuery<Args, Result>): GuardedResolver<Args, Result> =>
  (_parent, args, context) => {
    if (!rule.roles.includes(context.caller.role)) throw new ForbiddenError();
    return rule.resolve(args, context);
  };

/** A query field that only the named roles may read. */
export const guardedQuery = <Args, Result>(rule: GuardedQuery<Args, Result>): GuardedResolver<Args, Result> => guard(rule);

/** A mutation field that only the named roles may call, with its declared audit policy. */
export const guardedMutation = <Args, Result>(rule: GuardedMutation<Args, Result>): GuardedResolver<Args, Result> => guard(rule);
