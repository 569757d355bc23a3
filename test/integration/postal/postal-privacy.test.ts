import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { RetentionService } from '../../../src/retention/retention-service.js';
import { RetentionStore } from '../../../src/retention/retention-store.js';
import { AUDITOR, LEADER, OPERATOR, PORTAL } from '../../support/dossier-gateway.js';
import { dossierInput } from '../../support/dossier-inputs.js';
import { eventually } from '../../support/eventually.js';
import { CITIZEN, OTHER_WARD, PostalStage, WARD, shipmentOf } from '../../support/postal-stage.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { minutesTo, scriptedCarrier } from '../../support/scripted-carrier.js';
import type { ScriptedCarrier } from '../../support/scripted-carrier.js';

const SUPERVISOR: Caller = { ...OPERATOR, client: 'super', role: 'supervisor' };
const [OLD, NEW] = [{ id: 'k1', key: Buffer.alloc(32, 1) }, { id: 'k2', key: Buffer.alloc(32, 2) }] as const;

let test: TestDatabase;
let carrier: ScriptedCarrier;
let stage: PostalStage;
let code: string;
let number = 0;

beforeAll(async () => { test = await createTestDatabase(); });
afterAll(() => test.drop());
beforeEach(async () => {
  carrier = scriptedCarrier('steady');
  stage = new PostalStage(test.database, [carrier]);
  code = await stage.reset();
  await stage.pickup({ dossierCode: code, returnToo: true });
});

const all = async <Row>(sql: string): Promise<readonly Row[]> => (await test.database.query(sql)).rows as Row[];
const settle = async (): Promise<void> => {
  await test.database.query(`UPDATE deliveries SET state = 'accepted', settled_at = now(), head = false`);
  await test.database.query('UPDATE lanes SET open_count = 0');
};
const call = (caller: Caller) => ({ caller, idempotencyKey: `key-${String((number += 1))}`, reason: 'công dân yêu cầu' });
const erase = async () => {
  const retention = new RetentionService({ database: test.database, store: new RetentionStore(), erasure: stage.gateway.dossiers.erasure, settings: { fingerprintKey: Buffer.alloc(32, 3), keepHours: 1 } });
  const asked = await retention.requestErasure(call(OPERATOR), dossierInput().owner.idNumber);
  if (asked.kind !== 'done') throw new Error('conflict');
  const done = await retention.approveErasure(call(SUPERVISOR), asked.result.id);
  return done.kind === 'done' ? done.result : null;
};

