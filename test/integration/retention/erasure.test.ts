import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { ERASED } from '../../../src/dossiers/dossier-erasure.js';
import { createEvidenceModule } from '../../../src/evidence/evidence-module.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import { createRetentionModule } from '../../../src/retention/retention-module.js';
import type { RetentionModule } from '../../../src/retention/retention-module.js';
import { RetentionService } from '../../../src/retention/retention-service.js';
import { RetentionStore } from '../../../src/retention/retention-store.js';
import { DOSSIER_TABLES, DossierGateway, OPERATOR } from '../../support/dossier-gateway.js';
import { dossierInput } from '../../support/dossier-inputs.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const CODE = dossierInput().code;
const ID = dossierInput().owner.idNumber;
const SUPERVISOR: Caller = { ...OPERATOR, client: 'super', role: 'supervisor' };
const KEY = Buffer.alloc(32, 3);

let test: TestDatabase;
let gateway: DossierGateway;
let retention: RetentionService;
let modules: RetentionModule;
let number = 0;

const call = (caller: Caller) => ({ caller, idempotencyKey: `key-${String((number += 1))}`, reason: 'công dân yêu cầu' });
const finishDeliveries = async (): Promise<void> => {
  await test.database.query(`UPDATE deliveries SET state = 'accepted', settled_at = now(), head = false`);
  await test.database.query('UPDATE lanes SET open_count = 0');
};
const request = async (caller = OPERATOR): Promise<string> => {
  const once = await retention.requestErasure(call(caller), ID);
  if (once.kind !== 'done') throw new Error('conflict');
  return once.result.id;
};
const attempt = (): Promise<unknown> => test.database.query(
  `INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, correlation_id, exchanges)
   SELECT id, 1, 'send', now() - interval '400 days', 5, 'accepted', 'c-1', '[]' FROM deliveries`);
