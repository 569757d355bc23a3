import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery } from '../../../src/deliveries/delivery.js';
import type { DeliveryEngine } from '../../../src/deliveries/delivery-engine.js';
import { DeliveryStore } from '../../../src/deliveries/delivery-store.js';
import type { StepInput } from '../../../src/dossiers/dossier-input.js';
import { DOSSIER_TABLES, DossierGateway, PORTAL } from '../../support/dossier-gateway.js';
import { NOW, dossierInput, stepInput } from '../../support/dossier-inputs.js';
import { createTestEngine } from '../../support/engine.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { lost, refusal } from '../../support/scripted-registry.js';

let test: TestDatabase;
let gateway: DossierGateway;
let engines: DeliveryEngine[] = [];
const CODE = dossierInput().code;
const ACCEPTED = { kind: 'accepted' } as const;
const step = (content: string, over: Partial<StepInput> = {}): StepInput => stepInput({ status: 'PROCESSING', content, ...over });

const startEngine = async (): Promise<void> => {
  const engine = createTestEngine(test.database, { operations: gateway.dossiers.operations });
  engines.push(engine);
  await engine.start();
};
const states = async (): Promise<string[]> =>
  (await test.database.query<{ text: string }>(`SELECT operation || ' ' || state || coalesce(' ' || reason, '') AS text FROM deliveries ORDER BY position, id`)).rows.map((row) => row.text);
const become = (...wanted: string[]): Promise<unknown> =>
  eventually(`deliveries become ${wanted.join(', ')}`, async () => JSON.stringify(await states()) === JSON.stringify(wanted));
