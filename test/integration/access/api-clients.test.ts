import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { documentIdOf } from '../../../src/graphql/trusted-documents.js';
import { DocumentRegister } from '../../../src/graphql/document-register.js';
import { readDocumentFile } from '../../../src/graphql/document-file.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';

const ISSUED = '__typename ... on ApiKeyIssued { secret prefix expiresAt client { name state keys { prefix expiresAt revokedAt lastUsedAt } } } ... on ApiKeyAlreadyIssued { prefix message { vi } } ... on ApiClientActionRefused { code message { vi } } ... on IdempotencyConflict { key }';
const CREATE = `mutation ($key: IdempotencyKey!, $client: ApiClientInput!, $reason: String!) { done: createApiClient(idempotencyKey: $key, client: $client, reason: $reason) { ${ISSUED} } }`;
const ROTATE = `mutation ($key: IdempotencyKey!, $name: String!, $hours: Int!) { done: rotateApiKey(idempotencyKey: $key, name: $name, overlapHours: $hours, reason: "due") { ${ISSUED} } }`;
const REVOKE_KEY = 'mutation ($key: IdempotencyKey!, $prefix: ID!) { done: revokeApiKey(idempotencyKey: $key, prefix: $prefix, reason: "leaked") { __typename ... on ApiClientActionRefused { code } } }';
const REVOKE = 'mutation ($key: IdempotencyKey!, $name: String!) { done: revokeApiClient(idempotencyKey: $key, name: $name, reason: "closed") { __typename ... on ApiClientChanged { client { state } } ... on ApiClientActionRefused { code } } }';
const DOCUMENTS = 'mutation ($key: IdempotencyKey!, $name: String!, $only: Boolean!) { done: setApiClientDocuments(idempotencyKey: $key, name: $name, registeredOnly: $only, reason: "release") { __typename ... on ApiClientChanged { client { name registeredDocumentsOnly } } ... on ApiClientActionRefused { code } } }';
const CALLER = '{ caller { client role } }';

interface Done { readonly __typename: string; readonly secret: string; readonly prefix: string; readonly code: string; readonly client: { readonly keys: readonly { readonly lastUsedAt: string | null }[] } }

