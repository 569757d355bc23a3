import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TEST_KEYS, startHttpGateway, type HttpGateway } from '../../support/http-gateway.js';

const doubling = `{ ...F0 } ${Array.from({ length: 28 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`).join(' ')} fragment F28 on Query { caller { client } }`;

describe('the door against hostile calls', () => {
  let gateway: HttpGateway;
  beforeAll(async () => {
    gateway = await startHttpGateway();
  });
  afterAll(() => gateway.close());

  it.each([
    ['fragments that double each other', doubling],
    ['a thousand aliases', `{ ${Array.from({ length: 1_000 }, (_, index) => `a${index}: __typename`).join(' ')} }`],
    ['a hundred aliased mutations', `mutation { ${Array.from({ length: 100 }, (_, index) => `a${index}: touch`).join(' ')} }`],
    ['deep reads of the schema', `{ __schema { types { ${'fields { type { '.repeat(20)} name ${'} } '.repeat(20)} } } }`],
  ])('refuses %s, an operator\'s too', async (_name, document) => {
    for (const key of [TEST_KEYS.portal, TEST_KEYS.operator]) {
      const { body } = await gateway.query(document, { key });
      expect(body.data).toBeUndefined();
      expect(body.errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(body)).not.toMatch(/stack|\bat \//);
    }
  });

  it('shows no landing page, no compressed bomb is opened', async () => {
    const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html', authorization: `Bearer ${TEST_KEYS.portal}` } });
    expect(page.status).toBe(400);
    expect(await page.text()).not.toContain('<html');
    const bomb = await fetch(`${gateway.url}/graphql`, {
      method: 'POST', body: gzipSync(Buffer.alloc(10_000_000, ' ')), headers: { authorization: `Bearer ${TEST_KEYS.portal}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect(bomb.status).toBe(415);
  });

  it('cuts a body that never ends', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(`POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer ${TEST_KEYS.portal}\r\nContent-Length: 1000\r\n\r\n{`);
    socket.on('error', () => undefined);
    socket.resume();
    await new Promise((fulfil) => socket.once('close', fulfil));
    expect(socket.destroyed).toBe(true);
  }, 30_000);
});
