import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayProcess } from '../support/gateway-process.js';
import { HELD_MEMORY, heldMegabytes } from '../support/held-memory.js';
import { createServeHost, type ServeHost } from '../support/serve-process.js';

/** Runs of each property; a night's run sets it to some ten thousands. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const TIMEOUT_MS = 60_000 + RUNS * 800;
/** What lives on after a full collection and is nobody's call: code that got compiled, pools that filled. One of the large bodies kept each round is 4.5 MB. */
const FLAT_MEGABYTES = 4;

interface Call { readonly method: string; readonly target: string; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }
interface Answer { readonly status: number; readonly text: string }

const VALID = [
  '{"query":"{ caller { client } }"}', '{"query":"query ($n: Int!) { events(first: $n) { nodes { id } } }","variables":{"n":1},"operationName":null}', '{"documentId":"sha256:00"}',
  '{"query":"{ caller { client } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}', '{"name":"an","password":"x","code":"123456"}', '{"currentPassword":"a","newPassword":"b"}',
];
const TYPES = ['application/json', 'application/json; charset=utf-8', 'application/json; charset=utf-16', 'text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/graphql', ''];

/** A valid body with some of its bytes changed, left out or doubled. */
const mutated = fc.tuple(fc.constantFrom(...VALID), fc.array(fc.tuple(fc.nat(), fc.constantFrom('change', 'drop', 'double'), fc.nat(255)), { maxLength: 4 })).map(([text, changes]) => {
  let bytes = Buffer.from(text);
  for (const [at, how, byte] of changes) {
    const index = at % bytes.length;
    const middle = how === 'drop' ? [] : how === 'change' ? [byte] : [bytes[index] ?? 0, byte];
    bytes = Buffer.concat([bytes.subarray(0, index), Buffer.from(middle), bytes.subarray(index + 1)]);
  }
  return bytes;
});
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('', '\u0000', '__proto__', '../../etc/passwd', "' OR 1=1 --", '%00', '\ud800'));
const login = fc.record({ name: fc.oneof(text, fc.jsonValue()), password: fc.oneof(text, fc.jsonValue()), code: fc.oneof(text, fc.jsonValue()), ['__proto__']: fc.jsonValue() }, { requiredKeys: [] });
const xml = fc.array(fc.constantFrom('<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<a>', '</a>', '<a b="1"', '/>', '&x;', '<![CDATA[', ']]>', 'số'), { maxLength: 20 }).map((parts) => parts.join(''));
const body = fc.oneof(mutated, fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)), fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))), login.map((value) => Buffer.from(JSON.stringify(value))), xml.map((value) => Buffer.from(value)));
const headerValue = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(...'aZ09 ;,=:/"\\%{}é') });
const path = fc.oneof(
  fc.constantFrom('/graphql', '/graphql', '/login', '/login', '/password', '/logout', '/session', '/login/oidc/callback?code=a&state=b', '/callbacks/national-portal/notice', '/files/abc', '/metrics', '/queues/', '/health/ready'),
  fc.array(fc.constantFrom('graphql', 'callbacks', 'files', '..', '%2e%2e', '%', '%c0%af', '//', ';', '?query={__typename}', '&', 'ế', '%00'), { maxLength: 5 }).map((parts) => `/${encodeURI(parts.join('/')).replaceAll('%25', '%')}`),
);
const headers = fc.record({
  'content-type': fc.constantFrom(...TYPES), accept: fc.oneof(fc.constantFrom('*/*', 'application/json', 'application/graphql-response+json', 'text/html', 'multipart/mixed'), headerValue), cookie: headerValue, origin: headerValue,
  'x-correlation-id': headerValue, traceparent: headerValue, 'content-encoding': fc.constantFrom('gzip', 'identity', 'x'), authorization: fc.oneof(headerValue, headerValue.map((value) => `Basic ${value}`)), 'apollo-require-preflight': headerValue,
}, { requiredKeys: ['content-type'] });

const send = (origin: string, call: Call): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(`${origin}/`, { method: call.method, path: call.target, headers: { 'content-length': String(call.body.length), ...call.headers } }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    // A connection that was kept may be closed while this call goes out: then it was not looked at.
    sent.on('error', (error: NodeJS.ErrnoException) => { if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(send(origin, call)); else reject(error); });
    sent.end(call.body);
  });

