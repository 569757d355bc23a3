import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApplyAnswer, ApplyContext } from '../../../src/callbacks/callback-binding.js';
import { createEvidenceModule } from '../../../src/evidence/evidence-module.js';
import { neighbour, notify, noticeOf, returnOf, startCallbackGateway, type CallbackGateway, type Notice } from '../../support/callback-gateway.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const KEYS = { old: { id: 'k1', key: Buffer.alloc(32, 1) }, current: { id: 'k2', key: Buffer.alloc(32, 9) } };

let test: TestDatabase;
let gateway: CallbackGateway;
let failure: Error | null = null;

/** The effect is a row in the same transaction. */
const apply = async ({ code, owner }: Notice, { client, callbackId }: ApplyContext): Promise<ApplyAnswer> => {
  await client.query('INSERT INTO effects (callback_id, code) VALUES ($1, $2)', [callbackId, code]);
  if (failure !== null) throw failure;
  return owner === 'unknown' ? { outcome: 'refused', code: 'no-such-dossier' } : { outcome: 'applied', code: `taken ${callbackId}` };
};
const states = async (): Promise<string[]> => (await test.database.query<{ state: string }>('SELECT state FROM callbacks ORDER BY id')).rows.map(({ state }) => state);
const effects = async (): Promise<number> => (await test.database.query('SELECT 1 FROM effects')).rowCount ?? 0;
const makeDue = (): Promise<unknown> => test.database.query(`UPDATE callbacks SET due_at = now() - interval '10 seconds' WHERE state = 'received'`);
const reopen = async (over: Parameters<typeof startCallbackGateway>[2]): Promise<void> => {
  await gateway.close();
  gateway = await startCallbackGateway(test.url, neighbour(apply), over);
};

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query('CREATE TABLE effects (callback_id bigint, code text)');
}, 120_000);
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query('TRUNCATE callbacks, callback_skews, effects');
  failure = null;
  gateway = await startCallbackGateway(test.url, neighbour(apply));
});
afterEach(() => gateway.close());

describe('what a party sends over HTTP', () => {
  it('is stored, applied once, answered again as the first time, and evidence of it verifies', async () => {
    const notice = noticeOf(randomUUID());
    const first = await notify(gateway.url, notice);
    expect(first).toMatchObject({ status: 200, body: expect.stringMatching(/^taken \d+$/) });
    expect(await notify(gateway.url, notice)).toEqual(first);
    expect([await states(), await effects()]).toEqual([['applied'], 1]);
    const evidence = createEvidenceModule({ database: test.database, settings: { signingKeys: [], sealLagMs: 0 } });
    expect((await evidence.audit(null)).faults).toEqual([]);
    const { rows } = await test.database.query<{ kind: string }>(`SELECT kind FROM evidence WHERE chain LIKE 'callback/neighbour/%' ORDER BY id`);
    expect(rows.map(({ kind }) => kind)).toEqual(['callback-received', 'callback-applied']);
  });

  it('may come as the query of a browser, byte for byte', async () => {
    const query = 'code=a%2Fb&owner=x+y&empty=';
    expect(await returnOf(gateway.url, query)).toMatchObject({ status: 200 });
    expect((await test.database.query<{ unique_key: string }>('SELECT unique_key FROM callbacks')).rows).toEqual([{ unique_key: query }]);
  });

  it('is refused for good by the domain, and turned away without a trace when forged', async () => {
    expect(await notify(gateway.url, noticeOf('1', 'unknown'))).toMatchObject({ status: 200, body: 'no-such-dossier' });
    expect(await notify(gateway.url, noticeOf('2'), 'forged')).toMatchObject({ status: 401 });
    expect([await states(), await effects()]).toEqual([['refused'], 1]);
  });

  it('may have a secret at the end of its path, where the receiver asks for one, and leaves it in no log', async () => {
    const secret = 'Aa0_.~-secret-of-the-path';
    const post = async (path: string): Promise<number> => (await fetch(`${gateway.url}/callbacks/${path}`, { method: 'POST', body: noticeOf('5') })).status;
    expect(await post(`neighbour/notice/${secret}`)).toBe(404);
    await gateway.close();
    const [first] = neighbour(apply);
    if (first === undefined) throw new Error('no receiver');
    const verify: typeof first.receiver.verify = ({ pathSecret }) =>
      (pathSecret === secret ? { kind: 'verified', verifiedBy: 'path', uniqueKey: 'one', partyAt: null } : { kind: 'refused', reason: 'secret' });
    gateway = await startCallbackGateway(test.url, [{ ...first, receiver: { ...first.receiver, takesPathSecret: true, verify } }]);
    expect([await post(`neighbour/notice/${secret}`), await post(`neighbour/notice/${secret}0`), await post('neighbour/notice')]).toEqual([200, 401, 401]);
    expect([await post(`neighbour/notice/${secret}/more`), await post('neighbour/notice/%41a0')]).toEqual([404, 404]);
    expect([await states(), gateway.log().includes(secret)]).toEqual([['applied'], false]);
  });

  it('counts by party, kind, outcome and key', async () => {
    const notice = noticeOf('7');
    await notify(gateway.url, notice);
    await notify(gateway.url, notice);
    await notify(gateway.url, notice, 'forged');
    const text = await gateway.metrics.read();
    for (const [outcome, key] of [['applied', 'now'], ['repeated', 'now'], ['unverified', 'none']] as const) {
      expect(text).toContain(`onestop_callbacks_total{party="neighbour",kind="notice",outcome="${outcome}",verified_by="${key}"} 1`);
    }
    expect(text + gateway.log()).not.toContain('CANARY');
  });
});

