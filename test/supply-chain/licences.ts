import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const readJson = <Shape>(path: string): Shape => JSON.parse(readFileSync(path, 'utf8')) as Shape;

export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
}

/** Whether an SPDX expression can be met by allowed licences: one side of OR, both sides of AND. What is nested deeper is for a person. */
export const isAllowed = (expression: string, allowed: ReadonlySet<string>): boolean => {
  const text = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (text.includes('(')) return false;
  return text.split(/\s+OR\s+/).some((choice) => choice.split(/\s+AND\s+/).every((licence) => allowed.has(licence)));
};

/** A package whose manifest is silent may bring the licence itself: its first line says which. */
const titleOf = (file: string): string | null => (existsSync(file) ? /^(?:The )?(MIT|ISC) Licen[cs]e/.exec(readFileSync(file, 'utf8').trim())?.[1] ?? null : null);

/** The lock file knows most; a package that declared its licence in an older way is asked itself. */
const licenceOf = (path: string, entry: LockedPackage): string | null => {
  if (typeof entry.license === 'string') return entry.license;
  const manifest = join(root, path, 'package.json');
  if (!existsSync(manifest)) return null;
  const { license, licenses } = readJson<{ license?: string | { type: string }; licenses?: { type: string }[] }>(manifest);
  return (typeof license === 'object' ? license.type : license) ?? licenses?.map(({ type }) => type).join(' OR ') ?? titleOf(join(root, path, 'LICENSE'));
};

/** Packages whose licence is not on the list, as `name@version: licence`. */
export const findRefused = (packages: Readonly<Record<string, LockedPackage>>, allowed: ReadonlySet<string>): string[] =>
  Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true).flatMap(([path, entry]) => {
    const licence = licenceOf(path, entry);
    // Binaries of another platform are not installed here; their twin of this platform is looked at.
    if (licence === null && entry.optional === true && !existsSync(join(root, path))) return [];
    if (licence !== null && isAllowed(licence, allowed)) return [];
    return [`${path.replace(/^.*node_modules\//, '')}@${entry.version ?? ''}: ${licence ?? 'no licence stated'}`];
  });

if (process.argv[1] === import.meta.filename) {
  const { packages } = readJson<{ packages: Record<string, LockedPackage> }>(join(root, 'package-lock.json'));
  const refused = findRefused(packages, new Set(Object.keys(readJson<object>(join(import.meta.dirname, 'allowed-licences.json')))));
  for (const line of refused) console.error(`not on test/supply-chain/allowed-licences.json: ${line}`);
  console.log(`${Object.keys(packages).length - 1} packages, ${refused.length} with a licence that is not allowed`);
  process.exitCode = refused.length === 0 ? 0 : 1;
}
