import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { payAtSandbox } from '../../src/commands/demo-citizen.js';
import { composition } from '../../src/compose.js';
import { canariesIn, databaseRows, redisContent } from '../support/canaries.js';
import { eventually } from '../support/eventually.js';
import { newDataFolder, runGateway, type GatewayProcess } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { dossierInput, stepInput } from '../support/portal-client.js';
import { rawCall, type RawAnswer } from '../support/raw-call.js';
import { startRecordingParty, textsIn, type RecordingParty } from '../support/recording-party.js';
import { hasRedis, startTestRedis, type TestRedis } from '../support/redis.js';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector.js';

/** Invented persons; each text is found nowhere else. */
const PERSON = {
  name: 'Nguyễn Thị Hoàng Yến Canary', idNumber: '036199077345', phone: '0987650431', email: 'hoang.yen.canary@example.vn', fax: '02293877431', otherInfo: 'Ngõ 17 đường Canary Hoa Lư',
  subject: 'Xin trích lục khai sinh canary con gái', note: 'Ghi chú canary riêng tư', returnInfo: 'Trả cho bà Canary Thị Nhận', official: 'Trần Văn Cán Bộ Canary', stepContent: 'Đã gọi bà Canary theo số nhà',
  technicalId: 'TECH-CANARY-77341', file: 'to-khai-canary-nguyen-thi.pdf', reference: 'canary/khoa-tep-77341.pdf', report: 'Báo cáo canary về công dân',
};
const MONEY = { payer: 'Phạm Người Nộp Canary', payerId: '036288011927', payerAddress: 'Ngõ 9 đường Người Nộp Canary', account: '0312377341905', holder: 'UBND PHUONG CANARY HOA LU', contact: 'ke-toan.canary@example.vn', transfer: 'CHUYEN TIEN CANARY CHO CON GAI' };
/** What the sandboxes were built with. */
const PARTY_SECRETS = ['DEMOSECRETDEMOSECRETDEMOSECRET01', 'demo-secret-of-vnpt-pay-1', 'demo-staff-password', 'demo-service-password', 'mb-demo-password'];
const WRONG = { idNumber: '99999canary123', phone: 'phone-canary-refused', variable: 'canary-of-a-wrong-type', json: 'canary-in-broken-json', document: 'canaryFieldOfADocument', url: 'canary-in-a-link', agencyPhone: 'canary-agency-phone' };

const UPSERT = 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename ... on DossiersAnswered { items { __typename ... on InputRejected { problems { field code message { vi en } } } } } } }';
const APPEND = 'mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) { __typename } }';
const REPORT = 'mutation ($key: IdempotencyKey!, $report: StatusReportInput!) { reportNationalDossierStatus(idempotencyKey: $key, report: $report) { __typename } }';
const STATES = '{ deliveries(first: 50) { nodes { id state lane attempts { exchanges { request reply } } } } }';
const ACTION = (field: string, args: string): string => `mutation ($key: IdempotencyKey!) { ${field}(idempotencyKey: $key, ${args}, reason: "bảo trì") { __typename } }`;

const REGISTER = 'mutation ($key: IdempotencyKey!, $account: BankAccountInput!) { registerBankAccount(idempotencyKey: $key, reason: "thu phí", account: $account) { __typename ... on BankAccountSaved { account { id number } } } }';
const APPROVE = 'mutation ($key: IdempotencyKey!, $id: ID!) { approveBankAccount(idempotencyKey: $key, id: $id, reason: "đúng") { __typename } }';
const DECLARE = 'mutation ($key: IdempotencyKey!, $code: ID!) { declareFees(idempotencyKey: $key, dossierCode: $code, fees: [{ key: "A", kind: FEE, name: "Phí", amountVnd: 9000 }, { key: "B", kind: CHARGE, name: "Lệ phí", amountVnd: 8000 }]) { __typename } }';
const OPEN = 'mutation ($key: IdempotencyKey!, $payment: OpenPaymentInput!) { openPayment(idempotencyKey: $key, payment: $payment) { __typename ... on PaymentOpened { payment { reference payUrl qr { content } } } } }';

