import { ApolloArmor } from '@escape.tech/graphql-armor';
import { GraphQLError, visit, type ASTVisitor, type DocumentNode, type ValidationContext } from 'graphql';

/** A full read of a dossier takes some 250 tokens; what is much longer is built to hurt. */
export const MAX_TOKENS = 1_000;
const MAX_DEPTH = 10;
const MAX_ALIASES = 15;
const MAX_DIRECTIVES = 5;

const refuse = (text: string): GraphQLError => new GraphQLError(text, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });

/** One mutation field an operation: each has a key of its own, and a list of them would be an unbounded batch. */
const oneMutationField = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition: (node) => {
    if (String(node.operation) !== 'mutation') return;
    const [first, ...others] = node.selectionSet.selections;
    if (others.length > 0 || String(first?.kind) !== 'Field') context.reportError(refuse('A mutation holds exactly one field'));
  },
});

/**
 * Limits that a document must keep before anything runs. Tokens are limited by the parser itself: armor's own token limit
 * turns a syntax error into HTTP 500.
 */
export const createDocumentLimits = () => {
  const armor = new ApolloArmor({
    maxTokens: { enabled: false },
    blockFieldSuggestion: { enabled: true },
    maxDepth: { enabled: true, n: MAX_DEPTH },
    // Without the empty list, aliases of __typename are not counted.
    maxAliases: { enabled: true, n: MAX_ALIASES, allowList: [] },
    maxDirectives: { enabled: true, n: MAX_DIRECTIVES },
    // Counted by createCostLimit, which knows page sizes.
    costLimit: { enabled: false },
  });
  const { plugins, validationRules } = armor.protect();
  return { plugins, validationRules: [...validationRules, oneMutationField] };
};

interface Traits {
  /** It reads the schema itself, which only operators may. */
  readonly readsSchema: boolean;
  /** It has directives such as @skip, so that its shape changes from call to call. */
  readonly hasDirectives: boolean;
}

const known = new WeakMap<DocumentNode, Traits>();

/** What a document holds; found out once. */
export const traitsOf = (document: DocumentNode): Traits => {
  const remembered = known.get(document);
  if (remembered !== undefined) return remembered;
  let [readsSchema, hasDirectives] = [false, false];
  visit(document, {
    Field: ({ name }) => {
      readsSchema ||= name.value === '__schema' || name.value === '__type';
    },
    Directive: () => {
      hasDirectives = true;
    },
  });
  const traits = { readsSchema, hasDirectives };
  known.set(document, traits);
  return traits;
};
