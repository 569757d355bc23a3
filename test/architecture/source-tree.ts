import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the checkout; every path that these tests report is relative to it. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Written by a program and not committed, so no rule of ours is about it. */
const GENERATED = /^src\/graphql\/generated\//;

export interface SourceFile {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
export const isPresent = (path: string): boolean => existsSync(join(ROOT, path));

/** Every file below a folder of the checkout, as paths from the root; empty where there is no such folder. */
export function filesBelow(folder: string): string[] {
  if (!isPresent(folder)) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .filter((path) => !GENERATED.test(path))
    .sort();
}

export const foldersIn = (folder: string): string[] =>
  isPresent(folder) ? readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort() : [];

/** TypeScript of the gateway itself, without tests. */
export const gatewaySources = (): SourceFile[] =>
  ['src', 'adapters', 'queues'].flatMap(filesBelow).filter((path) => path.endsWith('.ts')).map((path) => ({ path, text: readText(path) }));

/** Documents that people read. */
export const markdownFiles = (): SourceFile[] =>
  ['README.md', ...['docs', 'adapters', 'deploy', 'schemas'].flatMap(filesBelow)]
    .filter((path) => path.endsWith('.md') && isPresent(path)).map((path) => ({ path, text: readText(path) }));
