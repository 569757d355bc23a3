import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { NotFoundError, UserInputError } from '../../../src/errors/gateway-error.js';
import { TEST_KEYS, startHttpGateway, type HttpGateway } from '../../support/http-gateway.js';

const CALLER = '{ caller { client role } }';
const SECRET = 'Nguyễn Văn A 079123456789';

describe('GraphQL over HTTP', () => {
  let gateway: HttpGateway;
  let failure: unknown = null;
  beforeAll(async () => {
    gateway = await startHttpGateway({
      resolvers: [{ CallerIdentity: { client: (caller: { client: string }) => {
        if (failure instanceof Error) throw failure;
        return caller.client;
      } } }],
    });
  });
  afterAll(() => gateway.close());

  it('answers a caller with a known key', async () => {
    expect(await gateway.query(CALLER)).toMatchObject({ status: 200, body: { data: { caller: { client: 'test-portal', role: 'PORTAL' } } } });
  });

  it.each([
    ['no key', null, CALLER], ['an unknown key', 'wrong', CALLER], ['an unknown key and a broken document', 'wrong', '{{{'], ['no key and a schema read', null, '{ __schema { types { name } } }'],
  ])('gives the same 401 for %s', async (_name, key, document) => {
    const { status, body } = await gateway.query(document, { key, headers: { 'x-correlation-id': 'same-for-all' } });
    expect(status).toBe(401);
    expect(body).toEqual({ errors: [{ message: 'A valid bearer key is required', extensions: { code: 'UNAUTHENTICATED', correlationId: 'same-for-all', message: { en: expect.any(String), vi: expect.any(String) } } }] });
  });

  it.each([
    ['another content type', { 'content-type': 'text/plain' }, '{}', 415],
    ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, '{}', 415],
    ['malformed JSON', { 'content-type': 'application/json' }, '{"query":', 400],
    ['a body above the limit', { 'content-type': 'application/json' }, `{"query":"${'x'.repeat(1_000_001)}"}`, 413],
    ['a batch', { 'content-type': 'application/json' }, `[{"query":"${CALLER}"}]`, 400],
  ])('refuses %s with JSON', async (_name, headers, body, status) => {
    const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', body, headers: { authorization: `Bearer ${TEST_KEYS.portal}`, ...headers } });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('errors');
  });

  it('cuts a body that grows beyond the limit without a Content-Length', async () => {
    const call = request(`${gateway.url}/graphql`, { method: 'POST', headers: { authorization: `Bearer ${TEST_KEYS.portal}`, 'content-type': 'application/json' } });
    call.on('error', () => undefined);
    const answered = once(call, 'response') as Promise<[{ statusCode: number }]>;
    for (let sent = 0; sent < 12; sent += 1) call.write('x'.repeat(100_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    call.destroy();
  });

  it('lets only an operator read the schema, and tells no other what is wrong with a document', async () => {
    const schemaRead = '{ __schema { queryType { name } } }';
    expect((await gateway.query(schemaRead)).body.errors?.[0]).toMatchObject({ message: 'The document is not valid', extensions: { code: 'BAD_DOCUMENT' } });
    expect((await gateway.query(schemaRead, { key: TEST_KEYS.operator })).body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
    const misspelt = '{ callr { client } }';
    const opaque = (await gateway.query(misspelt)).body.errors?.[0];
    expect(opaque?.message).toBe((await gateway.query('{{{')).body.errors?.[0]?.message);
    expect(JSON.stringify(opaque)).not.toContain('caller');
    expect((await gateway.query(misspelt, { key: TEST_KEYS.operator })).body.errors?.[0]?.message).toContain('callr');
  });

  it.each([
    ['more than 15 aliases', `{ ${Array.from({ length: 16 }, (_, index) => `a${index}: caller { client }`).join(' ')} }`],
    ['more than 15 aliases of __typename', `{ ${Array.from({ length: 16 }, (_, index) => `a${index}: __typename`).join(' ')} }`],
    ['more than 5 directives', `{ caller ${'@include(if: true) '.repeat(6)} { client } }`],
    ['more tokens than any real document', `{ caller { ${'client '.repeat(1_000)} } }`],
    ['two mutations in one', 'mutation { a: __typename b: __typename }'],
    ['fragments that contain each other', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
  ])('refuses %s before anything runs', async (_name, document) => {
    const { status, body } = await gateway.query(document);
    expect(status).toBe(200);
    expect(body.data).toBeUndefined();
    expect(body.errors?.[0]?.extensions['code']).toBe('BAD_DOCUMENT');
  });

  it('says 400 where the client asks for the newer response type', async () => {
    expect((await gateway.query('{{{', { headers: { accept: 'application/graphql-response+json' } })).status).toBe(400);
  });

  it('masks an unexpected error and logs its cause under the id that the caller sees', async () => {
    failure = new Error(`duplicate key for ${SECRET}`);
    const { body } = await gateway.query(CALLER, { headers: { 'x-correlation-id': 'find-me-again' } });
    failure = null;
    expect(body.errors?.[0]).toMatchObject({ message: 'Internal error', extensions: { code: 'INTERNAL', correlationId: 'find-me-again', message: { vi: 'Lỗi hệ thống' } } });
    expect(JSON.stringify(body)).not.toContain('Nguyễn');
    expect(gateway.logLines.filter((line) => line.includes('find-me-again'))).toHaveLength(1);
  });

  it('shows the code, the problems and both languages of an error of ours, and logs none of it', async () => {
    const before = gateway.logLines.length;
    failure = new UserInputError([{ field: 'dossiers[0].code', code: 'DOSSIER_CODE_SHAPE', message: { vi: 'Sai', en: 'Wrong' } }]);
    const { body } = await gateway.query(CALLER);
    failure = new NotFoundError();
    const missing = await gateway.query(CALLER);
    failure = null;
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', problems: [{ field: 'dossiers[0].code', code: 'DOSSIER_CODE_SHAPE' }] });
    expect(missing.body.errors?.[0]?.extensions['code']).toBe('NOT_FOUND');
    expect(gateway.logLines).toHaveLength(before);
  });

  it('says of a lost database that the call may be repeated', async () => {
    failure = Object.assign(new Error('terminating connection'), { code: '57P01' });
    const { body } = await gateway.query(CALLER);
    failure = null;
    expect(body.errors?.[0]?.extensions['code']).toBe('UNAVAILABLE');
  });

  it('names the variable that does not fit without quoting it', async () => {
    const { body } = await gateway.query('query($n: Boolean!) { caller @include(if: $n) { client } }', { variables: { n: SECRET } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', problems: [{ field: 'n', code: 'WRONG_TYPE' }] });
    expect(JSON.stringify(body)).not.toContain('Nguyễn');
  });

  it('keeps a forged correlation id out of headers and logs', async () => {
    const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'x-correlation-id': 'a b<script>' } });
    expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it('ends a connection whose header never ends', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\n');
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.destroyed).toBe(true);
  }, 20_000);
});
