import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UserInputError } from '../../../src/errors/gateway-error.js';
import { decodeEventCursor, encodeEventCursor } from '../../../src/events/event-cursor.js';

describe('event cursors', () => {
  it('give back their position', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (position) => {
      expect(decodeEventCursor(encodeEventCursor(position.toString()))).toBe(position.toString());
    }));
  });

  it('are either a position or refused, whatever text is handed in', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      try {
        expect(decodeEventCursor(text)).toMatch(/^\d{1,18}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(UserInputError);
      }
    }));
  });
});