const count = async (table: string): Promise<number> => Number((await test.database.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count);

beforeAll(async () => {
  test = await createTestDatabase();
  gateway = new DossierGateway(test.database);
  const settings = { fingerprintKey: KEY, keepHours: 1, evidenceBodyKeepDays: 30, dossierKeepDays: 30, callbackBodyKeepDays: 30, loginEventKeepDays: 90, accessAttemptKeepDays: 90 };
  retention = new RetentionService({ database: test.database, store: new RetentionStore(), erasure: gateway.dossiers.erasure, settings });
  modules = createRetentionModule({ database: test.database, erasure: gateway.dossiers.erasure, settings });
});
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${DOSSIER_TABLES}, dossier_persons, dossier_erasures, erasure_requests, legal_holds, person_holds, callbacks`);
  await gateway.upsert(`upsert-${String((number += 1))}`);
  await attempt();
});
afterAll(() => test.drop());

describe('a person', () => {
  it('is found by the id number however it is written, and that it was asked is recorded', async () => {
    expect(await retention.find(SUPERVISOR, `${ID.slice(0, 3)} ${ID.slice(3, 6)}.${ID.slice(6)}`)).toEqual([CODE]);
    expect(await retention.find(SUPERVISOR, '001099999999')).toEqual([]);
    const { rows } = await test.database.query<{ text: string }>(`SELECT string_agg(o::text, ' ') AS text FROM operator_actions o WHERE action = 'find-personal-data'`);
    expect(rows[0]?.text).toContain('super');
    expect(rows[0]?.text).not.toContain(ID);
  });
});

describe('an erasure', () => {
  it('asked for by one and approved by another leaves a mark in every personal field and the chain whole', async () => {
    await finishDeliveries();
    const once = await retention.approveErasure(call(SUPERVISOR), await request());
    expect(once).toEqual({ kind: 'done', result: { refused: null, dossierCodes: [CODE] } });
    const { owner, subject } = dossierInput();
    const seen = await gateway.call({ ...OPERATOR, client: 'portal-1', role: 'portal' }, `{ dossier(code: "${CODE}") { subject owner { name idNumber } } }`);
    expect(seen.data.dossier).toEqual({ subject: ERASED, owner: { name: ERASED, idNumber: ERASED } });
    expect(JSON.stringify(seen)).not.toContain(owner.name);
    expect(JSON.stringify(seen)).not.toContain(subject);
    expect([await count('attempts'), await count('dossier_persons')]).toEqual([0, 0]);
    const evidence = createEvidenceModule({ database: test.database, settings: { signingKeys: [], sealLagMs: 0 } });
    const report = await evidence.audit(null);
    expect(report.faults).toEqual([]);
    expect(report.missingBodies).toBeGreaterThan(0);
    expect(await retention.find(SUPERVISOR, ID)).toEqual([]);
  });

  it('is refused to the person who asked, and happens once', async () => {
    await finishDeliveries();
    const id = await request(SUPERVISOR);
    expect(await retention.approveErasure(call(SUPERVISOR), id)).toMatchObject({ result: { refused: 'SAME_PERSON' } });
    const other = { ...SUPERVISOR, client: 'super-2' };
    expect(await retention.approveErasure(call(other), id)).toMatchObject({ result: { refused: null } });
    expect(await retention.approveErasure(call(other), id)).toMatchObject({ result: { refused: 'DONE_ALREADY' } });
    await expect(retention.approveErasure(call(other), '999999')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('waits for deliveries that are not finished, and for a hold to be lifted', async () => {
    const id = await request();
    expect(await retention.approveErasure(call(SUPERVISOR), id)).toMatchObject({ result: { refused: 'OPEN_DELIVERIES', dossierCodes: [CODE] } });
    await finishDeliveries();
    await retention.placeHold(call(SUPERVISOR), CODE);
    expect(await retention.approveErasure(call(SUPERVISOR), id)).toMatchObject({ result: { refused: 'LEGAL_HOLD', dossierCodes: [CODE] } });
    expect(await count('attempts')).toBe(1);
    await retention.liftHold(call(SUPERVISOR), CODE);
    expect(await retention.approveErasure(call(SUPERVISOR), id)).toMatchObject({ result: { refused: null } });
    await expect(retention.liftHold(call(SUPERVISOR), CODE)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(retention.placeHold(call(SUPERVISOR), 'NO-SUCH')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a hold on a person', () => {
  const place = (reason = 'toà án yêu cầu'): ReturnType<RetentionService['placePersonHold']> => retention.placePersonHold({ ...call(SUPERVISOR), reason }, ` ${ID}`);
  const lift = (): ReturnType<RetentionService['liftPersonHold']> => retention.liftPersonHold(call(SUPERVISOR), ID);

  it('keeps every dossier of the person from erasure and from age, until it is lifted', async () => {
    await finishDeliveries();
    await test.database.query(`UPDATE dossiers SET status = 'RESULT_RETURNED', updated_at = now() - interval '31 days'`);
    expect(await place()).toEqual({ kind: 'done', result: { dossierCodes: [CODE] } });
    expect(await retention.approveErasure(call(SUPERVISOR), await request())).toMatchObject({ result: { refused: 'LEGAL_HOLD', dossierCodes: [CODE] } });
    const deliveries = new DeliveryStore(test.database);
    expect([await modules.job.expireDossiers(), await deliveries.pruneAttempts(30, 100)]).toEqual([0, 0]);
    await expect(test.database.query('SELECT delete_evidence_bodies(ARRAY(SELECT id FROM evidence WHERE chain = $1))', [`lane/${CODE}`])).rejects.toMatchObject({ code: 'OG003' });
    expect(await lift()).toEqual({ kind: 'done', result: { dossierCodes: [CODE] } });
    expect([await deliveries.pruneAttempts(30, 100), await modules.job.expireDossiers()]).toEqual([1, 1]);
  });

  it('holds a dossier that comes later, too', async () => {
    await test.database.query('DELETE FROM dossier_persons');
    expect(await place()).toEqual({ kind: 'done', result: { dossierCodes: [] } });
    await test.database.query(`TRUNCATE ${DOSSIER_TABLES}`);
    await gateway.upsert(`later-${String((number += 1))}`);
    await finishDeliveries();
    expect(await retention.approveErasure(call(SUPERVISOR), await request())).toMatchObject({ result: { refused: 'LEGAL_HOLD' } });
  });

  it('leaves the hold of a dossier and that of a person apart', async () => {
    await finishDeliveries();
    await retention.placeHold(call(SUPERVISOR), CODE);
    await place();
    await retention.liftHold(call(SUPERVISOR), CODE);
    const id = await request();
    expect(await retention.approveErasure(call(SUPERVISOR), id)).toMatchObject({ result: { refused: 'LEGAL_HOLD' } });
    await lift();
    await expect(lift()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await retention.approveErasure(call(SUPERVISOR), id)).toMatchObject({ result: { refused: null } });
  });

  it('happens once under a key, which other content may not use', async () => {
    const once = call(SUPERVISOR);
    const first = await retention.placePersonHold(once, ID);
    expect(await retention.placePersonHold(once, ID)).toEqual(first);
    expect(await retention.placePersonHold(once, '001099999999')).toEqual({ kind: 'conflict', key: once.idempotencyKey });
    expect(await count('person_holds')).toBe(1);
  });

  it('is recorded with its reason in the chain of each dossier, and nowhere with the number', async () => {
    const since = new Date();
    await place('vụ án 12');
    await lift();
    const { rows } = await test.database.query<{ text: string; action: string; reason: string }>(
      `SELECT o.action, o.reason, o::text FROM operator_actions o WHERE action LIKE '%-person-hold' AND reason IN ('vụ án 12', 'công dân yêu cầu') AND at >= $1 ORDER BY id`, [since]);
    expect(rows.map(({ action, reason }) => [action, reason])).toEqual([['place-person-hold', 'vụ án 12'], ['lift-person-hold', 'công dân yêu cầu']]);
    expect(rows.map(({ text }) => text).join()).not.toContain(ID);
    const evidence = await test.database.query(`SELECT 1 FROM evidence WHERE chain = $1 AND kind = 'operator-action' AND subject LIKE 'person/%' AND at >= $2`, [`lane/${CODE}`, since]);
    expect(evidence.rowCount).toBe(2);
  });
});

describe('what parties sent about a dossier', () => {
  const receive = async (dossierCode: string | null): Promise<string> => {
    const { rows } = await test.database.query<{ id: string }>(
      `INSERT INTO callbacks (party, kind, unique_key, verified_by, digest, body) VALUES ('neighbour', 'notice', gen_random_uuid()::text, 'k', '\\x00', 'k1.sealed') RETURNING id`);
    const id = rows[0]?.id ?? '';
    await test.database.query(`UPDATE callbacks SET state = 'applied', settled_at = now(), reply = '{}', dossier_code = $2, received_at = now() - interval '31 days' WHERE id = $1`, [id, dossierCode]);
    return id;
  };
  const kept = async (): Promise<(string | null)[]> => (await test.database.query<{ body: string | null }>('SELECT body FROM callbacks ORDER BY id')).rows.map(({ body }) => body);

  it('expires by age, not under a hold of the dossier or of its person', async () => {
    await receive(CODE);
    await receive(null);
    await retention.placePersonHold(call(SUPERVISOR), ID);
    expect(await modules.job.expireCallbackBodies()).toBe(1);
    expect(await kept()).toEqual(['k1.sealed', null]);
    await expect(test.database.query('UPDATE callbacks SET body = NULL')).rejects.toMatchObject({ code: 'OG003' });
    await expect(test.database.query('DELETE FROM callbacks')).rejects.toMatchObject({ code: 'OG003' });
    await retention.liftPersonHold(call(SUPERVISOR), ID);
    expect([await modules.job.expireCallbackBodies(), await modules.job.expireCallbackBodies()]).toEqual([1, 0]);
  });

  it('stays where it waits to be applied, and where the evidence does not tell how it ended', async () => {
    await receive(null);
    await test.database.query(`UPDATE callbacks SET state = 'received', settled_at = NULL`);
    expect(await modules.job.expireCallbackBodies()).toBe(0);
    await test.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(`UPDATE callbacks SET state = 'refused', settled_at = now()`);
    });
    expect(await modules.job.expireCallbackBodies()).toBe(0);
  });

  it('goes with the erasure of its person', async () => {
    await finishDeliveries();
    await receive(CODE);
    await retention.approveErasure(call(SUPERVISOR), await request());
    expect(await kept()).toEqual([null]);
  });
});

describe('what happened at the door', () => {
  const logins = (age: string): Promise<unknown> => test.database.query(`INSERT INTO login_events (kind, method, address, at) VALUES ('refused', 'password', '203.0.113.1', now() - interval '${age}')`);

  it('is deleted when it is older than the policy, and by nobody before', async () => {
    await logins('91 days');
    await logins('1 day');
    await expect(test.database.query('DELETE FROM login_events')).rejects.toMatchObject({ code: 'OG002' });
    await expect(test.database.query(`UPDATE login_events SET reason = 'x'`)).rejects.toMatchObject({ code: 'OG002' });
    expect([await modules.job.expireLoginEvents(), await modules.job.expireLoginEvents(), await count('login_events')]).toEqual([1, 0, 1]);
  });

  it('counts attempts on what is not the caller\'s until they are old, where evidence tells of them, and not under hold', async () => {
    await test.database.query('DELETE FROM access_attempts');
    const attemptOn = (target: string, client: string): Promise<unknown> => test.database.query(
      `INSERT INTO access_attempts (day, client, operation, target_kind, target, role, existed, correlation_id) VALUES (current_date, $2, 'dossier', 'dossier', $1, 'agency', true, 'c')`, [target, client]);
    await attemptOn(CODE, 'ward');
    await attemptOn(`${CODE}1`, 'ward');
    await test.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(`INSERT INTO access_attempts (day, client, operation, target_kind, target, role, existed, correlation_id) VALUES (current_date, 'ghost', 'dossier', 'dossier', $1, 'agency', true, 'c')`, [CODE]);
      await client.query(`UPDATE access_attempts SET day = day - 91, first_at = first_at - interval '91 days', last_at = last_at - interval '91 days'`);
      await client.query(`UPDATE evidence SET at = at - interval '91 days' WHERE kind = 'access-refused'`);
    });
    await retention.placeHold(call(SUPERVISOR), CODE);
    expect(await modules.job.expireAccessAttempts()).toBe(1);
    await retention.liftHold(call(SUPERVISOR), CODE);
    expect([await modules.job.expireAccessAttempts(), await modules.job.expireAccessAttempts()]).toEqual([1, 0]);
    expect((await test.database.query('SELECT client FROM access_attempts')).rows).toEqual([{ client: 'ghost' }]);
    await modules.job.expireBodies();
  });
});

describe('retention by age', () => {
  const age = (chain: string): Promise<unknown> => test.database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(`UPDATE evidence SET at = now() - interval '31 days' WHERE chain = $1`, [chain]);
  });
  const bodies = async (): Promise<number> => Number((await test.database.query<{ count: string }>(
    `SELECT count(*) FROM evidence_bodies b JOIN evidence e ON e.id = b.evidence_id WHERE e.chain = $1`, [`lane/${CODE}`])).rows[0]?.count);

  it('deletes bodies that are old, not those under hold', async () => {
    await age(`lane/${CODE}`);
    await retention.placeHold(call(SUPERVISOR), CODE);
    const held = await bodies();
    expect(await modules.job.expireBodies()).toBe(0);
    await expect(test.database.query('SELECT delete_evidence_bodies(ARRAY(SELECT id FROM evidence WHERE chain = $1))', [`lane/${CODE}`])).rejects.toMatchObject({ code: 'OG003' });
    expect(await bodies()).toBe(held);
    await retention.liftHold(call(SUPERVISOR), CODE);
    expect(await modules.job.expireBodies()).toBeGreaterThan(0);
  });

  it('keeps a body that is not what its record says, for the verifier to name', async () => {
    await test.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(`UPDATE evidence_bodies SET body = 'other' WHERE evidence_id = (SELECT max(id) FROM evidence WHERE chain = $1 AND attempt_id IS NULL)`, [`lane/${CODE}`]);
    });
    await age(`lane/${CODE}`);
    await modules.job.expireBodies();
    expect(await bodies()).toBe(1);
  });

  it('erases personal fields of dossiers that ended long ago and of no other', async () => {
    await finishDeliveries();
    expect(await modules.job.expireDossiers()).toBe(0);
    await test.database.query(`UPDATE dossiers SET status = 'RESULT_RETURNED', updated_at = now() - interval '31 days'`);
    expect(await modules.job.expireDossiers()).toBe(1);
    expect(await modules.job.expireDossiers()).toBe(0);
    expect(await retention.find(SUPERVISOR, ID)).toEqual([]);
  });

  it('keeps the journal of a dossier under hold', async () => {
    await finishDeliveries();
    await retention.placeHold(call(SUPERVISOR), CODE);
    const deliveries = new DeliveryStore(test.database);
    expect(await deliveries.pruneAttempts(30, 100)).toBe(0);
    await retention.liftHold(call(SUPERVISOR), CODE);
    expect(await deliveries.pruneAttempts(30, 100)).toBe(1);
  });
});
