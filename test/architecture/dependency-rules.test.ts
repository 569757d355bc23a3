import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, isPresent } from './source-tree.js';

interface Violation { readonly rule: string; readonly from: string }
interface CruiseResult { readonly summary: { readonly totalCruised: number; readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[] } }

const RULES = join(ROOT, 'test/architecture/dependency-rules.cjs');
const { forbidden } = createRequire(import.meta.url)(RULES) as { forbidden: readonly { readonly name: string }[] };

/** The program itself, in a folder of its own choice: its rules are written for paths from the root of a checkout. */
function cruise(root: string): { violations: Violation[]; cruised: number } {
  const folders = ['src', 'adapters', 'queues'].filter((folder) => root !== ROOT || isPresent(folder));
  const command = [join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'), '--config', RULES, '--output-type', 'json', ...folders];
  const { summary } = JSON.parse(execFileSync(process.execPath, command, { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })) as CruiseResult;
  return { cruised: summary.totalCruised, violations: summary.violations.map((violation) => ({ rule: violation.rule.name, from: violation.from })) };
}

/** One offending import for each rule, and beside it the nearest import that is allowed. */
const OFFENDING: readonly { readonly rule: string; readonly path: string; readonly text: string }[] = [
  { rule: 'no-cycles', path: 'src/errors/circle.ts', text: `import './round.js'; export const circle = 1;` },
  { rule: 'core-knows-no-party', path: 'src/dossiers/knowing-service.ts', text: `import { adapter } from '../../adapters/bank/adapter.js'; export const knowing = adapter;` },
  { rule: 'core-knows-no-party', path: 'src/dossiers/carrying-service.ts', text: `import { run } from '../../queues/deliver/handler.js'; export const carrying = run;` },
  { rule: 'only-entry-points-compose', path: 'queues/deliver/composing.ts', text: `import { compose } from '../../src/compose.js'; export const composing = compose;` },
  { rule: 'adapters-see-types-and-errors', path: 'adapters/bank/storing.ts', text: `import { store } from '../../src/dossiers/dossier-store.js'; export const storing = store;` },
  { rule: 'adapters-are-islands', path: 'adapters/bank/visiting.ts', text: `import { adapter } from '../post/adapter.js'; export const visiting = adapter;` },
  { rule: 'mapping-is-pure', path: 'adapters/bank/mapping.ts', text: `import { adapter } from './adapter.js'; export const mapped = adapter;` },
  { rule: 'mapping-is-pure', path: 'adapters/post/wire.ts', text: `import { request } from 'node:http'; export const wired = request;` },
  { rule: 'jobs-are-leaves', path: 'queues/deliver/job.ts', text: `import { run } from './handler.js'; export const job = run;` },
  { rule: 'handlers-call-services', path: 'queues/deliver/calling.ts', text: `import { adapter } from '../../adapters/bank/adapter.js'; export const calling = adapter;` },
  { rule: 'bullmq-in-one-place', path: 'src/dossiers/queueing-service.ts', text: `import { Queue } from 'bullmq'; export const queueing = Queue;` },
  { rule: 'resolvers-call-services', path: 'src/dossiers/dossier-resolvers.ts', text: `import { store } from './dossier-store.js'; export const resolvers = store;` },
];
const ALLOWED: Readonly<Record<string, string>> = {
  'src/errors/round.ts': `import './circle.js'; export const round = 1;`,
  'src/errors/party-error.ts': 'export class PartyError extends Error {}',
  'src/main.ts': `import { compose } from './compose.js'; export const main = compose;`,
  'src/compose.ts': `import { adapter } from '../adapters/bank/adapter.js'; export const compose = adapter;`,
  'src/dossiers/dossier-store.ts': 'export const store = 1; export type Row = number;',
  'src/dossiers/dossier-registry-port.ts': 'export const PORT = 1;',
  'src/dossiers/ringing-service.ts': `import { bell } from '../../queues/ring/job.js'; export const ringing = bell;`,
  'adapters/support/http-transport.ts': 'export const send = 1;',
  'adapters/bank/adapter.ts': `import { PartyError } from '../../src/errors/party-error.js'; import { PORT } from '../../src/dossiers/dossier-registry-port.js';
    import type { Row } from '../../src/dossiers/dossier-store.js'; import { send } from '../support/http-transport.js';
    export const adapter = [PartyError, PORT, send]; export type Kept = Row;`,
  'adapters/post/adapter.ts': 'export const adapter = 1;',
  'queues/deliver/handler.ts': 'export const run = 1;',
  'queues/ring/job.ts': `import { defineJob } from '../define-job.js'; export const bell = defineJob;`,
  'queues/define-job.ts': 'export const defineJob = 1;',
  'queues/runtime/carrier.ts': `import { Queue } from 'bullmq'; export const carrier = Queue;`,
  'node_modules/bullmq/package.json': '{ "name": "bullmq", "version": "1.0.0", "main": "index.js" }',
  'node_modules/bullmq/index.js': 'exports.Queue = 1;',
  'package.json': '{ "name": "offending", "type": "module", "dependencies": { "bullmq": "1.0.0" } }',
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "moduleResolution": "nodenext" } }',
};

describe('dependency rules', () => {
  let tree: string;
  let found: Violation[] = [];

  beforeAll(() => {
    mkdirSync(join(ROOT, '.tmp'), { recursive: true });
    tree = mkdtempSync(join(ROOT, '.tmp', 'offending-'));
    for (const [path, text] of [...Object.entries(ALLOWED), ...OFFENDING.map((file) => [file.path, file.text] as const)]) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    found = cruise(tree).violations;
  }, 60_000);

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('hold for the gateway', () => {
    const { violations, cruised } = cruise(ROOT);
    expect(cruised).toBeGreaterThan(100);
    expect(violations).toEqual([]);
  }, 60_000);

  it.each(OFFENDING)('catch with $rule what $path imports', ({ rule, path }) => {
    expect(found).toContainEqual({ rule, from: path });
  });

  it('let the allowed neighbours of those imports pass', () => {
    const offending = new Set([...OFFENDING.map((file) => file.path), 'src/errors/round.ts']);
    expect(found.filter(({ from }) => !offending.has(from))).toEqual([]);
  });

  it('are each shown to catch something', () => {
    const shown = new Set(OFFENDING.map(({ rule }) => rule));
    expect(forbidden.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
