import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const ISSUED = '__typename ... on UserSecretIssued { secret user { name role state mustChangePassword hasTotp } } ... on UserSecretAlreadyIssued { user { name } } ... on UserActionRefused { code } ... on IdempotencyConflict { key }';
const CREATE = `mutation ($key: IdempotencyKey!, $user: UserInput!, $reason: String!) { done: createUser(idempotencyKey: $key, user: $user, reason: $reason) { ${ISSUED} } }`;
const ON = (field: string, selection: string): string => `mutation ($key: IdempotencyKey!, $name: String!) { done: ${field}(idempotencyKey: $key, name: $name, reason: "r") { ${selection} } }`;

interface Done { readonly __typename: string; readonly secret: string; readonly code: string }

describe('people\'s accounts', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  }, 60_000);
  afterAll(() => gateway.close());

  const act = async (document: string, variables: object): Promise<Done> => {
    const { data, codes } = await gateway.query(bearer(gateway.keys.supervisor), document, { key: randomUUID(), reason: 'new', ...variables });
    expect(codes).toEqual([]);
    return data?.['done'] as unknown as Done;
  };

  it('are created once under a key; the password is shown once and kept nowhere', async () => {
    const variables = { key: 'twice', user: { name: 'an.nguyen', role: 'OPERATOR' } };
    const first = await act(CREATE, variables);
    expect(first).toMatchObject({ __typename: 'UserSecretIssued', user: { name: 'an.nguyen', role: 'OPERATOR', state: 'ACTIVE', mustChangePassword: true, hasTotp: false } });
    const again = await act(CREATE, variables);
    expect(again).toEqual({ __typename: 'UserSecretAlreadyIssued', user: { name: 'an.nguyen' } });
    expect((await act(CREATE, { ...variables, reason: 'other' })).__typename).toBe('IdempotencyConflict');
    for (const table of ['users', 'operator_actions', 'idempotency_keys', 'evidence_bodies']) {
      const { rows } = await gateway.test.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} t WHERE strpos(t::text, $1) > 0`, [first.secret]);
      expect(rows).toEqual([{ n: 0 }]);
    }
    expect(gateway.logLines.join('')).not.toContain(first.secret);
  });

  it('leave a row of who, what and why for each change, and evidence of it', async () => {
    await act(CREATE, { user: { name: 'binh', role: 'LEADER', agencyScope: 'h42.15' } });
    await act(ON('disableUser', '__typename'), { name: 'binh' });
    const { rows } = await gateway.test.database.query(`SELECT actor, role, action, reason, detail FROM operator_actions WHERE target = 'user/binh' ORDER BY id`);
    expect(rows).toEqual([
      { actor: 'test-supervisor', role: 'supervisor', action: 'create-user', reason: 'new', detail: { role: 'leader', agencyScope: 'H42.15' } },
      { actor: 'test-supervisor', role: 'supervisor', action: 'disable-user', reason: 'r', detail: {} },
    ]);
    expect((await gateway.test.database.query(`SELECT kind FROM evidence WHERE subject = 'user/binh'`)).rows).toEqual([{ kind: 'operator-action' }, { kind: 'operator-action' }]);
  });

  it('of supervisors are neither made nor opened over the network', async () => {
    expect(await act(CREATE, { user: { name: 'chi', role: 'SUPERVISOR' } })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    await gateway.test.database.query(`INSERT INTO users (name, role, password_hash, must_change_password, created_by) VALUES ('second', 'supervisor', 'x', false, 'test')`);
    expect(await act(ON('resetUserPassword', ISSUED), { name: 'second' })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    expect(await act(ON('enrolUserTotp', ISSUED), { name: 'second' })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    expect((await gateway.test.database.query(`SELECT password_hash, totp_secret FROM users WHERE name = 'second'`)).rows).toEqual([{ password_hash: 'x', totp_secret: null }]);
  });

  it('come back, and lose their second factor, by a supervisor, with a row each and every session ended', async () => {
    const changed = '__typename ... on UserChanged { user { state hasTotp } } ... on UserActionRefused { code }';
    await act(CREATE, { user: { name: 'giang', role: 'OPERATOR' } });
    const sessions = async (): Promise<number> => (await gateway.test.database.query(`SELECT 1 FROM sessions WHERE user_name = 'giang'`)).rowCount ?? 0;
    const openSession = (): Promise<unknown> => gateway.test.database.query(`INSERT INTO sessions (id_hash, user_name, client, expires_at) VALUES (sha256(gen_random_uuid()::text::bytea), 'giang', 'user:giang', now() + interval '1 hour')`);
    await act(ON('disableUser', '__typename'), { name: 'giang' });
    expect(await act(ON('enableUser', changed), { name: 'giang' })).toEqual({ __typename: 'UserChanged', user: { state: 'ACTIVE', hasTotp: false } });
    expect(await act(ON('removeUserTotp', changed), { name: 'giang' })).toMatchObject({ code: 'NO_TOTP' });
    await act(ON('enrolUserTotp', ISSUED), { name: 'giang' });
    await openSession();
    expect(await act(ON('removeUserTotp', changed), { name: 'giang' })).toEqual({ __typename: 'UserChanged', user: { state: 'ACTIVE', hasTotp: false } });
    expect(await sessions()).toBe(0);
    const { rows } = await gateway.test.database.query<{ action: string }>(`SELECT action FROM operator_actions WHERE target = 'user/giang' ORDER BY id`);
    expect(rows.map(({ action }) => action)).toEqual(['create-user', 'disable-user', 'enable-user', 'enrol-user-totp', 'remove-user-totp']);
    for (const field of ['enableUser', 'removeUserTotp']) {
      expect((await gateway.query(bearer(gateway.keys.operator), ON(field, '__typename'), { key: randomUUID(), name: 'giang' })).codes).toEqual(['FORBIDDEN']);
      expect(await act(ON(field, changed), { name: 'second' })).toMatchObject({ code: 'ROLE_NOT_YOURS' });
      expect(await act(ON(field, changed), { name: 'nobody' })).toMatchObject({ code: 'UNKNOWN_USER' });
    }
  });

  it('answer what is not there, taken or wrong', async () => {
    await act(CREATE, { user: { name: 'dung', role: 'AUDITOR' } });
    expect(await act(CREATE, { user: { name: 'dung', role: 'AUDITOR' } })).toMatchObject({ code: 'NAME_TAKEN' });
    for (const name of ['nobody', 'Ünknown', 'a\0b']) expect(await act(ON('disableUser', '__typename ... on UserActionRefused { code }'), { name })).toMatchObject({ code: 'UNKNOWN_USER' });
    for (const user of [{ name: 'Not Plain', role: 'OPERATOR' }, { name: 'portal', role: 'PORTAL' }, { name: 'user:x', role: 'OPERATOR' }, { name: 'ok', role: 'OPERATOR', agencyScope: 'a;b' }]) {
      expect((await gateway.query(bearer(gateway.keys.supervisor), CREATE, { key: randomUUID(), user, reason: 'r' })).codes).toEqual(['BAD_USER_INPUT']);
    }
  });
});

/** Each run loads the program anew, which takes seconds where others do the same. */
const MANY_RUNS_MS = 180_000;

describe('the users command', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  const fieldKeys = `k1:${randomBytes(32).toString('base64')}`;
  const run = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
    const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: test.url, FIELD_KEYS: fieldKeys };
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'users', ...args], { cwd: join(import.meta.dirname, '..', '..', '..'), env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  };

  it('creates supervisors too, resets, enrols, disables and enables, each with an audit row', async () => {
    expect((await run('create', 'em', '--role', 'supervisor', '--reason', 'first')).output).toMatch(/^[A-Za-z0-9_-]{20}$/m);
    expect((await run('reset-password', 'em', '--reason', 'lost')).output).toMatch(/^[A-Za-z0-9_-]{20}$/m);
    expect((await run('enrol-totp', 'em', '--reason', 'policy')).output).toContain('otpauth://totp/Onestop:em?secret=');
    expect((await run('remove-totp', 'em', '--reason', 'lost')).output).toContain('with the password alone');
    expect((await run('disable', 'em', '--reason', 'away')).code).toBe(0);
    expect((await run('list')).output).toContain('em  supervisor  whole province  disabled  must change password  last login never');
    expect((await run('enable', 'em', '--reason', 'back')).code).toBe(0);
    const { rows } = await test.database.query<{ action: string; role: string }>('SELECT action, role FROM operator_actions ORDER BY id');
    expect(rows.map(({ action, role }) => `${role} ${action}`)).toEqual(['create-user', 'reset-user-password', 'enrol-user-totp', 'remove-user-totp', 'disable-user', 'enable-user'].map((action) => `server ${action}`));
  }, MANY_RUNS_MS);

  it('refuses with a reason that one can read', async () => {
    expect(await run('disable', 'nobody', '--reason', 'r')).toEqual({ code: 1, output: 'Refused: UNKNOWN_USER\n' });
  });
});
