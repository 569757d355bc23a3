import type { GraphQLResolveInfo } from 'graphql';
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

/** What a resolver is given after its parent; `info` says what of the result is asked for, which few need. */
export type ResolverCall<Args> = readonly [args: Args, context: GatewayContext, info: GraphQLResolveInfo];

export interface GuardedQuery<Args, Result> {
  readonly roles: readonly Role[];
  /** True where the field reaches beyond any one agency: whoever is held to an agency's subtree is refused, whatever the role. */
  readonly wholeProvince?: true;
  readonly resolve: (...call: ResolverCall<Args>) => Promise<Result> | Result;
}

export interface GuardedMutation<Args, Result> extends GuardedQuery<Args, Result> {
  readonly audit: AuditPolicy;
}

/** What a field of Query or Mutation declares; carried by its resolver, so that the schema can be asked who may do what. */
export interface FieldRule {
  readonly on: 'query' | 'mutation';
  readonly roles: readonly Role[];
  readonly wholeProvince: boolean;
  /** Null for a query. */
  readonly audit: AuditPolicy | null;
}

const RULE = Symbol('rule');

/** Made by `guardedQuery` and `guardedMutation` only: nothing else carries the rule that the type asks for. */
export type GuardedResolver<Args, Result, On extends FieldRule['on'] = FieldRule['on']> =
  ((parent: unknown, ...call: ResolverCall<Args>) => Promise<Result> | Result) & { readonly [RULE]: FieldRule & { readonly on: On } };

const guard = <Args, Result, On extends FieldRule['on']>(rule: FieldRule & { readonly on: On }, resolve: GuardedQuery<Args, Result>['resolve']): GuardedResolver<Args, Result, On> => {
  const guarded = (_parent: unknown, ...[args, context, info]: ResolverCall<Args>): Promise<Result> | Result => {
    if (!rule.roles.includes(context.caller.role) || (rule.wholeProvince && context.caller.agencyScope !== null)) throw new ForbiddenError();
    return resolve(args, context, info);
  };
  return Object.assign(guarded, { [RULE]: Object.freeze(rule) });
};

/** A query field that only the named roles may read. */
export const guardedQuery = <Args, Result>({ roles, wholeProvince, resolve }: GuardedQuery<Args, Result>): GuardedResolver<Args, Result, 'query'> =>
  guard({ on: 'query', roles, wholeProvince: wholeProvince === true, audit: null }, resolve);

/** A mutation field that only the named roles may call, with its declared audit policy. */
export const guardedMutation = <Args, Result>({ roles, wholeProvince, audit, resolve }: GuardedMutation<Args, Result>): GuardedResolver<Args, Result, 'mutation'> =>
  guard({ on: 'mutation', roles, wholeProvince: wholeProvince === true, audit }, resolve);

/** The rule that a resolver carries; null for one that was not made here. */
export const ruleOf = (resolver: unknown): FieldRule | null =>
  typeof resolver === 'function' && RULE in resolver ? (resolver as GuardedResolver<never, unknown>)[RULE] : null;
