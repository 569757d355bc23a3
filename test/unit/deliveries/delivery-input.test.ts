import { describe, expect, it } from '@jest/globals';
import { parseFilter, parseIds, parsePageSize, parseReason } from '../../../src/deliveries/delivery-input.js';
import { UserInputError } from '../../../src/errors/gateway-error.js';
import type { InputProblem } from '../../../src/errors/gateway-error.js';

const NOW = new Date('2026-11-23T02:00:00Z');

const problemOf = (parse: () => unknown): InputProblem => {
  try {
    parse();
  } catch (error) {
    const [problem] = error instanceof UserInputError ? error.problems : [];
    if (problem !== undefined) return problem;
    throw error;
  }
  throw new Error('It was taken');
};

/** Field, code, and both languages with the words that they must hold. */
const expectRefused = (parse: () => unknown, [field, code, en, vi]: readonly [string, string, RegExp, RegExp]): void => {
  expect(problemOf(parse)).toEqual({ field, code, message: { en: expect.stringMatching(en), vi: expect.stringMatching(vi) } });
};

describe('a filter of deliveries', () => {
  it('holds what the caller named and nothing else', () => {
    expect(parseFilter({}, NOW)).toEqual({});
    expect(parseFilter({ party: null, state: null, lane: null, olderThanSeconds: null }, NOW)).toEqual({});
    expect(parseFilter({ party: 'vnpay', state: 'PARKED', lane: 'Hồ-1'.normalize('NFD'), olderThanSeconds: 90 }, NOW))
      .toEqual({ party: 'vnpay', state: 'parked', lane: 'Hồ-1'.normalize('NFC'), createdBefore: new Date('2026-11-23T01:58:30Z') });
  });

  it('may be of any age but one that is yet to come', () => {
    expect(parseFilter({ olderThanSeconds: 0 }, NOW)).toEqual({ createdBefore: NOW });
    expectRefused(() => parseFilter({ olderThanSeconds: -1 }, NOW), ['filter.olderThanSeconds', 'RANGE', /negative/, /âm/]);
  });
});

describe('a page of deliveries', () => {
  it('has fifty unless the caller says how many, from one to two hundred', () => {
    expect([null, undefined, 1, 200].map(parsePageSize)).toEqual([50, 50, 1, 200]);
    for (const size of [0, -1, 201]) expectRefused(() => parsePageSize(size), ['first', 'RANGE', /1 to 200/, /1 đến 200/]);
  });
});

describe('ids of deliveries', () => {
  it('are numbers that PostgreSQL can hold, one to five hundred', () => {
    const many = Array.from({ length: 500 }, (_, index) => String(index + 1));
    expect(parseIds(many)).toEqual(many);
    expect(parseIds(['9223372036854775807'])).toEqual(['9223372036854775807']);
    for (const ids of [[], [...many, '501']]) expectRefused(() => parseIds(ids), ['ids', 'COUNT', /1 to 500/, /1 đến 500/]);
  });

  it.each(['0', '01', '-1', '1x', 'x1', '', '9223372036854775808', '10000000000000000000'])('are named by their place where they are none, as %j', (id) => {
    expectRefused(() => parseIds(['1', id]), ['ids[1]', 'DELIVERY_ID', /not the id/, /Không phải mã/]);
  });
});

describe('an operator\'s reason', () => {
  it('is kept as people write: composed, trimmed, lines ended one way', () => {
    expect(parseReason('  Đã gọi\r\n\tđối tác '.normalize('NFD'))).toBe('Đã gọi\n\tđối tác'.normalize('NFC'));
    expect(parseReason('😀'.repeat(1_000))).toHaveLength(2_000);
  });

  it('has one to a thousand characters, and none that is no text', () => {
    for (const reason of ['', ' \n', 'a'.repeat(1_001)]) expectRefused(() => parseReason(reason), ['reason', 'LENGTH', /1 to 1000/, /1 đến 1000/]);
    expectRefused(() => parseReason('a\u0000'), ['reason', 'CONTROL_CHARACTER', /control/, /điều khiển/]);
    expectRefused(() => parseReason('a\ud800'), ['reason', 'LONE_SURROGATE', /half/, /hỏng/]);
  });
});
