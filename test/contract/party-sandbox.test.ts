import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startPartySandbox } from '../../adapters/support/party-sandbox.js';
import type { PartySandboxOptions } from '../../adapters/support/party-sandbox.js';
import { jsonAnswer } from '../../adapters/support/sandbox-answers.js';
import { SandboxCaller } from '../../adapters/support/sandbox-caller.js';
import { fieldsOf, parseObject } from '../../adapters/support/sandbox-request.js';
import { controlOf } from './sandbox-control.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0)) await cleanUp(); });

/** A till as small as a party can be: it books orders by JSON, by form and by query, and says no to a signature that is wrong. */
const startTill = async (options: PartySandboxOptions<'sold-out'> = {}) => {
  const booked: string[] = [];
  let closed = 0;
  const book = async (order: string) => {
    booked.push(order);
    await caller.notify({ operation: 'ipn', key: order, build: () => ({ method: 'POST', path: 'ipn', headers: {}, body: order }) });
    return jsonAnswer(200, { booked: order });
  };
  const caller = new SandboxCaller(options.callbackAddress ?? null, { firstAfterMs: 0, retryAfterMs: [], timeoutMs: 5_000, lateMs: 60_000, isTaken: ({ status }) => status === 200 });
  const sandbox = await startPartySandbox({
    options, own: ['sold-out'], caller,
    route: (request) => {
      if (request.path === '/signed') {
        const expected = createHmac('sha256', 'demo').update(request.bytes).digest('hex');
        if (request.headers['x-signature'] !== expected) return jsonAnswer(200, { code: '97' });
      }
      const fields = request.method === 'GET' ? fieldsOf(request.query) : request.headers['content-type']?.includes('form') === true ? fieldsOf(request.body) : parseObject(request.body);
      const order = fields?.['order'];
      if (request.path !== '/book' && request.path !== '/signed') return null;
      if (typeof order !== 'string') return jsonAnswer(400, { code: 'shape' });
      return { operation: 'book', key: order, serve: () => book(order), twists: { 'sold-out': ({ value }) => jsonAnswer(200, { code: value ?? '05' }) } };
    },
    environmentOf: (url) => ({ TILL_URL: url }),
    state: () => ({ booked: booked.length }),
    reset: () => { booked.length = 0; },
    control: { reads: { 'orders/*': ({ item }) => (booked.includes(item) ? { order: item } : null) }, orders: {} },
    onClose: () => { closed += 1; },
  });
  cleanUps.push(() => sandbox.close());
  const post = (order: string, init: RequestInit = {}): Promise<Response> => fetch(`${sandbox.url}/book`, { method: 'POST', body: JSON.stringify({ order }), ...init });
  return { sandbox, control: controlOf(sandbox.url), post, booked, closes: () => closed };
};

const outcomeOf = async (reply: Promise<Response>): Promise<string> => {
  try {
    const answer = await reply;
    const text = await answer.text();
    return `${answer.status} ${text}`;
  } catch {
    return 'no answer';
  }
};

