import { describe, expect, it } from '@jest/globals';
import { offencesOf } from './source-habits.js';
import type { Offence } from './source-habits.js';
import { gatewaySources } from './source-tree.js';

/** Rules that one file may break, each with the reason that leaves no other way. */
const EXCEPTIONS: readonly { readonly path: string; readonly habits: readonly string[]; readonly because: string }[] = [
  { path: 'adapters/support/xml-signature.ts', habits: ['a secret compared letter by letter'], because: 'It asks which element of the document the signature is.' },
  { path: 'src/server/error-handler.ts', habits: ['more than 3 parameters', 'a lint rule switched off'], because: 'Express knows an error handler by its four parameters.' },
];
const isExcepted = ({ path, habit }: Offence): boolean => EXCEPTIONS.some((exception) => exception.path === path && exception.habits.includes(habit));

const habitsOf = (path: string, text: string): string[] => offencesOf({ path, text }).map((offence) => offence.habit);

describe('house habits of the sources', () => {
  const sources = gatewaySources();
  const offences = sources.flatMap(offencesOf);

  it('looks at the sources of src, adapters and queues', () => {
    for (const folder of ['src/', 'adapters/', 'queues/']) expect(sources.some(({ path }) => path.startsWith(folder))).toBe(true);
  });

  it('finds none of them broken', () => {
    expect(offences.filter((offence) => !isExcepted(offence)).map(({ path, line, habit }) => `${path}:${line} ${habit}`)).toEqual([]);
  });

  it('makes no exception that is not needed', () => {
    const idle = EXCEPTIONS.flatMap(({ path, habits }) => habits.filter((habit) => !offences.some((offence) => offence.path === path && offence.habit === habit)));
    expect(idle).toEqual([]);
  });

  it.each([
    ['enum Colour { Red }', 'an enum'],
    ['export default function act(): void {}', 'a default export'],
    ['const act = 1; export default act;', 'a default export'],
    ['const act = 1; export { act as default };', 'a default export'],
    ['export const act = (value: any): void => void value;', 'the type any'],
    ['@sealed class Thing {}', 'a decorator'],
    ['class Thing { constructor(private readonly name: string) {} }', 'a parameter property'],
    ['const act = (a: 1, b: 2, c: 3, d: 4): void => void [a, b, c, d];', 'more than 3 parameters'],
    ['let count = 0; export const next = (): number => (count += 1);', 'module-level mutable state'],
    ['export * from "./a.js"; export { b } from "./b.js";', 'a barrel file'],
    ['// TODO later\nexport const a = 1;', 'a note for later'],
    ['export const a = 1; // eslint-disable-line', 'a lint rule switched off'],
    ['// @ts-expect-error because\nexport const a = 1;', 'a type error silenced'],
  ])('would see %j', (text, habit) => {
    expect(habitsOf('src/thing/thing-service.ts', text)).toContain(habit);
  });

  it.each([
    ['src/thing/index.ts', 'a file name that says nothing'],
    ['src/thing/helpers.ts', 'a file name that says nothing'],
    ['src/thing/ThingService.ts', 'a file name that is not kebab-case'],
  ])('would see the file name %s', (path, habit) => {
    expect(habitsOf(path, 'export const a = 1;')).toContain(habit);
  });

  it.each(["client.query('SELECT id FROM payments')", 'client.query(`UPDATE payments p SET ask_at = now() WHERE id = ${id}`)', "run('INSERT INTO payments VALUES (1)')"])('would see %s outside of a store of payments', (text) => {
    expect(habitsOf('src/payments/thing-service.ts', text)).toContain('SQL outside of a store');
    expect(habitsOf('src/payments/thing-store.ts', text)).toEqual([]);
  });

  it('would see a file of more than 300 lines', () => {
    expect(habitsOf('src/thing/thing.ts', 'export const a = 1;\n'.repeat(301))).toEqual(['more than 300 lines']);
    expect(habitsOf('src/thing/thing.ts', 'export const a = 1;\n'.repeat(300))).toEqual([]);
  });

  it.each(['given.checksum === digestOf(keys)', "text.toLowerCase() !== fields['vnp_SecureHash']", 'token == expected'])('would see a secret compared letter by letter in %j', (text) => {
    for (const path of ['adapters/thing/callback.ts', 'src/access/thing.ts']) expect(habitsOf(path, `export const a = ${text};`)).toEqual(['a secret compared letter by letter']);
  });

  it('lets a secret be compared with what the program itself says, and by a sandbox', () => {
    for (const text of ['secret === null', "token !== ''", 'secret === undefined', 'signature === NONE']) expect(habitsOf('src/callbacks/thing.ts', `export const a = ${text};`)).toEqual([]);
    expect(habitsOf('adapters/thing/sandbox-api.ts', 'export const a = given.signature === own;')).toEqual([]);
  });

  it('does not take the same words in a string for a habit', () => {
    expect(habitsOf('src/thing/thing.ts', 'export const a = "TODO eslint-disable enum any default";')).toEqual([]);
  });
});
