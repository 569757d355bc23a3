import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AsnConvert } from '@peculiar/asn1-schema';
import { TimeStampReq } from '@peculiar/asn1-tsp';
import { verifyEvidence } from '../../../src/commands/verify-evidence.js';
import { verifyBundle } from '../../../src/evidence/bundle-verifier.js';
import { createEvidenceModule, type EvidenceModule } from '../../../src/evidence/evidence-module.js';
import { trustedStampRoots } from '../../../src/evidence/stamp-certificates.js';
import { TimeStampClient, type TimeStampSettings } from '../../../src/evidence/time-stamp-client.js';
import { stampedBytes } from '../../../src/evidence/time-stamp.js';
import { newNonce, timeStampRequest } from '../../../src/evidence/time-stamp-request.js';
import { createLogger } from '../../../src/observability/logger.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { POLICY, StampServer, TimeStampAuthority, stamping, type StampBehaviour } from '../../support/time-stamp-authority.js';

const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 5) }];
const CODE = 'H42-1';
const silent = createLogger('silent');
const folder = mkdtempSync(join(tmpdir(), 'stamps-'));
const authority = new TimeStampAuthority();
const other = new TimeStampAuthority();
const roots = trustedStampRoots(authority.caPem);

let test: TestDatabase;
let server: StampServer;
let settings: TimeStampSettings;
let evidence: EvidenceModule;
let restarted: EvidenceModule | null = null;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await new StampServer(stamping(authority)).listen();
  settings = { url: server.url, roots, policy: null, timeoutMs: 30_000, allowPrivateAddresses: false };
  evidence = createEvidenceModule({ database: test.database, settings: { signingKeys: KEYS, sealLagMs: 60_000, timeStamps: settings }, logger: silent });
});
afterEach(() => {
  server.behaviour = stamping(authority);
});
afterAll(async () => {
  await restarted?.close();
  await evidence.close();
  await server.close();
  authority.remove();
  other.remove();
  rmSync(folder, { recursive: true });
  await test.drop();
});

const append = (message: string): Promise<void> => test.database.transaction((client) =>
  evidence.log.append(client, [{ chain: `lane/${CODE}`, kind: 'exchange', actor: 'party/x', subject: 's', message }]));
const signHead = async (message: string): Promise<number> => {
  await append(message);
  await evidence.sealer.seal();
  return (await evidence.sealer.signHead(0))?.number ?? 0;
};
const withoutStamp = async (): Promise<number | undefined> => (await evidence.readiness()).detail.headsWithoutStamp;
const waitOver = (): Promise<unknown> => test.database.query('UPDATE evidence_stamp_tries SET next_at = now()');
const run = (): Promise<number> => evidence.stamper?.run(silent) ?? Promise.reject(new Error('no stamper'));
const requestOf = (asked: Buffer): { imprint: Buffer; nonce: Buffer } => {
  const { messageImprint, nonce } = AsnConvert.parse(asked, TimeStampReq);
  return { imprint: Buffer.from(messageImprint.hashedMessage.buffer), nonce: Buffer.from(nonce ?? new ArrayBuffer(0)) };
};

