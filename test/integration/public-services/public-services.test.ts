import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller, Role } from '../../../src/access/caller.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { findActiveAccountAgencies } from '../../../src/bank-accounts/active-accounts.js';
import type { AgencyAccountsPort } from '../../../src/public-services/agency-accounts-port.js';
import { createPublicServiceModule } from '../../../src/public-services/public-service-module.js';
import { viewService } from '../../../src/public-services/public-service-view.js';
import { createProcedureModule } from '../../../src/procedures/procedure-module.js';
import type { PublicServiceModule } from '../../../src/public-services/public-service-module.js';
import type { ServiceDraft } from '../../../src/public-services/public-service.js';
import type { Database } from '../../../src/store/database.js';
import { readTable } from '../../../src/tables/read-table.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

const WARD = '000.12.34.H42';
const OTHER = '000.12.35.H42';
const PROCEDURE = '1.001193.000.00.00.H42';
const WARD_CALLER: Caller = { client: 'ward', role: 'operator', agencyScope: WARD };
const OPERATOR: Caller = { client: 'op', role: 'operator', agencyScope: null };
const CONTENT = JSON.stringify({ methods: [{ method: 'ONLINE', times: [{ amount: 3, unit: 'DAY', original: '3', description: null, fees: [{ amountVnd: 8_000 }, { amountVnd: null }] }] }] });

let gateway: ComposedGateway;
let portal: Server;
let portalUrl: string;
let services: PublicServiceModule;
const asked: string[] = [];

const as = (role: Role, document: string, variables: object = {}) => gateway.query(bearer(gateway.keys[role]), document, variables);
const call = (caller: Caller, key: string = randomUUID()) => ({ caller, correlationId: 'c', idempotencyKey: key, reason: 'kiểm thử' });
const linkOf = (procedure: string, agency: string): string => `${portalUrl}/nop?vnconnect=1&MaTTHCDP=${procedure}&MaCoQuanThucHien=${agency}&MaDVC=${procedure}.01`;
const draft = (change: Partial<ServiceDraft> = {}): ServiceDraft => {
  const { procedureCode = PROCEDURE, agencyCode = WARD } = change;
  return { procedureCode, agencyCode, level: 'FULL', electronicForm: true, onlinePayment: true, electronicResult: true, officials: 1, deepLink: linkOf(procedureCode, agencyCode), ...change };
};
const SAVED = '__typename ... on PublicServiceSaved { service { code state linkLook { answered status } readiness { ready unmet } history { fromState toState overridden reason } } } ... on PublicServiceRefused { problems { field code } unmet { code } }';
const MOVE = `mutation ($key: IdempotencyKey!, $to: ConnectionState!, $override: Boolean!) { setConnectionState(idempotencyKey: $key, procedureCode: "${PROCEDURE}", agencyCode: "${WARD}", to: $to, override: $override, reason: "kiểm thử") { ${SAVED} } }`;
const move = async (role: Role, to: string, override = false): Promise<Record<string, unknown>> => (await as(role, MOVE, { key: randomUUID(), to, override })).data?.['setConnectionState'] ?? {};

const serviceModule = (database: Database, accounts: AgencyAccountsPort = { activeAccountAgencies: (codes) => findActiveAccountAgencies(database, codes, new Date()) }): PublicServiceModule => {
  const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 1), keepHours: 1 };
  return createPublicServiceModule({ database, agencies: createAgencyModule({ database, settings }), settings: { ...settings, targetPercent: 50, portalOrigins: [portalUrl] }, accounts });
};

