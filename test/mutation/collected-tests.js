/**
 * Stands in for `@jest/globals` in a bundle of tests: what a file describes is collected, and run as often as wanted. Matchers, spies
 * and timers are Jest's own; mocked modules and snapshots there are none.
 */
import { format } from 'node:util';
import { ModernFakeTimers } from '@jest/fake-timers';
import { expect } from 'expect';
import { ModuleMocker } from 'jest-mock';

export { expect };

const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({ config: { fakeTimers: {}, rootDir: import.meta.dirname }, global: globalThis });
export const jest = {
  fn: (run) => mocker.fn(run),
  spyOn: (object, name) => mocker.spyOn(object, name),
  useFakeTimers: (how) => timers.useFakeTimers(how),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
};

const newSuite = (name) => ({ name, items: [], beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] });
/** The suite that is being described is the last; empty between files. */
const describing = [];
const here = () => describing.at(-1);

const titleOf = (title, values, index) => {
  const places = title.match(/%[sjdifoO]/g)?.length ?? 0;
  return format(title.replaceAll('%#', String(index)), ...values.slice(0, places));
};
const eachOf = (add) => (rows) => (title, run) => {
  for (const [index, row] of rows.entries()) {
    const values = Array.isArray(row) ? row : [row];
    add(titleOf(title, values, index), () => run(...values));
  }
};

export const it = (name, run) => { here().items.push({ name, run }); };
export const describe = (name, run) => {
  const suite = newSuite(name);
  here().items.push(suite);
  describing.push(suite);
  run();
  describing.pop();
};
it.each = eachOf(it);
describe.each = eachOf(describe);
describe.skip = () => undefined;
export const test = it;

const hook = (kind) => (run) => { here()[kind].push(run); };
export const beforeAll = hook('beforeAll');
export const afterAll = hook('afterAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');

/** @returns what a file describes as flat tests, each with the suites that it stands in, the outermost first */
export const collect = async (file, load) => {
  const root = newSuite(file);
  describing.splice(0, describing.length, root);
  await load();
  describing.length = 0;
  const seen = new Map();
  const flat = (suite, around) => suite.items.flatMap((item) => {
    if (item.items !== undefined) return flat(item, [...around, item]);
    const name = [...around.map((each) => each.name), item.name].join(' › ');
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return [{ id: `${name}${seen.get(name) > 1 ? ` (${seen.get(name)})` : ''}`, run: item.run, suites: around }];
  });
  return flat(root, [root]);
};
