import {
  GraphQLList, Kind, getNamedType, getNullableType, isCompositeType, isInterfaceType, isObjectType, typeFromAST,
  type ArgumentNode, type DocumentNode, type FieldNode, type GraphQLCompositeType, type GraphQLField, type GraphQLSchema, type OperationDefinitionNode, type SelectionSetNode,
} from 'graphql';

/**
 * Fields that an answer may hold. The largest page that the schema offers with all its own fields stays below; a field takes
 * about a microsecond, so the dearest document holds the event loop for some 30 ms.
 */
export const MAX_COST = 30_000;
/** Lists without a page size are journals, steps and the like. */
const ASSUMED_LIST_SIZE = 10;

type Variables = Readonly<Record<string, unknown>>;
type Fragments = ReadonlyMap<string, { readonly type: GraphQLCompositeType | null; readonly selectionSet: SelectionSetNode }>;

const fieldOf = (type: GraphQLCompositeType | null, name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;

const isList = (field: GraphQLField<unknown, unknown>): boolean => getNullableType(field.type) instanceof GraphQLList;

/** Counts the fields of one operation; each fragment once, so that fragments that double each other cost no time. */
class CostCounter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Fragments;
  readonly #operation: OperationDefinitionNode;
  readonly #variables: Variables;
  readonly #counted = new Map<string, number>();
  usesVariables = false;

  constructor(schema: GraphQLSchema, document: DocumentNode, call: { readonly operation: OperationDefinitionNode; readonly variables: Variables }) {
    this.#schema = schema;
    this.#operation = call.operation;
    this.#variables = call.variables;
    this.#fragments = new Map(document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, { type: this.#typeOf(definition.typeCondition), selectionSet: definition.selectionSet }] as const] : []));
  }

  count(): number {
    return this.#selections(this.#schema.getRootType(this.#operation.operation) ?? null, this.#operation.selectionSet, false);
  }

  /** `isPage`: the field above had a page size, by which its own list is counted already. */
  #selections(type: GraphQLCompositeType | null, { selections }: SelectionSetNode, isPage: boolean): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += this.#field(type, selection, isPage);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += this.#fragment(selection.name.value, isPage);
      else cost += this.#selections(selection.typeCondition === undefined ? type : this.#typeOf(selection.typeCondition), selection.selectionSet, isPage);
    }
    return cost;
  }

  #field(type: GraphQLCompositeType | null, node: FieldNode, isPage: boolean): number {
    const field = fieldOf(type, node.name.value);
    // What reads the schema is for operators, and graphql-js limits its depth.
    if (field === undefined || node.selectionSet === undefined) return 1;
    const below = getNamedType(field.type);
    const pageSize = this.#pageSize(field, node);
    const times = pageSize ?? (isList(field) && !isPage ? ASSUMED_LIST_SIZE : 1);
    return 1 + times * this.#selections(isCompositeType(below) ? below : null, node.selectionSet, pageSize !== null);
  }

  #fragment(name: string, isPage: boolean): number {
    const key = `${name} ${isPage}`;
    const known = this.#counted.get(key);
    if (known !== undefined) return known;
    // Stands while the fragment is counted: one that contains itself is beyond every limit.
    this.#counted.set(key, Number.POSITIVE_INFINITY);
    const fragment = this.#fragments.get(name);
    const cost = fragment === undefined ? 0 : this.#selections(fragment.type, fragment.selectionSet, isPage);
    this.#counted.set(key, cost);
    return cost;
  }

  #typeOf(condition: Parameters<typeof typeFromAST>[1]): GraphQLCompositeType | null {
    const type = typeFromAST(this.#schema, condition as never) as unknown;
    return isCompositeType(type) ? type : null;
  }

  /** Null where the field has no page size. */
  #pageSize(field: GraphQLField<unknown, unknown>, node: FieldNode): number | null {
    const declared = field.args.find(({ name }) => name === 'first');
    if (declared === undefined) return null;
    const given = node.arguments?.find(({ name }) => name.value === 'first');
    const size = given === undefined ? undefined : this.#valueOf(given);
    const effective = typeof size === 'number' ? size : Number(declared.defaultValue ?? ASSUMED_LIST_SIZE);
    // A size that the field will refuse must not make the rest of the document cheaper.
    return Math.max(1, effective);
  }

  #valueOf({ value }: ArgumentNode): unknown {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) return undefined;
    this.usesVariables = true;
    const name = value.name.value;
    if (this.#variables[name] !== undefined) return this.#variables[name];
    const fallback = this.#operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)?.defaultValue;
    return fallback?.kind === Kind.INT ? Number(fallback.value) : undefined;
  }
}

/** Says what a call costs; remembers it for operations whose cost no variable changes. */
export const createCostLimit = (schema: GraphQLSchema): ((document: DocumentNode, operation: OperationDefinitionNode, variables: Variables) => number) => {
  const fixed = new WeakMap<OperationDefinitionNode, number>();
  return (document, operation, variables) => {
    const known = fixed.get(operation);
    if (known !== undefined) return known;
    const counter = new CostCounter(schema, document, { operation, variables });
    const cost = counter.count();
    if (!counter.usesVariables) fixed.set(operation, cost);
    return cost;
  };
};