beforeAll(async () => {
  portal = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(request.url?.startsWith('/nop') === true ? 302 : 500, { location: '/sso' }).end();
  });
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
  portalUrl = `http://127.0.0.1:${String((portal.address() as AddressInfo).port)}`;
  gateway = await startComposedGateway({ SERVICE_PORTAL_ORIGINS: portalUrl });
  services = serviceModule(gateway.test.database);
  const agencies = createAgencyModule({ database: gateway.test.database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 1), keepHours: 1 } });
  const rows = ['code,name_vi,kind,level,parent_code', '000.00.00.H42,Tỉnh Ninh Bình,PROVINCE,PROVINCE,', `${WARD},Phường Hoa Lư,WARD,COMMUNE,000.00.00.H42`, `${OTHER},Phường Tây Hoa Lư,WARD,COMMUNE,000.00.00.H42`];
  await agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'agencies', reason: 'kiểm thử' }, Buffer.from(rows.join('\n')), { dryRun: false });
  // Readiness reads no more of an account than its agency, state and days.
  await gateway.test.database.query({
    text: `INSERT INTO bank_accounts (agency_code, bank_code, state, key_id, number_sealed, holder_sealed, number_last4, number_index, purpose, fee_kinds, valid_from, contact_sealed, requested_by, approved_by, usable_at)
           SELECT c, 'KBNN', 'ACTIVE', 'k1', '', '', '0000', '', 'phí', '{FEE}', '2026-01-01', '', 'a', 'b', now() FROM unnest($1::text[]) AS c`,
    values: [[WARD, OTHER]],
  });
});
afterAll(async () => {
  await services.close();
  await gateway.close();
  await new Promise((resolve) => portal.close(resolve));
});
beforeEach(async () => {
  await gateway.test.database.query('TRUNCATE public_services, public_service_states, national_procedures, operator_actions, access_attempts RESTART IDENTITY');
  await gateway.test.database.query({
    text: `INSERT INTO national_procedures (code, reference, name, folded_name, is_public, listed_name, version, content, original, field_codes, agency_codes, levels, search)
           VALUES ('1.001193', 'r', 'Đăng ký khai sinh', 'dang ky khai sinh', true, 'x', 1, $1, '{}', '{}', '{}', '{}', '')`,
    values: [CONTENT],
  });
});

