import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { verifyHmac } from '../../../adapters/support/callback-keys.js';
import type { CallbackKeys } from '../../../adapters/support/callback-keys.js';
import { bindCallback } from '../../../src/callbacks/callback-binding.js';
import type { BoundCallback } from '../../../src/callbacks/callback-binding.js';
import { CallbackInbox } from '../../../src/callbacks/callback-inbox.js';
import type { CallbackObservation } from '../../../src/callbacks/callback-inbox.js';
import { createPeerReader } from '../../../src/callbacks/callback-peer.js';
import type { CallbackOutcome, CallbackReceiver } from '../../../src/callbacks/callback-receiver-port.js';
import { MAX_CALLBACK_BYTES, createCallbackHandler } from '../../../src/callbacks/callback-route.js';
import { CallbackStore } from '../../../src/callbacks/callback-store.js';
import { CallbackSweeper } from '../../../src/callbacks/callback-sweeper.js';
import { ClockSkew } from '../../../src/callbacks/clock-skew.js';
import { createLogger } from '../../../src/observability/logger.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

const KEYS: CallbackKeys = [{ id: 'current', secret: 'current-secret' }, { id: 'previous', secret: 'previous-secret' }];
const WINDOW_MS = 60_000;

interface Notice { readonly code: string; readonly owner: string; readonly sentAt: string }

/** Answers as the national portal is answered (national-portal.md §4.6): 0 taken, 1 known with other content, -1 not taken. */
const ERROR_CODES: Readonly<Record<CallbackOutcome, number>> = { applied: 0, refused: -1, unreadable: -1, unverified: -1, stale: -1, conflict: 1, unavailable: -1, 'too-large': -1 };
const STATUSES: Partial<Record<CallbackOutcome, number>> = { unverified: 401, unavailable: 503, 'too-large': 413 };

const parse = (bytes: Buffer): Notice | null => {
  try {
    const value = JSON.parse(bytes.toString()) as Partial<Notice>;
    return typeof value.code === 'string' && typeof value.owner === 'string' ? (value as Notice) : null;
  } catch {
    return null;
  }
};

const receiverOf = (over: Partial<CallbackReceiver<Notice>> = {}): CallbackReceiver<Notice> => ({
  party: 'neighbour', kind: 'notice', method: 'POST', timeWindowMs: WINDOW_MS, addresses: null,
  verify: ({ bytes, headers }) => {
    const verifiedBy = verifyHmac(KEYS, { algorithm: 'sha256', encoding: 'hex', signed: bytes, signature: headers['x-signature'] ?? '' });
    if (verifiedBy === null) return { kind: 'refused', reason: 'signature' };
    const { code, sentAt } = JSON.parse(bytes.toString()) as Partial<Notice>;
    return { kind: 'verified', verifiedBy, uniqueKey: code ?? 'none', partyAt: sentAt === undefined ? null : new Date(sentAt) };
  },
  read: parse,
  reply: (outcome, code) => ({ status: STATUSES[outcome] ?? 200, contentType: 'application/json', body: JSON.stringify({ error_code: ERROR_CODES[outcome], message: code ?? outcome }) }),
  ...over,
});

let test: TestDatabase;
let server: Server;
let origin = '';
let applied: string[] = [];
let seen: CallbackObservation[] = [];
let evidence: string[] = [];
let logged = '';
let applyError: Error | null = null;
/** Our clock is so far ahead of the real one. */
let aheadMs = 0;
let inbox: CallbackInbox;
let bound: BoundCallback;

const logger = createLogger('debug', { write: (line: string) => { logged += line; } });

