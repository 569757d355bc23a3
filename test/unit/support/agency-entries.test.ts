import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { agencyEntries, agencyEntry, nearestEntry } from '../../../adapters/support/agency-entries.js';

const schema = agencyEntries(agencyEntry({ code: z.string().min(3), secret: z.string().min(8) }));
const entry = (agency: string): { agency: string; code: string; secret: string } => ({ agency, code: `C-${agency}`, secret: 'canary-secret' });

describe('settings by agency', () => {
  it('are a JSON list, and none where there is no text', () => {
    expect(schema.parse(JSON.stringify([entry('*'), entry('H25.05')]))).toEqual([entry('*'), entry('H25.05')]);
    expect(schema.parse(' ')).toEqual([]);
  });

  it.each([
    ['no JSON', '{"agency":'],
    ['no list', JSON.stringify(entry('*'))],
    ['a secret that is too short', JSON.stringify([{ ...entry('*'), secret: 'canary' }])],
    ['a field that nobody knows', JSON.stringify([{ ...entry('*'), Secret: 'canary-secret' }])],
    ['an agency twice', JSON.stringify([entry('H25'), entry('H25')])],
    ['an agency code that is none', JSON.stringify([entry('H25; canary')])],
  ])('are refused for %s, without quoting a value', (_name, text) => {
    const read = schema.safeParse(text);
    expect(read.success).toBe(false);
    expect(JSON.stringify(read.error?.issues)).not.toContain('canary');
  });

  it('go by the nearest agency, then by the star', () => {
    const entries = [entry('*'), entry('H25'), entry('H25.05')];
    expect(nearestEntry(entries, ['H25.05', 'H25'])?.code).toBe('C-H25.05');
    expect(nearestEntry(entries, ['H25.07', 'H25'])?.code).toBe('C-H25');
    expect(nearestEntry(entries, ['H26'])?.code).toBe('C-*');
    expect(nearestEntry(entries.slice(1), ['H26'])).toBeNull();
  });

  it('keep any number of codes that serve no agency any more', () => {
    const former = [{ ...entry('-'), code: 'OLD1' }, { ...entry('-'), code: 'OLD2' }];
    const read = schema.parse(JSON.stringify([entry('H25'), ...former]));
    expect(read.map(({ code }) => code)).toEqual(['C-H25', 'OLD1', 'OLD2']);
    expect(nearestEntry(read, ['H26'])).toBeNull();
  });
});
