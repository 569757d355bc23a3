import { describe, expect, it } from '@jest/globals';
import { foldersIn, markdownFiles, readText } from './source-tree.js';
import type { SourceFile } from './source-tree.js';

const { scripts } = JSON.parse(readText('package.json')) as { scripts: Readonly<Record<string, string>> };
const commands = new Set([...readText('src/main.ts').matchAll(/\.command\('([a-z-]+)'\)/g)].map(([, name]) => name ?? ''));
const metrics = new Set([...readText('src/observability/metrics.ts').matchAll(/name: '(onestop_[a-z_]+)'/g)].map(([, name]) => name ?? ''));

/** Scripts, commands and metrics that a document names and the program does not have. */
function unknownWords({ path, text }: SourceFile): string[] {
  const named = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, word]) => word ?? '');
  return [
    ...named(/\bnpm run ([a-z][a-z:-]*)/g).filter((script) => !(script in scripts)).map((script) => `${path}: npm run ${script}`),
    ...named(/(?:onestop --|dist\/src\/main\.js) ([a-z][a-z-]*)/g).filter((command) => !commands.has(command)).map((command) => `${path}: command ${command}`),
    ...named(/`(onestop_[a-z_]+)/g).filter((metric) => !metrics.has(metric)).map((metric) => `${path}: metric ${metric}`),
  ];
}

describe('words in documents', () => {
  const readme = readText('README.md');

  it('are scripts, commands and metrics that exist', () => {
    expect(markdownFiles().flatMap(unknownWords)).toEqual([]);
  });

  it('name every command in the README', () => {
    expect(commands.size).toBeGreaterThan(5);
    const cells = [...readme.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => [...(cell ?? '').matchAll(/`([a-z-]+)/g)]).map(([, name]) => name ?? '');
    expect([...commands].filter((command) => !cells.includes(command))).toEqual([]);
  });

  it('name every folder of src in the README', () => {
    expect(foldersIn('src').filter((folder) => !['commands', 'config'].includes(folder) && !readme.includes(`${folder}/`))).toEqual([]);
  });

  it('show the two commands of the README as they are', () => {
    for (const command of ['npm install && npm start', 'npm install && npm test']) expect(readme).toContain(`\`\`\`sh\n${command}\n\`\`\``);
  });

  it('would show a script, a command and a metric that do not exist', () => {
    expect(unknownWords({ path: 'a.md', text: 'npm run nonsense; npm run onestop -- dance; `onestop_nothing_total`; node dist/src/main.js doctor' }))
      .toEqual(['a.md: npm run nonsense', 'a.md: command dance', 'a.md: metric onestop_nothing_total']);
  });
});