describe('the callback door', () => {
  it.each(['/callbacks/neighbour', '/callbacks/neighbour/other', '/callbacks/neighbour/notice/', '/callbacks//notice', '/callbacks/neighbour/%6eotice', '/callbacks/', '/callbacks'])('knows no %s', async (path) => {
    expect((await fetch(gateway.url + path, { method: 'POST', body: 'x' })).status).toBe(404);
  });

  it('is closed where no party may call', async () => {
    await gateway.close();
    gateway = await startCallbackGateway(test.url, []);
    expect((await notify(gateway.url, noticeOf('1'))).status).toBe(404);
    expect(gateway.callbacks.handler).toBeNull();
  });

  it('has a listener of its own where one is configured, and then no other', async () => {
    await reopen({ listener: { host: '127.0.0.1', port: 0 } });
    expect((await notify(gateway.url, noticeOf('1'))).status).toBe(404);
    expect((await notify(gateway.ownUrl ?? '', noticeOf('1'))).status).toBe(200);
    const status = async (path: string): Promise<number> => (await fetch(`${gateway.ownUrl ?? ''}${path}`)).status;
    expect([await status('/health/ready'), await status('/graphql'), await status('/metrics'), await status('/login')]).toEqual([200, 404, 404, 404]);
  });

  it('lets one address send so many a minute, forged ones too', async () => {
    await reopen({ perAddress: 3 });
    const answers = [await notify(gateway.url, noticeOf('1')), await notify(gateway.url, 'x', 'forged'), await notify(gateway.url, noticeOf('2')), await notify(gateway.url, noticeOf('3'))];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 429]);
    expect(Number(answers[3]?.retryAfter)).toBeGreaterThan(0);
    expect(await states()).toHaveLength(2);
  });

  it('cuts a body that never ends, and keeps nothing of it', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write('POST /callbacks/neighbour/notice HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\ncode');
    socket.on('error', () => undefined);
    socket.resume();
    await new Promise((fulfil) => socket.once('close', fulfil));
    expect(await states()).toEqual([]);
    expect((await notify(gateway.url, noticeOf('1'))).status).toBe(200);
  }, 30_000);
});

describe('what was stored and not applied', () => {
  it('because the process was killed is applied by another one, and the repeat gets the answer', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../support/callback-crash.ts'), test.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<NodeJS.Signals | null>((fulfil) => child.once('close', (_code, signal) => fulfil(signal)));
    const doomed = await new Promise<string>((fulfil) => child.stdout.once('data', (chunk: Buffer) => fulfil(chunk.toString().trim())));
    const notice = noticeOf(randomUUID());
    await expect(notify(doomed, notice)).rejects.toThrow();
    expect(await ended).toBe('SIGKILL');
    expect([await states(), await effects()]).toEqual([['received'], 0]);
    await makeDue();
    gateway.callbacks.sweeper.start(5);
    await eventually('the sweeper', async () => (await states())[0] === 'applied');
    expect(await notify(gateway.url, notice)).toMatchObject({ status: 200, body: expect.stringMatching(/^taken/) });
    expect(await effects()).toBe(1);
  }, 60_000);

  it('shows its age, and a process is not ready when nobody looks at what is due', async () => {
    failure = new Error('the domain is away');
    expect((await notify(gateway.url, noticeOf('1'))).status).toBe(503);
    const age = (interval: string): Promise<unknown> => test.database.query(`UPDATE callbacks SET received_at = now() - interval '300 seconds', due_at = now() + interval '${interval}'`);
    await age('10 seconds');
    expect(await gateway.callbacks.readiness()).toMatchObject({ ready: true, detail: { waiting: 1 } });
    expect(await gateway.metrics.read()).toMatch(/onestop_callbacks_waiting_seconds\{party="neighbour",kind="notice"\} 30\d/);
    await age('-120 seconds');
    expect(await gateway.callbacks.readiness()).toMatchObject({ ready: false });
  });

  it('of a party that is configured no more does not hold up the others', async () => {
    failure = new Error('the domain is away');
    await notify(gateway.url, noticeOf('1'));
    failure = null;
    await test.database.query(`INSERT INTO callbacks (party, kind, unique_key, verified_by, digest, body, due_at)
      SELECT 'former', 'notice', n::text, 'now', '\\x00', 'k1.x', now() - interval '1 day' FROM generate_series(1, 150) n`);
    await makeDue();
    expect(await gateway.callbacks.sweeper.sweep()).toBe(1);
    expect((await gateway.callbacks.readiness()).detail.waiting).toBe(0);
  });
});

describe('rotation of field keys', () => {
  it('brings stored bodies under the current key, after which the old one may go', async () => {
    failure = new Error('the domain is away');
    for (const code of ['1', '2']) await notify(gateway.url, noticeOf(code));
    await reopen({ fieldKeys: [KEYS.current, KEYS.old] });
    expect([await gateway.callbacks.reseal(), await gateway.callbacks.reseal()]).toEqual([2, 0]);
    await reopen({ fieldKeys: [KEYS.current] });
    failure = null;
    await makeDue();
    expect(await gateway.callbacks.sweeper.sweep()).toBe(2);
    expect((await test.database.query(`SELECT 1 FROM callbacks WHERE body LIKE 'k2.%'`)).rowCount).toBe(2);
  });
});
