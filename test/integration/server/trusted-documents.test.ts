import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DocumentFileError, readDocumentFile } from '../../../src/graphql/document-file.js';
import { DocumentRegister } from '../../../src/graphql/document-register.js';
import { TrustedDocumentStore, documentIdOf } from '../../../src/graphql/trusted-documents.js';
import { TEST_KEYS, startHttpGateway, type HttpGateway } from '../../support/http-gateway.js';
import { Database } from '../../../src/store/database.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const BECAUSE = { actor: 'server:test', reason: 'release 7' };
const WHO = 'query Who { caller { client } }';

describe('registered documents', () => {
  let test: TestDatabase;
  let gateway: HttpGateway;
  let register: DocumentRegister;
  beforeAll(async () => {
    test = await createTestDatabase();
    register = new DocumentRegister(test.database);
    gateway = await startHttpGateway({ trusted: { documents: new TrustedDocumentStore(test.database), onlyFor: ['test-portal'] } });
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await test.drop();
  });

  const ask = async (key: string, body: object): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` } });
    return { status: response.status, text: await response.text() };
  };

  it('are the only ones that a restricted client may send, by either way of naming them', async () => {
    expect(await ask(TEST_KEYS.portal, { query: WHO })).toMatchObject({ status: 400, text: expect.stringContaining('REGISTERED_DOCUMENTS_ONLY') });
    expect(await ask(TEST_KEYS.operator, { query: WHO })).toMatchObject({ status: 200 });
    expect(await register.register(BECAUSE, readDocumentFile(WHO))).toBe(1);
    const id = documentIdOf(WHO);
    for (const body of [{ documentId: `sha256:${id}` }, { documentId: id, variables: {} }, { extensions: { persistedQuery: { version: 1, sha256Hash: id } } }]) {
      expect(await ask(TEST_KEYS.portal, body)).toMatchObject({ status: 200, text: expect.stringContaining('test-portal') });
    }
  });

  it('are refused within a second after they were withdrawn, however busy they are, until they are registered again', async () => {
    const document = 'query Gone { caller { role } }';
    const named = { documentId: documentIdOf(document) };
    const codeOf = async (): Promise<string> => ((JSON.parse((await ask(TEST_KEYS.portal, named)).text) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code ?? 'answered');
    await register.register(BECAUSE, readDocumentFile(document));
    for (let call = 0; call < 5; call += 1) expect(await codeOf()).toBe('answered');
    expect(await register.withdraw({ ...BECAUSE, reason: 'costs too much' }, named.documentId)).toBe(true);
    const withdrawnMs = performance.now();
    let lastAnswerMs = withdrawnMs;
    await eventually('the document to be refused', async () => {
      const startedMs = performance.now();
      const code = await codeOf();
      if (code === 'answered') lastAnswerMs = startedMs;
      return code === 'PERSISTED_QUERY_NOT_FOUND';
    }, { everyMs: 5 });
    expect(lastAnswerMs - withdrawnMs).toBeLessThan(1_000);
    expect(await register.withdraw(BECAUSE, named.documentId)).toBe(false);
    expect(await register.list()).toContainEqual({ id: named.documentId, name: 'Gone', withdrawnAt: expect.any(Date) });
    expect(await register.register(BECAUSE, readDocumentFile(document))).toBe(1);
    expect(await codeOf()).toBe('answered');
    const { rows } = await test.database.query<{ action: string }>('SELECT action, role, actor, reason FROM operator_actions WHERE target = $1 ORDER BY id', [`document/${named.documentId}`]);
    expect(rows).toEqual([
      { action: 'register-document', role: 'server', ...BECAUSE }, { action: 'withdraw-document', role: 'server', ...BECAUSE, reason: 'costs too much' }, { action: 'register-document', role: 'server', ...BECAUSE },
    ]);
  });

  it('are registered once however often a file names them', async () => {
    const [document] = readDocumentFile('query Twice { caller { client role } }');
    expect(await register.register(BECAUSE, [document!, document!])).toBe(1);
    expect(await register.register(BECAUSE, [document!])).toBe(0);
  });

  it('are said to be unavailable, to be asked for later, while the database is away', async () => {
    const away = new Database({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, applicationName: 'away' });
    const other = await startHttpGateway({ trusted: { documents: new TrustedDocumentStore(away), onlyFor: [] } });
    const response = await fetch(`${other.url}/graphql`, { method: 'POST', body: JSON.stringify({ documentId: documentIdOf(WHO) }), headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_KEYS.portal}` } });
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('UNAVAILABLE')]);
    await other.close();
    await away.close();
  });

  it('are not registered by what a client sends', async () => {
    const query = '{ caller { role } }';
    const persisted = { extensions: { persistedQuery: { version: 1, sha256Hash: documentIdOf(query) } } };
    await ask(TEST_KEYS.operator, { query, ...persisted });
    await ask(TEST_KEYS.portal, { query, ...persisted });
    expect(await ask(TEST_KEYS.portal, persisted)).toMatchObject({ status: 400, text: expect.stringContaining('PERSISTED_QUERY_NOT_FOUND') });
  });

  it('are read from manifests, and refused with every problem', () => {
    const id = documentIdOf(WHO);
    expect(readDocumentFile(JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations: [{ id, name: 'Who', type: 'query', body: WHO }] }))).toEqual([{ id, name: 'Who', body: WHO }]);
    expect(readDocumentFile(JSON.stringify({ [`sha256:${id}`]: WHO }))).toHaveLength(1);
    expect(() => readDocumentFile(JSON.stringify({ wrong: WHO }))).toThrow(DocumentFileError);
    expect(() => readDocumentFile('{ nothing }')).toThrow(/Cannot query field/);
    expect(() => readDocumentFile('{ events(first: 1000000) { nodes { cursor } } }')).toThrow(/more than/);
  });
});
