/**
 * The services: what of src/payments and src/deliveries is in no other area. Only tests with PostgreSQL exercise them, so that a change
 * costs seconds to minutes; a random sample of the changes is measured, and the score is printed with its margin.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS } from './areas.js';

export const SAMPLED_AREA = 'services';
const FOLDERS = ['src/payments', 'src/deliveries'];
const TEST_FOLDERS = ['test/unit/payments', 'test/unit/deliveries', 'test/integration/payments', 'test/integration/deliveries'];

/** Types alone have nothing to change. */
const hasCode = (root, name) => /^(export )?(const|class|function|async function)\b/m.test(readFileSync(join(root, name), 'utf8'));

/** @param only text in the path of a file; all where it is empty */
export const sampledFiles = (root, only) => {
  const elsewhere = new Set(Object.values(AREAS).flatMap((parts) => parts.flatMap(({ mutate }) => mutate)));
  return FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`))
    .filter((name) => name.includes(only) && !elsewhere.has(name) && hasCode(root, name)).sort();
};

/** @param only text in the path of a test; all where it is empty */
export const sampledTests = (root, only) => TEST_FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts')).map((name) => `${folder}/${name}`)).filter((name) => name.includes(only)).sort();

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
const randomOf = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** `count` of the items, each as likely as any other, in random order: a sample that is stopped early is a sample. */
export const sampleOf = (items, { count, seed }) => {
  const random = randomOf(seed);
  return items.map((item) => ({ item, rank: random() })).sort((one, other) => one.rank - other.rank).slice(0, count).map(({ item }) => item);
};

/** Wilson's interval of 95 %, in percent: where the share of all changes lies, of which `noticed` of `count` were seen. */
export const marginOf = (noticed, count) => {
  const z = 1.96;
  const share = noticed / count;
  const middle = share + (z * z) / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const whole = 1 + (z * z) / count;
  return [(100 * (middle - half)) / whole, (100 * (middle + half)) / whole];
};
