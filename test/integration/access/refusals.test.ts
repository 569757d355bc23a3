import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PasswordHasher } from '../../../src/access/password-hash.js';
import { RefusalLog, pruneRefusals } from '../../../src/access/refusal-log.js';
import { recordLogin } from '../../../src/access/login-events.js';
import { createLogger } from '../../../src/observability/logger.js';
import { Browser } from '../../support/browser.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';

const PASSWORD = 'bốn con ngựa trắng';
const PAUSE = 'mutation ($key: IdempotencyKey!) { thuHoaiCuaToi: pauseParty(idempotencyKey: $key, party: "national-portal", reason: "thử") { __typename } }';
const PORTAL = { client: 'portal-1', role: 'portal', agencyScope: null } as const;
const silent = createLogger('silent');

interface Recorded { readonly kind: string; readonly actor: string; readonly subject: string; readonly message: Readonly<Record<string, unknown>> }

describe('who is refused at the door', () => {
  let gateway: ComposedGateway;
  let passwordHash: string;
  let last = 0;
  beforeAll(async () => {
    gateway = await startComposedGateway();
    passwordHash = await new PasswordHasher().hash(PASSWORD);
  }, 60_000);
  afterAll(() => gateway.close());

  const read = async (): Promise<readonly (Recorded & { readonly sequence: number })[]> => (await gateway.test.database.query<Recorded & { readonly sequence: number }>(
    `SELECT e.sequence::int AS sequence, e.kind, e.actor, e.subject, b.body::jsonb AS message FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.chain = 'access' ORDER BY e.sequence`)).rows;
  /** What came since the test began. */
  const recorded = async (): Promise<readonly Recorded[]> => (await read()).filter(({ sequence }) => sequence > last);
  beforeEach(async () => {
    last = (await read()).at(-1)?.sequence ?? 0;
    await gateway.test.database.query('DELETE FROM login_locks');
  });
  const attempts = async (kind: string, reason = ''): Promise<number> =>
    Number((await gateway.test.database.query<{ attempts: string }>('SELECT coalesce(sum(attempts), 0) AS attempts FROM access_refusals WHERE kind = $1 AND reason = $2', [kind, reason])).rows[0]?.attempts);

  it('for a change that the role may not make is on record when the answer comes, once, by the field\'s own name', async () => {
    for (let round = 0; round < 3; round += 1) expect((await gateway.query(bearer(gateway.keys.auditor), PAUSE, { key: randomUUID() })).codes).toEqual(['FORBIDDEN']);
    expect(await recorded()).toMatchObject([{ kind: 'forbidden', actor: 'client/test-auditor', subject: 'pauseParty', message: { role: 'auditor', attempts: 1 } }]);
    expect(JSON.stringify(await recorded())).not.toContain('thuHoaiCuaToi');
  });

  it('is another record for another role and another field, and none for a query', async () => {
    await gateway.query(bearer(gateway.keys.leader), PAUSE, { key: randomUUID() });
    expect((await gateway.query(bearer(gateway.keys.portal), '{ users { nodes { name } } }')).codes).toEqual(['FORBIDDEN']);
    expect((await gateway.query(bearer(gateway.keys.portal), 'mutation { a: __typename }')).codes).toEqual([]);
    expect((await recorded()).map(({ actor, subject }) => [actor, subject])).toEqual([['client/test-leader', 'pauseParty']]);
  });

  it('without a proof is told from who brings a bad one', async () => {
    const mutation = { method: 'POST', body: JSON.stringify({ query: PAUSE }) };
    const json = { 'content-type': 'application/json' };
    expect((await fetch(`${gateway.url}/graphql`, { ...mutation, headers: json })).status).toBe(401);
    expect((await fetch(`${gateway.url}/graphql`, { ...mutation, headers: { ...json, authorization: 'Bearer guessed-key' } })).status).toBe(401);
    await eventually('both are on record', async () => (await recorded()).length === 2);
    expect((await recorded()).map(({ kind, actor, message }) => [kind, actor, message['reason']]).sort()).toEqual([
      ['unauthenticated', 'anonymous', 'BAD_PROOF'], ['unauthenticated', 'anonymous', 'NO_PROOF'],
    ]);
    expect(JSON.stringify(await recorded())).not.toContain('guessed-key');
  });

  it('at a login is on record with the cause, without what was typed and from where', async () => {
    await gateway.test.database.query(`INSERT INTO users (name, role, password_hash, must_change_password, created_by) VALUES ('an', 'operator', $1, false, 'test')`, [passwordHash]);
    for (let round = 0; round < 5; round += 1) await new Browser(gateway.url).login('an', 'wrong');
    await new Browser(gateway.url).login('mat-khau-cua-toi', PASSWORD);
    await gateway.test.database.query('DELETE FROM login_locks');
    expect(await new Browser(gateway.url).login('an', PASSWORD)).toMatchObject({ status: 200 });
    const records = await recorded();
    expect(records.map(({ kind, actor, subject, message }) => [kind, actor, subject, message['reason']])).toEqual([
      ['login-refused', 'client/user:an', 'password', 'WRONG_PASSWORD'], ['login-locked', 'client/user:an', 'password', ''], ['login-refused', 'anonymous', 'password', 'UNKNOWN_USER'],
    ]);
    expect(await attempts('login-refused', 'WRONG_PASSWORD')).toBe(5);
    for (const secret of ['mat-khau', PASSWORD, '127.0.0.1']) expect(JSON.stringify(records)).not.toContain(secret);
  });

  it('leaves no record when its cause is undone', async () => {
    await expect(gateway.test.database.transaction(async (client) => {
      await recordLogin(client, { kind: 'refused', method: 'oidc', client: null, address: '192.0.2.1', reason: 'STATE' });
      throw new Error('undone');
    })).rejects.toThrow('undone');
    expect(await recorded()).toEqual([]);
  });

  it('ten thousand times costs a handful of records, whose counts are right', async () => {
    const log = new RefusalLog({ database: gateway.test.database, logger: silent });
    await log.forbidden(PORTAL, 'flooded');
    for (let round = 1; round < 10_000; round += 1) void log.forbidden(PORTAL, 'flooded');
    await log.stop();
    for (let round = 0; round < 20; round += 1) await log.forbidden(PORTAL, 'flooded');
    await log.stop();
    const { rows } = await gateway.test.database.query(`SELECT attempts::int AS attempts FROM access_refusals WHERE operation = 'flooded'`);
    expect(rows).toEqual([{ attempts: 10_020 }]);
    expect((await recorded()).map(({ message }) => message['attempts'])).toEqual([1, 10_000]);
  });

  it('is forgotten after its time, but for the evidence', async () => {
    const { database } = gateway.test;
    await database.query(`INSERT INTO access_refusals (day, kind, client, operation, reason, attempts) VALUES (current_date - 91, 'forbidden', 'old', 'x', '', 1), (current_date - 89, 'forbidden', 'young', 'x', '', 1)`);
    expect(await pruneRefusals(database, 90)).toBe(1);
    expect((await database.query(`SELECT client FROM access_refusals WHERE operation = 'x'`)).rows).toEqual([{ client: 'young' }]);
    expect((await recorded()).map(({ actor }) => actor)).toEqual(['client/old', 'client/young']);
  });

  it('while the database is away is not forgotten', async () => {
    const { database } = gateway.test;
    let isAway = true;
    const log = new RefusalLog({ database: { query: ((statement: never) => (isAway ? Promise.reject(new Error('away')) : database.query(statement))) as typeof database.query }, logger: silent });
    await log.forbidden(PORTAL, 'away');
    await log.forbidden(PORTAL, 'away');
    expect(await recorded()).toEqual([]);
    isAway = false;
    await log.stop();
    expect(await recorded()).toMatchObject([{ subject: 'away', message: { attempts: 2 } }]);
  });
});