const serve = async (receiver: CallbackReceiver<Notice>): Promise<void> => {
  bound = bindCallback(receiver, async ({ code, owner }, { client, callbackId }) => {
    // The effect is a row in the same transaction, so a rolled back try leaves none.
    await client.query('INSERT INTO effects (callback_id, code) VALUES ($1, $2)', [callbackId, code]);
    if (applyError !== null) throw applyError;
    if (owner === 'unknown') return { outcome: 'refused', code: 'no-such-dossier' };
    applied.push(code);
    return { outcome: 'applied', code: `taken-${callbackId}` };
  });
  const handler = createCallbackHandler({ bindings: [bound], inbox, questions: { bindings: [], desk: { take: () => Promise.reject(new Error('nothing is asked')) } }, peerOf: createPeerReader({ trustedProxies: [], certificateHeader: null }), logger });
  server = createServer((incoming, response) => {
    const [, , party = '', kind = '', secret = null] = (incoming.url ?? '').split('?')[0]?.split('/') ?? [];
    void handler(incoming, response, { party, kind, secret });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const noticeOf = (over: Partial<Notice> = {}): string => JSON.stringify({ code: randomUUID(), owner: 'NGUYỄN VĂN CANARY', sentAt: new Date().toISOString(), ...over });

const post = async (body: string | Buffer, options: { secret?: string; headers?: Record<string, string>; path?: string } = {}): Promise<{ status: number; body: string }> => {
  const signature = createHmac('sha256', options.secret ?? 'current-secret').update(body).digest('hex');
  const { statusCode, body: answer } = await request(`${origin}${options.path ?? '/callbacks/neighbour/notice'}`, { method: 'POST', body, headers: { 'x-signature': signature, ...options.headers } });
  return { status: statusCode, body: await answer.text() };
};

const rows = async (): Promise<{ state: string; body: string | null; verified_by: string }[]> =>
  (await test.database.query<{ state: string; body: string | null; verified_by: string }>('SELECT state, body, verified_by FROM callbacks ORDER BY id')).rows;
const effects = async (): Promise<number> => (await test.database.query('SELECT 1 FROM effects')).rowCount ?? 0;
const outcomes = (): string[] => seen.map(({ outcome }) => outcome);

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query('CREATE TABLE effects (callback_id bigint, code text)');
}, 120_000);
afterAll(() => test.drop());

beforeEach(async () => {
  await test.database.query('TRUNCATE callbacks, callback_skews, effects');
  [applied, seen, evidence, logged, applyError, aheadMs] = [[], [], [], '', null, 0];
  const store = new CallbackStore(test.database);
  inbox = new CallbackInbox({
    database: test.database, store, skew: new ClockSkew(test.database), cipher: new FieldCipher([{ id: 'k1', key: randomBytes(32) }]), digestKey: randomBytes(32),
    evidence: { append: (_client, entries) => { evidence.push(...entries.map(({ kind }) => kind)); return Promise.resolve(); } },
    observe: (observation) => { seen.push(observation); }, logger, now: () => new Date(Date.now() + aheadMs),
  });
  await serve(receiverOf());
});
afterEach(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); }));

