/**
 * Jest's `testRunner`: runs test files in the realm of the worker itself, where modules stay loaded from file to file. In a realm for each
 * file the same gateway, some 2,600 modules, was compiled again and again, which took longer than the tests.
 * What files describe is run by Jest's own circus. No module of ours keeps state (test/architecture/source-habits.ts), and what a file
 * does to the process is undone after it. Files that change time or functions through `jest`, or name an environment, get a realm of
 * their own, as Jest gives it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import circus from 'jest-circus/runner';
import { useGlobals } from './shared-globals.js';

const OWN_REALM = /@jest-environment|import \{[^}]*\bjest\b[^}]*\} from '@jest\/globals'/;
const HANDLERS = Symbol.for('EVENT_HANDLERS');
/** Jest keeps 100, and renders each: of errors that tests expect by the thousand, that is what they cost. */
const STACK_FRAMES = 20;
const ROOT = join(import.meta.dirname, '..', '..');
const BUILT = join(process.env.ONESTOP_TEST_RUN, 'realm');
const require = createRequire(import.meta.url);
const CIRCUS = join(dirname(require.resolve('jest-circus/runner')), 'jestAdapterInit.js');

register('./shared-realm-hooks.js', import.meta.url);

/** By which stacks of errors tell places in TypeScript. */
const SOURCE_MAPS = readdirSync(BUILT, { recursive: true, withFileTypes: true }).filter(({ name }) => name.endsWith('.js.map')).map(({ parentPath, name }) => {
  const map = join(parentPath, name);
  return [pathToFileURL(join(ROOT, relative(BUILT, map).replace(/\.js\.map$/, '.ts'))).href, map];
});

/** A circus of its own for each file: it keeps what was described, and who listens. */
const newCircus = () => {
  delete require.cache[CIRCUS];
  delete globalThis[HANDLERS];
  return require(CIRCUS);
};

/** Puts back what a file may have changed. */
const processAsFound = () => {
  const { env, exitCode } = process;
  const before = { ...env };
  const { console } = globalThis;
  return () => {
    for (const name of Object.keys(env)) if (!(name in before)) delete env[name];
    Object.assign(env, before);
    Object.assign(process, { env, exitCode });
    globalThis.console = console;
  };
};

/** What Jest's adapter asks of a realm, answered by this one. */
const OURS = {
  requireInternalModule: newCircus,
  setGlobalsForRuntime: useGlobals,
  unstable_shouldLoadAsEsm: () => true,
  unstable_importModule: (path) => import(pathToFileURL(path).href),
};
const nativeRuntime = (runtime) => new Proxy(runtime, {
  get: (target, name) => {
    const value = OURS[name] ?? Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

// Not async: it would be the last frame of every failure.
export default function run(...args) {
  const [globalConfig, config, environment, runtime, testPath, send] = args;
  if (OWN_REALM.test(readFileSync(testPath, 'utf8'))) return circus.default(...args);
  for (const [url, map] of SOURCE_MAPS) runtime.getSourceMaps().set(url, map);
  const restore = processAsFound();
  globalThis.console = environment.global.console;
  Error.stackTraceLimit = STACK_FRAMES;
  return circus.default(globalConfig, config, environment, nativeRuntime(runtime), testPath, send).finally(restore);
}
