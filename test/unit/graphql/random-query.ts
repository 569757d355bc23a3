import { getNamedType, isCompositeType, isInterfaceType, isNonNullType, isObjectType, type GraphQLCompositeType, type GraphQLField, type GraphQLSchema } from 'graphql';

/** A valid random operation: its text and its variables, some of which do not fit. */
export interface RandomQuery {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const STRINGS = ['', 'plain', 'quote " and \\ and `${x}`', 'Nguyễn Văn Đức', '\u2028 line', 'new\nline', '</script>'];
const INTS = [0, 1, -7, 3, 2_147_483_647];
const WRONG = [null, 'text', 1.5, 2 ** 31, true, [], {}];

/** Draws from a list of numbers; the same list draws the same query. */
export class QueryWriter {
  readonly #schema: GraphQLSchema;
  readonly #numbers: readonly number[];
  #at = 0;
  readonly #declared: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments: string[] = [];

  constructor(schema: GraphQLSchema, numbers: readonly number[]) {
    this.#schema = schema;
    this.#numbers = numbers;
  }

  write(): RandomQuery {
    const body = this.#selections(this.#schema.getQueryType()!, 4);
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    return { document: [`query Random${declared} ${body}`, ...this.#fragments].join('\n'), variables: this.#variables };
  }

  #draw(below: number): number {
    const number = this.#numbers[this.#at % this.#numbers.length] ?? 0;
    this.#at += 1;
    return (number + this.#at * 7) % below;
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#draw(items.length)]!;
  }

  #selections(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 1 + this.#draw(4) }, () => this.#selection(type, depth));
    return `{ __typename ${parts.join(' ')} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const kind = this.#draw(6);
    const isAbstract = !isObjectType(type);
    if (isAbstract && (kind < 3 || !isInterfaceType(type))) return this.#inFragment(this.#one(this.#schema.getPossibleTypes(type)), depth);
    if (kind === 0 && depth > 1) return this.#inFragment(type, depth - 1);
    const fields = Object.values((type as { getFields(): Record<string, GraphQLField<unknown, unknown>> }).getFields());
    const fitting = fields.filter((field) => depth > 1 || !isCompositeType(getNamedType(field.type)));
    return this.#field(this.#one(fitting.length > 0 ? fitting : fields), depth);
  }

  #inFragment(type: GraphQLCompositeType, depth: number): string {
    const body = this.#selections(type, depth - 1);
    if (this.#draw(2) === 0) return `... on ${type.name} ${this.#directive()} ${body}`;
    const name = `F${this.#fragments.length}_${this.#at}`;
    this.#fragments.push(`fragment ${name} on ${type.name} ${body}`);
    return this.#draw(3) === 0 ? `...${name} ...${name} ${this.#directive()}` : `...${name}`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    // One alias a field and place: two fields of one name must have the same arguments.
    const alias = field.args.length > 0 || this.#draw(2) === 0 ? `a${this.#at}_${field.name}: ` : '';
    const given = field.args.filter((argument) => isNonNullType(argument.type) || this.#draw(2) === 0).map((argument) => `${argument.name}: ${this.#argument(String(argument.type))}`);
    const type = getNamedType(field.type);
    const below = isCompositeType(type) ? this.#selections(type, depth - 1) : '';
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${this.#directive()} ${below}`;
  }

  #directive(): string {
    const kind = this.#draw(8);
    if (kind > 1) return '';
    return `@${kind === 0 ? 'skip' : 'include'}(if: ${this.#draw(2) === 0 ? 'true' : this.#variable('Boolean!', this.#draw(2) === 0)})`;
  }

  #argument(type: string): string {
    const literal: Record<string, () => string> = {
      'String': () => JSON.stringify(this.#one(STRINGS)), 'Int': () => String(this.#one(INTS)), 'Colour': () => this.#one(['RED', 'GREEN']),
      '[Int!]': () => `[${this.#one(INTS)}, ${this.#one(INTS)}]`, 'Filter': () => `{ name: ${JSON.stringify(this.#one(STRINGS))}, tags: ["a", "b"] }`,
    };
    const named = type.replace(/!$/, '');
    if (this.#draw(2) === 0) return literal[named]!();
    const values: Record<string, () => unknown> = {
      'String': () => this.#one(STRINGS), 'Int': () => this.#one(INTS), 'Colour': () => this.#one(['RED', 'GREEN', 'BLUE']),
      '[Int!]': () => [this.#one(INTS)], 'Filter': () => ({ name: this.#one(STRINGS), size: this.#one(INTS), tags: [this.#one(STRINGS)] }),
    };
    return this.#variable(type, this.#draw(12) === 0 ? this.#one(WRONG) : values[named]!());
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${type}`);
    if (this.#draw(15) !== 0) this.#variables[name] = value;
    return `$${name}`;
  }
}
