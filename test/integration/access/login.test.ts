import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { LoginLocks } from '../../../src/access/login-locks.js';
import { PasswordHasher } from '../../../src/access/password-hash.js';
import { totpCode, totpStepAt } from '../../../src/access/totp.js';
import { Browser } from '../../support/browser.js';
import { cheapPasswordHash } from '../../support/cheap-password.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

const PASSWORD = 'bốn con ngựa trắng';
const CALLER = '{ caller { client role } }';
const SECRET = '__typename ... on UserSecretIssued { secret } ... on UserActionRefused { code }';

describe('logging in', () => {
  let gateway: ComposedGateway;
  const passwordHash = cheapPasswordHash(PASSWORD);
  beforeAll(async () => { gateway = await startComposedGateway(); }, 60_000);
  afterAll(() => gateway.close());
  // All calls come from one address; each test counts its own failures.
  beforeEach(async () => void (await gateway.test.database.query('DELETE FROM login_locks')));

  const addUser = async (name: string, role = 'operator', hash = passwordHash): Promise<void> => {
    await gateway.test.database.query(`INSERT INTO users (name, role, password_hash, must_change_password, created_by) VALUES ($1, $2, $3, false, 'test')`, [name, role, hash]);
  };
  const loggedIn = async (name: string, role = 'operator'): Promise<Browser> => {
    await addUser(name, role);
    const browser = new Browser(gateway.url);
    expect(await browser.login(name, PASSWORD)).toMatchObject({ status: 200 });
    return browser;
  };
  const events = async (client: string): Promise<unknown[]> =>
    (await gateway.test.database.query('SELECT kind, method, reason FROM login_events WHERE client = $1 ORDER BY id', [client])).rows;
  const asSupervisor = async (field: string, variables: object): Promise<Record<string, string>> => {
    const { data, codes } = await gateway.query(bearer(gateway.keys.supervisor), field, { key: randomUUID(), ...variables });
    expect(codes).toEqual([]);
    return data?.['done'] as unknown as Record<string, string>;
  };

  it('opens GraphQL under the person\'s name and role, and nothing else', async () => {
    const browser = await loggedIn('an');
    expect((await browser.query(CALLER)).body).toEqual({ data: { caller: { client: 'user:an', role: 'OPERATOR' } } });
    expect(await browser.query('{ apiClients { nodes { name } } }')).toMatchObject({ status: 200, body: { data: { apiClients: { nodes: [] } } } });
    expect((await browser.query('{ users { nodes { name } } }')).body['errors']).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect([(await browser.ours('GET', '/metrics')).status, (await browser.ours('GET', '/queues')).status]).toEqual([401, 401]);
    expect(await events('user:an')).toEqual([{ kind: 'login', method: 'password', reason: null }]);
  });

  it('tells who one is, and refuses to without a session', async () => {
    const browser = await loggedIn('binh', 'leader');
    expect((await browser.call('GET', '/session')).body).toEqual({ client: 'user:binh', role: 'leader', agencyScope: null, mustChangePassword: false, csrfToken: browser.csrf });
    expect(await new Browser(gateway.url).call('GET', '/session')).toMatchObject({ status: 401, body: { error: 'UNAUTHENTICATED' } });
  });

  it('refuses a wrong password, an unknown name and a disabled person alike, and notes why', async () => {
    await addUser('chi');
    await addUser('dung');
    await gateway.test.database.query(`UPDATE users SET state = 'disabled' WHERE name = 'dung'`);
    const answers = [];
    for (const [name, password] of [['chi', 'wrong'], ['mat-khau-cua-toi', PASSWORD], ['dung', PASSWORD]] as const) {
      const { status, body, headers } = await new Browser(gateway.url).login(name, password);
      answers.push({ status, body, cookies: headers.getSetCookie() });
    }
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ status: 401, body: { error: 'LOGIN_REFUSED' }, cookies: [] })));
    expect(await events('user:chi')).toEqual([{ kind: 'refused', method: 'password', reason: 'WRONG_PASSWORD' }]);
    expect(await events('user:dung')).toEqual([{ kind: 'refused', method: 'password', reason: 'DISABLED' }]);
    const { rows } = await gateway.test.database.query<{ client: null; text: string }>(`SELECT client, e::text AS text FROM login_events e WHERE reason = 'UNKNOWN_USER'`);
    expect(rows).toMatchObject([{ client: null }]);
    expect(rows[0]?.text).not.toContain('mat-khau');
  });

  it('locks an account after five failures in a row, for everybody and whatever the password, existing or not', async () => {
    await addUser('em');
    for (const name of ['em', 'nobody']) {
      const statuses = [];
      for (let turn = 0; turn < 6; turn += 1) statuses.push((await new Browser(gateway.url).login(name, 'wrong')).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
      const locked = await new Browser(gateway.url).login(name, PASSWORD);
      expect(locked).toMatchObject({ status: 429, body: { error: 'LOCKED' } });
      expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(20);
    }
    expect((await events('user:em')).slice(-2)).toMatchObject([{ kind: 'refused' }, { kind: 'locked' }]);
  });

  it('lets the wait grow with each further failure, and forgets it after a success', async () => {
    await addUser('giang');
    const fail = async (): Promise<number> => {
      await new Browser(gateway.url).login('giang', 'wrong');
      const { rows } = await gateway.test.database.query<{ s: number }>('SELECT max(extract(epoch FROM locked_until - last_at))::int AS s FROM login_locks');
      await gateway.test.database.query('UPDATE login_locks SET locked_until = now()');
      return rows[0]?.s ?? -1;
    };
    const waits = [];
    for (let turn = 0; turn < 7; turn += 1) waits.push(await fail());
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120]);
    expect((await new Browser(gateway.url).login('giang', PASSWORD)).status).toBe(200);
    expect(await fail()).toBe(0);
  });

  it('counts guesses that come at the same time one by one', async () => {
    // At its real cost, so that all are under way before the first is decided.
    await addUser('ha', 'operator', await new PasswordHasher().hash(PASSWORD));
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await new Browser(gateway.url).login('ha', 'wrong')).status));
    expect(statuses.sort()).toEqual([...Array.from({ length: 5 }, () => 401), ...Array.from({ length: 7 }, () => 429)]);
  });

  it('locks nobody out for a try that began before another one was counted', async () => {
    const key = { kind: 'address', value: '192.0.2.7' } as const;
    await gateway.test.database.transaction(async (client) => {
      await client.query('SELECT now()');
      expect(await new LoginLocks(gateway.test.database).count(key)).toEqual({ lockedMs: 0, locks: false });
      expect(await new LoginLocks(client).count(key)).toEqual({ lockedMs: 0, locks: false });
    });
  });

  it('slows down an address that tries many names', async () => {
    await gateway.test.database.query(`INSERT INTO login_locks (key, failures, locked_until) SELECT sha256('address:127.0.0.1'), 29, now()`);
    await addUser('hoa');
    expect((await new Browser(gateway.url).login('x1', 'wrong')).status).toBe(401);
    expect((await new Browser(gateway.url).login('hoa', PASSWORD)).status).toBe(429);
  });

  it('gives each login a new session, and ends the one that the browser came with', async () => {
    await addUser('khoa');
    const attacker = await loggedIn('lan');
    const victim = new Browser(gateway.url);
    const planted = attacker.cookies.get('onestop') ?? '';
    victim.cookies.set('onestop', planted);
    expect((await victim.login('khoa', PASSWORD)).body['client']).toBe('user:khoa');
    expect(victim.cookies.get('onestop')).not.toBe(planted);
    expect((await attacker.call('GET', '/session')).status).toBe(401);
    // An id that the gateway did not make is not taken up either.
    const made = 'A'.repeat(43);
    victim.cookies.set('onestop', made);
    await victim.login('khoa', PASSWORD);
    expect(victim.cookies.get('onestop')).not.toBe(made);
  });

  it('keeps the session as a digest only', async () => {
    const browser = await loggedIn('long');
    const { rows } = await gateway.test.database.query<{ text: string }>('SELECT s::text AS text FROM sessions s');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ text }) => text).join()).not.toContain(browser.cookies.get('onestop'));
  });

  it('needs the page\'s token and origin: without, a cookie proves nothing', async () => {
    const browser = await loggedIn('mai');
    const { csrf } = browser;
    const origin = gateway.url;
    const body = { query: CALLER };
    const refusedHeaders = [{}, { 'x-onestop-csrf': 'x' }, { 'x-onestop-csrf': csrf.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }, { 'x-onestop-csrf': csrf, origin: 'https://evil.example' },
      { 'x-onestop-csrf': csrf, origin: 'null' }, { 'x-onestop-csrf': csrf, 'sec-fetch-site': 'cross-site' }, { 'x-onestop-csrf': csrf, origin, 'sec-fetch-site': 'same-site' }];
    for (const headers of refusedHeaders) {
      expect((await browser.call('POST', '/graphql', { body, headers })).status).toBe(401);
      expect((await browser.call('POST', '/logout', { headers })).status).toBe(403);
      expect((await browser.call('POST', '/password', { body: { currentPassword: PASSWORD, newPassword: 'x' }, headers })).status).toBe(403);
    }
    expect((await browser.query(CALLER)).status).toBe(200);
    expect(await new Browser(gateway.url).call('POST', '/login', { body: { name: 'mai', password: PASSWORD }, headers: { origin: 'https://evil.example' } })).toMatchObject({ status: 403, body: { error: 'FOREIGN_ORIGIN' } });
  });

  it('takes neither another person\'s token nor a wrong key made good by a cookie', async () => {
    const [one, two] = [await loggedIn('minh'), await loggedIn('my')];
    one.csrf = two.csrf;
    expect((await one.query(CALLER)).status).toBe(401);
    expect((await two.call('POST', '/graphql', { body: { query: CALLER }, headers: { 'x-onestop-csrf': two.csrf, authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  it('ends with a logout', async () => {
    const browser = await loggedIn('nam');
    const id = browser.cookies.get('onestop') ?? '';
    expect((await browser.ours('POST', '/logout')).status).toBe(204);
    expect(browser.cookies.has('onestop')).toBe(false);
    browser.cookies.set('onestop', id);
    expect((await browser.query(CALLER)).status).toBe(401);
    expect((await events('user:nam')).at(-1)).toEqual({ kind: 'logout', method: 'session', reason: null });
  });

  it('ends with idleness and with age', async () => {
    const [idle, old] = [await loggedIn('oanh'), await loggedIn('phu')];
    await gateway.test.database.query(`UPDATE sessions SET last_seen_at = now() - interval '31 minutes' WHERE user_name = 'oanh'`);
    await gateway.test.database.query(`UPDATE sessions SET expires_at = now() WHERE user_name = 'phu'`);
    expect([(await idle.query(CALLER)).status, (await old.query(CALLER)).status]).toEqual([401, 401]);
  });

  it('ends at the very next call when the person is disabled, or the password reset', async () => {
    const [one, two] = [await loggedIn('quan'), await loggedIn('quyen')];
    const disabled = await asSupervisor('mutation ($key: IdempotencyKey!, $name: String!) { done: disableUser(idempotencyKey: $key, name: $name, reason: "left") { __typename } }', { name: 'quan' });
    expect(disabled).toEqual({ __typename: 'UserChanged' });
    expect((await one.query(CALLER)).status).toBe(401);
    expect((await one.login('quan', PASSWORD)).status).toBe(401);
    await asSupervisor(`mutation ($key: IdempotencyKey!, $name: String!) { done: resetUserPassword(idempotencyKey: $key, name: $name, reason: "forgot") { ${SECRET} } }`, { name: 'quyen' });
    expect((await two.query(CALLER)).status).toBe(401);
    expect((await two.login('quyen', PASSWORD)).status).toBe(401);
  });

  it('with a one-time password opens nothing but the change of it', async () => {
    const { secret = '' } = await asSupervisor(`mutation ($key: IdempotencyKey!, $user: UserInput!) { done: createUser(idempotencyKey: $key, user: $user, reason: "new") { ${SECRET} } }`, { user: { name: 'son', role: 'OPERATOR' } });
    const browser = new Browser(gateway.url);
    expect((await browser.login('son', secret)).body).toMatchObject({ mustChangePassword: true });
    expect((await browser.query(CALLER)).status).toBe(401);
    const before = browser.cookies.get('onestop');
    expect((await browser.ours('POST', '/password', { currentPassword: 'wrong', newPassword: PASSWORD })).status).toBe(401);
    for (const [newPassword, error] of [['ngắn', 'TOO_SHORT'], ['password1234', 'TOO_COMMON'], [secret, 'UNCHANGED']]) {
      expect(await browser.ours('POST', '/password', { currentPassword: secret, newPassword })).toMatchObject({ status: 422, body: { error } });
    }
    expect((await browser.ours('POST', '/password', { currentPassword: secret, newPassword: PASSWORD })).body).toMatchObject({ mustChangePassword: false });
    expect(browser.cookies.get('onestop')).not.toBe(before);
    expect((await browser.query(CALLER)).body).toMatchObject({ data: { caller: { client: 'user:son' } } });
    expect([(await new Browser(gateway.url).login('son', secret)).status, (await new Browser(gateway.url).login('son', PASSWORD)).status]).toEqual([401, 200]);
    expect((await events('user:son')).map((event) => (event as { kind: string }).kind)).toEqual(['login', 'refused', 'password-changed', 'refused', 'login']);
  });

  it('refuses a one-time password that waited too long', async () => {
    await addUser('tam');
    await gateway.test.database.query(`UPDATE users SET must_change_password = true, password_expires_at = now() WHERE name = 'tam'`);
    expect((await new Browser(gateway.url).login('tam', PASSWORD)).status).toBe(401);
  });

  it('asks for the code of whoever has an authenticator app, takes each code once, and keeps its secret sealed', async () => {
    await addUser('thu');
    const { secret: uri = '' } = await asSupervisor(`mutation ($key: IdempotencyKey!, $name: String!) { done: enrolUserTotp(idempotencyKey: $key, name: $name, reason: "policy") { ${SECRET} } }`, { name: 'thu' });
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    const step = totpStepAt(new Date());
    const login = async (code?: string): Promise<unknown> => (await new Browser(gateway.url).login('thu', PASSWORD, code)).body['error'] ?? 'in';
    expect(await login()).toBe('TOTP_REQUIRED');
    expect(await login('000000' === totpCode(secret, step) ? '000001' : '000000')).toBe('LOGIN_REFUSED');
    expect(await login(totpCode(secret, step))).toBe('in');
    expect([await login(totpCode(secret, step)), await login(totpCode(secret, step - 1))]).toEqual(['LOGIN_REFUSED', 'LOGIN_REFUSED']);
    expect(await login(totpCode(secret, step + 1))).toBe('in');
    const { rows } = await gateway.test.database.query<{ text: string }>(`SELECT u::text || (SELECT string_agg(o::text, '') FROM operator_actions o) || (SELECT string_agg(i::text, '') FROM idempotency_keys i) AS text FROM users u WHERE name = 'thu'`);
    expect(rows[0]?.text).not.toContain(secret);
  });

  it('leaves no password, code, cookie or token in any log line', async () => {
    const browser = await loggedIn('uyen');
    await browser.login('uyen', 'canary-password-1');
    for (const canary of [PASSWORD, 'canary-password-1', browser.csrf, browser.cookies.get('onestop') ?? '?']) expect(gateway.logLines.join('')).not.toContain(canary);
  });

  it.each([['GET', '/login'], ['GET', '/logout'], ['GET', '/password'], ['GET', '/login/oidc'], ['GET', '/login/oidc/callback']] as const)('answers %s %s as if it were not there', async (method, path) => {
    expect(await new Browser(gateway.url).call(method, path)).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
  });

  it.each([[{}], [{ name: 'a' }], [{ name: 'a', password: 1 }], [{ name: 'a', password: 'b', role: 'supervisor' }], [{ name: 'a', password: 'x'.repeat(1_001) }]])('refuses the body %j', async (body) => {
    expect(await new Browser(gateway.url).call('POST', '/login', { body })).toMatchObject({ status: 400, body: { error: 'BAD_REQUEST' } });
  });

  it('marks the cookie so that scripts and foreign sites do not get it', async () => {
    await addUser('vy');
    const { headers } = await new Browser(gateway.url).login('vy', PASSWORD);
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^onestop=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)]);
  });
});

describe('behind TLS', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway({ PUBLIC_URL: 'https://gateway.example.vn' });
    await gateway.test.database.query(`INSERT INTO users (name, role, password_hash, must_change_password, created_by) VALUES ('an', 'operator', $1, false, 'test')`, [await new PasswordHasher().hash(PASSWORD)]);
  }, 60_000);
  afterAll(() => gateway.close());

  it('the cookie is Secure and of this host only, the public origin is ours, and no other name of the cookie counts', async () => {
    const browser = new Browser(gateway.url);
    const { headers } = await browser.login('an', PASSWORD);
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-onestop=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)]);
    const ours = { 'x-onestop-csrf': browser.csrf, origin: 'https://gateway.example.vn' };
    expect((await browser.call('POST', '/graphql', { body: { query: CALLER }, headers: ours })).status).toBe(200);
    const plain = new Browser(gateway.url);
    plain.cookies.set('onestop', browser.cookies.get('__Host-onestop') ?? '');
    expect((await plain.call('POST', '/graphql', { body: { query: CALLER }, headers: ours })).status).toBe(401);
  });
});