describe('a callback', () => {
  it('is applied once; repeats are answered as the first time, without effect', async () => {
    const notice = noticeOf();
    const first = await post(notice);
    expect(first).toMatchObject({ status: 200, body: expect.stringMatching(/"error_code":0,"message":"taken-\d+"/) });
    expect(await post(notice)).toEqual(first);
    expect(await post(notice)).toEqual(first);
    expect({ effects: await effects(), applied: applied.length, outcomes: outcomes() }).toEqual({ effects: 1, applied: 1, outcomes: ['applied', 'repeated', 'repeated'] });
    expect(evidence).toEqual(['callback.received', 'callback.applied']);
  });

  it('that is repeated hears the word that its party has for it', async () => {
    await new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); });
    await serve({ ...receiverOf(), repeated: (first) => ({ ...first, body: `{"error_code":2,"message":"known already, then ${String(first.status)}"}` }) });
    const notice = noticeOf();
    expect((await post(notice)).body).toContain('"error_code":0');
    expect(await post(notice)).toEqual({ status: 200, body: '{"error_code":2,"message":"known already, then 200"}' });
    expect(await effects()).toBe(1);
  });

  it('can be repeated in its reply, whatever became of it', async () => {
    await new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); });
    await serve({ ...receiverOf(), reply: (outcome, _code, bytes) => ({ status: 200, contentType: 'text/plain', body: `${outcome} ${bytes?.toString() ?? 'nothing'}` }) });
    const notice = noticeOf();
    const [other, stale, unreadable] = [noticeOf({ ...JSON.parse(notice) as Notice, owner: 'SOMEBODY ELSE' }), noticeOf({ sentAt: '2020-01-01T00:00:00Z' }), JSON.stringify({ code: 'x', sentAt: new Date().toISOString() })];
    expect([(await post(notice)).body, (await post(other)).body, (await post(stale)).body, (await post(unreadable)).body, (await post(notice, { secret: 'strange' })).body])
      .toEqual([`applied ${notice}`, `conflict ${other}`, `stale ${stale}`, `unreadable ${unreadable}`, `unverified ${notice}`]);
    applyError = new Error('the database is away');
    const failing = noticeOf();
    expect([(await post(failing)).body, (await post('x'.repeat(MAX_CALLBACK_BYTES + 1))).body]).toEqual([`unavailable ${failing}`, 'too-large nothing']);
  });

  it('has one effect when it comes ten times at once', async () => {
    const notice = noticeOf();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(notice)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await effects()).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it('is kept sealed, and its content is in no log', async () => {
    await post(noticeOf());
    await post(noticeOf(), { secret: 'stranger' });
    const [row] = await rows();
    expect(row?.body).toMatch(/^k1\./);
    expect(logged).not.toContain('CANARY');
    expect(logged).not.toContain('secret');
  });

  it('that the domain refuses stays refused', async () => {
    const notice = noticeOf({ owner: 'unknown' });
    const first = await post(notice);
    expect(first.body).toContain('"error_code":-1,"message":"no-such-dossier"');
    expect(await post(notice)).toEqual(first);
    expect(outcomes()).toEqual(['refused', 'repeated']);
  });

  it('that is verified and yet not what was agreed is kept as refused', async () => {
    expect((await post('{"code":"7","sentAt":"2026-01-01T00:00:00Z"}'.replace('2026-01-01T00:00:00Z', new Date().toISOString()))).body).toContain('unreadable');
    expect((await rows()).map(({ state }) => state)).toEqual(['refused']);
  });

  it('with other content under a known key is kept apart, once, alarmed, and changes nothing', async () => {
    const code = randomUUID();
    const first = await post(noticeOf({ code }));
    const other = noticeOf({ code, owner: 'SOMEBODY ELSE' });
    expect((await post(other)).body).toContain('"error_code":1');
    expect((await post(other)).body).toContain('"error_code":1');
    expect((await rows()).map(({ state }) => state)).toEqual(['applied', 'conflict']);
    expect(first.body).toContain('taken');
    expect(await effects()).toBe(1);
    expect(outcomes()).toEqual(['applied', 'conflict', 'conflict']);
    expect(evidence.filter((kind) => kind === 'callback.conflict')).toHaveLength(1);
    expect(logged).toContain('other content under a known key');
  });
});