describe('the erasure of a person', () => {
  it('takes who sent what to whom, and where the result was to go; the way of the parcel stays', async () => {
    await settle();
    expect(await erase()).toEqual({ refused: null, dossierCodes: [code] });
    expect(await all('SELECT content FROM shipments UNION ALL SELECT recipient FROM postal_choices')).toEqual([{ content: null }, { content: null }]);
    expect(await stage.read(code)).toMatchObject({ number: code, state: 'REQUESTED', sender: null, recipient: null, contents: null, events: [{ code: 'requested' }] });
    expect(await stage.bringBack({ dossierCode: code })).toMatchObject({ problems: [{ field: 'order.recipient', code: 'REQUIRED' }] });
    const { rows } = await test.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.chain IN ('lane/' || $1, 'lane/post/' || $1)`, [code]);
    // The erasure itself is told of.
    expect(rows[0]?.count).toBeLessThanOrEqual(1);
  });

  it('waits while a carrier is owed something, and while the dossier is held', async () => {
    await test.database.query(`UPDATE lanes SET open_count = 0 WHERE lane NOT LIKE 'post/%'`);
    expect(await erase()).toMatchObject({ refused: 'OPEN_DELIVERIES', dossierCodes: [code] });
    await settle();
    await test.database.query(`INSERT INTO legal_holds (dossier_code, reason, placed_by) VALUES ($1, 'toà', 'super')`, [code]);
    expect(await erase()).toMatchObject({ refused: 'LEGAL_HOLD', dossierCodes: [code] });
    expect(await all(`SELECT count(*)::int AS count FROM held_chains WHERE chain LIKE 'lane/post/%'`)).toEqual([{ count: 1 }]);
    expect(await stage.read(code)).toMatchObject({ sender: { name: CITIZEN.name } });
  });

  it('of an order that is not sent yet sends nothing', async () => {
    await test.database.query('UPDATE shipments SET content = NULL');
    const engine = await stage.engine();
    try {
      await eventually('the order to be parked', async () => (await all<{ reason: string }>(`SELECT reason FROM deliveries WHERE operation = 'create-shipment' AND state = 'parked'`))[0]?.reason === 'content-missing');
    } finally {
      await engine.close(1_000);
    }
    expect(carrier.orders).toEqual([]);
  });
});

describe('a new field key', () => {
  it('seals everything anew, after which the old one opens nothing that is needed', async () => {
    const both = new PostalStage(test.database, [carrier], { keys: [NEW, OLD] });
    expect([await both.post.reseal(), await both.post.reseal()]).toEqual([2, 0]);
    const fresh = new PostalStage(test.database, [carrier], { keys: [NEW] });
    expect(await fresh.read(code)).toMatchObject({ sender: { name: CITIZEN.name }, contents: `Hồ sơ ${code}` });
    expect(shipmentOf(await fresh.bringBack({ dossierCode: code }))).toMatchObject({ recipient: { name: CITIZEN.name } });
    expect(await all('SELECT DISTINCT key_id FROM shipments UNION SELECT key_id FROM postal_choices')).toEqual([{ key_id: 'k2' }]);
  });
});

describe('the figures', () => {
  const FIGURES = `query ($code: ID) { postalFigures(from: "2026-03-01", to: "2026-05-01", agencyCode: $code) {
    agencyCode month dossiers sentByPost returnedByPost sentShare returnedShare shipments delivered deliveryHoursMedian deliveryHoursP90 failures { failure count label { vi } } } }`;
  const figures = async (caller: Caller, agencyCode: string | null = null) => stage.as(caller, FIGURES, { code: agencyCode });

  beforeEach(async () => {
    for (const each of ['0001', '0002', '0003']) await stage.dossier({ code: `000.12.34.H42-260315-${each}` });
    await stage.bringBack({ dossierCode: code });
    await stage.bringBack({ dossierCode: '000.12.34.H42-260315-0001', recipient: CITIZEN });
    await test.database.query(`UPDATE dossiers SET created_at = '2026-03-31T18:00:00Z'`);
    await test.database.query(`UPDATE shipments SET created_at = '2026-04-02T02:00:00Z', ordered_at = '2026-04-02T02:00:00Z'`);
    const [first, second] = [`${code}-2`, '000.12.34.H42-260315-0001'];
    for (const [of, hours] of [[first, 10], [second, 30]] as const) {
      carrier.tell(of, ['ORDERED', minutesTo(Date.parse('2026-04-02T02:00:00Z'))], ['FAILED', minutesTo(Date.parse('2026-04-02T03:00:00Z'))], ['DELIVERED', minutesTo(Date.parse('2026-04-02T02:00:00Z')) + hours * 60]);
    }
    await stage.post.createPoller().turn(carrier.port);
  });

  it('tell the share of dossiers by post, the time to the door, and why it failed, in months of Vietnam', async () => {
    expect(await figures(LEADER, 'H42')).toEqual([{
      agencyCode: '000.12.34.H42', month: '2026-04-01', dossiers: 4, sentByPost: 1, returnedByPost: 2, sentShare: 0.25, returnedShare: 0.5, shipments: 3, delivered: 2,
      deliveryHoursMedian: 20, deliveryHoursP90: 28, failures: [{ failure: 'OTHER', count: 2, label: { vi: 'Lý do khác' } }],
    }]);
  });

  it('are those of one\'s own agencies, and not the portal\'s', async () => {
    expect(await figures(WARD)).toHaveLength(1);
    expect(await figures(OTHER_WARD)).toEqual([]);
    expect(await figures(OTHER_WARD, 'H42.12.34')).toEqual([]);
    expect(await figures(AUDITOR, 'H42.12.35')).toEqual([]);
    expect(await figures(PORTAL)).toEqual({ errors: ['This caller may not do that'] });
    expect(await stage.as(LEADER, '{ postalFigures(from: "2026-03-01", to: "2026-03-01") { month } }')).toMatchObject({ errors: [expect.stringContaining('to')] });
  });
});
