import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../../src/access/caller.js';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { dossierInput, stepInput } from '../../support/portal-client.js';
import { rawCall, type RawAnswer } from '../../support/raw-call.js';

interface Case {
  readonly role: Role;
  readonly query: string;
  readonly variables: object;
  /** Other content for the same key. */
  readonly other: object;
  /** Counts the effects. */
  readonly effects: string;
}

const report = (content: string) => ({ nationalCode: 'G01-1', dossierCode: dossierInput(2).code, status: 'PROCESSING', content, processedAt: '2026-11-01T08:00:00+07:00' });

const CASES: Readonly<Record<string, Case>> = {
  upsertDossiers: {
    role: 'portal', query: 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { answer: upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename ... on DossiersAnswered { items { __typename ... on DossierAccepted { version deliveryIds stepIds } } } } }',
    variables: { dossiers: [dossierInput(1, { steps: [stepInput(9, 'RECEIVED')] })] }, other: { dossiers: [dossierInput(1, { subject: 'Khác' })] },
    effects: 'SELECT (SELECT count(*) FROM dossiers) AS dossiers, (SELECT count(*) FROM dossier_steps) AS steps, (SELECT count(*) FROM deliveries) AS deliveries',
  },
  appendSteps: {
    role: 'portal', query: 'mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { answer: appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) { __typename ... on StepsAnswered { deliveryIds items { __typename ... on StepAccepted { stepId } } } } }',
    variables: { code: dossierInput(1).code, steps: [stepInput(5, 'PROCESSING')] }, other: { code: dossierInput(1).code, steps: [stepInput(4, 'PROCESSING')] },
    effects: 'SELECT count(*) AS steps FROM dossier_steps',
  },
  reportNationalDossierStatus: {
    role: 'portal', query: 'mutation ($key: IdempotencyKey!, $report: StatusReportInput!) { answer: reportNationalDossierStatus(idempotencyKey: $key, report: $report) { __typename } }',
    variables: { report: report('Đang xử lý') }, other: { report: report('Khác') }, effects: 'SELECT count(*) AS reports FROM status_reports',
  },
  pauseParty: {
    role: 'operator', query: 'mutation ($key: IdempotencyKey!, $reason: String!) { answer: pauseParty(idempotencyKey: $key, party: "national-portal", reason: $reason) { __typename } }',
    variables: { reason: 'bảo trì' }, other: { reason: 'khác' }, effects: `SELECT count(*) AS actions FROM operator_actions WHERE action = 'pause-party'`,
  },
  createApiClient: {
    role: 'operator', query: 'mutation ($key: IdempotencyKey!, $name: String!) { answer: createApiClient(idempotencyKey: $key, client: { name: $name, role: PORTAL, keyDays: 1 }, reason: "test") { __typename } }',
    variables: { name: 'ten-at-once' }, other: { name: 'other-name' }, effects: 'SELECT count(*) AS clients FROM api_clients',
  },
  requestErasure: {
    role: 'supervisor', query: 'mutation ($key: IdempotencyKey!, $idNumber: String!) { answer: requestErasure(idempotencyKey: $key, idNumber: $idNumber, reason: "test") { __typename ... on ErasureRequested { id } } }',
    variables: { idNumber: '036199012345' }, other: { idNumber: '036199012346' }, effects: 'SELECT count(*) AS requests FROM erasure_requests',
  },
  saveAgency: {
    role: 'operator', query: 'mutation ($key: IdempotencyKey!, $name: String!) { answer: saveAgency(idempotencyKey: $key, agency: { code: "000.00.00.H42", nameVi: $name, kind: PROVINCE, level: PROVINCE }, reason: "test") { __typename } }',
    variables: { name: 'Tỉnh' }, other: { name: 'Khác' }, effects: `SELECT (SELECT count(*) FROM agencies) AS agencies, (SELECT count(*) FROM operator_actions WHERE action LIKE '%agenc%') AS actions`,
  },
};

describe('ten calls at once under one key', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway({}, { worker: true });
  }, 60_000);
  afterAll(() => gateway.close());

  it.each(Object.keys(CASES))('of %s have one effect and one answer; other content under the key has none', async (name) => {
    const { role, query, variables, other, effects } = CASES[name] as Case;
    const key = randomUUID();
    const call = (content: object): Promise<RawAnswer> => rawCall(gateway.url, gateway.keys[role], { query, variables: { key, ...content } });
    const count = async (): Promise<Record<string, string>> => (await gateway.test.database.query<Record<string, string>>(effects)).rows[0] ?? {};
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(variables)));
    const after = await count();
    expect(answers.filter(({ status, body }) => status !== 200 || body.errors !== undefined)).toEqual([]);
    // The secret of a key is shown once: nine of the ten are told that it was.
    const shown = answers.map(({ body }) => JSON.stringify(body.data).replace('ApiKeyAlreadyIssued', 'ApiKeyIssued'));
    expect(new Set(shown).size).toBe(1);
    expect(shown[0]).not.toMatch(/Refused|Rejected|Conflict|NotFound/);
    const grown = Object.entries(after).map(([what, value]) => Number(value) - Number(before[what]));
    expect(Math.max(...grown)).toBeGreaterThan(0);
    await call(variables);
    expect(JSON.stringify((await call(other)).body.data)).toContain('IdempotencyConflict');
    expect(await count()).toEqual(after);
    const once = name === 'upsertDossiers' ? [1, 1, 2] : grown.map(() => 1);
    expect(grown).toEqual(once);
  });
});
