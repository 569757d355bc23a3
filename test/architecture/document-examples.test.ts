import { describe, expect, it } from '@jest/globals';
import { buildASTSchema, concatAST, extendSchema, Kind, parse, specifiedRules, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { MAX_COST, createCostLimit } from '../../src/graphql/document-cost.js';
import { createDocumentLimits } from '../../src/graphql/document-limits.js';
import { filesBelow, markdownFiles, readText } from './source-tree.js';
import type { SourceFile } from './source-tree.js';

/** The SDL as one schema, extensions included. */
function loadSchema(): GraphQLSchema {
  const whole = concatAST(filesBelow('schemas/graphql').filter((path) => path.endsWith('.graphql')).map((path) => parse(readText(path))));
  const isExtension = (kind: string): boolean => kind.endsWith('Extension');
  const base = buildASTSchema({ kind: Kind.DOCUMENT, definitions: whole.definitions.filter(({ kind }) => !isExtension(kind)) });
  return extendSchema(base, { kind: Kind.DOCUMENT, definitions: whole.definitions.filter(({ kind }) => isExtension(kind)) });
}

const blocksOf = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\n\`\`\``, 'g'))].map(([, body]) => body ?? '');

describe('examples in documents', () => {
  const schema = loadSchema();
  const rules = [...specifiedRules, ...createDocumentLimits().validationRules];
  const costOf = createCostLimit(schema);
  const tooDear = (document: DocumentNode): number[] => document.definitions.flatMap((definition) => (definition.kind === Kind.OPERATION_DEFINITION ? [costOf(document, definition, {})] : [])).filter((cost) => cost > MAX_COST);
  const problems = ({ path, text }: SourceFile): string[] =>
    blocksOf(text, 'graphql').map((document) => parse(document)).flatMap((document) => [...validate(schema, document, rules).map((error) => `${path}: ${error.message}`), ...tooDear(document).map((cost) => `${path}: it asks for ${cost} fields`)]);

  it('are operations that the schema knows, within the limits of a call', () => {
    const documents = markdownFiles();
    expect(documents.flatMap(({ text }) => blocksOf(text, 'graphql')).length).toBeGreaterThan(5);
    expect(documents.flatMap(problems)).toEqual([]);
  });

  it('show answers that are JSON', () => {
    const broken = markdownFiles().flatMap(({ path, text }) => blocksOf(text, 'json').filter((body) => !isJson(body)).map((body) => `${path}: ${body.slice(0, 60)}`));
    expect(broken).toEqual([]);
  });

  it('would show a field that the schema does not know, and an answer that is not JSON', () => {
    expect(problems({ path: 'a.md', text: '```graphql\nquery { caller { shoeSize } }\n```' })).toHaveLength(1);
    expect(problems({ path: 'a.md', text: `\`\`\`graphql\nquery { deliveries(first: ${MAX_COST}) { nodes { id } } }\n\`\`\`` })).toEqual([expect.stringMatching(/^a\.md: it asks for \d+ fields$/)]);
    expect(isJson('{ "a": … }')).toBe(false);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
