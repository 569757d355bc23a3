import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NATIONAL_PORTAL } from '../../adapters/registry.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { SILENT_LOGGER } from './hasty.js';
import { startNationalPortal } from './national-portal-harness.js';
import { dossierCode, recordedCall, sampleDossier, sampleStep, submissionOf } from './sample-dossier.js';

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });

/** A server that keeps what arrives and answers with the next of the given bodies. */
const listening = async (answers: readonly string[]): Promise<{ readonly url: string; readonly seen: Seen[] }> => {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.setHeader('content-type', 'application/json');
      response.end(answers[seen.length - 1] ?? '');
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanUps.push(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); }));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
};

const portalOf = (env: Record<string, string>) => {
  const read = NATIONAL_PORTAL.settings.read({ NATIONAL_PORTAL_AGENCY_CODE: '000.00.00.H42', ...env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const circuits = new CircuitBoard();
  const portal = NATIONAL_PORTAL.create(read.settings, { circuits, logger: SILENT_LOGGER });
  cleanUps.push(async () => { await portal.close(); circuits.close(); });
  return portal;
};

const G1 = { NATIONAL_PORTAL_G1_USERNAME: 'user', NATIONAL_PORTAL_G1_PASSWORD: 'pass' };
const OK = '{"error_code":0,"message":"Thành công"}';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('what G1 sends', () => {
  it('logs in and syncs behind the forwarder, with dstcode in the query and the session in the body', async () => {
    const { url, seen } = await listening(['{"returnSession":{"session":"s-1","error_code":"0"}}', OK]);
    const portal = portalOf({
      ...G1, NATIONAL_PORTAL_G1_URL: `${url}/VXPAdapter/RestService/forward/`, NATIONAL_PORTAL_G1_INTEGRATION_PATH: '/mapi/integrate',
      NATIONAL_PORTAL_G1_PROVIDER_URL: 'http://10.0.0.41:8083/', NATIONAL_PORTAL_SEND_TRACEPARENT: 'true',
    });
    await portal.registry.upsertDossier(submissionOf(sampleDossier(7)), recordedCall(TRACE).call);
    const query = 'dstcode=VN:GOV:000.00.00.G22:vpcpdvcprovider&providerurl=http%3A%2F%2F10.0.0.41%3A8083%2F';
    expect(seen.map((request) => request.url)).toEqual([
      `/VXPAdapter/RestService/forward/mapi/login?${query}`, `/VXPAdapter/RestService/forward/mapi/integrate?${query}`,
    ]);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ username: 'user', password: 'pass' });
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({
      session: 's-1', madonvi: '000.00.00.H42', service: 'DongBoHoSoMC', isUpdating: 'False', data: [{ MaHoSo: dossierCode(7) }],
    });
    expect(seen[1]?.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', accept: 'application/json', traceparent: TRACE });
    expect(seen[1]?.headers['dstcode']).toBeUndefined();
  });

  it('can send dstcode as a header, and uses the share path for lists', async () => {
    const { url, seen } = await listening(['{"session":"s-1","error_code":0}', '{"error_code":0,"result":[]}']);
    const portal = portalOf({ ...G1, NATIONAL_PORTAL_G1_URL: `${url}/XrdAdapter/RestService/forward`, NATIONAL_PORTAL_G1_DSTCODE_IN: 'header', NATIONAL_PORTAL_G1_SHARE_PATH: 'mapi/share' });
    await portal.sharedLists.listFields(recordedCall(TRACE).call);
    expect(seen.map((request) => request.url)).toEqual(['/XrdAdapter/RestService/forward/mapi/login', '/XrdAdapter/RestService/forward/mapi/share']);
    expect(seen.map((request) => request.headers['dstcode'])).toEqual(Array(2).fill('VN:GOV:000.00.00.G22:vpcpdvcprovider'));
    expect(seen[1]?.headers['traceparent']).toBeUndefined();
  });

  it('does not follow a redirect', async () => {
    const { url, seen } = await listening(['{"session":"s-1","error_code":0}']);
    const server = createServer((_request, response) => { response.writeHead(307, { location: url }).end(); });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    cleanUps.push(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); }));
    const portal = portalOf({ ...G1, NATIONAL_PORTAL_G1_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/forward` });
    await expect(portal.registry.findDossier('x', recordedCall().call)).rejects.toMatchObject({ kind: 'unavailable', code: 'http-307' });
    expect(seen).toHaveLength(0);
  });

  it('stops reading a reply that is too large', async () => {
    const { url } = await listening(['{"session":"s-1","error_code":0}', `{"error_code":0,"message":"${'x'.repeat(5000)}"}`]);
    const portal = portalOf({ ...G1, NATIONAL_PORTAL_G1_URL: url, NATIONAL_PORTAL_MAX_REPLY_BYTES: '1000' });
    await expect(portal.registry.upsertDossier(submissionOf(sampleDossier(7)), recordedCall().call)).rejects.toMatchObject({ kind: 'outcome-unknown', code: 'too-large' });
  });
});

describe('what G2 sends', () => {
  it('gets a token, and sends bare arrays to one URL per service', async () => {
    const exists = '{"error_code":"0","message":"Hồ sơ đã tồn tại"}';
    const { url, seen } = await listening(['{"access_token":"t-1","token_type":"Bearer","expires_in":3600}', exists, '{"error_code":"0","message":"ok"}', 'Thành công']);
    const portal = portalOf({
      NATIONAL_PORTAL_WIRE: 'g2', NATIONAL_PORTAL_G2_URL: `${url}/KetNoiMotCuaQuocGia`, NATIONAL_PORTAL_G2_CONSUMER_KEY: 'key', NATIONAL_PORTAL_G2_CONSUMER_SECRET: 'secret',
      NATIONAL_PORTAL_G2_UPDATE_SUFFIX: 'CapNhat', NATIONAL_PORTAL_G2_PROGRESS_SUFFIX: 'TienTrinh',
    });
    await portal.registry.upsertDossier(submissionOf(sampleDossier(7)), recordedCall().call);
    await portal.registry.appendSteps([sampleStep('1', 7)], recordedCall().call);
    expect(seen.map((request) => request.url)).toEqual([
      '/token',
      '/KetNoiMotCuaQuocGia/DongBoHoSoMC?MaDinhDanhDV=000.00.00.H42&isUpdating=False',
      '/KetNoiMotCuaQuocGia/CapNhat?MaDinhDanhDV=000.00.00.H42&isUpdating=True',
      '/KetNoiMotCuaQuocGia/TienTrinh?MaDinhDanhDV=000.00.00.H42',
    ]);
    expect(seen[0]).toMatchObject({ body: 'grant_type=client_credentials', headers: { authorization: 'Basic a2V5OnNlY3JldA==', 'content-type': 'application/x-www-form-urlencoded' } });
    expect(seen[1]?.headers.authorization).toBe('Bearer t-1');
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject([{ MaHoSo: dossierCode(7) }]);
    expect(JSON.parse(seen[3]?.body ?? '')).toMatchObject([{ MaHoSo: dossierCode(7), TrangThai: '4' }]);
  });

  it('understands SOAP XML inside the message, over the real sandbox', async () => {
    const contestant = await startNationalPortal('g2', { env: { NATIONAL_PORTAL_G2_QUERY: 'none' } });
    cleanUps.push(contestant.close, () => contestant.stop());
    await contestant.control.post('style', { message: 'xml', plainProgress: false });
    const { call } = recordedCall();
    expect(await contestant.sharedLists.listAgencies(call)).toContainEqual({ code: '000.00.00.H42', name: 'UBND tỉnh Ninh Bình', group: '1' });
    expect(await contestant.registry.findDossier(dossierCode(1), call)).toEqual({ held: false });
    expect(await contestant.technicalIds.findTechnicalId('036199012340', call)).toBeNull();
    await contestant.registry.upsertDossier(submissionOf(sampleDossier(1)), call);
    expect(await contestant.registry.findDossier(dossierCode(1), call)).toEqual({ held: true });
    expect([...(await contestant.registry.appendSteps([sampleStep('1', 1)], call)).items.values()]).toEqual([{ kind: 'accepted' }]);
  });
});

describe('the sandbox', () => {
  it('refuses an unknown dstcode, as an axis fault', async () => {
    const contestant = await startNationalPortal('g1', { env: { NATIONAL_PORTAL_G1_DSTCODE: 'VN:GOV:000.00.00.G22:other' } });
    cleanUps.push(contestant.close, () => contestant.stop());
    expect(await contestant.probe()).toMatchObject({ ok: false, detail: expect.stringContaining('http-500') });
  });

  it('remembers over a restart what it acknowledged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
    cleanUps.push(() => { rmSync(folder, { recursive: true }); });
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    for (const expected of [{ inserts: 1, updates: 0, steps: 1 }, { inserts: 1, updates: 1, steps: 2 }]) {
      const contestant = await startNationalPortal('g1', { sandbox });
      await contestant.registry.upsertDossier(submissionOf(sampleDossier(1)), recordedCall().call);
      await contestant.registry.appendSteps([sampleStep('1', 1)], recordedCall().call);
      expect(await contestant.control.dossier(dossierCode(1))).toMatchObject(expected);
      await contestant.close();
      await contestant.stop();
    }
  });

  it('misbehaves at random by a seed, the same way each time', async () => {
    const outcomes: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const contestant = await startNationalPortal('g1');
      cleanUps.push(contestant.close, () => contestant.stop());
      await contestant.control.post('random', { seed: 42, rates: { '5xx-after': 0.3, 'reset-before': 0.2, refusal: 0.1 } });
      const ends: string[] = [];
      for (let number = 1; number <= 30; number += 1) {
        ends.push(await contestant.registry.upsertDossier(submissionOf(sampleDossier(number)), recordedCall().call)
          .then((answer) => answer.kind, (error: unknown) => (error as { code: string }).code));
      }
      outcomes.push(ends.join());
    }
    expect(outcomes[0]).toBe(outcomes[1]);
    for (const kind of ['accepted', 'http-502', 'reset', 'rejected']) expect(outcomes[0]).toContain(kind);
  });

  it('fetches a file link on demand and reports what came', async () => {
    const { url } = await listening(['twelve bytes']);
    const contestant = await startNationalPortal('g1');
    cleanUps.push(contestant.close, () => contestant.stop());
    expect(await contestant.control.post('fetch', { url: `${url}/f` })).toMatchObject({ ok: true, status: 200, bytes: 12 });
    expect(await contestant.control.post('fetch', { url: 'http://127.0.0.1:1/f' })).toMatchObject({ ok: false });
  });
});