describe('API clients', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  }, 60_000);
  afterAll(() => gateway.close());

  const act = async (role: 'operator' | 'supervisor', document: string, variables: object): Promise<Done> => {
    const { data, codes } = await gateway.query(bearer(gateway.keys[role]), document, { key: randomUUID(), ...variables });
    expect(codes).toEqual([]);
    return data?.['done'] as unknown as Done;
  };
  const create = (name: string, over: object = {}, role: 'operator' | 'supervisor' = 'operator'): Promise<Done> =>
    act(role, CREATE, { client: { name, role: 'PORTAL', ...over }, reason: 'new portal' });
  const statusOf = async (secret: string): Promise<number> => (await gateway.query(bearer(secret), CALLER)).status;
  /** Until a call is answered so; no call that began a second after now is answered as before. */
  const soon = async (what: string, ask: () => Promise<number>, wanted: number): Promise<void> => {
    const changedMs = performance.now();
    let lastOtherMs = changedMs;
    await eventually(what, async () => {
      const startedMs = performance.now();
      const status = await ask();
      if (status !== wanted) lastOtherMs = startedMs;
      return status === wanted;
    }, { everyMs: 5 });
    expect(lastOtherMs - changedMs).toBeLessThan(1_000);
  };
  const countOf = async (sql: string): Promise<number> => Number((await gateway.test.database.query<{ n: string }>(sql)).rows[0]?.n);

  it('issues a key that works at once, under the client\'s own name', async () => {
    const { secret, __typename } = await create('portal-a');
    expect(__typename).toBe('ApiKeyIssued');
    expect(secret).toMatch(/^osg_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    expect((await gateway.query(bearer(secret), CALLER)).data).toEqual({ caller: { client: 'portal-a', role: 'PORTAL' } });
  });

  it('shows the secret once: a repeat of the call says that it was shown, and no table holds it', async () => {
    const variables = { key: 'twice', client: { name: 'portal-b', role: 'PORTAL' }, reason: 'r' };
    const first = await act('operator', CREATE, variables);
    const again = await act('operator', CREATE, variables);
    expect(again).toMatchObject({ __typename: 'ApiKeyAlreadyIssued', prefix: first.prefix });
    expect(again.secret).toBeUndefined();
    const secretPart = first.secret.split('_').slice(2).join('_');
    for (const table of ['idempotency_keys', 'operator_actions', 'api_keys', 'api_clients']) {
      expect(await countOf(`SELECT count(*) AS n FROM ${table} t WHERE strpos(t::text, '${secretPart}') > 0`)).toBe(0);
    }
    expect(gateway.logLines.join('')).not.toContain(secretPart);
    expect((await act('operator', CREATE, { ...variables, reason: 'other' })).__typename).toBe('IdempotencyConflict');
  });

  it('leaves an audit row with actor, role and reason for each change', async () => {
    await create('portal-c');
    expect((await gateway.test.database.query(`SELECT actor, role, action, reason, detail->>'role' AS given FROM operator_actions WHERE target = 'api-client/portal-c'`)).rows)
      .toEqual([{ actor: 'test-operator', role: 'operator', action: 'create-api-client', reason: 'new portal', given: 'portal' }]);
  });

  it('lets several keys of a client live during a rotation, and the older ones for the overlap only', async () => {
    const old = await create('portal-d');
    const fresh = await act('operator', ROTATE, { name: 'portal-d', hours: 1 });
    expect([await statusOf(old.secret), await statusOf(fresh.secret)]).toEqual([200, 200]);
    const { rows } = await gateway.test.database.query<{ hours: number }>('SELECT round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours FROM api_keys WHERE prefix = $1', [old.prefix]);
    expect(rows).toEqual([{ hours: 1 }]);
    const last = await act('operator', ROTATE, { name: 'portal-d', hours: 0 });
    await Promise.all([soon('the oldest key to end', () => statusOf(old.secret), 401), soon('the older key to end', () => statusOf(fresh.secret), 401)]);
    expect(await statusOf(last.secret)).toBe(200);
  });

  it('lets a revoked key pass for a second at most, however busy it is', async () => {
    const { secret, prefix } = await create('portal-e');
    expect(await statusOf(secret)).toBe(200);
    await act('operator', REVOKE_KEY, { prefix });
    await soon('the key to be refused', () => statusOf(secret), 401);
  });

  it('lets a client send registered documents only, from a second later on and until that is lifted, and audits both', async () => {
    await new DocumentRegister(gateway.test.database).register({ actor: 'server:test', reason: 'release' }, readDocumentFile(CALLER));
    const { secret } = await create('portal-j');
    const sent = async (body: object): Promise<number> => (await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...bearer(secret) }, body: JSON.stringify(body) })).status;
    const free = { query: CALLER };
    expect(await sent(free)).toBe(200);
    expect(await act('operator', DOCUMENTS, { name: 'portal-j', only: true })).toMatchObject({ client: { name: 'portal-j', registeredDocumentsOnly: true } });
    await soon('free documents to be refused', () => sent(free), 400);
    expect(await sent({ documentId: documentIdOf(CALLER) })).toBe(200);
    expect((await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(CALLER)}`, { headers: { 'apollo-require-preflight': 'x', ...bearer(secret) } })).status).toBe(400);
    await act('operator', DOCUMENTS, { name: 'portal-j', only: false });
    await soon('free documents to be answered', () => sent(free), 200);
    const { rows } = await gateway.test.database.query(`SELECT actor, reason, detail FROM operator_actions WHERE action = 'set-api-client-documents' AND target = 'api-client/portal-j' ORDER BY id`);
    expect(rows).toEqual([true, false].map((registeredOnly) => ({ actor: 'test-operator', reason: 'release', detail: { registeredOnly } })));
  });

  it('makes a client that may send registered documents only from its first call on', async () => {
    const { secret } = await create('portal-k', { registeredDocumentsOnly: true });
    expect(await gateway.query(bearer(secret), CALLER)).toMatchObject({ status: 400, codes: ['REGISTERED_DOCUMENTS_ONLY'] });
  });

  it('lets nobody say what keys open that he may not hand out', async () => {
    await create('made-auditor-l', { role: 'AUDITOR' }, 'supervisor');
    expect(await act('operator', DOCUMENTS, { name: 'made-auditor-l', only: true })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    expect(await act('operator', DOCUMENTS, { name: 'nobody', only: true })).toMatchObject({ code: 'UNKNOWN_CLIENT' });
  });

  it('ends every key of a revoked client, gives its name to nobody, and rotates it no more', async () => {
    const { secret } = await create('portal-f');
    expect(await act('operator', REVOKE, { name: 'portal-f' })).toMatchObject({ client: { state: 'REVOKED' } });
    await soon('the client to be refused', () => statusOf(secret), 401);
    expect(await create('portal-f')).toMatchObject({ code: 'NAME_TAKEN' });
    expect(await act('operator', ROTATE, { name: 'portal-f', hours: 0 })).toMatchObject({ code: 'CLIENT_REVOKED' });
  });

  it.each(['SUPERVISOR', 'OPERATOR', 'AUDITOR', 'LEADER'])('lets no operator make a %s, by no way', async (role) => {
    expect(await create(`made-${role.toLowerCase()}`, { role })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    if (role === 'SUPERVISOR') return;
    expect((await create(`given-${role.toLowerCase()}`, { role }, 'supervisor')).__typename).toBe('ApiKeyIssued');
    expect(await act('operator', ROTATE, { name: `given-${role.toLowerCase()}`, hours: 0 })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
  });

  it('lets no supervisor make a supervisor', async () => {
    expect(await create('second', { role: 'SUPERVISOR' }, 'supervisor')).toMatchObject({ code: 'ROLE_NOT_YOURS' });
  });

  it.each([
    ['a name with a space', { name: 'no good' }], ['an agency\'s client without its agency', { role: 'AGENCY' }], ['a scope that is no code', { agencyScope: 'H42;--' }], ['a key for ever', { keyDays: 10_000 }],
  ])('refuses %s', async (_name, over) => {
    const answer = await gateway.query(bearer(gateway.keys.operator), CREATE, { key: randomUUID(), client: { name: 'fine', role: 'PORTAL', ...over }, reason: 'r' });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
  });

  it('says of what is not there that it is not there', async () => {
    expect(await act('operator', ROTATE, { name: 'nobody', hours: 0 })).toMatchObject({ code: 'UNKNOWN_CLIENT' });
    expect(await act('operator', REVOKE_KEY, { prefix: '000000000000' })).toMatchObject({ code: 'UNKNOWN_KEY' });
    expect(await act('operator', REVOKE_KEY, { prefix: '\u0000' })).toMatchObject({ code: 'UNKNOWN_KEY' });
  });

  it('notes the use of a key, and not for each call', async () => {
    const { secret, prefix } = await create('portal-g');
    const usedAt = async (): Promise<string | null> => (await gateway.test.database.query<{ at: string | null }>('SELECT last_used_at::text AS at FROM api_keys WHERE prefix = $1', [prefix])).rows[0]?.at ?? null;
    expect(await usedAt()).toBeNull();
    await statusOf(secret);
    const noted = await eventually('the use to be noted', usedAt);
    await statusOf(secret);
    await statusOf(secret);
    expect(await usedAt()).toBe(noted);
  });

  it('lists clients by pages, without anything that opens a door', async () => {
    const page = '{ apiClients(first: 1) { nodes { name keys { prefix } } pageInfo { endCursor hasNextPage } } }';
    const { data } = await gateway.query(bearer(gateway.keys.auditor), page);
    expect(data?.['apiClients']).toMatchObject({ nodes: [{ keys: [{ prefix: expect.any(String) }] }], pageInfo: { hasNextPage: true } });
    expect((await gateway.query(bearer(gateway.keys.auditor), '{ apiClients(after: "zzz") { nodes { name } } }')).data).toEqual({ apiClients: { nodes: [] } });
  });

  it('refuses a key whose secret is another\'s, with the same answer as for an unknown one', async () => {
    const [left, right] = [await create('portal-h'), await create('portal-i')];
    const mixed = `osg_${left.prefix}_${right.secret.split('_').slice(2).join('_')}`;
    expect(await statusOf(mixed)).toBe(401);
    expect(await statusOf(`osg_000000000000_${'A'.repeat(43)}`)).toBe(401);
  });
});
