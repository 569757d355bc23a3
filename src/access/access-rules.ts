import type { GraphQLSchema } from 'graphql';
import { ruleOf, type FieldRule } from './guarded.js';

/** One line of "who may do what". */
export interface AccessRule extends FieldRule {
  readonly field: string;
}

/** A field that anybody might call: the schema is not built. */
export class UnguardedFieldError extends Error {
  override readonly name = 'UnguardedFieldError';
}

/** Who may do what, read from the guards of the resolvers that will run. Throws UnguardedFieldError where one lacks its guard. */
export const accessRulesOf = (schema: GraphQLSchema): readonly AccessRule[] => {
  const rules: AccessRule[] = [];
  const roots = [['query', schema.getQueryType()], ['mutation', schema.getMutationType()]] as const;
  for (const [on, type] of roots) {
    for (const { name, resolve } of Object.values(type?.getFields() ?? {})) {
      const rule = ruleOf(resolve);
      if (rule === null) throw new UnguardedFieldError(`The ${on} ${name} has no guarded resolver: make it with ${on === 'query' ? 'guardedQuery' : 'guardedMutation'}`);
      if (rule.on !== on) throw new UnguardedFieldError(`The ${on} ${name} carries the guard of a ${rule.on}`);
      rules.push({ field: name, ...rule });
    }
  }
  if (schema.getSubscriptionType() != null) throw new UnguardedFieldError('Subscriptions have no guards: events are a feed with a cursor');
  return rules;
};
