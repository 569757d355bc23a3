import { describe, expect, it } from '@jest/globals';
import { PARTIES } from '../../adapters/registry.js';
import { filesBelow, foldersIn, isPresent, readText } from './source-tree.js';

const folders = foldersIn('adapters').filter((folder) => folder !== 'support');
const envPrefix = (party: string): string => `${party.toUpperCase().replaceAll('-', '_')}_`;
/** Files that every adapter has; `callback.ts` is only for parties that call us. */
const FILES = ['README.md', 'adapter.ts', 'config.ts', 'errors.ts', 'mapping.ts', 'sandbox.ts', 'wire.ts'];

describe('parties', () => {
  it('are the folders of adapters/ and nothing else', () => {
    expect(folders).toEqual(PARTIES.map(({ party }) => party).sort());
  });

  describe.each(folders)('%s', (party) => {
    it('has the files of an adapter, each with something in it', () => {
      expect(FILES.filter((file) => !isPresent(`adapters/${party}/${file}`) || readText(`adapters/${party}/${file}`).trim() === '')).toEqual([]);
    });

    it('says in its README how sure its facts are, how to configure it and how to drive its sandbox', () => {
      const readme = readText(`adapters/${party}/README.md`).toLowerCase();
      for (const subject of ['sure', 'config', 'sandbox', 'timeout']) expect(readme).toContain(subject);
    });

    it('declares its environment under its own prefix, each variable with its purpose', () => {
      const keys = PARTIES.find((entry) => entry.party === party)?.settings.keys ?? [];
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter(({ key, purpose }) => !key.startsWith(envPrefix(party)) || purpose.length < 10)).toEqual([]);
    });

    it('has fixtures with their provenance', () => {
      const fixtures = filesBelow(`test/fixtures/${party}`);
      expect(fixtures).toContain(`test/fixtures/${party}/PROVENANCE.md`);
      expect(fixtures.filter((path) => /\.(json|xml|txt)$/.test(path)).length).toBeGreaterThan(0);
    });

    it('is put through a contract suite', () => {
      const tests = filesBelow('test/contract').filter((path) => path.endsWith('.test.ts'));
      expect(tests.filter((path) => readText(path).includes(`adapters/${party}/`) || path.includes(party))).not.toEqual([]);
    });

    it('says where the schemas of its wire come from', () => {
      expect(isPresent(`schemas/parties/${party}/SOURCE.md`)).toBe(true);
    });
  });

  it('run every contract suite that there is', () => {
    const suites = filesBelow('test/contract').filter((path) => path.endsWith('.suite.ts')).map((path) => path.replace(/^.*\//, '').replace(/\.ts$/, '.js'));
    const tests = filesBelow('test/contract').filter((path) => path.endsWith('.test.ts')).map(readText).join('\n');
    expect(suites.length).toBeGreaterThan(0);
    expect(suites.filter((suite) => !tests.includes(suite))).toEqual([]);
  });
});

/** Names of a document in backticks, with `*` for any part of a name. */
const isNamedIn = (document: string, name: string): boolean =>
  [...document.matchAll(/`([^`\s]+)`/g)].some(([, pattern = '']) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[^\w-]/g, '\\$&')).join('.+')}$`).test(name));

describe('fixtures', () => {
  const fixtures = filesBelow('test/fixtures').filter((path) => !path.endsWith('.md'));
  const tests = filesBelow('test').filter((path) => path.endsWith('.test.ts')).map(readText);
  const nameOf = (path: string): string => path.replace(/^.*\//, '').replace(/\.[a-z]+$/, '');
  const folderOf = (path: string): string => path.replace(/^test\//, '').replace(/[^/]+$/, '');

  /** By name, or by a test that reads the folder and takes every name that fits a pattern. */
  const isUsedIn = (text: string, path: string): boolean =>
    new RegExp(`['"\`/]${nameOf(path)}['"\`.]`).test(text)
    || (text.includes(folderOf(path)) && patternsOf(text).some((pattern) => pattern.test(path.replace(/^.*\//, ''))));

  const patternsOf = (text: string): RegExp[] =>
    [...text.matchAll(/readdirSync\(\w+\)\.filter\(\(name\) => \/(.+?)\/\.test\(name\)/g)].map(([, pattern = '']) => new RegExp(pattern));

  it('are all used by a test', () => {
    expect(fixtures.length).toBeGreaterThan(5);
    expect(fixtures.filter((path) => !tests.some((text) => isUsedIn(text, path)))).toEqual([]);
  });

  it('are each named in the provenance of their party', () => {
    const unnamed = fixtures.filter((path) => {
      const provenance = path.replace(/[^/]+$/, 'PROVENANCE.md');
      return !isPresent(provenance) || !isNamedIn(readText(provenance), nameOf(path));
    });
    expect(unnamed).toEqual([]);
  });

  it('would be missed when no test and no provenance names them', () => {
    const reader = 'fixtures/bank/ readdirSync(folder).filter((name) => /-(accepted|held)\\.json$/.test(name))';
    expect(isUsedIn(reader, 'test/fixtures/bank/pay-accepted.json')).toBe(true);
    expect(isUsedIn(reader, 'test/fixtures/bank/pay-refused.json')).toBe(false);
    expect(isUsedIn(reader, 'test/fixtures/post/pay-accepted.json')).toBe(false);
    expect(isUsedIn(`load('pay-refused')`, 'test/fixtures/bank/pay-refused.json')).toBe(true);
    expect(isNamedIn('| `*-refused`, `login-*` |', 'upsert-accepted')).toBe(false);
    expect(isNamedIn('| `*-refused`, `login-*` |', 'login-wrapped')).toBe(true);
  });
});