const national = async () => {
  const { data } = await gateway.call(PORTAL, `{ dossier(code: "${CODE}") { version national { state acknowledgedVersion acknowledgedStatus rejectedVersion reason reasonText } steps { content national { state reason } } } }`);
  return data.dossier as unknown as { national: object; steps: { content: string; national: { state: string; reason: string | null } }[] };
};

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${DOSSIER_TABLES}`);
  gateway = new DossierGateway(test.database);
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close(1_000)));
  engines = [];
});

describe('what is sent', () => {
  it('is the dossier in the clear with fresh links, then its steps, and the answer is on the dossier', async () => {
    await gateway.upsert('key-1', [dossierInput({ steps: [stepInput(), step('Thẩm định')], results: [{ id: 'KQ-1', name: 'kq.pdf', fileReference: '2026/kq.pdf' }, { id: 'KQ-2', name: 'chưa có' }] })]);
    await startEngine();
    await become('upsert-dossier accepted', 'append-steps accepted');
    const [submission] = gateway.registry.submissions;
    expect(submission).toMatchObject({ knownToRegistry: false, content: { code: CODE, owner: { name: 'Nguyễn Văn Thử', idNumber: '037203004567' }, receivedAt: dossierInput().receivedAt } });
    expect([...(submission?.fileLinks.keys() ?? [])]).toEqual(['TL-1', 'KQ-1']);
    expect(gateway.registry.arrived).toEqual([`${CODE} RECEIVED -`, 'step Tiếp nhận hồ sơ', 'step Thẩm định']);
    expect(await national()).toMatchObject({ national: { state: 'ACKNOWLEDGED', acknowledgedVersion: 1, acknowledgedStatus: 'RECEIVED', reason: null }, steps: [{ national: { state: 'ACKNOWLEDGED' } }, { national: { state: 'ACKNOWLEDGED' } }] });
  });

  it('names files by links that lead back to them', async () => {
    await gateway.upsert('key-1', [dossierInput({ results: [{ id: 'KQ-1', name: 'kết quả.pdf', fileReference: '2026/kq.pdf' }] })]);
    await startEngine();
    await become('upsert-dossier accepted');
    const found = [...(gateway.registry.submissions[0]?.fileLinks.values() ?? [])].map((link) => gateway.links.verify(link.split('/').at(-1) ?? '', NOW));
    const files = await Promise.all(found.map(async (target) => (target === null ? null : gateway.dossiers.files.find(target))));
    expect(files).toEqual([{ reference: '2026/03/to-khai.pdf', name: 'to-khai.pdf' }, { reference: '2026/kq.pdf', name: 'kết quả.pdf' }]);
    expect(await gateway.dossiers.files.find({ source: 'dossier-result', rowId: '999999', index: 0 })).toBeNull();
  });

  it('goes straight to update once the registry has the dossier', async () => {
    await gateway.upsert('key-1');
    await startEngine();
    await become('upsert-dossier accepted');
    await gateway.upsert('key-2', [dossierInput({ status: 'PROCESSING' })]);
    await become('upsert-dossier accepted', 'upsert-dossier accepted');
    expect(gateway.registry.submissions.map((submission) => submission.knownToRegistry)).toEqual([false, true]);
  });

  it('carries the owner\'s national id for dossiers that came online, when there is one', async () => {
    gateway.registry.technicalId = 'TECH-1';
    await gateway.upsert('key-1', [dossierInput({ channel: 'ONLINE' })]);
    await startEngine();
    await become('upsert-dossier accepted');
    expect(gateway.registry.submissions[0]?.content.owner.technicalId).toBe('TECH-1');
  });

  it('is a status report with its documents\' links', async () => {
    const report = { nationalCode: 'G22-1', dossierCode: CODE, status: 'RECEIVED', content: 'Đã tiếp nhận', processedAt: NOW, documents: [{ id: 'a', name: 'a.pdf', deleted: false, fileReference: 'a.pdf' }] };
    await gateway.call(PORTAL, 'mutation ($report: StatusReportInput!) { reportNationalDossierStatus(idempotencyKey: "k", report: $report) { __typename } }', { report });
    await startEngine();
    await become('report-status accepted');
    expect(gateway.registry.reports).toMatchObject([{ nationalCode: 'G22-1', content: 'Đã tiếp nhận', processedAt: NOW, documents: [{ id: 'a', url: expect.stringMatching(/^http:\/\/gateway\/files\//) }] }]);
    const { rows } = await test.database.query('SELECT national_state FROM status_reports');
    expect(rows).toEqual([{ national_state: 'ACKNOWLEDGED' }]);
  });
});

describe('an outcome that is not known', () => {
  it('is asked about, and a dossier that is held is sent again as an update', async () => {
    gateway.registry.onUpsert = (_submission, nth) => (nth === 1 ? lost('upsert-dossier') : ACCEPTED);
    await gateway.upsert('key-1');
    await startEngine();
    await become('upsert-dossier accepted');
    expect([gateway.registry.asked, gateway.registry.submissions.length]).toEqual([1, 2]);
  });
});

describe('a refusal', () => {
  it('parks the steps behind it, and a correction goes before them', async () => {
    gateway.registry.onUpsert = ({ content }) => (content.note === 'sửa' ? ACCEPTED : refusal('12', 'Mã thủ tục không đúng'));
    await gateway.upsert('key-1', [dossierInput({ steps: [step('Bước 1')] })]);
    await startEngine();
    await become('upsert-dossier rejected 12', 'append-steps parked prerequisite-missing');
    expect(await national()).toMatchObject({ national: { state: 'REJECTED', rejectedVersion: 1, reason: '12', reasonText: 'Mã thủ tục không đúng', acknowledgedVersion: null }, steps: [{ national: { state: 'PENDING' } }] });
    await gateway.upsert('key-2', [dossierInput({ note: 'sửa' })]);
    await eventually('the step arrives', () => gateway.registry.arrived.includes('step Bước 1'));
    expect(gateway.registry.arrived).toEqual([`${CODE} RECEIVED sửa`, 'step Bước 1']);
    await eventually('all is acknowledged', async () => (await national()).steps[0]?.national.state === 'ACKNOWLEDGED');
    expect((await national()).national).toMatchObject({ state: 'ACKNOWLEDGED', acknowledgedVersion: 2, rejectedVersion: null, reason: null });
  });

  it('is sent again when the portal sends the same content again', async () => {
    gateway.registry.onUpsert = (_submission, nth) => (nth === 1 ? refusal() : ACCEPTED);
    await gateway.upsert('key-1');
    await startEngine();
    await become('upsert-dossier rejected 7');
    expect((await gateway.upsert('key-2')).data.upsertDossiers?.items).toMatchObject([{ version: 2, unchanged: false }]);
    await eventually('it is acknowledged', () => gateway.registry.arrived.length === 1);
  });

  it('whose correction was owed already lets that correction go before the steps that wait for it', async () => {
    gateway.registry.onUpsert = ({ content }) => (content.note === 'sửa' ? ACCEPTED : refusal());
    await gateway.upsert('key-1', [dossierInput({ steps: [step('Bước 1')] })]);
    await gateway.upsert('key-2', [dossierInput({ note: 'sửa' })]);
    await startEngine();
    await become('upsert-dossier rejected 7', 'upsert-dossier accepted', 'append-steps accepted');
  });

  it('of some steps settles each; only steps without an answer are sent again', async () => {
    let round = 0;
    const asked: string[] = [];
    gateway.registry.onStep = ({ content }) => {
      asked.push(content);
      if (content === 'Bước 2') return refusal('3');
      if (content === 'Bước 3' && round === 0) {
        round += 1;
        return undefined;
      }
      return ACCEPTED;
    };
    await gateway.upsert('key-1', [dossierInput({ steps: ['Bước 1', 'Bước 2', 'Bước 3'].map((content) => step(content)) })]);
    await startEngine();
    await become('upsert-dossier accepted', 'append-steps rejected STEPS_REFUSED');
    expect(asked).toEqual(['Bước 1', 'Bước 2', 'Bước 3', 'Bước 3']);
    expect((await national()).steps.map((each) => `${each.content} ${each.national.state} ${each.national.reason ?? '-'}`)).toEqual(['Bước 1 ACKNOWLEDGED -', 'Bước 2 REJECTED 3', 'Bước 3 ACKNOWLEDGED -']);
  });
});

describe('a batch of steps that an operator finishes', () => {
  it.each([['accepted', 'ACKNOWLEDGED'], ['rejected', 'REJECTED']] as const)('as %s takes its steps with it', async (to, state) => {
    await gateway.upsert('key-1', [dossierInput({ steps: [step('Bước 1'), step('Bước 2')] })]);
    const { rows: [row] } = await test.database.query<{ id: string }>(`UPDATE deliveries SET state = $1, settled_at = now(), head = false, resolved_by = 'operator' WHERE operation = 'append-steps' RETURNING id`, [to]);
    const delivery = (await new DeliveryStore(test.database).find(row?.id ?? '')) as Delivery;
    const operation = gateway.dossiers.operations.find((each) => each.name === 'append-steps');
    await test.database.transaction(async (client) => operation?.settled(client, [{ delivery, to, reason: null, items: new Map() }]));
    expect((await national()).steps.map((each) => each.national.state)).toEqual([state, state]);
  });
});

describe('content that cannot be sent', () => {
  it('is parked under its own reason when no key opens it, and harms no other', async () => {
    await gateway.upsert('key-1');
    const blind = new DossierGateway(test.database, { keys: [{ id: 'k2', key: Buffer.alloc(32, 2) }] });
    await blind.upsert('key-2', [dossierInput({ code: '000.12.34.H42-260315-0099' })]);
    gateway = blind;
    await startEngine();
    await become('upsert-dossier parked content-unreadable', 'upsert-dossier accepted');
  });

  it('never lets an older version overwrite a newer one', async () => {
    await gateway.upsert('key-1', [dossierInput({ note: 'cũ' })]);
    await gateway.upsert('key-2', [dossierInput({ note: 'mới' })]);
    // As if the newer one had been brought forward in its lane.
    await test.database.query('UPDATE deliveries SET head = NOT head, position = -position');
    await startEngine();
    await eventually('the lane is empty', async () => (await states()).every((state) => !/ (due|leased|parked)/.test(state)));
    expect(gateway.registry.arrived).toEqual([`${CODE} RECEIVED mới`, `${CODE} RECEIVED mới`]);
    expect((await national()).national).toMatchObject({ state: 'ACKNOWLEDGED', acknowledgedVersion: 2 });
  });
});
