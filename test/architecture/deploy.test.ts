import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { PARTIES } from '../../adapters/registry.js';
import { CORE_KEY_DOCS } from '../../src/config.js';
import { filesBelow, isPresent, readText } from './source-tree.js';

const keys = [...CORE_KEY_DOCS, ...PARTIES.flatMap(({ settings }) => settings.keys)];
const known = new Set(keys.flatMap(({ key, secret }) => (secret ? [key, `${key}_FILE`] : [key])));
const secrets = new Set(keys.filter(({ secret }) => secret).map(({ key }) => key));
const CAPITALS = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

type Node = unknown;
interface Variable { readonly name: string; readonly value: unknown }

const parseYaml = (text: string): { errors: string[]; documents: Node[] } => {
  const parsed = parseAllDocuments(text, { strict: true, uniqueKeys: true, merge: true });
  const documents = Array.isArray(parsed) ? parsed : [];
  return { errors: documents.flatMap(({ errors }) => errors.map((error) => error.message)), documents: documents.map((document) => document.toJS() as Node) };
};

/** Environment variables anywhere in a tree: as members named in capitals, and as `{name, value | valueFrom}`. */
function variablesIn(node: Node): Variable[] {
  if (Array.isArray(node)) return node.flatMap(variablesIn);
  if (typeof node !== 'object' || node === null) return [];
  const { name, value } = node as { name?: unknown; value?: unknown };
  const listed = typeof name === 'string' && CAPITALS.test(name) ? [{ name, value }] : [];
  return [...listed, ...Object.entries(node).flatMap(([key, member]) => (CAPITALS.test(key) && typeof member !== 'object' ? [{ name: key, value: member as unknown }] : variablesIn(member)))];
}

const unknownIn = (documents: readonly Node[]): string[] =>
  documents.flatMap(variablesIn).map(({ name }) => name).filter((name) => !known.has(name) && !name.startsWith('POSTGRES_'));
/** A Redis inside the same network carries no password here, so its address is the one that may be written down. */
const writtenSecrets = (documents: readonly Node[]): string[] =>
  documents.flatMap(variablesIn).filter(({ name, value }) => secrets.has(name) && value !== undefined && value !== 'redis://queue:6379/0').map(({ name }) => name);

describe('deploy/', () => {
  const files = filesBelow('deploy').filter((path) => path.endsWith('.yaml')).map((path) => ({ path, ...parseYaml(readText(path)) }));

  it('holds a compose file and manifests', () => {
    expect(files.map(({ path }) => path)).toContain('deploy/compose.yaml');
    expect(files.filter(({ path }) => path.startsWith('deploy/kubernetes/')).length).toBeGreaterThan(2);
  });

  it.each(files)('$path is well-formed YAML', ({ errors, documents }) => {
    expect(errors).toEqual([]);
    expect(documents.length).toBeGreaterThan(0);
  });

  it.each(files)('$path sets only variables that exist, and writes down no secret', ({ documents }) => {
    expect(unknownIn(documents)).toEqual([]);
    expect(writtenSecrets(documents)).toEqual([]);
  });

  it('copies into the image only what is there', () => {
    const copied = [...readText('deploy/Containerfile').matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map(([, path]) => path ?? '');
    expect(copied.length).toBeGreaterThan(3);
    expect(copied.filter((path) => !['node_modules', 'dist'].includes(path) && !isPresent(path))).toEqual([]);
  });

  it('does not run as root', () => {
    expect(readText('deploy/Containerfile')).toMatch(/^USER node$/m);
  });

  it('would show broken YAML, an unknown variable and a written secret', () => {
    expect(parseYaml('a: [1').errors).not.toEqual([]);
    expect(parseYaml('a: 1\na: 2').errors).not.toEqual([]);
    expect(unknownIn([{ env: [{ name: 'NO_SUCH_KEY', value: '1' }] }, { environment: { OTHER_KEY: 'x' } }])).toEqual(['NO_SUCH_KEY', 'OTHER_KEY']);
    expect(writtenSecrets([{ env: [{ name: 'FIELD_KEYS', value: 'k1:…' }, { name: 'API_KEYS', valueFrom: {} }] }])).toEqual(['FIELD_KEYS']);
  });
});