describe('a signed head', () => {
  it('is stamped once, and says so', async () => {
    await signHead('một');
    expect(await withoutStamp()).toBe(1);
    expect(await run()).toBe(1);
    expect(await run()).toBe(0);
    expect(server.requests).toHaveLength(1);
    expect(await evidence.readiness()).toMatchObject({ ready: true, detail: { headsWithoutStamp: 0 } });
    expect(await evidence.audit(null)).toMatchObject({ heads: 1, stampedHeads: 1, faults: [] });
  });

  it('has a stamp that openssl itself finds good', async () => {
    const bundle = await evidence.exporter.bundle(CODE);
    const [head, stamp] = [bundle?.heads[0], bundle?.stamps[0]];
    if (head === undefined || stamp === undefined) throw new Error('no stamp');
    writeFileSync(join(folder, 'head.bin'), stampedBytes(head));
    writeFileSync(join(folder, 'stamp.tsr'), Buffer.from(stamp.response, 'base64'));
    const verify = (data: string) => execFileSync('openssl', ['ts', '-verify', '-data', data, '-in', 'stamp.tsr', '-CAfile', authority.caFile], { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
    expect(verify('head.bin')).toContain('Verification: OK');
    writeFileSync(join(folder, 'other.bin'), 'other');
    expect(() => verify('other.bin')).toThrow('mismatch');
  });

  it('is stamped by one of many workers only', async () => {
    await signHead('hai');
    const before = server.requests.length;
    expect((await Promise.all(Array.from({ length: 6 }, run))).reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(server.requests).toHaveLength(before + 1);
  });

  it('under a policy that is asked for carries it', async () => {
    const client = new TimeStampClient({ ...settings, policy: '1.2.3.4.5' });
    await expect(client.stamp(Buffer.alloc(32, 1))).resolves.toMatchObject({ at: expect.any(Date) });
    server.behaviour = (asked, response) => response.end(authority.answer(timeStampRequest(requestOf(asked).imprint, { nonce: requestOf(asked).nonce, policy: POLICY })));
    await expect(client.stamp(Buffer.alloc(32, 1))).rejects.toMatchObject({ fault: 'other-policy' });
    await client.close();
  });
});

const answering = (body: string | Buffer, status = 200, headers: Record<string, string> = {}): StampBehaviour => (_asked, response) => { response.writeHead(status, headers).end(body); };

describe('an authority that does not stamp', () => {
  it.each<readonly [what: string, behaviour: StampBehaviour, fault: string | null, timeoutMs?: number]>([
    ['stamps something else', (asked, response) => response.end(authority.answer(timeStampRequest(Buffer.alloc(32, 9), { nonce: requestOf(asked).nonce, policy: null }))), 'other-imprint'],
    ['answers an older request', (asked, response) => response.end(authority.answer(timeStampRequest(requestOf(asked).imprint, { nonce: newNonce(), policy: null }))), 'other-nonce'],
    ['is another', stamping(other), 'untrusted'],
    ['talks nonsense', answering('<html>busy</html>'), 'unreadable'],
    ['says nothing', answering(''), 'unreadable'],
    ['sends an answer cut in two', stamping(authority, (answer) => answer.subarray(0, answer.length / 2)), 'unreadable'],
    ['is out of order', answering('', 503), null],
    ['points elsewhere', answering('', 302, { location: 'http://127.0.0.1:1/' }), null],
    ['never stops', answering(Buffer.alloc(200_000)), null],
    ['hangs', () => undefined, null, 500],
    ['breaks off', (_asked, response) => { response.destroy(); }, null],
  ])('because it %s: nothing is stored, the head is signed all the same, and it is asked again later', async (_what, behaviour, fault, timeoutMs = settings.timeoutMs) => {
    const client = new TimeStampClient({ ...settings, timeoutMs });
    server.behaviour = behaviour;
    await expect(client.stamp(Buffer.alloc(32, 1))).rejects.toMatchObject({ name: 'TimeStampError', fault });
    await client.close();
  });

  it('whose clock is not ours proves nothing', async () => {
    const client = new TimeStampClient(settings);
    const inAnHour = Date.now() + 3_600_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => inAnHour);
    try {
      await expect(client.stamp(Buffer.alloc(32, 1))).rejects.toMatchObject({ fault: 'other-time' });
    } finally {
      clock.mockRestore();
      await client.close();
    }
  });

  it('is asked again when the wait is over, and each failure makes the wait longer', async () => {
    server.behaviour = answering('', 503);
    const head = await signHead('ba');
    expect(head).toBeGreaterThan(0);
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect(await run()).toBe(0);
      const { rows } = await test.database.query<{ wait: number }>('SELECT extract(epoch FROM next_at - now())::float8 AS wait FROM evidence_stamp_tries WHERE head = $1', [head]);
      waits.push(rows[0]?.wait ?? 0);
      const asked = server.requests.length;
      expect(await run()).toBe(0);
      expect(server.requests).toHaveLength(asked);
      await waitOver();
    }
    expect(waits.map((wait) => Math.ceil(wait / 10))).toEqual([3, 6, 12]);
    expect(await withoutStamp()).toBe(1);
    expect((await evidence.readiness()).ready).toBe(true);
    server.behaviour = stamping(authority);
    expect(await run()).toBe(1);
    expect(await withoutStamp()).toBe(0);
  });

  it('and is down keeps nothing from being sealed and exported; a worker that starts later makes up for it', async () => {
    const down = await new StampServer(stamping(authority)).listen();
    await down.close();
    const meanwhile = createEvidenceModule({ database: test.database, settings: { signingKeys: KEYS, sealLagMs: 60_000, timeStamps: { ...settings, url: down.url } }, logger: silent });
    await append('bốn');
    const bundle = await meanwhile.exporter.bundle(CODE);
    await meanwhile.close();
    expect(bundle?.heads.length).toBe((bundle?.stamps.length ?? 0) + 1);
    await waitOver();
    restarted = createEvidenceModule({ database: test.database, settings: { signingKeys: KEYS, sealLagMs: 60_000, timeStamps: settings }, logger: silent });
    const stop = restarted.startSealing(silent);
    await eventually('every head is stamped', async () => (await withoutStamp()) === 0, { timeoutMs: 40_000 });
    await stop();
  });
});

describe('checking stamps offline', () => {
  it('takes those under the trusted authority, and names those under another', async () => {
    const bundle = await evidence.exporter.bundle(CODE);
    if (bundle === null) throw new Error('no bundle');
    const heads = bundle.heads.length;
    const keys = evidence.publicKeys;
    expect(verifyBundle(bundle, keys, roots)).toMatchObject({ stampedHeads: heads, faults: [] });
    expect(verifyBundle(bundle, keys)).toMatchObject({ stampedHeads: heads, faults: [] });
    expect(verifyBundle(bundle, keys, trustedStampRoots(other.caPem)).faults).toContainEqual({ kind: 'stamp-refused', where: 'head 1 (untrusted)' });
    const swapped = { ...bundle, stamps: bundle.stamps.map((stamp, index) => ({ ...stamp, response: bundle.stamps[(index + 1) % heads]?.response ?? '' })) };
    expect(verifyBundle(swapped, keys, roots).faults).toContainEqual({ kind: 'stamp-refused', where: 'head 2 (other-imprint)' });
    const stray = { ...bundle, stamps: bundle.stamps.map((stamp) => ({ ...stamp, head: stamp.head + 100 })) };
    expect(verifyBundle(stray, keys, roots).faults).toContainEqual({ kind: 'stamp-refused', where: 'head 101 (no such head)' });
  });

  it('finds a head that was signed anew with the key, which a stamp makes useless', async () => {
    const bundle = await evidence.exporter.bundle(CODE);
    if (bundle === null) throw new Error('no bundle');
    const [first, ...rest] = bundle.heads;
    if (first === undefined) throw new Error('no head');
    const { signHead: sign } = await import('../../../src/evidence/head-signer.js');
    const [key] = KEYS;
    if (key === undefined) throw new Error('no key');
    const forged = { ...bundle, heads: [sign({ ...first, at: '2020-01-01T00:00:00.000000Z' }, key), ...rest] };
    expect(verifyBundle(forged, evidence.publicKeys, roots).faults).toContainEqual({ kind: 'stamp-refused', where: 'head 1 (other-imprint)' });
  });

  it('is what the command does for a file, without configuration or database', async () => {
    const bundle = await evidence.exporter.bundle(CODE);
    const file = join(folder, 'bundle.json');
    writeFileSync(file, JSON.stringify(bundle));
    const lines: string[] = [];
    const print = jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    try {
      const options = { bundle: file, chain: null, publicKeys: evidence.publicKeys.map(({ id, publicKey }) => `${id}:${publicKey}`) };
      expect(await verifyEvidence({ ...options, stampCaFile: authority.caFile })).toBe(true);
      expect(await verifyEvidence({ ...options, stampCaFile: other.caFile })).toBe(false);
      expect(await verifyEvidence(options)).toBe(true);
      await expect(verifyEvidence({ ...options, stampCaFile: file })).rejects.toThrow('no certificate');
    } finally {
      print.mockRestore();
    }
    const heads = String(bundle?.heads.length);
    expect(lines).toContain(`${heads} heads carry a time-stamp.`);
    expect(lines).toContain('head 1 (untrusted): the time-stamp is wrong or its authority is not trusted / dấu thời gian không đúng hoặc nơi cấp không được tin cậy');
    expect(lines).toContain(`${heads} heads carry a time-stamp; not checked, since no --tsa-ca says whom to believe.`);
  });

  it('is part of the audit of the database, where stamps are only added', async () => {
    await expect(test.database.query('DELETE FROM evidence_stamps')).rejects.toMatchObject({ code: 'OG002' });
    await expect(test.database.query(`UPDATE evidence_stamps SET response = ''`)).rejects.toMatchObject({ code: 'OG002' });
    await expect(test.database.query('TRUNCATE evidence_stamps')).rejects.toMatchObject({ code: 'OG002' });
    expect((await evidence.audit(null, { stampRoots: trustedStampRoots(other.caPem) })).faults).toContainEqual({ kind: 'stamp-refused', where: 'head 1 (untrusted)' });
    expect((await evidence.audit(null)).faults).toEqual([]);
  });
});
