import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { verifyHmac } from '../../../adapters/support/callback-keys.js';
import { SignalError } from '../../../adapters/support/signals.js';
import { parseStrictJson } from '../../../adapters/support/strict-json.js';
import { decodeUtf8 } from '../../../adapters/support/utf8.js';
import { passXmlGate } from '../../../adapters/support/xml-gate.js';
import { findElement, readXml } from '../../../adapters/support/xml-reader.js';
import { bindCallback, type BoundCallback } from '../../../src/callbacks/callback-binding.js';
import type { CallbackOutcome, CallbackReceiver } from '../../../src/callbacks/callback-receiver-port.js';
import { startCallbackGateway, type CallbackGateway } from '../../support/callback-gateway.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/** Runs of each property; a night's run sets it to some ten thousands. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const TIMEOUT_MS = 30_000 + RUNS * 100;
const FLAT_BYTES = 20_000_000;
const SECRET = 'secret-of-the-fuzzed-party';
const STATUSES: Partial<Record<CallbackOutcome, number>> = { unreadable: 422, unverified: 401, unavailable: 503, 'too-large': 413 };

interface Notice { readonly code: string }

/** What an adapter does: the one gate of its format, and null for whatever does not pass it. */
const orNull = (read: () => string | undefined): Notice | null => {
  try {
    const code = read();
    return code === undefined ? null : { code };
  } catch (error) {
    if (error instanceof SignalError) return null;
    throw error;
  }
};
const READERS: Readonly<Record<'xml' | 'json', (bytes: Buffer) => Notice | null>> = {
  xml: (bytes) => orNull(() => findElement(readXml(passXmlGate(bytes)), 'code')?.text),
  json: (bytes) => orNull(() => {
    const value = parseStrictJson(decodeUtf8(bytes));
    const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : undefined;
    return typeof code === 'string' ? code : undefined;
  }),
};

const receiverOf = (kind: 'xml' | 'json'): CallbackReceiver<Notice> => ({
  party: 'fuzzed', kind, method: 'POST', timeWindowMs: null, addresses: null,
  verify: ({ bytes, headers }) => {
    const verifiedBy = verifyHmac([{ id: 'now', secret: SECRET }], { algorithm: 'sha256', encoding: 'hex', signed: bytes, signature: headers['x-signature'] ?? '' });
    return verifiedBy === null ? { kind: 'refused', reason: 'signature' } : { kind: 'verified', verifiedBy, uniqueKey: createHmac('sha256', 'id').update(bytes).digest('hex'), partyAt: null };
  },
  read: READERS[kind],
  reply: (outcome, code) => ({ status: STATUSES[outcome] ?? 200, contentType: 'text/plain', body: code ?? outcome }),
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Bytes that are in use once what is garbage is gone. */
const usedBytes = (): number => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

describe('the door of callbacks', () => {
  let test: TestDatabase;
  let gateway: CallbackGateway;
  const bindings: readonly BoundCallback[] = (['xml', 'json'] as const).map((kind) => bindCallback(receiverOf(kind), () => Promise.resolve({ outcome: 'applied', code: null })));
  beforeAll(async () => {
    test = await createTestDatabase();
    gateway = await startCallbackGateway(test.url, bindings);
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await test.drop();
  });

  const send = (kind: string, body: Buffer, signature = createHmac('sha256', SECRET).update(body).digest('hex')): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const call = request(`${gateway.url}/callbacks/fuzzed/${kind}`, { method: 'POST', headers: { 'x-signature': signature, 'content-length': body.length } }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      });
      call.on('error', reject);
      call.end(body);
    });
  const check = async (kind: 'xml' | 'json', body: Buffer): Promise<number> => {
    const { status, text } = await send(kind, body);
    const readable = READERS[kind](body) !== null;
    if (status !== (readable ? 200 : 422) || text !== (readable ? 'applied' : 'unreadable')) throw new Error(`${kind} got ${status} ${text.slice(0, 200)}`);
    return status;
  };

  const junk = (pieces: readonly string[]): fc.Arbitrary<Buffer> => fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''))), fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), fc.string({ unit: 'binary' }).map((value) => Buffer.from(value)),
  );
  const wrapped = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => Buffer.from(`<m><code>${value}</code></m>`));

  it.each([
    ['xml', fc.oneof(wrapped, junk(['<m>', '</m>', '<code>', '</code>', '<code', ' a="1"', '/>', '&amp;', '&#0;', '&x;', '<![CDATA[', ']]>', '<!-- -->', '<?a?>', '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<constructor>', 'ế', '\u0000']))],
    ['json', fc.oneof(fc.record({ code: fc.jsonValue() }).map((value) => Buffer.from(JSON.stringify(value))), junk(['{', '}', '[', ']', '"code"', ':', ',', '"a"', '"__proto__"', '1e999', '\\ud800', 'null', ' ', '\u0000']))],
  ] as const)('takes any %s bytes that are signed, and says the same as the one reader', async (kind, bodies) => {
    const seen = new Set<number>();
    await fc.assert(fc.asyncProperty(bodies, async (body) => void seen.add(await check(kind, body))), { numRuns: RUNS });
    expect([...seen].sort()).toEqual([200, 422]);
  }, TIMEOUT_MS);

  it('refuses any bytes under any signature but the right one, and stores nothing of them', async () => {
    const count = async (): Promise<number> => (await test.database.query<{ n: number }>('SELECT count(*)::int AS n FROM callbacks')).rows[0]?.n ?? -1;
    const before = await count();
    const signature = fc.oneof(fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }), fc.string({ unit: fc.constantFrom(...'aZ09 ,;='), maxLength: 70 }));
    await fc.assert(fc.asyncProperty(fc.constantFrom('xml', 'json'), fc.uint8Array({ maxLength: 200 }), signature, async (kind, bytes, forged) => {
      const { status } = await send(kind, Buffer.from(bytes), forged);
      if (status !== 401) throw new Error(`${kind} got ${status}`);
    }), { numRuns: RUNS });
    expect(await count()).toBe(before);
  }, TIMEOUT_MS);

  // Half a minute of a core that is shared with others.
  it('keeps its memory flat over bodies that are deep and as large as they may be', async () => {
    const size = 250_000;
    const round = async (salt: number): Promise<void> => {
      for (const text of ['<a>'.repeat(size / 3), `<a ${'b="1" '.repeat(size / 6)}/>`, `<a>${'<b/>'.repeat(size / 4)}</a>`]) expect(await check('xml', Buffer.from(`${text}<!--${salt}-->`))).toBe(422);
      for (const text of ['['.repeat(size), `{"a":[${'1,'.repeat(size / 2)}1]}`, `"${'a'.repeat(size)}"`]) expect(await check('json', Buffer.from(text + ' '.repeat(salt)))).toBe(422);
    };
    await round(0);
    const before = usedBytes();
    const after: number[] = [];
    // What is only late to be collected is gone at some reading; what is kept, 1.5 MB a round, is in each.
    for (let salt = 1; salt <= 28; salt += 1) {
      await round(salt);
      if (salt > 20) after.push(usedBytes());
    }
    expect(Math.min(...after) - before).toBeLessThan(FLAT_BYTES);
  }, 240_000);

  it('has no defect to log after all that', () => {
    expect(gateway.log().split('\n').filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
