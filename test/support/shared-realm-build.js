/** Turns TypeScript into JavaScript for the shared realm, all at once: some 1,300 files in half a second, with their maps. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

const typescriptFiles = (folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

/** `a/b.ts` becomes `<folder>/a/b.js`, beside its map. */
export const buildSharedRealm = async (folder) => {
  const { outputFiles } = await build({
    entryPoints: ['src', 'adapters', 'queues', 'test'].flatMap(typescriptFiles),
    outdir: ROOT, outbase: ROOT, write: false, format: 'esm', platform: 'node', target: 'node20', sourcemap: 'external', sourcesContent: false, logLevel: 'error',
  });
  for (const { path, contents } of outputFiles) {
    const to = join(folder, relative(ROOT, path));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, contents);
  }
};
