import { TypeInfo, defaultFieldResolver, visit, visitWithTypeInfo, type DocumentNode, type GraphQLSchema } from 'graphql';

/** Tells which state of some data is committed now; never older than the call. */
export type AnswerVersion = () => Promise<string>;

const VERSION = Symbol('version');

type Resolver = (...call: never[]) => unknown;

/**
 * Says of a resolver that its result depends on nothing but its parent, its arguments, the caller's role and that state of the data.
 * Answers made of such fields alone may be kept. A resolver that reads anything else must never carry this. Null marks nothing.
 */
export const dependingOn = <Marked extends Resolver>(version: AnswerVersion | null, resolver: Marked): Marked =>
  (version === null ? resolver : Object.assign(resolver, { [VERSION]: version }));

const markOf = (resolver: unknown): AnswerVersion | null =>
  (typeof resolver === 'function' && VERSION in resolver ? (resolver as unknown as { readonly [VERSION]: AnswerVersion })[VERSION] : null);

/** The one state on which all fields of a valid document depend; null where a field depends on anything else, or nothing was declared. */
export const versionOf = (schema: GraphQLSchema, document: DocumentNode): AnswerVersion | null => {
  const versions = new Set<AnswerVersion | null>();
  const types = new TypeInfo(schema);
  visit(document, visitWithTypeInfo(types, {
    Field: ({ name }) => {
      const field = types.getFieldDef();
      if (name.value === '__typename') return;
      // A plain property of what its parent gave depends on what the parent depends on.
      if (field?.resolve === undefined || field.resolve === defaultFieldResolver) return;
      versions.add(markOf(field.resolve));
    },
  }));
  const [version = null] = versions;
  return versions.size === 1 ? version : null;
};
