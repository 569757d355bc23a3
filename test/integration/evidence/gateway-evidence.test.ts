import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEvidenceModule } from '../../../src/evidence/evidence-module.js';
import { recordOperatorAction } from '../../../src/deliveries/party-store.js';
import { Database } from '../../../src/store/database.js';
import { once } from '../../../src/store/once.js';
import { DossierGateway, PORTAL } from '../../support/dossier-gateway.js';
import { dossierInput, stepInput } from '../../support/dossier-inputs.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const CODE = dossierInput().code;
const settings = { signingKeys: [{ id: 'k1', key: Buffer.alloc(32, 5) }], sealLagMs: 60_000 };

let test: TestDatabase;
/** Connections under the role that a gateway should have. */
let restricted: Database;

interface EvidenceRow { readonly kind: string; readonly actor: string; readonly subject: string; readonly message: string | null }

const written = async (chain: string): Promise<EvidenceRow[]> => (await test.database.query<EvidenceRow>(
  `SELECT e.kind, e.actor, e.subject, coalesce(b.body, attempt_message(a)) AS message FROM evidence e LEFT JOIN evidence_bodies b ON b.evidence_id = e.id
     LEFT JOIN attempts a ON a.id = e.attempt_id WHERE chain = $1 ORDER BY sequence`, [chain])).rows;

beforeAll(async () => {
  test = await createTestDatabase();
  const role = `gateway_${test.url.slice(-8)}`;
  await test.database.query(`CREATE ROLE ${role}`);
  await test.database.query(`SELECT grant_gateway_role('${role}')`);
  restricted = new Database({ url: Object.assign(new URL(test.url), { search: `?options=${encodeURIComponent(`-c role=${role}`)}` }).href, poolSize: 4, applicationName: 'test' });
});
afterAll(async () => {
  await restricted.close();
  await test.drop();
});

