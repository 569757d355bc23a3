import { GraphQLError, Kind, buildASTSchema, parse, specifiedRules, validate, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { MAX_COST, createCostLimit } from './document-cost.js';
import { MAX_TOKENS, createDocumentLimits } from './document-limits.js';
import { readTypeDefinitions } from './schema.js';
import { documentIdOf, type TrustedDocument } from './trusted-documents.js';

/** A file of documents that cannot be registered, with everything that is wrong. */
export class DocumentFileError extends Error {
  override readonly name = 'DocumentFileError';
}

interface Named {
  /** What the file says the id is; null where it says nothing. */
  readonly claimedId: string | null;
  readonly body: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const ofManifest = (operations: readonly unknown[]): Named[] =>
  operations.map((operation) => {
    if (!isObject(operation) || typeof operation['body'] !== 'string') throw new DocumentFileError('Each operation of a manifest needs a body');
    return { claimedId: typeof operation['id'] === 'string' ? operation['id'] : null, body: operation['body'] };
  });

/** Apollo's manifest (`operations: [{ id, body }]`), a map of ids to texts as Relay writes it, or one document of GraphQL. */
const read = (text: string): Named[] => {
  if (!text.trimStart().startsWith('{"') && !/^\s*\{\s*"/.test(text)) return [{ claimedId: null, body: text }];
  const parsed = JSON.parse(text) as unknown;
  if (isObject(parsed) && Array.isArray(parsed['operations'])) return ofManifest(parsed['operations']);
  if (!isObject(parsed)) throw new DocumentFileError('The file is neither a manifest nor a document');
  return Object.entries(parsed).map(([id, body]) => {
    if (typeof body !== 'string') throw new DocumentFileError(`The text of ${id} is no string`);
    return { claimedId: id.replace(/^sha256:/, ''), body };
  });
};

const operationsOf = (document: DocumentNode): OperationDefinitionNode[] =>
  document.definitions.filter((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION);

/** What keeps a document from running; its cost counts the defaults of its variables. */
const problemsOf = (schema: GraphQLSchema, body: string): readonly string[] => {
  try {
    const document = parse(body, { maxTokens: MAX_TOKENS });
    const errors = validate(schema, document, [...specifiedRules, ...createDocumentLimits().validationRules]);
    if (errors.length > 0) return errors.map(({ message }) => message);
    const costOf = createCostLimit(schema);
    return operationsOf(document).filter((operation) => costOf(document, operation, {}) > MAX_COST).map(({ name }) => `${name?.value ?? 'it'} asks for more than ${MAX_COST} fields`);
  } catch (error) {
    if (error instanceof GraphQLError) return [error.message];
    throw error;
  }
};

/** Reads and checks a file of documents. Throws DocumentFileError with every problem: a document that cannot run is not registered. */
export const readDocumentFile = (text: string): readonly TrustedDocument[] => {
  const schema = buildASTSchema(parse(readTypeDefinitions().join('\n')));
  const problems: string[] = [];
  const documents = read(text).map(({ claimedId, body }): TrustedDocument => {
    const id = documentIdOf(body);
    if (claimedId !== null && claimedId !== id) problems.push(`${claimedId} is not the SHA-256 of its text, which is ${id}`);
    const found = problemsOf(schema, body);
    problems.push(...found.map((problem) => `${claimedId ?? id}: ${problem}`));
    return { id, body, name: found.length > 0 ? null : operationsOf(parse(body))[0]?.name?.value ?? null };
  });
  if (problems.length > 0) throw new DocumentFileError(`Nothing was registered:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  return documents;
};
