import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AUDITOR, DOSSIER_TABLES, DossierGateway, LEADER, OPERATOR, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { NOW, codeNumber, dossierInput, stepInput } from '../../support/dossier-inputs.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

let test: TestDatabase;
let gateway: DossierGateway;
const CODE = dossierInput().code;
const READ = `query ($code: ID!) { dossier(code: $code) { code status agencyCode fieldName version dueAt createdAt subject note qualityFlags { code message { vi } }
  owner { kind name idNumber phone email } documents { id name fileReference } fees { amountVnd } supplements { requestedBy content requestedAt documents { name } }
  national { state } steps { officialName content status processedAt national { state } } } }`;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${DOSSIER_TABLES}`);
  gateway = new DossierGateway(test.database);
});

const supplements = [{ id: 'BS-1', requestedBy: 'Lê Văn Mẫu', content: 'Bổ sung giấy chứng sinh', requestedAt: NOW, completed: false, documents: [{ name: 'Giấy chứng sinh', quantity: 1, kindCode: '1' }] }];

describe('dossier', () => {
  it('is refused to a leader', async () => {
    expect((await gateway.call(LEADER, READ, { code: CODE })).errors).toHaveLength(1);
  });

  it('gives the portal back what it sent', async () => {
    await gateway.upsert('key-1', [dossierInput({ supplements, steps: [stepInput()] })]);
    const { data, errors } = await gateway.call(PORTAL, READ, { code: CODE });
    expect(errors).toEqual([]);
    expect(data.dossier).toMatchObject({
      code: CODE, version: 1, dueAt: '2026-03-16T10:00:00.000Z', owner: { name: 'Nguyễn Văn Thử', idNumber: '037203004567', phone: '0912345678', email: null },
      documents: [{ name: 'to-khai.pdf', fileReference: '2026/03/to-khai.pdf' }], fees: [{ amountVnd: 8_000 }], national: { state: 'PENDING' },
      supplements: [{ requestedBy: 'Lê Văn Mẫu', requestedAt: NOW.toISOString(), documents: [{ name: 'Giấy chứng sinh' }] }],
      steps: [{ officialName: 'Trần Thị Mẫu', status: 'RECEIVED', processedAt: '2026-03-15T02:00:00.000Z', national: { state: 'PENDING' } }],
    });
  });

  it.each([OPERATOR, AUDITOR])('shows $role what happened and no person', async (caller) => {
    await gateway.upsert('key-1', [dossierInput({ supplements, steps: [stepInput()], note: 'Bà Canary' })]);
    const { data } = await gateway.call(caller, READ, { code: CODE });
    expect(data.dossier).toMatchObject({ fieldName: 'Hộ tịch', subject: '***', note: '***', owner: { kind: 'CITIZEN', name: '***', idNumber: '***', phone: '***', email: null }, steps: [{ officialName: '***', status: 'RECEIVED' }] });
    expect(JSON.stringify(data)).not.toMatch(/Nguyễn|037203|0912|khai sinh|Trần|Lê Văn|chứng sinh|to-khai|Canary/);
  });

  it('is not there for another client, nor for what is no code', async () => {
    await gateway.upsert('key-1');
    expect((await gateway.call(OTHER_PORTAL, READ, { code: CODE })).data.dossier).toBeNull();
    expect((await gateway.call(PORTAL, READ, { code: 'a\u0000' })).data.dossier).toBeNull();
  });
});

describe('dossiers', () => {
  const LIST = `query ($filter: DossierFilter, $first: Int! = 50, $after: String) { dossiers(filter: $filter, first: $first, after: $after) { nodes { code steps { status } } pageInfo { endCursor hasNextPage } } }`;
  const list = async (variables: object = {}, caller = PORTAL) => {
    const { data, errors } = await gateway.call(caller, LIST, variables);
    if (errors.length > 0) throw new Error(errors[0]?.message);
    return data.dossiers as unknown as { nodes: { code: string; steps: unknown[] }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
  };
  const codes = async (filter: object, caller = PORTAL): Promise<string[]> => (await list({ filter }, caller)).nodes.map((node) => node.code);

  it('is refused to a leader', async () => {
    await expect(list({}, LEADER)).rejects.toThrow('may not');
  });

  it('runs through all of them, latest change first, each once', async () => {
    for (let number = 0; number < 7; number += 1) await gateway.upsert(`key-${String(number)}`, [dossierInput({ code: codeNumber(number), steps: [stepInput()] })]);
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page = await list({ first: 3, after });
      seen.push(...page.nodes.map((node) => node.code));
      expect(page.nodes.every((node) => node.steps.length === 1)).toBe(true);
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map(codeNumber));
  });

  it('is filtered by each condition', async () => {
    await gateway.upsert('key-1', [dossierInput({ code: codeNumber(1) }), dossierInput({ code: codeNumber(2), agencyCode: 'H42.14', procedureCode: '2.000488', status: 'PROCESSING' })]);
    await gateway.upsert('key-2', [dossierInput({ code: codeNumber(3), status: 'COMPLETED', dueAt: null, finishedAt: dossierInput().receivedAt })]);
    await gateway.upsert('key-3', [dossierInput({ code: codeNumber(4) })], OTHER_PORTAL);
    expect(await codes({ agencyCode: 'H42.14' })).toEqual([codeNumber(2)]);
    expect(await codes({ procedureCode: '2.000488' })).toEqual([codeNumber(2)]);
    expect(await codes({ status: 'RECEIVED' })).toEqual([codeNumber(1)]);
    expect(await codes({ flagged: true })).toEqual([codeNumber(3)]);
    expect(await codes({ nationalState: 'PENDING' })).toHaveLength(3);
    expect(await codes({ nationalState: 'ACKNOWLEDGED' })).toEqual([]);
    expect(await codes({ updatedSince: '2100-01-01T00:00:00Z' })).toEqual([]);
    expect(await codes({}, OPERATOR)).toHaveLength(4);
  });

  it('refuses a foreign cursor and a page that is too large', async () => {
    await expect(list({ after: 'abc' })).rejects.toThrow('after');
    await expect(list({ first: 201 })).rejects.toThrow('first');
  });
});

describe('national lists', () => {
  it('are refused to a leader, read through, and said to be away', async () => {
    const query = '{ nationalAgencies { code name group } nationalFields { code } }';
    expect((await gateway.call(LEADER, query)).errors.length).toBeGreaterThan(0);
    expect((await gateway.call(PORTAL, query)).data).toEqual({ nationalAgencies: [{ code: 'H42', name: 'Tỉnh Ninh Bình', group: '1' }], nationalFields: [{ code: 'G15-HT01' }] });
    gateway.registry.listsAway = true;
    expect((await gateway.call(PORTAL, query)).errors).toHaveLength(1);
  });
});

describe('re-sealing', () => {
  it('brings every row under the new key, after which the old one is not needed', async () => {
    const old = { id: 'k1', key: Buffer.alloc(32, 1) };
    const young = { id: 'k2', key: Buffer.alloc(32, 2) };
    await gateway.upsert('key-1', Array.from({ length: 3 }, (_, n) => dossierInput({ code: codeNumber(n), steps: [stepInput()], supplements })));
    const report = { nationalCode: 'G22-1', dossierCode: CODE, status: 'RECEIVED', content: 'Đã tiếp nhận', processedAt: NOW };
    await gateway.call(PORTAL, 'mutation ($report: StatusReportInput!) { reportNationalDossierStatus(idempotencyKey: "k", report: $report) { __typename } }', { report });
    const progress: number[] = [];
    expect(await new DossierGateway(test.database, { keys: [young, old] }).dossiers.reseal.run((rows) => progress.push(rows))).toBe(7);
    expect(progress.at(-1)).toBe(7);
    const after = new DossierGateway(test.database, { keys: [young] });
    const { data, errors } = await after.call(PORTAL, READ, { code: codeNumber(1) });
    expect(errors).toEqual([]);
    expect(data.dossier).toMatchObject({ owner: { name: 'Nguyễn Văn Thử' }, steps: [{ officialName: 'Trần Thị Mẫu' }] });
    expect(await after.dossiers.reseal.run()).toBe(0);
  });
});