describe('a party sandbox', () => {
  it('reads JSON, forms and queries, and bytes for a signature', async () => {
    const { sandbox, post, booked } = await startTill();
    const body = Buffer.from('{"order":"ký"}', 'utf8');
    expect(await outcomeOf(post('a'))).toBe('200 {"booked":"a"}');
    expect(await outcomeOf(fetch(`${sandbox.url}/book`, { method: 'POST', body: new URLSearchParams({ order: 'b c' }) }))).toBe('200 {"booked":"b c"}');
    expect(await outcomeOf(fetch(`${sandbox.url}/book?order=d%2Be`))).toBe('200 {"booked":"d+e"}');
    expect(await outcomeOf(fetch(`${sandbox.url}/signed`, { method: 'POST', body, headers: { 'x-signature': createHmac('sha256', 'demo').update(body).digest('hex') } }))).toBe('200 {"booked":"ký"}');
    expect(booked).toEqual(['a', 'b c', 'd+e', 'ký']);
    expect(sandbox.environment).toEqual({ TILL_URL: sandbox.url });
  });

  it('answers what is no operation without using up an order', async () => {
    const { sandbox, control, post } = await startTill();
    await control.misbehave({ kind: '5xx-before' });
    expect(await outcomeOf(fetch(`${sandbox.url}/nowhere`))).toMatch(/^404/);
    expect(await outcomeOf(post('a', { body: '[]' }))).toBe('400 {"code":"shape"}');
    expect(await outcomeOf(fetch(`${sandbox.url}/signed`, { method: 'POST', body: '{}' }))).toBe('200 {"code":"97"}');
    expect(await outcomeOf(post('a'))).toMatch(/^502/);
    expect(await control.get('state')).toMatchObject({ totals: { booked: 0 }, counters: { refused: 3, book: 1 }, mostAtOnce: 1 });
  });

  it.each([
    ['reset', /^no answer$/, true], ['reset-before', /^no answer$/, false],
    ['5xx', /^502 <html>/, true], ['5xx-before', /^502 <html>/, false],
    ['html', /^200 <html>/, true], ['html-before', /^200 <html>/, false],
    ['hang-before', /^504 <html>/, false], ['hang', /^200 \{"booked":"a"\}$/, true],
    ['slow', /^200 \{"booked":"a"\}$/, true], ['drip', /^200 \{"booked":"a"\}$/, true],
    ['empty', /^200 $/, true], ['truncated', /^200 \{"booke$/, true], ['garbage', /^200 \{"<.$/, true],
    ['429', /^429 /, false], ['401', /^401 /, false], ['403', /^403 /, false],
    ['sold-out', /^200 \{"code":"05"\}$/, false],
  ])('%s: the caller sees %s, and took effect is %j', async (kind, seen, applied) => {
    const { control, post, booked } = await startTill();
    await control.misbehave({ kind, delayMs: 1 });
    expect(await outcomeOf(post('a'))).toMatch(seen);
    expect(booked).toEqual(applied ? ['a'] : []);
    expect(await outcomeOf(post('b'))).toBe('200 {"booked":"b"}');
  });

  it('misbehaves for one key, one operation and a number of times, and no longer', async () => {
    const { control, post } = await startTill();
    await control.misbehave([{ kind: 'sold-out', key: 'b', times: 2, value: '99' }, { kind: '401', operation: 'refund' }]);
    const answers = [];
    for (const order of ['a', 'b', 'b', 'b']) answers.push(await outcomeOf(post(order)));
    expect(answers).toEqual(['200 {"booked":"a"}', '200 {"code":"99"}', '200 {"code":"99"}', '200 {"booked":"b"}']);
    expect(await control.get('state')).toMatchObject({ mischief: { orders: [{ kind: '401', left: 1 }] } });
    await control.post('behave');
    expect(await control.get('state')).toMatchObject({ mischief: { orders: [], random: null } });
  });

  it('takes all orders of a list or none, and refuses what it does not know', async () => {
    const { control } = await startTill();
    await expect(control.misbehave([{ kind: '401' }, { kind: 'explode' }])).rejects.toThrow('400');
    await expect(control.misbehave({ kind: '401', colour: 'red' })).rejects.toThrow('400');
    await expect(control.post('random', { rates: { explode: 1 } })).rejects.toThrow('400');
    await expect(control.post('unknown')).rejects.toThrow('404');
    expect(await control.get('state')).toMatchObject({ mischief: { orders: [] } });
  });

  it('tells the same story for the same seed, and another for another', async () => {
    const story = async (seed: number): Promise<string[]> => {
      const { post } = await startTill({ random: { seed, rates: { '5xx': 0.3, 'sold-out': 0.3 }, operation: '*', delayMs: null } });
      const seen = [];
      for (let count = 0; count < 20; count += 1) seen.push(await outcomeOf(post('a')));
      return seen;
    };
    const first = await story(7);
    expect(new Set(first).size).toBe(3);
    expect(await story(7)).toEqual(first);
    expect(await story(8)).not.toEqual(first);
  });

  it('shows what it was asked and holds, forgets it by reset, and closes its ledger once', async () => {
    const { sandbox, control, post, closes } = await startTill();
    await post('a');
    expect(await control.get('requests')).toMatchObject([{ seq: 1, operation: 'book', key: 'a', path: '/book', mischief: null }]);
    expect(await control.get('orders/a')).toEqual({ order: 'a' });
    await control.post('reset');
    expect(await control.get('orders/a')).toBeNull();
    expect(await control.get('requests')).toEqual([]);
    await sandbox.close();
    expect(closes()).toBe(1);
    cleanUps.length = 0;
  });

  it('tells of what it took, as its control calls say', async () => {
    const heard = await startTill();
    const { control, post } = await startTill({ callbackAddress: `${heard.sandbox.url}/callbacks/till` });
    await control.post('misbehave-notices', { kind: 'early', times: 2 });
    await post('a');
    expect(await control.get('notices')).toMatchObject([{ seq: 1, operation: 'ipn', key: 'a', mischief: 'early', reply: { status: 404 }, taken: false }]);
    expect(await heard.control.get('requests')).toMatchObject([{ operation: 'refused', path: '/callbacks/till/ipn' }]);
    expect(await control.get('state')).toMatchObject({ notices: { underWay: 0, mischief: { orders: [{ kind: 'early', left: 1 }] } } });
    expect(await control.post('notify-again', { key: 'a' })).toMatchObject({ seq: 2, key: 'a' });
    await expect(control.post('notify-again', { key: 'z' })).rejects.toThrow('404');
    await control.post('behave');
    await control.post('random-notices', { rates: { lost: 1 } });
    await post('b');
    expect(await control.get('notices?after=2')).toEqual([]);
    await control.post('callback-address', { url: null });
    await control.post('reset');
    expect(await control.get('notices')).toEqual([]);
  });

  it('refuses a body that is too large, and a port that is taken', async () => {
    const { sandbox, post, booked } = await startTill();
    expect(await outcomeOf(post('a'.repeat(1_000_001)))).toMatch(/^413/);
    expect(booked).toEqual([]);
    await expect(startTill({ port: sandbox.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
