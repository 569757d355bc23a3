import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cursorAfter, eventsOf, FIRST_CURSOR, isCursor, isForeign, readPage } from '../../../adapters/vnpost/mapping-tracking.js';
import type { ReadPage } from '../../../adapters/vnpost/mapping-tracking.js';

const page: { readonly _embedded: { readonly 'rh:doc': readonly Readonly<Record<string, unknown>>[] } } =
  JSON.parse(readFileSync(new URL('../../fixtures/vnpost/tracking-page.json', import.meta.url), 'utf8')) as never;
const [first, second, third] = page._embedded['rh:doc'];
const bodyOf = (...documents: readonly unknown[]): unknown => ({ _returned: documents.length, _embedded: { 'rh:doc': documents } });

const read = (body: unknown, cursor = FIRST_CURSOR): ReadPage => {
  const found = readPage(body, cursor);
  if (found === null) throw new Error('no page');
  return found;
};
const rules = { customers: new Set(['KH0042']), codes: new Map([['4', { means: 'DELIVERED', failure: null, collection: null } as const]]) };

describe('a page of tracking', () => {
  it('becomes our events; a code that is not listed means nothing, and notes are left out', () => {
    const events = eventsOf(read(page).documents, rules);
    expect(events).toEqual([
      { orderNumber: '000.12.34.H42-260315-0001', carrierNumber: 'CH000000001VN', key: '69b60f80aa00000000000001', code: '2', text: 'Đang đi thu gom', place: '430000', at: new Date('2026-03-15T01:30:00Z'), means: null, failure: null, collection: null },
      { orderNumber: '000.12.34.H42-260315-0001', carrierNumber: 'CH000000001VN', key: '69b62ba0aa00000000000002', code: '4', text: 'Phát thành công', place: '100000', at: new Date('2026-03-15T03:30:00Z'), means: 'DELIVERED', failure: null, collection: null },
    ]);
    expect(JSON.stringify(events)).not.toContain('CANARY');
  });

  it('of another customer under the same number is not ours; without a customer it is', () => {
    expect(read(page).documents.map((document) => isForeign(document, rules.customers))).toEqual([false, false, true]);
    expect(eventsOf(read(bodyOf({ ...third, CustomerCode: null })).documents, rules)).toHaveLength(1);
    expect(eventsOf(read(bodyOf({ ...first, OrderNumber: ' ' })).documents, rules)).toEqual([]);
  });

  it('may come twice and in any order', () => {
    expect(eventsOf(read(bodyOf(second, first, second)).documents, rules)).toEqual(eventsOf(read(bodyOf(first, second)).documents, rules));
  });

  it('is the same in any order, with any repeats, and whatever else stands in it', () => {
    const oid = fc.integer({ min: 1, max: 0xffffff }).map((number) => `69b60f80aa00000000${number.toString(16).padStart(6, '0')}`);
    const event = fc.record({ _id: oid.map(($oid) => ({ $oid })), OrderNumber: fc.constantFrom('A-1', 'A-2'), EventTime: fc.jsonValue(), StatusCode: fc.jsonValue(), StatusMessage: fc.jsonValue(), POSID: fc.jsonValue(), CustomerCode: fc.constant('KH0042') });
    const pages = fc.uniqueArray(event, { selector: ({ _id: { $oid } }) => $oid, maxLength: 12 })
      .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 })));
    fc.assert(fc.property(pages, ([once, mixed]) => {
      const [expected, found] = [read(bodyOf(...once)), read(bodyOf(...mixed))];
      expect(eventsOf(found.documents, rules)).toEqual(eventsOf(expected.documents, rules));
      expect(eventsOf(found.documents, rules)).toHaveLength(once.length);
      expect(found.last).toBe(expected.last);
    }));
  });

  it('may hold an event that is odd in all but its id, and goes on', () => {
    const odd = { _id: { $oid: '69B62BA0AA0000000000000F' }, CustomerCode: 'KH0042', OrderNumber: 'X-1', EventTime: 'soon', POSID: {}, ItemCode: 7, StatusCode: true, StatusMessage: 9 };
    expect(eventsOf(read(bodyOf(odd)).documents, rules)).toEqual([
      { orderNumber: 'X-1', carrierNumber: '7', key: '69b62ba0aa0000000000000f', code: 'none', text: null, place: null, at: null, means: null, failure: null, collection: null },
    ]);
  });

  it.each([[1_773_538_200, null], [0, null], [20_260_315_083_000, null], [1_773_538_200_000, '2026-03-15T01:30:00.000Z'], [{ $date: 1_773_538_200_000 }, '2026-03-15T01:30:00.000Z']])(
    'has at %j the time %s', (time, expected) => {
      expect(eventsOf(read(bodyOf({ ...first, EventTime: time })).documents, rules)[0]?.at?.toISOString() ?? null).toBe(expected);
    });

  it('may be empty in every form of RESTHeart', () => {
    for (const body of [bodyOf(), { _returned: 0 }, { _returned: 0, _embedded: {} }, { _embedded: { 'rh:doc': [] } }]) expect(read(body)).toEqual({ documents: [], last: FIRST_CURSOR });
  });

  it.each([{}, { _embedded: {} }, { Status: 100, Message: 'ok' }, { _returned: 2, _embedded: { 'rh:doc': [first] } }, { _returned: 1 }, bodyOf({ ...first, _id: 'x' }), bodyOf({ ...first, _id: { $oid: 'zz' } }), [], null])(
    'is none at %#', (body) => { expect(readPage(body, FIRST_CURSOR)).toBeNull(); });
});

describe('the cursor', () => {
  const [early, late] = ['69b60f80aa00000000000001', '69b62ba0aa00000000000002'];
  const lateMs = Number.parseInt('69b62ba0', 16) * 1_000;
  const both = read(bodyOf(second, first));

  it('goes behind the last that is settled', () => {
    expect(cursorAfter(both, { cursor: FIRST_CURSOR, isFull: false, settledBeforeMs: lateMs + 1 })).toBe(late);
    expect(cursorAfter(both, { cursor: FIRST_CURSOR, isFull: false, settledBeforeMs: lateMs })).toBe(early);
    expect(cursorAfter(both, { cursor: FIRST_CURSOR, isFull: false, settledBeforeMs: 0 })).toBe(FIRST_CURSOR);
  });

  it('leads on from a full page, however young, and never back', () => {
    expect(cursorAfter(both, { cursor: FIRST_CURSOR, isFull: true, settledBeforeMs: 0 })).toBe(late);
    const repeated = read(bodyOf(first), late);
    expect(repeated.last).toBe(late);
    expect(cursorAfter(repeated, { cursor: late, isFull: false, settledBeforeMs: lateMs + 1 })).toBe(late);
  });

  it('is 24 hexadecimal digits', () => {
    expect([isCursor(FIRST_CURSOR), isCursor(late), isCursor(''), isCursor('0'), isCursor(`${late}&x=1`)]).toEqual([true, true, false, false, false]);
  });
});