describe('the register', () => {
  it('takes a file as officials write it, reports each row, and keeps what a later file does not say', async () => {
    const file = `Mã thủ tục;Mã cơ quan;Mức độ;Biểu mẫu điện tử;Cán bộ xử lý\n${PROCEDURE};${WARD};Mức độ 4;Có;2\n${PROCEDURE};H99.1;Toàn trình;;\n1.001194;${OTHER};;;\n1.001195;${OTHER};lạ;;\n`;
    const imported = await as('portal', `mutation ($file: String!) { importPublicServices(idempotencyKey: "i1", contentBase64: $file, reason: "nhập") {
      ... on PublicServicesImported { created refused rows { line outcome problems { field code } } } } }`, { file: Buffer.from(file).toString('base64') });
    expect(imported.data?.['importPublicServices']).toEqual({ created: 1, refused: 3, rows: [
      { line: 2, outcome: 'CREATED', problems: [] }, { line: 3, outcome: 'REFUSED', problems: [{ field: 'agency_code', code: 'AGENCY_CODE_SHAPE' }] },
      { line: 4, outcome: 'REFUSED', problems: [{ field: 'service_level', code: 'REQUIRED' }] }, { line: 5, outcome: 'REFUSED', problems: [{ field: 'service_level', code: 'CELL' }] },
    ] });
    await services.register.save(call(OPERATOR), { procedureCode: PROCEDURE, agencyCode: WARD, postalResult: true });
    const read = await as('leader', `{ serviceReadiness(code: "${PROCEDURE}.01") { name officials postalResult electronicForm level { current former registered wireCode } agency { nameVi } history { fromState toState } } }`);
    expect(read.data?.['serviceReadiness']).toEqual({
      name: 'Đăng ký khai sinh', officials: 2, postalResult: true, electronicForm: true, agency: { nameVi: 'Phường Hoa Lư' },
      level: { current: 'FULL', former: 4, registered: 'LEVEL_4', wireCode: '4' }, history: [{ fromState: null, toState: 'NOT_READY' }],
    });
  });

  it('has one effect under one key, and one audit row', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => services.register.save(call(OPERATOR, 'same'), draft())));
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'done', result: { outcome: 'CREATED' } });
    expect(await services.register.save(call(OPERATOR, 'same'), draft({ officials: 9 }))).toMatchObject({ kind: 'conflict' });
    expect((await gateway.test.database.query('SELECT action FROM operator_actions')).rows).toEqual([{ action: 'save-public-service' }]);
  });

  it.each(['agency', 'leader', 'auditor'] as const)('is not changed by the role %s', async (role) => {
    const answers = [
      await as(role, `mutation { savePublicService(idempotencyKey: "k", service: { procedureCode: "1.001193", agencyCode: "${WARD}", level: FULL }, reason: "x") { __typename } }`),
      await as(role, MOVE, { key: 'k', to: 'READY', override: false }),
    ];
    expect(answers.map(({ codes }) => codes)).toEqual([['FORBIDDEN'], ['FORBIDDEN']]);
    expect((await as('portal', MOVE, { key: 'k', to: 'READY', override: false })).codes).toEqual(['FORBIDDEN']);
  });

  it('shows a caller its own agencies only, and records what it named beyond them', async () => {
    await services.register.save(call(OPERATOR), draft());
    await services.register.save(call(OPERATOR), draft({ agencyCode: OTHER }));
    const context = { ...call(WARD_CALLER), traceparent: null };
    expect((await services.queries.list(context, {}, { first: 10, after: null })).services.map(({ service }) => service.agencyCode)).toEqual([WARD]);
    expect(await services.queries.find(context, `${PROCEDURE}.01`, OTHER)).toBeNull();
    expect((await services.queries.shareAt(context, new Date(Date.now() + 1_000), null))?.online).toBe(1);
    expect(await services.register.save(call(WARD_CALLER), draft({ agencyCode: OTHER, officials: 7 }))).toMatchObject({ kind: 'refused', problems: [{ code: 'AGENCY_UNKNOWN' }] });
    expect(await services.register.move(call(WARD_CALLER), { procedureCode: PROCEDURE, agencyCode: OTHER, to: 'READY', override: false })).toMatchObject({ kind: 'refused', problems: [{ code: 'SERVICE_UNKNOWN' }] });
    expect((await gateway.test.database.query<{ operation: string }>('SELECT operation FROM access_attempts ORDER BY operation')).rows.map((row) => row.operation)).toEqual(['savePublicService', 'serviceReadiness', 'setConnectionState']);
  });

  it('asks which agency is meant where several offer a service', async () => {
    await services.register.save(call(OPERATOR), draft());
    await services.register.save(call(OPERATOR), draft({ agencyCode: OTHER }));
    expect((await as('leader', `{ serviceReadiness(code: "${PROCEDURE}.01") { id } }`)).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('a connection', () => {
  it('goes the whole way once every condition is met, with its history and audit', async () => {
    await services.register.save(call(OPERATOR), draft());
    expect(await move('operator', 'READY')).toMatchObject({ problems: [{ code: 'NOT_READY' }], unmet: [{ code: 'DEEP_LINK_ANSWERS' }] });
    const looked = await as('operator', `mutation { checkServiceLink(idempotencyKey: "look", procedureCode: "${PROCEDURE}", agencyCode: "${WARD}") { ${SAVED} } }`);
    expect(looked.data?.['checkServiceLink']).toMatchObject({ service: { linkLook: { answered: true, status: 302 }, readiness: { ready: true, unmet: [] } } });
    expect(asked.at(-1)).toContain('vnconnect=1');
    const again = await as('operator', `mutation { checkServiceLink(idempotencyKey: "look", procedureCode: "${PROCEDURE}", agencyCode: "${WARD}") { __typename } }`);
    expect(again.data?.['checkServiceLink']).toEqual({ __typename: 'PublicServiceSaved' });
    const other = await as('operator', `mutation { checkServiceLink(idempotencyKey: "look", procedureCode: "${PROCEDURE}", agencyCode: "${WARD}", reason: "lần nữa") { __typename } }`);
    expect(other.data?.['checkServiceLink']).toEqual({ __typename: 'IdempotencyConflict' });
    expect((await gateway.test.database.query(`SELECT actor, target, reason, detail FROM operator_actions WHERE action = 'check-service-link'`)).rows)
      .toEqual([{ actor: 'test-operator', target: `public-service/${WARD} ${PROCEDURE}`, reason: null, detail: { status: 302, problem: null } }]);
    expect(await move('operator', 'CONNECTED')).toMatchObject({ problems: [{ field: 'to', code: 'STATE_MOVE' }] });
    for (const state of ['READY', 'SUBMITTED', 'CONNECTED']) expect(await move('operator', state)).toMatchObject({ service: { state } });
    const history = (await as('auditor', '{ publicServices { nodes { history { fromState toState } } } }')).data?.['publicServices'] as unknown as { nodes: { history: { toState: string }[] }[] };
    expect(history.nodes[0]?.history.map(({ toState }) => toState)).toEqual(['CONNECTED', 'SUBMITTED', 'READY', 'NOT_READY']);
    const audits = await gateway.test.database.query<{ to: string }>(`SELECT detail->>'to' AS to FROM operator_actions WHERE action = 'set-connection-state' ORDER BY id`);
    expect(audits.rows.map((row) => row.to)).toEqual(['READY', 'SUBMITTED', 'CONNECTED']);
  });

  it('goes past readiness only with a supervisor, who is kept with the reason', async () => {
    await services.register.save(call(OPERATOR), draft({ officials: 0 }));
    expect(await move('operator', 'READY', true)).toMatchObject({ problems: [{ code: 'OVERRIDE_ROLE' }] });
    expect(await move('supervisor', 'READY', true)).toMatchObject({ service: { state: 'READY', history: [{ toState: 'READY', overridden: true, reason: 'kiểm thử' }, { toState: 'NOT_READY' }] } });
  });

  it('is not looked at beyond the configured portals', async () => {
    const before = asked.length;
    await services.register.save(call(OPERATOR), draft({ deepLink: `${portalUrl.replace('127.0.0.1', 'localhost')}/nop` }));
    const looked = await as('operator', `mutation { checkServiceLink(idempotencyKey: "look-2", procedureCode: "${PROCEDURE}", agencyCode: "${WARD}") { ${SAVED} } }`);
    expect(looked.data?.['checkServiceLink']).toMatchObject({ problems: [{ code: 'LINK_ORIGIN' }] });
    await services.links.sweep();
    expect(asked).toHaveLength(before);
  });

  it('is looked at by the worker, and anew when its link changes', async () => {
    await services.register.save(call(OPERATOR), draft());
    await services.links.sweep();
    const look = async () => (await gateway.test.database.query<{ link_status: number | null; link_problem: string | null }>('SELECT link_status, link_problem FROM public_services')).rows[0];
    expect(await look()).toEqual({ link_status: 302, link_problem: null });
    await services.register.save(call(OPERATOR), draft({ deepLink: `${portalUrl}/broken` }));
    expect(await look()).toEqual({ link_status: null, link_problem: null });
    await services.links.sweep();
    expect(await look()).toEqual({ link_status: 500, link_problem: 'HTTP_STATUS' });
  });
});

describe('a filter on readiness', () => {
  it('gives what is ready, or what waits for the conditions named, page by page', async () => {
    const defects: readonly Partial<ServiceDraft>[] = [{}, { officials: 0 }, { officials: 0, electronicForm: false }, {}, { electronicForm: false }, { officials: 0 }];
    await services.register.import(call(OPERATOR), { rows: defects.map((change, index) => draft({ procedureCode: `1.00119${String(index)}`, ...change })), file: null, dryRun: false });
    await gateway.test.database.query('UPDATE public_services SET link_checked_at = now(), link_status = 200');
    await gateway.test.database.query({
      text: `INSERT INTO national_procedures (code, reference, name, folded_name, is_public, listed_name, version, content, original, field_codes, agency_codes, levels, search)
             SELECT '1.00119' || n, 'r', 'Tên', 'ten', true, 'x', 1, $1, '{}', '{}', '{}', '{}', '' FROM generate_series(0, 5) n WHERE n <> 3`, values: [CONTENT],
    });
    const codes = async (filter: string, first = 50): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let after: string | null = null, turns = 0; turns < 10; turns += 1) {
        const { data } = await as('leader', `query ($after: String) { publicServices(filter: ${filter}, first: ${String(first)}, after: $after) { nodes { procedureCode nationalProcedure { code } } pageInfo { endCursor hasNextPage } } }`, { after });
        const page = data?.['publicServices'] as unknown as { nodes: { procedureCode: string; nationalProcedure: { code: string } | null }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
        expect(page.nodes.length).toBeLessThanOrEqual(first);
        for (const { procedureCode, nationalProcedure } of page.nodes) {
          expect(nationalProcedure?.code).toBe(procedureCode);
          found.push(procedureCode.slice(-1));
        }
        if (!page.pageInfo.hasNextPage) return found;
        after = page.pageInfo.endCursor;
      }
      throw new Error('the list does not end');
    };
    for (const first of [1, 2, 50]) {
      expect(await codes('{ ready: true }', first)).toEqual(['0', '3']);
      expect(await codes('{ ready: false }', first)).toEqual(['1', '2', '4', '5']);
      expect(await codes('{ missing: [OFFICIALS] }', first)).toEqual(['1', '2', '5']);
      expect(await codes('{ missing: [OFFICIALS, ELECTRONIC_FORM] }', first)).toEqual(['2']);
      expect(await codes('{ ready: true, missing: [OFFICIALS] }', first)).toEqual([]);
      expect(await codes('{ }', first)).toHaveLength(6);
    }
  });
});

describe('reports', () => {
  it('count by agency and write a workbook and a CSV in Vietnamese', async () => {
    await services.register.save(call(OPERATOR), draft({ officials: 0 }));
    await services.register.save(call(OPERATOR), draft({ agencyCode: OTHER, electronicForm: false }));
    const { data } = await as('leader', '{ readinessByAgency { total { services ready unmet { condition { code } services } } agencies { agencyCode agencyName count { services } } } csv: readinessReport(format: CSV) { name contentBase64 } xlsx: readinessReport(format: XLSX) { contentBase64 } }');
    expect(data?.['readinessByAgency']).toEqual({
      total: { services: 2, ready: 0, unmet: [{ condition: { code: 'ELECTRONIC_FORM' }, services: 1 }, { condition: { code: 'OFFICIALS' }, services: 1 }, { condition: { code: 'DEEP_LINK_ANSWERS' }, services: 2 }] },
      agencies: [{ agencyCode: WARD, agencyName: 'Phường Hoa Lư', count: { services: 1 } }, { agencyCode: OTHER, agencyName: 'Phường Tây Hoa Lư', count: { services: 1 } }],
    });
    for (const format of ['csv', 'xlsx']) {
      const table = readTable(Buffer.from((data?.[format] as unknown as { contentBase64: string }).contentBase64, 'base64'));
      expect([table.header[0], table.rows.map(({ cells }) => [cells[0], cells[3], cells[8]])]).toEqual(['Mã dịch vụ công', [[`${PROCEDURE}.01`, WARD, 'Chưa'], [`${PROCEDURE}.01`, OTHER, 'Chưa']]]);
    }
  });

  it('a page costs as many statements with fifty services as with one', async () => {
    const statements = async (): Promise<number> => {
      const database = gateway.test.database;
      let count = 0;
      const counted = new Proxy(database, { get: (target, name) => (name === 'query' ? (config: string, values: unknown[]) => { count += 1; return target.query(config, values); } : Reflect.get(target, name, target) as unknown) });
      const asked: (readonly string[])[] = [];
      const module = serviceModule(counted, { activeAccountAgencies: (codes) => Promise.resolve(new Set(asked[asked.push(codes) - 1])) });
      const { queries: catalogue } = createProcedureModule({
        port: null,
        database: counted, ring: () => undefined,
        settings: { nightlyAtMinutes: null, fullWeekday: null, fingerprintKey: Buffer.alloc(32, 1), keepHours: 1, rereadRuns: 30, maxAbsentShare: 0.2, cacheSize: 0 },
      });
      const context = { ...call(OPERATOR), traceparent: null };
      const { services: nodes } = await module.queries.list(context, {}, { first: 50, after: null });
      const { history, nationalProcedure } = module.createResolvers(catalogue).PublicService;
      const shapes = nodes.map(viewService);
      const records = await Promise.all(shapes.map(async (shape) => [await nationalProcedure(shape, {}, context), await history(shape, {}, context)] as const));
      expect(records.map(([record, changes]) => [record?.code, changes.length])).toEqual(nodes.map(({ service }) => [service.national?.code, 1]));
      // However many services: accounts are asked about once, each agency named once.
      expect(asked).toEqual([[...new Set(nodes.map(({ service }) => service.agencyCode))]]);
      await module.close();
      return count;
    };
    await services.register.save(call(OPERATOR), draft());
    const one = await statements();
    await gateway.test.database.query({
      text: `INSERT INTO national_procedures (code, reference, name, folded_name, is_public, listed_name, version, content, original, field_codes, agency_codes, levels, search)
             SELECT '1.00' || n, 'r', 'Tên', 'ten', true, 'x', 1, $1, '{}', '{}', '{}', '{}', '' FROM generate_series(2000, 2048) n`, values: [CONTENT],
    });
    await services.register.import(call(OPERATOR), { rows: Array.from({ length: 49 }, (_, index) => draft({ procedureCode: `1.00${String(2000 + index)}`, agencyCode: OTHER })), file: null, dryRun: false });
    expect([await statements(), one]).toEqual([one, one]);
    expect(one).toBeLessThanOrEqual(6);
  });
});
