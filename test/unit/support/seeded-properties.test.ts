import { expect, it } from '@jest/globals';
import fc from 'fast-check';

it('has properties drawn by PROPERTY_SEED where it is set, else by chance', () => {
  const seed = process.env['PROPERTY_SEED'] ?? '';
  expect(fc.readConfigureGlobal().seed).toBe(seed === '' ? undefined : Number(seed));
});