describe('under the role of the gateway', () => {
  it('a mutation, its attempt, an operator\'s action and the sealing of all work, and each leaves its record', async () => {
    const gateway = new DossierGateway(restricted);
    expect((await gateway.upsert('key-1')).data.upsertDossiers?.items).toMatchObject([{ version: 1 }]);
    await restricted.query(
      `INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, correlation_id, exchanges)
       SELECT id, 1, 'send', now(), 5, 'accepted', 'c-1', '[{"status": 200}]' FROM deliveries WHERE lane = $1`, [CODE]);
    await restricted.transaction((client) => recordOperatorAction(client, { actor: 'an', role: 'operator', action: 'retry-delivery', target: 'delivery/1', reason: 'thử lại', detail: { dossier: CODE } }));
    const records = await written(`lane/${CODE}`);
    expect(records.map(({ kind, actor, subject }) => [kind, actor, subject])).toEqual([
      ['mutation', 'client/portal-1', 'upsertDossiers'],
      ['exchange', expect.stringMatching(/^party\//), expect.stringMatching(/^delivery\/\d+$/)],
      ['operator-action', 'operator/an', 'delivery/1'],
    ]);
    expect(JSON.parse(records[0]?.message ?? '')).toMatchObject({ client: 'portal-1', key: 'key-1', dossierCode: CODE, outcomes: ['accepted'] });
    const evidence = createEvidenceModule({ database: restricted, settings });
    expect(await evidence.exporter.bundle(CODE)).not.toBeNull();
    expect(await evidence.audit(null)).toMatchObject({ records: 3, missingBodies: 0, faults: [] });
  });

  it.each([
    `UPDATE evidence SET kind = 'x'`, 'DELETE FROM evidence', 'TRUNCATE evidence', 'DELETE FROM evidence_bodies', 'DELETE FROM evidence_seals', 'DELETE FROM evidence_blocks',
    'DELETE FROM evidence_heads', 'DELETE FROM operator_actions', `UPDATE operator_actions SET reason = ''`, 'ALTER TABLE evidence DISABLE TRIGGER ALL', `SELECT grant_gateway_role('postgres')`,
  ])('%s is refused', async (statement) => {
    await expect(restricted.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('other causes', () => {
  it('a refused access is recorded once, however often it is repeated', async () => {
    const refuse = (): Promise<unknown> => restricted.query(
      `INSERT INTO access_attempts (day, client, operation, target_kind, target, role, existed, correlation_id) VALUES (current_date, 'dept', 'dossier', 'dossier', $1, 'agency', true, 'c-2')
       ON CONFLICT DO NOTHING`, [CODE]);
    await refuse();
    await refuse();
    expect((await written('client/dept')).map(({ kind, subject }) => [kind, subject])).toEqual([['access-refused', `dossier/${CODE}`]]);
  });

  it('a callback is recorded when it is stored and when it is settled', async () => {
    const { rows } = await restricted.query<{ id: string }>(`INSERT INTO callbacks (party, kind, unique_key, verified_by, digest, body) VALUES ('p', 'paid', 'm-1', 'k1', 'x', 'sealed') RETURNING id`);
    const id = rows[0]?.id ?? '';
    await restricted.query(`UPDATE callbacks SET state = 'applied', settled_at = now(), reply = '{}' WHERE id = $1`, [id]);
    expect((await written(`callback/p/${id}`)).map(({ kind, actor, subject }) => [kind, actor, subject])).toEqual([
      ['callback-received', 'party/p', 'paid/m-1'], ['callback-applied', 'party/p', 'paid/m-1'],
    ]);
  });
});

describe('a mutation', () => {
  it('that is repeated under its key leaves one record', async () => {
    const gateway = new DossierGateway(test.database);
    await gateway.upsert('key-repeat', [dossierInput({ note: 'lần hai' })]);
    const before = await written(`lane/${CODE}`);
    await gateway.upsert('key-repeat', [dossierInput({ note: 'lần hai' })]);
    expect(await written(`lane/${CODE}`)).toEqual(before);
  });

  it('of which every item was refused is in the chain of its client, once, without what it said', async () => {
    const gateway = new DossierGateway(test.database);
    const of = async () => (await written('client/portal-1')).filter(({ message }) => (JSON.parse(message ?? '') as { key: string }).key.startsWith('refused-'));
    const [upserted, appended] = [[dossierInput({ agencyCode: 'H56' })], [stepInput({ officialName: '' })]];
    for (let round = 0; round < 2; round += 1) {
      await gateway.upsert('refused-1', upserted);
      await gateway.append('refused-2', appended);
      await gateway.call(PORTAL, `mutation { reportNationalDossierStatus(idempotencyKey: "refused-3", report: { dossierCode: "${CODE}", nationalCode: "G22.1-260315-1", status: RECEIVED, content: "", processedAt: "2020-01-01T00:00:00Z" }) { __typename } }`);
    }
    const records = await of();
    expect(records.map(({ subject, message }) => [subject, (JSON.parse(message ?? '') as { outcomes: unknown }).outcomes])).toEqual([
      ['upsertDossiers', ['rejected']], ['appendSteps', ['rejected']], ['reportNationalDossierStatus', ['rejected']],
    ]);
    expect(JSON.stringify(records)).not.toContain('H56');
  });

  it('that concerns no dossier is in the chain of its client, whatever it answers', async () => {
    for (const result of [null, { done: true }]) {
      await test.database.transaction((client) => once(client, { client: 'ops', key: `once-${String(result === null)}`, operation: 'pause-party', fingerprint: 'ab', keepHours: 1 }, () => Promise.resolve(result)));
    }
    expect((await written('client/ops')).map(({ subject }) => subject)).toEqual(['pause-party', 'pause-party']);
  });

  it('holds no personal data in its record', async () => {
    const { rows } = await test.database.query<{ text: string }>(`SELECT string_agg(e::text || coalesce(b.body, ''), ' ') AS text FROM evidence e LEFT JOIN evidence_bodies b ON b.evidence_id = e.id`);
    const { owner, subject } = dossierInput();
    for (const secret of [owner.name, owner.idNumber, subject]) expect(rows[0]?.text).not.toContain(secret);
  });
});
