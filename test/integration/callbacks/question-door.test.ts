import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyToken } from '../../../adapters/support/callback-keys.js';
import { bindQuestion } from '../../../src/callbacks/question-binding.js';
import type { QuestionReceiver } from '../../../src/callbacks/question-port.js';
import { createEvidenceModule } from '../../../src/evidence/evidence-module.js';
import { neighbour, notify, noticeOf, startCallbackGateway, type CallbackGateway } from '../../support/callback-gateway.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const TOKEN = 'a-token-of-the-neighbour-32-characters';
const FAILURES = { unverified: 401, unreadable: 400, unavailable: 503, 'too-large': 413 };

const receiver = (kind: string, addresses: readonly string[] | null = null): QuestionReceiver<{ readonly code: string }, string> => ({
  party: 'neighbour', kind, method: 'POST', addresses,
  verify: ({ headers }) => {
    const verifiedBy = verifyToken([{ id: 'now', secret: TOKEN }], headers['x-token'] ?? '');
    return verifiedBy === null ? { kind: 'refused', reason: 'token' } : { kind: 'verified', verifiedBy };
  },
  read: (bytes) => (bytes.length > 0 && bytes.length < 50 ? { code: bytes.toString() } : null),
  reply: (answer, { code }) => ({ status: 200, contentType: 'text/plain', body: `${code} owes ${answer}` }),
  fail: (why) => ({ status: FAILURES[why], contentType: 'text/plain', body: why }),
});

let test: TestDatabase;
let gateway: CallbackGateway;
let answer: (signal: AbortSignal) => Promise<string>;
let amountVnd = 0;

const ask = async (body: string, { kind = 'bill', token = TOKEN, method = 'POST' } = {}): Promise<{ status: number; body: string }> => {
  const response = await fetch(`${gateway.url}/callbacks/neighbour/${kind}`, { method, headers: { 'x-token': token }, ...(method === 'GET' ? {} : { body }) });
  return { status: response.status, body: await response.text() };
};
const evidence = async (): Promise<readonly { kind: string; subject: string; body: string }[]> =>
  (await test.database.query<{ kind: string; subject: string; body: string }>(
    `SELECT e.kind, e.subject, b.body FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.chain LIKE 'question/neighbour/%' ORDER BY e.id`)).rows;
const count = async (): Promise<number> => (await evidence()).length;

beforeAll(async () => { test = await createTestDatabase(); }, 120_000);
afterAll(() => test.drop());
beforeEach(async () => {
  answer = () => Promise.resolve(`${amountVnd} VND`);
  gateway = await startCallbackGateway(test.url, neighbour(() => Promise.resolve({ outcome: 'applied', code: null })), {
    questions: [
      bindQuestion(receiver('bill'), (_question, signal) => answer(signal)),
      bindQuestion(receiver('hasty'), (_question, signal) => answer(signal), 50),
      bindQuestion(receiver('elsewhere', ['192.0.2.1']), () => Promise.resolve('nothing')),
    ],
  });
});
afterEach(() => gateway.close());

describe('what a party asks over HTTP', () => {
  it('is answered afresh each time, beside callbacks', async () => {
    amountVnd = 1_000;
    expect(await ask('D1')).toEqual({ status: 200, body: 'D1 owes 1000 VND' });
    amountVnd = 0;
    expect(await ask('D1')).toEqual({ status: 200, body: 'D1 owes 0 VND' });
    expect((await notify(gateway.url, noticeOf('1'))).status).toBe(200);
    expect((await test.database.query(`SELECT 1 FROM callbacks WHERE kind = 'bill'`)).rowCount).toBe(0);
  });

  it('leaves evidence of each exchange that verifies, with digests only', async () => {
    const before = await count();
    await ask('CANARY-DOSSIER');
    await ask('CANARY-DOSSIER');
    const records = (await evidence()).slice(before);
    expect(records.map(({ kind, subject }) => [kind, subject])).toEqual([['question-answered', 'bill'], ['question-answered', 'bill']]);
    const bodies = records.map(({ body }) => JSON.parse(body) as { question: string; reply: string; verifiedBy: string });
    expect(bodies[0]).toMatchObject({ verifiedBy: 'now', status: 200, question: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(bodies[0]?.question).toBe(bodies[1]?.question);
    expect(JSON.stringify(records) + gateway.log() + await gateway.metrics.read()).not.toContain('CANARY');
    expect((await createEvidenceModule({ database: test.database, settings: { signingKeys: [], sealLagMs: 0 } }).audit(null)).faults).toEqual([]);
  });

  it('is told that it cannot be read, which leaves evidence, too', async () => {
    const before = await count();
    expect(await ask('')).toEqual({ status: 400, body: 'unreadable' });
    expect((await evidence()).slice(before).map(({ kind }) => kind)).toEqual(['question-unreadable']);
  });

  it('is turned away without its token, answered by nobody and without a trace', async () => {
    const before = await count();
    answer = () => Promise.reject(new Error('a stranger was answered'));
    expect(await ask('D1', { token: 'guessed' })).toEqual({ status: 401, body: 'unverified' });
    expect(await count()).toBe(before);
  });

  it.each([['by another method', { method: 'GET' }], ['of another kind', { kind: 'other' }], ['from another address', { kind: 'elsewhere' }]])('does not exist %s', async (_name, over) => {
    expect(await ask('D1', over)).toEqual({ status: 404, body: '{"error":"NOT_FOUND"}' });
  });

  it('is cut at the size of callbacks', async () => {
    expect(await ask('x'.repeat(300_000))).toEqual({ status: 413, body: 'too-large' });
  });

  it('is told to come again when the answer fails, and when it takes too long; the work is told that nobody waits', async () => {
    answer = () => Promise.reject(new Error('the database is away'));
    expect(await ask('D1')).toEqual({ status: 503, body: 'unavailable' });
    const before = await count();
    let told = false;
    answer = (signal) => new Promise((_fulfil, reject) => {
      signal.addEventListener('abort', () => {
        told = true;
        reject(new Error('nobody waits'));
      });
    });
    expect(await ask('D1', { kind: 'hasty' })).toEqual({ status: 503, body: 'unavailable' });
    expect([told, await count()]).toEqual([true, before]);
  });

  it('is counted by party, kind, outcome and key', async () => {
    await ask('D1');
    await ask('D1', { token: 'guessed' });
    const text = await gateway.metrics.read();
    expect(text).toContain('onestop_questions_total{party="neighbour",kind="bill",outcome="answered",verified_by="now"} 1');
    expect(text).toContain('onestop_questions_total{party="neighbour",kind="bill",outcome="unverified",verified_by="none"} 1');
    expect(text).toContain('onestop_question_seconds_count{party="neighbour",kind="bill"} 2');
  });
});

describe('a question', () => {
  it('has a route of its own', async () => {
    const clash = startCallbackGateway(test.url, neighbour(() => Promise.resolve({ outcome: 'applied', code: null })), { questions: [bindQuestion(receiver('notice'), () => Promise.resolve(''))] });
    await expect(clash).rejects.toThrow('share a route');
  });

  it('opens the door where nothing but questions is configured', async () => {
    await gateway.close();
    gateway = await startCallbackGateway(test.url, [], { questions: [bindQuestion(receiver('bill'), () => Promise.resolve('5'))] });
    expect(await ask('D1')).toEqual({ status: 200, body: 'D1 owes 5' });
  });
});
