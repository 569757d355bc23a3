import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { rawCall } from '../../support/raw-call.js';

const MUTATIONS: Readonly<Record<string, string>> = {
  retryDelivery: 'id: "1"', retryDeliveries: 'ids: ["1"]', resolveDelivery: 'id: "1", as: DONE', pauseParty: 'party: "national-portal"', resumeParty: 'party: "national-portal"',
  forceCircuit: 'party: "national-portal", operation: "login", position: OPEN', createApiClient: 'client: { name: "a", role: PORTAL, keyDays: 1 }', rotateApiKey: 'name: "a"', revokeApiKey: 'prefix: "a"', revokeApiClient: 'name: "a"',
  importAgencies: 'contentBase64: "YQ=="', saveAgency: 'agency: { code: "000.00.00.H42" }', mergeAgencies: 'fromCodes: ["H42.01"], intoCode: "H42.02", since: "2026-01-01"',
};

describe('reasons of operators', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  }, 60_000);
  afterAll(() => gateway.close());

  const call = async (field: string, reason: string) =>
    (await rawCall(gateway.url, gateway.keys.operator, { query: `mutation ($reason: String!) { ${field}(idempotencyKey: "k", ${MUTATIONS[field] ?? ''}, reason: $reason) { __typename } }`, variables: { reason } })).body.errors?.[0]?.extensions;

  it.each(Object.keys(MUTATIONS))('of %s are text: NUL, halves of characters, terminal sequences and emptiness are refused, and nothing is done', async (field) => {
    for (const [reason, code] of [['a\u0000b', 'CONTROL_CHARACTER'], ['a\ud800b', 'LONE_SURROGATE'], ['a\u001b[31mb', 'CONTROL_CHARACTER'], ['a\rb', 'CONTROL_CHARACTER'], ['  ', 'LENGTH'], ['x'.repeat(1_001), 'LENGTH']]) {
      expect({ reason, ...await call(field, reason ?? '') }).toMatchObject({ code: 'BAD_USER_INPUT', problems: [{ field: 'reason', code }] });
    }
    expect((await gateway.test.database.query('SELECT 1 FROM operator_actions')).rows).toEqual([]);
  });

  it('may have several lines and any markup, and are kept composed', async () => {
    await rawCall(gateway.url, gateway.keys.operator, { query: 'mutation ($reason: String!) { saveAgency(idempotencyKey: "k2", agency: { code: "000.00.00.H42", nameVi: "Tỉnh", kind: PROVINCE, level: PROVINCE }, reason: $reason) { __typename } }', variables: { reason: `dòng 1\r\ndòng 2 ]]> & <b> ${'Ước'.normalize('NFD')}` } });
    expect((await gateway.test.database.query('SELECT reason FROM operator_actions')).rows).toContainEqual({ reason: `dòng 1\ndòng 2 ]]> & <b> ${'Ước'.normalize('NFC')}` });
  });
});
