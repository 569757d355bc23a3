import { describe, expect, it } from '@jest/globals';
import { SignalError } from '../../../adapters/support/signals.js';
import { vnpostSettings } from '../../../adapters/vnpost/config.js';
import { judge } from '../../../adapters/vnpost/errors.js';
import { statusCodes } from '../../../adapters/vnpost/status-codes.js';
import { FAILURE_REASONS, SHIPMENT_STATES } from '../../../src/postal/shipment.js';

const signalOf = (work: () => unknown): object => {
  try {
    work();
  } catch (error) {
    if (error instanceof SignalError) return error.signal;
    throw error;
  }
  throw new Error('it was believed');
};

describe('the answer to a write', () => {
  it.each(['create', 'announce'] as const)('to %s: 100 and 101 are a yes', (operation) => {
    expect(judge(operation, { Status: 100 })).toEqual({ kind: 'accepted', already: false });
    expect(judge(operation, { Status: '101', Message: 'Đơn hàng đã tồn tại' })).toEqual({ kind: 'accepted', already: true });
  });

  it('to cancelling: "exists already" is no yes', () => {
    expect(judge('cancel', { Status: 100, Message: '' })).toEqual({ kind: 'accepted', already: false });
    expect(judge('cancel', { Status: 101, Message: 'đã tồn tại' })).toEqual({ kind: 'no', code: '101', text: 'đã tồn tại' });
  });

  it('is a no only with words', () => {
    expect(judge('create', { Status: '104', Message: 'Thiếu' })).toEqual({ kind: 'no', code: '104', text: 'Thiếu' });
    expect(signalOf(() => judge('create', { Status: 104 }))).toEqual({ kind: 'unreadable', code: 'refusal-without-words' });
    expect(signalOf(() => judge('create', { fault: { code: 900901 } }))).toEqual({ kind: 'unreadable', code: 'status-shape' });
  });

  it('of somebody between who failed is unsure', () => {
    expect(signalOf(() => judge('create', { Status: '500', Message: 'Object reference not set' }))).toEqual({ kind: 'busy' });
  });
});

const CARRIER_STATES = SHIPMENT_STATES.filter((state) => state !== 'REQUESTED' && state !== 'UNKNOWN');

describe('status codes', () => {
  const read = (text: string) => statusCodes.safeParse(text);

  it('may come to every state and every failure', () => {
    const table = Object.fromEntries([...CARRIER_STATES, ...FAILURE_REASONS.map((failure) => ({ state: 'FAILED', failure }))].map((meaning, index) => [String(index), meaning]));
    const codes = read(JSON.stringify(table)).data;
    expect([...codes?.values() ?? []].map(({ means }) => means)).toEqual([...CARRIER_STATES, ...FAILURE_REASONS.map(() => 'FAILED')]);
    expect([...codes?.values() ?? []].slice(CARRIER_STATES.length).map(({ failure }) => failure)).toEqual(FAILURE_REASONS);
  });

  it('say of money what they say, with or without a state; a failure without a reason is another', () => {
    expect([...read('{"11":{"collection":"COLLECTED"},"12":{"state":"DELIVERED","collection":"PAID_OUT"},"7":"FAILED"}').data ?? []]).toEqual([
      ['7', { means: 'FAILED', failure: 'OTHER', collection: null }], ['11', { means: null, failure: null, collection: 'COLLECTED' }], ['12', { means: 'DELIVERED', failure: null, collection: 'PAID_OUT' }],
    ]);
  });

  it.each(['', 'x', '[]', '{"four":"DELIVERED"}', '{"4":"ARRIVED"}', '{"4":"REQUESTED"}', '{"4":{}}', '{"4":{"state":"DELIVERED","failure":"LOST"}}', '{"4":{"state":"FAILED","reason":"LOST"}}'])(
    'are refused as %s', (text) => { expect(read(text).success).toBe(false); });
});

describe('settings', () => {
  const env = { VNPOST_URL: 'https://api.example.vn/p1.0', VNPOST_CUSTOMERS: '[{"agency":"*","customerCode":"KH1"}]', VNPOST_CONSUMER_KEY: 'k', VNPOST_CONSUMER_SECRET: 's' };
  const problems = (changes: Readonly<Record<string, string>>): readonly string[] => {
    const read = vnpostSettings.read({ ...env, ...changes });
    return read.ok ? [] : read.problems;
  };

  it('are complete with an address, customers and a key; without an address nothing is needed', () => {
    expect(problems({})).toEqual([]);
    expect(vnpostSettings.read({}).ok).toBe(true);
  });

  it('know delivered, and no more', () => {
    const read = vnpostSettings.read(env);
    expect(read.ok ? [...read.settings.VNPOST_STATUS_CODES] : []).toEqual([['4', { means: 'DELIVERED', failure: null, collection: null }]]);
  });

  it.each(['VNPOST_CUSTOMERS', 'VNPOST_CONSUMER_KEY', 'VNPOST_CONSUMER_SECRET'])('name %s where it is missing', (key) => {
    expect(problems({ [key]: '' })).toEqual([`${key} is not set, and VNPOST_URL needs it`]);
  });

  it.each([{ VNPOST_PAGE_SIZE: '1001' }, { VNPOST_STATUS_CODES: '{"4":"GONE"}' }, { VNPOST_CREATE_ROUTE: 'a?b=c' }, { VNPOST_TOKEN_HEADER: 'cookie' }, { VNPOST_FLAG_CONFIG: 'x' }])('refuse %j', (changes) => {
    expect(problems(changes)).toHaveLength(1);
  });
});
