import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConditionCode } from '../../../src/public-services/readiness-conditions.js';
import { scanServices } from '../../../src/public-services/readiness-scan.js';
import type { ReadinessFilter, Scannable } from '../../../src/public-services/readiness-scan.js';

const GAPS: readonly (readonly ConditionCode[])[] = [[], ['OFFICIALS'], ['OFFICIALS', 'ELECTRONIC_FORM'], ['ELECTRONIC_FORM'], ['DEEP_LINK_ANSWERS']];
const FILTERS: readonly ReadinessFilter[] = [{}, { ready: true }, { ready: false }, { missing: [] }, { missing: ['OFFICIALS'] }, { missing: ['OFFICIALS', 'ELECTRONIC_FORM'] }, { ready: true, missing: ['OFFICIALS'] }];

const service = (unmet: readonly ConditionCode[], index: number): Scannable => ({ service: { id: String(index + 1) }, readiness: { ready: unmet.length === 0, unmet, conditions: [] } });
const holds = ({ ready, missing }: ReadinessFilter, { readiness }: Scannable): boolean =>
  (ready === undefined || readiness.ready === ready) && (missing ?? []).every((condition) => readiness.unmet.includes(condition));

/** A list as the register reads it, and how many services each page looked at. */
const register = (services: readonly Scannable[]) => {
  const looked: number[] = [];
  const read = (after: string | null, limit: number): Promise<readonly Scannable[]> => {
    const found = services.slice(Number(after ?? 0), Number(after ?? 0) + limit);
    looked[looked.length - 1] = (looked.at(-1) ?? 0) + found.length;
    return Promise.resolve(found);
  };
  const pages = async (filter: ReadinessFilter, first: number): Promise<readonly Scannable[][]> => {
    const shown: Scannable[][] = [];
    for (let after: string | null = null; ;) {
      looked.push(0);
      const page: Awaited<ReturnType<typeof scanServices<Scannable>>> = await scanServices(read, { filter, first, after });
      shown.push([...page.services]);
      if (!page.hasNextPage) return shown;
      expect(page.endId).not.toBe(after);
      after = page.endId;
    }
  };
  return { pages, looked };
};

describe('pages of a filter on readiness', () => {
  it('hold every service that fits, once and in order, and none else', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...GAPS), { maxLength: 1_700 }), fc.constantFrom(...FILTERS), fc.integer({ min: 1, max: 200 }), async (gaps, filter, first) => {
      const services = gaps.map(service);
      const pages = await register(services).pages(filter, first);
      expect(pages.flat()).toEqual(services.filter((entry) => holds(filter, entry)));
      expect(pages.slice(0, -1).every((page) => page.length === first)).toBe(true);
    }), { numRuns: 100 });
  });

  it('look at no more services than allowed, and go on where they stopped', async () => {
    const services = Array.from({ length: 12_300 }, (_, index) => service(index % 6_001 === 6_000 ? [] : ['OFFICIALS'], index));
    const { pages, looked } = register(services);
    expect((await pages({ ready: true }, 10)).map((page) => page.map((entry) => entry.service.id))).toEqual([[], ['6001'], ['12002']]);
    expect(looked).toEqual([5_000, 5_000, 2_300]);
  });
});