describe('every door of a process, whatever comes', () => {
  let host: ServeHost;
  let gateway: GatewayProcess;
  let url: string;
  let caller = 0;
  beforeAll(async () => {
    host = await createServeHost();
    // Each call claims another address, so that no limit on tries keeps calls from the code behind it.
    ({ gateway, url } = await host.serve({ RATE_LIMIT_CLIENT: '0', RATE_LIMIT_TOTAL: '0', TRUSTED_PROXY: 'loopback', ...HELD_MEMORY }));
  }, 90_000);
  afterAll(() => host.close(), 60_000);

  /** Never a 5xx, a stack or a place in our code; and the process lives on. */
  const check = async (call: Call): Promise<Answer> => {
    caller += 1;
    const address = `10.${(caller >> 16) & 255}.${(caller >> 8) & 255}.${caller & 255}`;
    const answer = await send(url, { ...call, headers: { ...call.headers, 'x-forwarded-for': address } });
    if (answer.status >= 500 || /\.[jt]s:\d+|node_modules|^\s+at /m.test(answer.text)) throw new Error(`${call.method} ${call.target} got ${answer.status} ${answer.text.slice(0, 400)}`);
    if (gateway.child.exitCode !== null) throw new Error(`The process ended: ${gateway.output()}`);
    return answer;
  };
  const bearers = (): string[] => [host.keys.portal, host.keys.operator].map((key) => `Bearer ${key}`);

  it('answers any call of any path', async () => {
    const call = fc.record({ method: fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'DELETE', 'HEAD'), target: path, headers, body, proved: fc.boolean() });
    await fc.assert(fc.asyncProperty(call, async ({ proved, ...made }) => {
      for (const authorization of proved ? bearers() : [null]) await check({ ...made, headers: { ...made.headers, ...(authorization === null ? {} : { authorization }) } });
    }), { numRuns: RUNS });
    expect((await check({ method: 'POST', target: '/graphql', headers: { 'content-type': 'application/json', authorization: bearers()[0] ?? '' }, body: Buffer.from(VALID[0] ?? '') })).status).toBe(200);
  }, TIMEOUT_MS);

  it('answers any JSON at /login and /password without a session for it', async () => {
    const reached = new Set<number>();
    await fc.assert(fc.asyncProperty(fc.constantFrom('/login', '/password'), fc.oneof(login, fc.record({ name: text, password: text })), async (target, value) => {
      reached.add((await check({ method: 'POST', target, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) })).status);
    }), { numRuns: RUNS });
    // Some were judged by their password, so the fuzz reached what is behind the reader.
    expect([...reached].sort()).toEqual(expect.arrayContaining([400, 401]));
    expect([...reached].filter((status) => ![400, 401, 429].includes(status))).toEqual([]);
    const { rows } = await host.test.database.query('SELECT count(*)::int AS n FROM sessions');
    expect(rows).toEqual([{ n: 0 }]);
  }, TIMEOUT_MS);

  it('keeps its memory flat over bodies that are deep, wide and as large as they may be', async () => {
    const size = 900_000;
    const large = [
      `{"query":"{ caller { client } }","variables":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`, `{"query":"{ caller { client } }","variables":{"a":${'{"a":'.repeat(size / 6)}1${'}'.repeat(size / 6)}}}`,
      `{"query":"${'{ a '.repeat(size / 4)}"}`, `{"query":"${'#'.repeat(size)}"}`, `{"query":"{ caller(a: ${'['.repeat(size / 2)} ) }"}`, `[${'{"query":"{ caller { client } }"},'.repeat(size / 40)}{}]`,
      `{"name":${'['.repeat(size / 2)}${']'.repeat(size / 2)},"password":"x"}`, `{"name":"${'a'.repeat(size)}","password":"x"}`,
      `{"query":"mutation ($k: IdempotencyKey!, $d: [DossierInput!]!) { upsertDossiers(idempotencyKey: $k, dossiers: $d) { __typename } }","variables":{"k":"k","d":[${'{"a":'.repeat(size / 6)}1${'}'.repeat(size / 6)}]}}`,
      `<a>${'<b>'.repeat(size / 3)}`,
    ].map((value) => Buffer.from(value));
    const round = async (): Promise<void> => {
      for (const target of ['/graphql', '/login', '/callbacks/national-portal/notice']) {
        for (const one of large) await check({ method: 'POST', target, headers: { 'content-type': 'application/json', authorization: bearers()[1] ?? '' }, body: one });
      }
    };
    for (let warm = 0; warm < 3; warm += 1) await round();
    const before = await heldMegabytes(gateway);
    for (let again = 0; again < 5; again += 1) await round();
    expect(await heldMegabytes(gateway) - before).toBeLessThan(FLAT_MEGABYTES);
  }, 120_000);

  it('has no defect to log after all that', () => {
    expect(gateway.output().split('\n').filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
    expect(gateway.child.exitCode).toBeNull();
  });
});
