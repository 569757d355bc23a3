/** Bundles of test files with the code under test: one loads in some milliseconds, where Jest takes seconds to load the same modules and keeps them for good. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { collect } from './collected-tests.js';

const BUNDLES = '.mutation-bundles';
const urlIn = (name) => pathToFileURL(join(import.meta.dirname, name)).href;

/** Where a file lies is another place in a bundle, so that its own words for it are written out. */
const ownPlace = {
  name: 'own-place',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^@jest\/globals$/ }, () => ({ path: urlIn('collected-tests.js'), external: true }));
    onResolve({ filter: /^fast-check$/ }, () => ({ path: urlIn('../support/seeded-properties.js'), external: true }));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.dirname', JSON.stringify(dirname(path))).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

export const bundle = (folder, files) => build({
  absWorkingDir: folder, entryPoints: files, outdir: BUNDLES, outbase: '.', outExtension: { '.js': '.mjs' }, bundle: true, format: 'esm', platform: 'node', target: 'node20',
  packages: 'external', plugins: [ownPlace], logLevel: 'error',
});

let loads = 0;
/** Loads a bundle anew. @returns its tests (collected-tests.js) */
export const loadTests = (folder, file) => {
  const { href } = pathToFileURL(join(folder, BUNDLES, file.replace(/\.ts$/, '.mjs')));
  return collect(file, () => import(`${href}?load=${loads += 1}`));
};