describe('authentication', () => {
  it('takes either key while they are rotated, and says which', async () => {
    await post(noticeOf());
    await post(noticeOf(), { secret: 'previous-secret' });
    expect((await rows()).map((row) => row.verified_by)).toEqual(['current', 'previous']);
    expect(seen.map(({ verifiedBy }) => verifiedBy)).toEqual(['current', 'previous']);
  });

  it('stores nothing of a stranger', async () => {
    const notice = noticeOf();
    expect(await post(notice, { secret: 'stranger' })).toMatchObject({ status: 401 });
    expect(await post(notice, { headers: { 'x-signature': '' } })).toMatchObject({ status: 401 });
    expect(await rows()).toEqual([]);
    expect(outcomes()).toEqual(['unverified', 'unverified']);
  });

  it('hides the route from other addresses, methods and names', async () => {
    const missing = await post(noticeOf(), { path: '/callbacks/neighbour/other' });
    expect(missing).toEqual({ status: 404, body: '{"error":"NOT_FOUND"}' });
    expect(await post(noticeOf(), { path: '/callbacks/__proto__/notice' })).toEqual(missing);
    const { statusCode } = await request(`${origin}/callbacks/neighbour/notice?x=1`);
    expect(statusCode).toBe(404);
    await new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); });
    await serve(receiverOf({ addresses: ['203.0.113.0/24'] }));
    expect(await post(noticeOf(), { headers: { 'x-forwarded-for': '203.0.113.5' } })).toEqual(missing);
    expect(await rows()).toEqual([]);
  });

  it('takes a secret in the path only for a receiver that asks for one, and writes it nowhere', async () => {
    const heard: (string | undefined)[] = [];
    const secret = 'a-secret-of-the-address';
    expect(await post(noticeOf(), { path: `/callbacks/neighbour/notice/${secret}` })).toMatchObject({ status: 404, body: '{"error":"NOT_FOUND"}' });
    await new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); });
    await serve(receiverOf({ takesPathSecret: true, verify: ({ pathSecret }) => {
      heard.push(pathSecret);
      return { kind: 'refused', reason: 'secret' };
    } }));
    expect((await post(noticeOf(), { path: `/callbacks/neighbour/notice/${secret}` })).status).toBe(401);
    expect((await post(noticeOf())).status).toBe(401);
    expect(heard).toEqual([secret, undefined]);
    expect(logged).not.toContain(secret);
  });

  it('reads no more than it must, and nothing compressed', async () => {
    expect(await post(Buffer.alloc(MAX_CALLBACK_BYTES + 1, 'x')).then(({ status }) => status, () => 413)).toBe(413);
    expect((await post(noticeOf(), { headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
    expect(await rows()).toEqual([]);
  });
});

describe('time', () => {
  const late = (ms: number): string => noticeOf({ sentAt: new Date(Date.now() - ms).toISOString() });

  it('refuses a message from outside the window, and one that tells no time', async () => {
    expect((await post(late(WINDOW_MS * 10))).body).toContain('stale');
    expect((await post(late(-WINDOW_MS * 10))).body).toContain('stale');
    expect((await post(JSON.stringify({ code: '1', owner: 'x' }))).body).toContain('stale');
    expect(await rows()).toEqual([]);
  });

  it('is measured against the clock that the party was seen to have', async () => {
    const answers: string[] = [];
    for (let index = 0; index < 7; index += 1) answers.push((await post(late(600_000))).body);
    expect(answers.slice(0, 5).every((body) => body.includes('stale'))).toBe(true);
    expect(answers.slice(5).every((body) => body.includes('taken'))).toBe(true);
    expect((await post(late(0))).body).toContain('stale');
  });

  it('is not learned from one message that is sent many times', async () => {
    const old = late(600_000);
    for (let index = 0; index < 8; index += 1) expect((await post(old)).body).toContain('stale');
    expect((await post(noticeOf())).body).toContain('taken');
  });

  it('does not matter to a repeat of what was taken', async () => {
    const notice = noticeOf();
    const first = await post(notice);
    for (let index = 0; index < 6; index += 1) await post(late(0));
    aheadMs = WINDOW_MS * 2;
    expect((await post(noticeOf())).body).toContain('stale');
    expect(await post(notice)).toEqual(first);
  });
});

describe('what was stored and not applied', () => {
  it('is told to be sent again, leaves no effect, and is applied by the sweeper; the repeat then gets the answer', async () => {
    applyError = new Error('the domain is away');
    const notice = noticeOf();
    expect((await post(notice)).status).toBe(503);
    expect(await effects()).toBe(0);
    expect((await rows()).map(({ state }) => state)).toEqual(['received']);
    const sweeper = new CallbackSweeper({ bindings: [bound], inbox, store: new CallbackStore(test.database), logger, leaveAloneMs: 0 });
    expect(await sweeper.sweep()).toBe(0);
    applyError = null;
    await test.database.query('UPDATE callbacks SET due_at = now()');
    expect(await sweeper.sweep()).toBe(1);
    expect(await sweeper.sweep()).toBe(0);
    expect((await post(notice)).body).toContain('taken');
    expect(await effects()).toBe(1);
  });

  it('is applied by a repeat of the party as well, also after its time', async () => {
    applyError = new Error('the domain is away');
    const notice = noticeOf();
    await post(notice);
    applyError = null;
    expect((await post(notice)).body).toContain('taken');
    expect(await effects()).toBe(1);
  });

  it('is applied by a sweeper that runs on its own', async () => {
    applyError = new Error('the domain is away');
    await post(noticeOf());
    applyError = null;
    await test.database.query('UPDATE callbacks SET due_at = now()');
    const sweeper = new CallbackSweeper({ bindings: [bound], inbox, store: new CallbackStore(test.database), logger, leaveAloneMs: 0 });
    sweeper.start(5);
    for (const deadline = Date.now() + 10_000; applied.length === 0 && Date.now() < deadline;) await new Promise((resolve) => { setImmediate(resolve); });
    await sweeper.stop();
    expect(applied).toHaveLength(1);
  });
});
