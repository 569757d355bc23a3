import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DELIVERY_STATES } from '../../src/deliveries/delivery.js';
import { explain } from '../../src/deliveries/delivery-explanations.js';
import { REFRESH_COMMAND, blockIn, documentBlocks, explainedReasons } from './document-blocks.js';
import { filesBelow, isPresent, markdownFiles, readText } from './source-tree.js';
import type { SourceFile } from './source-tree.js';

const DECISION_PARTS = ['## Context', '## Decision', '## Consequences', '## Rejected'];

const decisionProblems = ({ path, text }: SourceFile): string[] => {
  const number = /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1];
  const missing = DECISION_PARTS.filter((part) => !text.includes(`\n${part}\n`)).map((part) => `${path} has no part "${part}"`);
  if (number === undefined) return [...missing, `${path} is not named NNNN-title.md`];
  return text.startsWith(`# ${number}. `) ? missing : [...missing, `${path} does not begin with "# ${number}. "`];
};

/** Links to files of this checkout that lead nowhere, and links to headings that are not there. */
const deadLinks = ({ path, text }: SourceFile): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '').filter((target) => !/^[a-z]+:/.test(target)).filter((target) => {
    const [file = '', heading] = target.split('#');
    const found = file === '' ? path : normalize(join(dirname(path), file));
    if (!isPresent(found)) return true;
    return heading !== undefined && !headingsOf(found.endsWith('.md') ? readText(found) : '').includes(heading);
  }).map((target) => `${path}: ${target}`);

const headingsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => (heading ?? '').toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, '').trim().replace(/\s/g, '-'));

/** Paths that exist on one machine only. */
const machinePaths = ({ path, text }: SourceFile): string[] =>
  [...text.matchAll(/(^|[\s`("'])(\/(?:home|root|Users|work|tmp)\/[^\s`)"']*)/gm)].map(([, , found]) => `${path}: ${found ?? ''}`);

describe('documents', () => {
  const documents = markdownFiles();

  it.each(documentBlocks())(`$document says about $name what the code says (else: ${REFRESH_COMMAND})`, ({ document, name, text }) => {
    expect(blockIn(readText(document), name)).toBe(text);
  });

  it('hold no block that nothing writes', () => {
    const written = new Set(documentBlocks().map(({ document, name }) => `${document} ${name}`));
    const marked = documents.flatMap(({ path, text }) => [...text.matchAll(/<!-- block: (\S+) -->/g)].map(([, name]) => `${path} ${name ?? ''}`));
    expect(marked.filter((mark) => !written.has(mark))).toEqual([]);
  });

  it('link only to what is there', () => {
    expect(documents.flatMap(deadLinks)).toEqual([]);
  });

  it('name no path of one machine', () => {
    expect(documents.flatMap(machinePaths)).toEqual([]);
  });

  it('would show a dead link, a dead heading and a path of one machine', () => {
    const path = 'docs/example.md';
    expect(deadLinks({ path, text: '[a](nowhere.md) [b](../README.md#no-such-heading) [c](https://example.org) [d](../package.json)' }))
      .toEqual([`${path}: nowhere.md`, `${path}: ../README.md#no-such-heading`]);
    expect(machinePaths({ path, text: 'see `/root/x` and /etc/hosts' })).toEqual([`${path}: /root/x`]);
  });
});

describe('decisions', () => {
  const decisions = filesBelow('docs/decisions').map((path) => ({ path, text: readText(path) }));

  it('are numbered without gaps', () => {
    const numbers = decisions.map(({ path }) => Number(/(\d{4})-/.exec(path)?.[1]));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
  });

  it('have a context, a decision, consequences and what was rejected', () => {
    expect(decisions.flatMap(decisionProblems)).toEqual([]);
  });

  it('would be refused without one of them', () => {
    expect(decisionProblems({ path: 'docs/decisions/0001-a.md', text: '# 0001. A\n\n## Context\n\n## Decision\n' })).toEqual([
      'docs/decisions/0001-a.md has no part "## Consequences"', 'docs/decisions/0001-a.md has no part "## Rejected"',
    ]);
    expect(decisionProblems({ path: 'docs/decisions/a.md', text: DECISION_PARTS.map((part) => `\n${part}\n`).join('') })).toHaveLength(1);
  });
});

describe('what operators read beside a delivery', () => {
  it.each(DELIVERY_STATES)('explains %s in both languages', (state) => {
    const text = explain({ state, reason: null });
    expect(text.en.length).toBeGreaterThan(5);
    expect(text.vi.length).toBeGreaterThan(5);
    expect(text.vi).not.toBe(text.en);
  });

  it('has a text of its own for every reason under which the gateway itself parks', () => {
    const sources = ['src/deliveries/retry-policy.ts', 'src/deliveries/delivery-operation.ts', 'src/deliveries/delivery-store.ts'].map(readText).join('\n');
    const parked = ['too-old', 'internal-error', 'prerequisite-missing', 'content-missing', 'content-unreadable', 'procedure-not-usable'];
    expect(parked.filter((reason) => !sources.includes(`'${reason}'`))).toEqual([]);
    expect(parked.filter((reason) => !explainedReasons().includes(reason))).toEqual([]);
  });
});
