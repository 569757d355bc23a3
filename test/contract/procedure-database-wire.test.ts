import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PROCEDURE_DATABASE } from '../../adapters/registry.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { ProcedureDatabasePort } from '../../src/procedures/procedure-database-port.js';
import { recordedCall } from './sample-dossier.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });

/** A server that keeps what arrives and answers with the next of the given bodies. */
const listening = async (answers: readonly string[], status = 200): Promise<{ readonly url: string; readonly seen: Seen[] }> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: text.startsWith('{') ? JSON.parse(text) : text });
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(answers[seen.length - 1] ?? '');
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanUps.push(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); }));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
};

const databaseOf = (env: Record<string, string>): ProcedureDatabasePort => {
  const read = PROCEDURE_DATABASE.settings.read({ PROCEDURE_DATABASE_AGENCY_CODE: '000.00.00.H42', ...env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const circuits = new CircuitBoard();
  const party = PROCEDURE_DATABASE.create(read.settings, { circuits, logger: { info: () => undefined, warn: () => undefined, error: () => undefined } });
  cleanUps.push(async () => { await party.close(); circuits.close(); });
  if (party.database === null) throw new Error('the wire is off');
  return party.database;
};

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const G1 = { PROCEDURE_DATABASE_WIRE: 'g1', PROCEDURE_DATABASE_G1_USERNAME: 'user', PROCEDURE_DATABASE_G1_PASSWORD: 'pass' };
const G2 = { PROCEDURE_DATABASE_WIRE: 'g2', PROCEDURE_DATABASE_G2_CONSUMER_KEY: 'key', PROCEDURE_DATABASE_G2_CONSUMER_SECRET: 'secret' };
const TOKEN = '{"access_token":"t-1","expires_in":3600}';

describe('what g1 sends', () => {
  it('asks records on the integration path and lists on the sharing path, each with session, agency and service in the body', async () => {
    const { url, seen } = await listening(['{"session":"s-1","error_code":0}', '{"error_code":0,"result":[]}', '{"error_code":"00","result":[{"MALINHVUC":"G15-HT01","TENLINHVUC":"Hộ tịch"}]}']);
    const database = databaseOf({
      ...G1, PROCEDURE_DATABASE_G1_URL: `${url}/VXPAdapter/RestService/forward`, PROCEDURE_DATABASE_G1_SHARE_PATH: 'mapi/share', PROCEDURE_DATABASE_G1_INTEGRATION_PATH: 'mapi/integrate',
      PROCEDURE_DATABASE_G1_DSTCODE_IN: 'both', PROCEDURE_DATABASE_SEND_TRACEPARENT: 'true',
    });
    const { call } = recordedCall(TRACE);
    expect(await database.readProcedure('1.001193', call)).toBeNull();
    expect(await database.listFields(call)).toEqual([{ code: 'G15-HT01', name: 'Hộ tịch' }]);
    const query = '?dstcode=VN:GOV:000.00.00.G22:vpcpdvcprovider';
    expect(seen.map((request) => request.url)).toEqual(['mapi/login', 'mapi/integrate', 'mapi/share'].map((path) => `/VXPAdapter/RestService/forward/${path}${query}`));
    expect(seen.map((request) => request.body)).toEqual([
      { username: 'user', password: 'pass' },
      { session: 's-1', madonvi: '000.00.00.H42', service: 'LayThuTuc', maTTHC: '1.001193' },
      { session: 's-1', madonvi: '000.00.00.H42', service: 'LayDanhMucLinhVuc' },
    ]);
    expect(seen.map(({ headers }) => [headers['dstcode'], headers['traceparent']])).toEqual(seen.map(() => ['VN:GOV:000.00.00.G22:vpcpdvcprovider', TRACE]));
  });
});

describe('what g2 sends', () => {
  it('asks the list with GET and the agency in the query, and records with POST, both with the token', async () => {
    const { url, seen } = await listening([TOKEN, '{"error_code":"0","message":"[{\\"MATTHC\\":\\"1.001193.H42\\",\\"TENTTHC\\":\\"Khai sinh\\"}]"}', '{"error_code":"-1","message":"Không tìm thấy thủ tục"}']);
    const database = databaseOf({ ...G2, PROCEDURE_DATABASE_G2_URL: `${url}/KetNoiMotCuaQuocGia/` });
    const { call } = recordedCall(TRACE);
    expect((await database.listProcedures(null, call)).procedures.map(({ code }) => code)).toEqual(['1.001193']);
    expect(await database.readProcedure('1.001193.H42', call)).toBeNull();
    expect(seen.map(({ method, url: path, body }) => [method, path, body])).toEqual([
      ['POST', '/token', 'grant_type=client_credentials'],
      ['GET', '/KetNoiMotCuaQuocGia/LayDanhSachTTHCDonVi?maDonVi=000.00.00.H42', ''],
      ['POST', '/KetNoiMotCuaQuocGia/LayThuTuc?MaDinhDanhDV=000.00.00.H42', { maTTHC: '1.001193.H42' }],
    ]);
    expect(seen.slice(1).map(({ headers }) => [headers.authorization, headers['traceparent']])).toEqual([['Bearer t-1', undefined], ['Bearer t-1', undefined]]);
  });
});

describe('what g3 sends and believes', () => {
  const PAGE = '{"code":"OK","data":{"items":[{"id":"a","code":"5.003882","name":"A"}],"lastId":"a","total":1}}';

  it('asks with page size and cursor, and with an origin only where one was agreed', async () => {
    const { url, seen } = await listening([PAGE, PAGE], 201);
    const database = databaseOf({ PROCEDURE_DATABASE_WIRE: 'g3', PROCEDURE_DATABASE_G3_URL: `${url}/api/v1`, PROCEDURE_DATABASE_G3_PAGE_SIZE: '50', PROCEDURE_DATABASE_G3_ORIGIN: 'https://dichvucong.example.vn/portal' });
    expect((await database.listProcedures(null, recordedCall().call)).nextCursor).toBe('a');
    expect((await database.listProcedures('a', recordedCall().call)).nextCursor).toBeNull();
    expect(seen.map(({ url: path, body }) => [path, body])).toEqual([
      ['/api/v1/submitting/formality/list-all-public-formality-by-citizen', { limit: 50, q: '' }],
      ['/api/v1/submitting/formality/list-all-public-formality-by-citizen', { limit: 50, q: '', lastId: 'a' }],
    ]);
    expect(seen[0]?.headers).toMatchObject({ origin: 'https://dichvucong.example.vn', referer: 'https://dichvucong.example.vn/portal' });
    expect(seen[0]?.headers['user-agent'] ?? '').not.toContain('Mozilla');
  });

  it.each([
    ['{"code":"FAILED","data":{"items":[]}}', 'code-not-ok'], ['{"code":"OK"}', 'no-data'], ['{"data":{}}', 'envelope-shape'], ['{"code":"OK","data":{"items":[7]}}', 'list-shape'],
    ['{"code":"OK","code":"OK","data":{}}', 'json-duplicate-key'],
  ])('does not believe %s', async (answer, code) => {
    const { url } = await listening([answer]);
    const database = databaseOf({ PROCEDURE_DATABASE_WIRE: 'g3', PROCEDURE_DATABASE_G3_URL: `${url}/api/v1` });
    await expect(database.listProcedures(null, recordedCall().call)).rejects.toMatchObject({ kind: 'bad-reply', code });
  });

  it('takes 400 for an unknown id only where a record was asked for', async () => {
    const { url } = await listening(['{"code":"BAD_REQUEST"}', '{"code":"BAD_REQUEST"}'], 400);
    const database = databaseOf({ PROCEDURE_DATABASE_WIRE: 'g3', PROCEDURE_DATABASE_G3_URL: `${url}/api/v1` });
    expect(await database.readProcedure('unknown', recordedCall().call)).toBeNull();
    await expect(database.listProcedures(null, recordedCall().call)).rejects.toMatchObject({ kind: 'bad-request', code: 'http-400' });
  });
});
