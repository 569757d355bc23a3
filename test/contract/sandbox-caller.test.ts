import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SandboxCaller } from '../../adapters/support/sandbox-caller.js';
import type { NoticePolicy } from '../../adapters/support/sandbox-caller.js';
import type { Notice } from '../../adapters/support/sandbox-notice.js';
import { eventually } from '../support/eventually.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });

interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Where notices go: answers in the order given, the last one for ever; `hang` never answers. */
const startReceiver = async (answers: readonly string[]) => {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString('utf8'); });
    request.on('end', () => {
      const answer = answers[Math.min(arrived.length, answers.length - 1)];
      arrived.push({ method: request.method ?? '', url: request.url ?? '', body });
      if (answer !== 'hang') response.end(answer);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanUps.push(() => new Promise((resolve) => {
    server.close(() => { resolve(); });
    server.closeAllConnections();
  }));
  return { arrived, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/till/` };
};

const POLICY: NoticePolicy = { firstAfterMs: 0, retryAfterMs: [1, 1], timeoutMs: 5_000, lateMs: 60_000, isTaken: ({ status, body }) => status === 200 && body === 'OK' };

const startCaller = (address: string | null, policy: Partial<NoticePolicy> = {}): SandboxCaller => {
  const caller = new SandboxCaller(address, { ...POLICY, ...policy });
  cleanUps.push(() => caller.close());
  return caller;
};

const paid = (key: string): Notice => ({
  operation: 'ipn', key,
  build: (flaw) => (flaw === 'old-key' ? null : { method: 'POST', path: `ipn?tx=${key}`, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key, flaw }) }),
});

/** Until nothing waits any more; each attempt of these tests waits a millisecond at most. */
const settled = async (caller: SandboxCaller): Promise<void> => { await eventually('the end of all notices', () => caller.underWay === 0, { everyMs: 1 }); };

describe('the side of a sandbox that calls us', () => {
  it('sends to the address below the party, by POST and by GET', async () => {
    const { arrived, address } = await startReceiver(['OK']);
    const caller = startCaller(address);
    await caller.notify(paid('a'));
    await settled(caller);
    await caller.notify({ operation: 'ipn', key: 'b', build: () => ({ method: 'GET', path: '/ipn?vnp_Amount=100', headers: {}, body: '' }) });
    await settled(caller);
    expect(arrived).toEqual([
      { method: 'POST', url: '/callbacks/till/ipn?tx=a', body: '{"key":"a","flaw":null}' }, { method: 'GET', url: '/callbacks/till/ipn?vnp_Amount=100', body: '' },
    ]);
    expect(caller.sent(0, 10)).toMatchObject([{ seq: 1, key: 'a', attempt: 1, reply: { status: 200, body: 'OK' }, taken: true, mischief: null }, { seq: 2, key: 'b' }]);
  });

  it('repeats until it is taken, and gives up where its policy ends', async () => {
    const { arrived, address } = await startReceiver(['no', 'OK']);
    const caller = startCaller(address);
    await caller.notify(paid('a'));
    await settled(caller);
    expect(caller.sent(0, 10).map(({ attempt, taken }) => [attempt, taken])).toEqual([[1, false], [2, true]]);
    const deaf = await startReceiver(['no']);
    const other = startCaller(deaf.address);
    await other.notify(paid('a'));
    await settled(other);
    expect(deaf.arrived).toHaveLength(3);
    expect(arrived).toHaveLength(2);
  });

  it('counts a receiver that does not answer in time as one that did not take it', async () => {
    const { arrived, address } = await startReceiver(['hang', 'OK']);
    // On a busy machine the next one may be too late as well, but not all of them.
    const caller = startCaller(address, { timeoutMs: 50, retryAfterMs: Array.from({ length: 60 }, () => 1) });
    await caller.notify(paid('a'));
    await settled(caller);
    const tries = caller.sent(0, 100).map(({ reply, taken }) => [reply?.body ?? null, taken]);
    expect(tries.slice(0, -1)).toEqual(tries.slice(0, -1).map(() => [null, false]));
    expect([tries.length > 1, tries.at(-1)]).toEqual([true, ['OK', true]]);
    expect(arrived.length).toBeGreaterThan(1);
  });

  it.each([
    ['twice', 2, [null, null]], ['lost', 0, []], ['late', 1, [null]], ['early', 1, [null]],
    ['other-amount', 1, ['other-amount']], ['altered', 1, ['altered']], ['unsigned', 1, ['unsigned']],
    // This notice cannot be signed with an old key, so it goes out as it is.
    ['old-key', 1, [null]],
  ])('%s: %i arrive, flawed as %j', async (kind, count, flaws) => {
    const { arrived, address } = await startReceiver(['OK']);
    const caller = startCaller(address);
    caller.mischief.command({ kind, key: 'a', delayMs: 1 });
    await caller.notify(paid('a'));
    await settled(caller);
    expect(arrived).toHaveLength(count);
    expect(arrived.map(({ body }) => (JSON.parse(body) as { flaw: string | null }).flaw)).toEqual(flaws);
    await caller.notify(paid('a'));
    await settled(caller);
    expect(arrived).toHaveLength(count + 1);
  });

  it('is early before it comes back, and goes on trying where that was not taken', async () => {
    const { arrived, address } = await startReceiver(['no', 'OK']);
    const caller = startCaller(address);
    caller.mischief.command({ kind: 'early' });
    await caller.notify(paid('a'));
    expect(arrived.length).toBeGreaterThan(0);
    await settled(caller);
    expect(caller.sent(0, 10).map(({ attempt, taken }) => [attempt, taken])).toEqual([[1, false], [2, true]]);
  });

  it('sends the last notice of a key again, as it was or flawed', async () => {
    const { arrived, address } = await startReceiver(['OK']);
    const caller = startCaller(address);
    await caller.notify(paid('a'));
    await settled(caller);
    expect(await caller.again('a', 'unsigned')).toMatchObject({ key: 'a', mischief: 'unsigned', taken: true });
    expect(await caller.again('z', null)).toBeNull();
    expect(arrived.map(({ body }) => body)).toEqual(['{"key":"a","flaw":null}', '{"key":"a","flaw":"unsigned"}']);
  });

  it('sends nothing without an address, and where the control call tells it', async () => {
    const { arrived, address } = await startReceiver(['OK']);
    const caller = startCaller(null);
    await caller.notify(paid('a'));
    expect(caller.underWay).toBe(0);
    caller.routes().orders['callback-address']?.({ url: address });
    await caller.notify(paid('b'));
    await settled(caller);
    expect(arrived.map(({ url }) => url)).toEqual(['/callbacks/till/ipn?tx=b']);
  });

  it('leaves nothing waiting after reset and after close, and sends nothing afterwards', async () => {
    const { arrived, address } = await startReceiver(['OK']);
    const caller = startCaller(address);
    caller.mischief.command({ kind: 'late', times: 2 });
    await caller.notify(paid('a'));
    expect(caller.underWay).toBe(1);
    caller.clear();
    await settled(caller);
    caller.mischief.command({ kind: 'late' });
    await caller.notify(paid('b'));
    await caller.close();
    await caller.notify(paid('c'));
    expect(caller.underWay).toBe(0);
    expect(arrived).toEqual([]);
  });

  it('ends a call that is being made when it is closed', async () => {
    const { arrived, address } = await startReceiver(['hang']);
    const caller = startCaller(address, { timeoutMs: 600_000 });
    caller.mischief.command({ kind: 'early' });
    const told = caller.notify(paid('a'));
    await eventually('the call', () => arrived.length > 0, { everyMs: 1 });
    await caller.close();
    await told;
    expect(caller.sent(0, 10)).toMatchObject([{ reply: null, taken: false }]);
  });
});
