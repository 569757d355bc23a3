import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { dossierInput, stepInput } from '../../support/portal-client.js';
import { rawCall, type RawAnswer } from '../../support/raw-call.js';

/** What only the gateway or a party may say of a dossier, a step, a report, a client or an agency. */
const OURS = [
  'id', 'version', 'client', 'ownerClient', 'createdAt', 'updatedAt', 'acceptedAt', 'paidAt', 'paid', 'state', 'national', 'nationalCode', 'deliveries', 'deliveryIds', 'qualityFlags',
  'agency', 'agencyName', 'fee', 'feeTotal', 'sequence', 'digest', 'role', 'secret', 'keys', 'revokedAt', '__proto__', 'constructor',
];
const UPSERT = 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename } }';
const APPEND = 'mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) { __typename } }';
const REPORT = 'mutation ($key: IdempotencyKey!, $report: StatusReportInput!) { reportNationalDossierStatus(idempotencyKey: $key, report: $report) { __typename } }';
const AGENCY = 'mutation ($key: IdempotencyKey!, $agency: AgencyInput!) { saveAgency(idempotencyKey: $key, agency: $agency, reason: "test") { __typename } }';
const CLIENT = 'mutation ($key: IdempotencyKey!, $client: ApiClientInput!) { createApiClient(idempotencyKey: $key, client: $client, reason: "test") { __typename } }';

const report = { nationalCode: 'G01-1', dossierCode: dossierInput(3).code, status: 'PROCESSING', content: 'Đang xử lý', processedAt: new Date().toISOString() };
const INPUTS: Readonly<Record<string, { readonly query: string; readonly role: 'portal' | 'operator'; readonly own: readonly string[]; readonly variables: (extra: object) => object }>> = {
  'a dossier': { query: UPSERT, role: 'portal', own: [], variables: (extra) => ({ dossiers: [{ ...dossierInput(1), ...extra }] }) },
  'an owner': { query: UPSERT, role: 'portal', own: [], variables: (extra) => ({ dossiers: [dossierInput(1, { owner: { ...dossierInput(1).owner, ...extra } })] }) },
  'a fee': { query: UPSERT, role: 'portal', own: [], variables: (extra) => ({ dossiers: [dossierInput(1, { fees: [{ name: 'Lệ phí', code: '2', amountVnd: 8_000, ...extra }] })] }) },
  'a step': { query: APPEND, role: 'portal', own: [], variables: (extra) => ({ code: dossierInput(1).code, steps: [stepInput(5, 'PROCESSING', extra)] }) },
  'a report': { query: REPORT, role: 'portal', own: ['nationalCode'], variables: (extra) => ({ report: { ...report, ...extra } }) },
  'an agency': { query: AGENCY, role: 'operator', own: [], variables: (extra) => ({ agency: { code: 'H42.12.99', nameVi: 'Xã', ...extra } }) },
  'a client': { query: CLIENT, role: 'operator', own: ['role'], variables: (extra) => ({ client: { name: 'new-client', role: 'PORTAL', keyDays: 1, ...extra } }) },
};

describe('what the gateway says itself', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  }, 60_000);
  afterAll(() => gateway.close());

  const call = (role: 'portal' | 'operator', query: string, variables: object): Promise<RawAnswer> => rawCall(gateway.url, gateway.keys[role], { query, variables: { key: randomUUID(), ...variables } });
  const counts = async (): Promise<unknown> =>
    (await gateway.test.database.query('SELECT (SELECT count(*) FROM dossiers) + (SELECT count(*) FROM status_reports) + (SELECT count(*) FROM api_clients) + (SELECT count(*) FROM agencies) + (SELECT count(*) FROM deliveries) AS n')).rows[0];

  it.each(Object.keys(INPUTS))('is no field of %s, and naming it stores nothing', async (what) => {
    const input = INPUTS[what];
    if (input === undefined) throw new Error(what);
    const before = await counts();
    for (const name of OURS.filter((field) => !input.own.includes(field))) {
      const extra = JSON.parse(`{ ${JSON.stringify(name)}: "CHOSEN-BY-CALLER" }`) as object;
      const { status, body, text } = await call(input.role, input.query, input.variables(extra));
      expect({ name, status, codes: body.errors?.map(({ extensions }) => extensions['code']) }).toEqual({ name, status: 200, codes: ['BAD_USER_INPUT'] });
      expect(text).not.toContain('CHOSEN-BY-CALLER');
    }
    expect(await counts()).toEqual(before);
  });

  it('is not asked for: the same inputs without it are taken', async () => {
    for (const { query, role, variables } of Object.values(INPUTS)) expect((await call(role, query, variables({}))).body.errors).toBeUndefined();
  });
});
