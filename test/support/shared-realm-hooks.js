/** How Node finds and loads what files of the shared realm import. */
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url).href;
const BUILT = join(process.env.ONESTOP_TEST_RUN, 'realm');
/** `moduleNameMapper` says the same to Jest's own realms. */
const STAND_INS = new Map([['@jest/globals', './shared-globals.js'], ['fast-check', './seeded-properties.js']].map(([name, file]) => [name, new URL(file, import.meta.url).href]));

const isOurs = (url) => url?.startsWith(ROOT) === true && !url.includes('/node_modules/');

export const resolve = (specifier, context, next) => {
  const standIn = STAND_INS.get(specifier);
  if (standIn !== undefined) return { url: standIn, format: 'module', shortCircuit: true };
  if (!isOurs(context.parentURL) || !/^\.{1,2}\/.*\.js$/.test(specifier)) return next(specifier, context);
  const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
  return existsSync(source) ? { url: source.href, format: 'module', shortCircuit: true } : next(specifier, context);
};

export const load = async (url, context, next) => {
  if (!isOurs(url) || !url.endsWith('.ts')) return next(url, context);
  const built = join(BUILT, fileURLToPath(url).slice(fileURLToPath(ROOT).length).replace(/\.ts$/, '.js'));
  return { format: 'module', source: await readFile(built), shortCircuit: true };
};
