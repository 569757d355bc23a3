import { describe, expect, it } from '@jest/globals';
import { foldersIn, isPresent, readText } from './source-tree.js';

const jobs = foldersIn('queues').filter((folder) => isPresent(`queues/${folder}/job.ts`));

/** Folders of jobs that a list imports. */
const importedJobs = (list: string): string[] => [...list.matchAll(/from '\.\/([a-z-]+)\/job\.js'/g)].map(([, folder]) => folder ?? '').sort();

describe('jobs', () => {
  it('are all in the only list, and nothing else is', () => {
    expect(jobs.length).toBeGreaterThan(0);
    expect(importedJobs(readText('queues/queues.ts'))).toEqual(jobs);
  });

  it('would be missed in a list without them', () => {
    expect(importedJobs(`import { DELIVER } from './deliver/job.js';`)).toEqual(['deliver']);
    expect(importedJobs('')).toEqual([]);
  });

  it.each(jobs)('%s has a handler and an exported definition', (folder) => {
    expect(isPresent(`queues/${folder}/handler.ts`)).toBe(true);
    expect(readText(`queues/${folder}/job.ts`)).toMatch(/export const \w+ = defineJob\(/);
  });

  it('live in folders that are jobs or the runtime', () => {
    expect(foldersIn('queues').filter((folder) => folder !== 'runtime' && !jobs.includes(folder))).toEqual([]);
  });
});