const keyOf = (): string => randomBytes(32).toString('base64');
const personal = (number: number) => dossierInput(number, {
  owner: { kind: 'CITIZEN', name: PERSON.name, idNumber: PERSON.idNumber, technicalId: PERSON.technicalId, phone: PERSON.phone, email: PERSON.email, fax: PERSON.fax, otherInfo: PERSON.otherInfo },
  subject: PERSON.subject, note: PERSON.note, returnInfo: PERSON.returnInfo,
  documents: [{ id: 'TL-1', name: PERSON.file, fileReference: PERSON.reference, deleted: false, digitised: true, reuse: 'NONE', fromNationalStore: false }],
  steps: [stepInput(30, 'RECEIVED', { officialName: PERSON.official, content: PERSON.stepContent })],
});

const describeRedis = hasRedis() ? describe : describe.skip;

const story = (carrier: 'postgres' | 'redis'): void => {
  const folder = newDataFolder();
  const clients = { portal: randomBytes(24).toString('hex'), operator: randomBytes(24).toString('hex'), supervisor: randomBytes(24).toString('hex') };
  const secrets = { fieldKey: keyOf(), fileLinkKey: keyOf(), fingerprintKey: keyOf(), evidenceKey: keyOf(), wrongKey: `osg_canary_${randomBytes(16).toString('hex')}` };
  const canaries: string[] = [...Object.values(PERSON), ...Object.values(MONEY), ...PARTY_SECRETS, ...Object.values(WRONG), ...Object.values(clients), ...Object.values(secrets)];
  const shown: string[] = [];
  const commands: string[] = [];
  let test: TestDatabase;
  let gateway: GatewayProcess;
  let party: RecordingParty;
  let traces: TraceCollector;
  let sandbox: Awaited<ReturnType<typeof composition.startSandbox>>;
  let redis: { readonly server: TestRedis; readonly client: Redis; readonly monitor: Redis } | null = null;
  let url = '';
  let metrics = '';

  const call = async (role: keyof typeof clients, query: string, variables: object = {}): Promise<RawAnswer> =>
    rawCall(url, clients[role], { query, variables: { key: randomUUID(), ...variables } });
  /** For calls whose answer must show nothing of what was sent. */
  const blindly = async (role: keyof typeof clients, query: string, variables: object = {}): Promise<RawAnswer> => {
    const answer = await call(role, query, variables);
    shown.push(answer.text);
    return answer;
  };
  const misbehave = (order: object): Promise<unknown> => fetch(`${sandbox.url}/control/misbehave`, { method: 'POST', body: JSON.stringify(order) });
  const states = async (): Promise<{ id: string; state: string; lane: string }[]> => ((await call('operator', STATES)).body.data?.['deliveries'] as { nodes: { id: string; state: string; lane: string }[] }).nodes;
  const settled = (what: string, wanted: readonly string[], count: number): Promise<unknown> =>
    eventually(what, async () => (await states()).filter(({ state }) => wanted.includes(state)).length >= count, { timeoutMs: 60_000, everyMs: 100 });

  const start = async (): Promise<void> => {
    [test, party, traces] = await Promise.all([createTestDatabase(), startRecordingParty(), startTraceCollector()]);
    sandbox = await composition.startSandbox('national-portal', { host: '127.0.0.1', port: 0 });
    party.aim(sandbox.url);
    mkdirSync(join(folder.path, 'files', 'canary'), { recursive: true });
    writeFileSync(join(folder.path, 'files', PERSON.reference), `content of ${PERSON.name}`);
    if (carrier === 'redis') {
      const server = await startTestRedis(['--maxmemory-policy', 'noeviction']);
      const client = new Redis(server.url);
      const monitor = await client.monitor();
      monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
      redis = { server, client, monitor };
    }
    gateway = runGateway(['start'], {
      ...sandbox.environment as Record<string, string>, NATIONAL_PORTAL_G1_URL: `${party.url}/XrdAdapter/RestService/forward`, DATABASE_URL: test.url, DATA_DIR: folder.path, HTTP_PORT: '0', LOG_LEVEL: 'trace',
      ...(redis === null ? {} : { REDIS_URL: redis.server.url }),
      API_KEYS: Object.entries(clients).map(([role, key]) => `${role}:${role}:${createHash('sha256').update(key).digest('hex')}`).join(','),
      FIELD_KEYS: `k1:${secrets.fieldKey}`, FILE_LINK_KEYS: `k1:${secrets.fileLinkKey}`, FINGERPRINT_KEY: secrets.fingerprintKey, EVIDENCE_SIGNING_KEYS: `k1:${secrets.evidenceKey}`, FILE_STORE_DIR: join(folder.path, 'files'),
      BANK_ACCOUNT_COOLING_HOURS: '0', NATIONAL_PORTAL_DEADLINE_MS: '1000', NATIONAL_PORTAL_IN_FLIGHT_MS: '1500', NATIONAL_PORTAL_SEND_TRACEPARENT: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '200',
    });
    await eventually('the gateway', () => gateway.output().includes('Ctrl-C ends everything'), { timeoutMs: 60_000 });
    url = /ready at (\S+)/.exec(gateway.output())?.[1] ?? '';
  };

  /** Accepted, appended to, reported, and a link to its file opened. */
  const playWell = async (): Promise<void> => {
    expect((await blindly('portal', UPSERT, { dossiers: [personal(1)] })).text).toContain('DossierAccepted');
    await blindly('portal', APPEND, { code: personal(1).code, steps: [stepInput(20, 'PROCESSING', { officialName: PERSON.official, content: PERSON.stepContent })] });
    await blindly('portal', REPORT, { report: { nationalCode: 'G01-1', dossierCode: personal(5).code, ownerTechnicalId: PERSON.technicalId, status: 'PROCESSING', content: PERSON.report, processedAt: new Date(Date.now() - 60_000).toISOString() } });
    await settled('what goes well', ['ACCEPTED'], 4);
    const link = party.bodies.flatMap(textsIn).find((text) => text.includes('/files/')) ?? '';
    shown.push(link);
    expect(await (await fetch(link)).text()).toContain(PERSON.name);
    shown.push(await (await fetch(`${link.slice(0, -4)}AAAA${WRONG.url}`)).text());
  };

  /** An account is registered and approved; a code is paid and a page too; the bank tells of money that fits nothing. */
  const playPayments = async (): Promise<void> => {
    const at = (name: string): string => new RegExp(`Sandbox\\s+(\\S+)\\s+\\(${name};`).exec(gateway.output())?.[1] ?? '';
    const tell = (to: string, body: object): Promise<unknown> => fetch(to, { method: 'POST', body: JSON.stringify(body) });
    const { account: number, holder, payer } = MONEY;
    for (const bank of ['mb-bank', 'vietqr']) await tell(`${at(bank)}/control/account`, { bin: '970422', accountNumber: number, accountName: holder });
    const { code, agencyCode } = personal(1);
    const asked = await call('operator', REGISTER, { account: { agencyCode, bank: '970422', number, holderName: holder, purpose: 'Thu phí', contact: MONEY.contact } });
    shown.push(asked.text);
    const id = /"id":"(\d+)"/.exec(asked.text)?.[1] ?? '';
    await eventually('the approval', async () => (await blindly('supervisor', APPROVE, { id })).text.includes('BankAccountSaved'), { timeoutMs: 60_000, everyMs: 250 });
    await blindly('portal', DECLARE, { code });
    const open = async (gatewayName: string, itemKey: string): Promise<{ payUrl: string | null; qr: { content: string } | null }> => {
      const opened = await call('portal', OPEN, { payment: { dossierCode: code, gateway: gatewayName, itemKeys: [itemKey], payer: { name: payer, idNumber: MONEY.payerId, address: MONEY.payerAddress } } });
      return (opened.body.data?.['openPayment'] as { payment: { payUrl: string | null; qr: { content: string } | null } }).payment;
    };
    const byPage = await open('payment-platform', 'A');
    shown.push(byPage.payUrl ?? '');
    await payAtSandbox(byPage.payUrl ?? '');
    const byCode = await open('vietqr', 'B');
    await tell(`${at('mb-bank')}/app/scan`, { qr: byCode.qr?.content });
    await tell(`${at('mb-bank')}/control/transfer`, { account: number, amountVnd: 7_000, content: MONEY.transfer, type: 'C' });
    await eventually('both payments and their receipts', async () => {
      const { text } = await call('portal', '{ payments { nodes { state } } receipts { nodes { state } } }');
      return text.split('"PAID"').length === 3 && text.split('"ISSUED"').length === 3;
    }, { timeoutMs: 60_000, everyMs: 200 });
    await eventually('the money that fits nothing', async () => (await test.database.query('SELECT 1 FROM bank_credits')).rows.length >= 2, { timeoutMs: 60_000, everyMs: 200 });
    await blindly('portal', '{ payments { nodes { reference state history { reason code actor } } } }');
  };

  /** Refused by us: input, variables, JSON, documents, keys, a table of agencies. */
  const playWrong = async (): Promise<void> => {
    const wrong = personal(2);
    await blindly('portal', UPSERT, { dossiers: [{ ...wrong, owner: { ...wrong.owner, idNumber: WRONG.idNumber, phone: WRONG.phone } }] });
    await blindly('portal', UPSERT, { dossiers: [{ ...wrong, status: WRONG.variable }] });
    await blindly('operator', UPSERT, { dossiers: [{ ...wrong, status: WRONG.variable }] });
    await blindly('portal', `{ ${WRONG.document} }`);
    const post = async (key: string, body: string): Promise<void> =>
      void shown.push(await (await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body })).text());
    await post(clients.portal, `{"query": "${WRONG.json}`);
    await post(secrets.wrongKey, '{"query":"{ caller { client } }"}');
    const file = Buffer.from(`code,name_vi,kind,level,phone\n000.00.00.H42,Tỉnh,PROVINCE,PROVINCE,${WRONG.agencyPhone}\n`).toString('base64');
    await blindly('operator', ACTION('importAgencies', `contentBase64: "${file}"`));
  };

  /** Refused by the party in words that quote the citizen, answered never, answered with a page. */
  const playBadly = async (): Promise<void> => {
    await misbehave([
      { kind: 'refusal', service: 'DongBoHoSoMC', dossierCode: personal(3).code, code: -9, message: `Hồ sơ của ${PERSON.name}, CCCD ${PERSON.idNumber}, ĐT ${PERSON.phone} không hợp lệ` },
      { kind: 'hang', service: 'DongBoHoSoMC', dossierCode: personal(4).code, delayMs: 5_000 },
      { kind: '5xx-before', service: 'DongBoHoSoMC', dossierCode: personal(6).code, message: `Lỗi với ${PERSON.name}` },
      { kind: 'html', service: 'DongBoHoSoMC', dossierCode: personal(7).code },
    ]);
    for (const number of [3, 4, 6, 7]) await blindly('portal', UPSERT, { dossiers: [personal(number)] });
    await settled('the refusal', ['REJECTED', 'PARKED'], 1);
    await eventually('attempts that met an error, a page and silence', async () =>
      (await test.database.query('SELECT DISTINCT error_code FROM attempts WHERE error_code IS NOT NULL')).rows.length >= 3, { timeoutMs: 60_000, everyMs: 100 });
  };

  /** What operators do by hand, and the rights of the person behind. */
  const playOperators = async (): Promise<void> => {
    await blindly('operator', ACTION('pauseParty', 'party: "national-portal"'));
    await blindly('operator', ACTION('resumeParty', 'party: "national-portal"'));
    for (const { id } of await states()) await blindly('operator', ACTION('retryDelivery', `id: "${id}"`));
    const issued = await call('operator', 'mutation ($key: IdempotencyKey!) { createApiClient(idempotencyKey: $key, client: { name: "new-one", role: PORTAL, keyDays: 1 }, reason: "test") { ... on ApiKeyIssued { secret } } }');
    const secret = String(issued.body.data?.['createApiClient']?.['secret']);
    canaries.push(secret.split('_').slice(2).join('_'));
    shown.push((await rawCall(url, secret, { query: '{ dossiers { nodes { code } } }' })).text);
    await blindly('supervisor', 'query ($id: String!) { findPersonalData(idNumber: $id) { dossierCodes } }', { id: PERSON.idNumber });
    await blindly('supervisor', 'mutation ($key: IdempotencyKey!, $id: String!) { requestErasure(idempotencyKey: $key, idNumber: $id, reason: "đơn") { __typename } }', { id: PERSON.idNumber });
    await blindly('operator', STATES);
    metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${clients.operator}` } })).text();
  };

  beforeAll(async () => {
    await start();
    await playWell();
    await playPayments();
    await playWrong();
    await playBadly();
    await playOperators();
    const logins = party.bodies.flatMap((body) => [body['password'], body['session']]).filter((text): text is string => typeof text === 'string');
    canaries.push(...new Set(logins));
  }, 300_000);
  afterAll(async () => {
    gateway.kill('SIGTERM');
    await gateway.exit();
    redis?.monitor.disconnect();
    redis?.client.disconnect();
    await redis?.server.stop();
    traces.close();
    await Promise.all([sandbox.close(), party.close()]);
    await test.drop();
    folder.remove();
  }, 60_000);

  it('reach the party, which is what they were sent for', () => {
    const arrived = party.bodies.flatMap(textsIn).join('\n');
    for (const name of ['name', 'idNumber', 'phone', 'email', 'subject', 'official', 'stepContent', 'report'] as const) expect(arrived).toContain(PERSON[name]);
    expect(canaries.length).toBeGreaterThan(Object.keys(PERSON).length + Object.keys(WRONG).length + 8);
  });

  it('are in no line of the log, at its most talkative', () => {
    expect(gateway.output().split('\n').length).toBeGreaterThan(5);
    expect(canariesIn(gateway.output(), canaries)).toEqual([]);
  });

  it('are in no answer but to who may read them, and in no link', () => {
    expect(shown.length).toBeGreaterThan(20);
    expect(canariesIn(shown.join('\n'), canaries)).toEqual([]);
  });

  it('are in no metric and no trace', async () => {
    await eventually('spans of deliveries', () => traces.spans.some(({ name }) => name.startsWith('deliver ')));
    expect(metrics).toContain('onestop_');
    expect(canariesIn(metrics, canaries)).toEqual([]);
    expect(canariesIn(traces.raw(), canaries)).toEqual([]);
  });

  it('are legible in no row of the database: journal, events, evidence, jobs and all the rest', async () => {
    const rows = await databaseRows(test.database);
    const tables = new Set(rows.map(({ table }) => table));
    for (const table of ['public.dossiers', 'public.attempts', 'public.events', 'public.evidence_bodies', 'public.operator_actions', 'public.api_keys']) expect(tables).toContain(table);
    const legible = rows.flatMap(({ table, row }) => canariesIn(row, canaries).map((canary) => `${table}: ${canary}`));
    expect(legible).toEqual([]);
  }, 180_000);

  it(`are in nothing that ${carrier} carries`, async () => {
    if (redis === null) {
      const jobs = (await databaseRows(test.database)).filter(({ table }) => !table.startsWith('public.'));
      expect(jobs.length).toBeGreaterThan(0);
      expect(jobs.flatMap(({ row }) => canariesIn(row, canaries))).toEqual([]);
      return;
    }
    expect(commands.length).toBeGreaterThan(20);
    expect(canariesIn(`${commands.join('\n')}\n${await redisContent(redis.client)}`, canaries)).toEqual([]);
  });
};

describe('canaries, with PostgreSQL carrying the queue', () => story('postgres'));
describeRedis('canaries, with Redis carrying the queue', () => story('redis'));

describe('the search for canaries', () => {
  it('would find one in any form that a person could read back', () => {
    const found = (text: string): string[] => canariesIn(text, [PERSON.name]);
    const bytes = Buffer.from(`xx${PERSON.name}yy`);
    for (const text of [PERSON.name, PERSON.name.normalize('NFD'), PERSON.name.toUpperCase(), encodeURIComponent(PERSON.name), bytes.toString('base64'), bytes.subarray(1).toString('base64url'), bytes.subarray(2).toString('base64'), bytes.toString('hex'), Buffer.from(bytes.toString('base64')).toString('hex')]) {
      expect(found(`before ${text} after`)).toEqual([PERSON.name]);
    }
    expect(found('Nguyễn Thị Khác')).toEqual([]);
  });
});
