import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DocumentFileError, readDocumentFile } from '../../../src/graphql/document-file.js';
import { TrustedDocumentStore, documentIdOf } from '../../../src/graphql/trusted-documents.js';
import { TEST_KEYS, startHttpGateway, type HttpGateway } from '../../support/http-gateway.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const WHO = 'query Who { caller { client } }';

describe('registered documents', () => {
  let test: TestDatabase;
  let gateway: HttpGateway;
  let store: TrustedDocumentStore;
  beforeAll(async () => {
    test = await createTestDatabase();
    store = new TrustedDocumentStore(test.database);
    gateway = await startHttpGateway({ trusted: { documents: store, onlyFor: ['test-portal'] } });
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
    expect(await store.register(readDocumentFile(WHO))).toBe(1);
    const id = documentIdOf(WHO);
    for (const body of [{ documentId: `sha256:${id}` }, { documentId: id, variables: {} }, { extensions: { persistedQuery: { version: 1, sha256Hash: id } } }]) {
      expect(await ask(TEST_KEYS.portal, body)).toMatchObject({ status: 200, text: expect.stringContaining('test-portal') });
    }
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
