import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';
import { dossierInput, stepInput, todaysDossierCode } from '../../support/portal-client.js';
import { rawCall } from '../../support/raw-call.js';
import { startRecordingParty, textsIn, type RecordingParty } from '../../support/recording-party.js';

const ITEMS = 'items { __typename ... on InputRejected { problems { field } } }';
const UPSERT = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { answer: upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { ... on DossiersAnswered { ${ITEMS} } } }`;
const APPEND = `mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { answer: appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) { ... on StepsAnswered { ${ITEMS} } } }`;
const REPORT = `mutation ($key: IdempotencyKey!, $report: StatusReportInput!) { answer: reportNationalDossierStatus(idempotencyKey: $key, report: $report) { __typename ... on InputRejected { problems { field } } } }`;

/** What a caller may try; the marker tells one text from the other at the party. */
const HOSTILE: Readonly<Record<string, (marker: string) => string>> = {
  // Below 50 characters, which is where the registry's wire cuts names of officials.
  markup: (marker) => `${marker} ]]> <![CDATA[ & &amp; <a b="c">'x'`,
  decomposed: (marker) => `${marker} ${'Nguyễn Thị Ước'.normalize('NFD')} ${marker}`,
  nul: (marker) => `${marker}\u0000${marker}`,
  surrogate: (marker) => `${marker}\ud800${marker}`,
  lines: (marker) => `${marker}\r\n{"level":"error"}\u001b[31m${marker}`,
};
const KINDS = Object.keys(HOSTILE);
const REFUSED_ALWAYS = new Set(['nul', 'surrogate', 'lines']);

const when = new Date(Date.now() - 3_600_000).toISOString();
/** Every text of a dossier, by the path that a refusal names. */
const DOSSIER_FIELDS: Readonly<Record<string, (text: string) => object>> = {
  ...Object.fromEntries(['code', 'agencyCode', 'procedureCode', 'procedureName', 'fieldCode', 'fieldName', 'receiptNumber', 'subject', 'note', 'returnInfo', 'processingUnit'].map((name) => [name, (text: string) => ({ [name]: text })])),
  ...Object.fromEntries(['name', 'idNumber', 'technicalId', 'phone', 'email', 'fax', 'otherInfo'].map((name) =>
    [`owner.${name}`, (text: string) => ({ owner: { kind: 'CITIZEN', name: 'Nguyễn Văn An', idNumber: '036199012345', [name]: text } })])),
  ...Object.fromEntries(['id', 'name', 'componentCode', 'fileReference', 'replacesResultCode'].map((name) =>
    [`documents[0].${name}`, (text: string) => ({ documents: [{ id: 'TL-1', name: 'a.pdf', fileReference: 'a.pdf', deleted: false, digitised: true, reuse: 'NONE', fromNationalStore: false, [name]: text }] })])),
  ...Object.fromEntries(['name', 'code', 'collectionCode', 'kindCode'].map((name) => [`fees[0].${name}`, (text: string) => ({ fees: [{ name: 'Lệ phí', code: '2', amountVnd: 8_000, [name]: text }] })])),
  ...Object.fromEntries(['name', 'kindCode'].map((name) => [`otherAttachments[0].${name}`, (text: string) => ({ otherAttachments: [{ name: 'Ảnh', quantity: 1, kindCode: '1', [name]: text }] })])),
  ...Object.fromEntries(['id', 'requestedBy', 'content', 'receivedBy', 'receivedInfo'].map((name) => [`supplements[0].${name}`, (text: string) => ({ supplements: [{ id: 'BS-1', requestedBy: 'Lê Thị Hà', content: 'Bổ sung', requestedAt: when, completed: false, [name]: text }] })])),
  ...Object.fromEntries(['id', 'name', 'componentCode', 'fileReference', 'resultCode'].map((name) => [`results[0].${name}`, (text: string) => ({ results: [{ id: 'KQ-1', name: 'Giấy', [name]: text }] })])),
  'consultedDatabases[0].code': (text) => ({ consultedDatabases: [{ code: text, consultedAt: when }] }),
};
const STEP_FIELDS = ['officialName', 'officialTitle', 'department', 'content'];
const REPORT_FIELDS: Readonly<Record<string, (text: string) => object>> = {
  ...Object.fromEntries(['nationalCode', 'dossierCode', 'ownerTechnicalId', 'content'].map((name) => [name, (text: string) => ({ [name]: text })])),
  ...Object.fromEntries(['id', 'name', 'componentCode', 'fileReference'].map((name) => [`documents[0].${name}`, (text: string) => ({ documents: [{ id: 'TL-9', name: 'b.pdf', deleted: false, fileReference: 'b.pdf', [name]: text }] })])),
};

interface Item { readonly __typename: string; readonly problems?: readonly { readonly field: string }[] }
interface Tried { readonly field: string; readonly kind: string; readonly text: string; readonly item: Item | undefined }

describe('hostile texts', () => {
  let gateway: ComposedGateway;
  let party: RecordingParty;
  const tried: Tried[] = [];
  let number = 0;
  let mark = 0;
  const newMark = (): string => `m${String((mark += 1)).padStart(4, '0')}x`;
  const call = async (query: string, variables: object): Promise<{ items?: Item[] } & Item> => {
    const { status, text, body } = await rawCall(gateway.url, gateway.keys.portal, { query, variables: { key: randomUUID(), ...variables } });
    if (status !== 200 || body.errors !== undefined) throw new Error(`${status} ${text}`);
    return body.data?.['answer'] as unknown as { items?: Item[] } & Item;
  };
  const tryDossiers = async (): Promise<void> => {
    for (const kind of KINDS) {
      const fields = Object.entries(DOSSIER_FIELDS).map(([field, over]) => ({ field, over, text: (HOSTILE[kind] as (marker: string) => string)(newMark()) }));
      for (let at = 0; at < fields.length; at += 10) {
        const part = fields.slice(at, at + 10);
        const { items } = await call(UPSERT, { dossiers: part.map(({ over, text }) => dossierInput((number += 1), over(text))) });
        part.forEach(({ field, text }, index) => tried.push({ field: `dossiers[${index}].${field}`, kind, text, item: items?.[index] }));
      }
    }
  };
  const trySteps = async (): Promise<void> => {
    const dossier = dossierInput((number += 1));
    await call(UPSERT, { dossiers: [dossier] });
    for (const [index, kind] of KINDS.entries()) {
      const steps = STEP_FIELDS.map((field, at) => ({ field, text: (HOSTILE[kind] as (marker: string) => string)(newMark()), minutes: 59 - index * 4 - at }));
      const { items } = await call(APPEND, { code: dossier.code, steps: steps.map(({ field, text, minutes }) => stepInput(minutes, 'PROCESSING', { [field]: text })) });
      steps.forEach(({ field, text }, at) => tried.push({ field: `steps[${at}].${field}`, kind, text, item: items?.[at] }));
    }
  };
  const tryReports = async (): Promise<void> => {
    for (const kind of KINDS) {
      for (const [field, over] of Object.entries(REPORT_FIELDS)) {
        const text = (HOSTILE[kind] as (marker: string) => string)(newMark());
        const report = { nationalCode: `G01-${number}`, dossierCode: todaysDossierCode((number += 1)), status: 'PROCESSING', content: 'Đang xử lý', processedAt: when, ...over(text) };
        tried.push({ field: `report.${field}`, kind, text, item: await call(REPORT, { report }) });
      }
    }
  };

  beforeAll(async () => {
    party = await startRecordingParty();
    gateway = await startComposedGateway({ NATIONAL_PORTAL_G1_URL: `${party.url}/XrdAdapter/RestService/forward` }, { worker: true, level: 'trace' });
    party.aim(gateway.sandboxUrl);
    await tryDossiers();
    await trySteps();
    await tryReports();
  }, 120_000);
  afterAll(async () => {
    await gateway.close();
    await party.close();
  });

  const isRefused = ({ item }: Tried): boolean => item?.__typename === 'InputRejected';

  it('are refused under the name of their field, or accepted', () => {
    expect(tried.length).toBe(KINDS.length * (Object.keys(DOSSIER_FIELDS).length + STEP_FIELDS.length + Object.keys(REPORT_FIELDS).length));
    const misnamed = tried.filter((one) => isRefused(one) && !one.item?.problems?.every(({ field }) => field === one.field));
    expect(misnamed.map(({ field, kind, item }) => ({ field, kind, item }))).toEqual([]);
    expect(tried.filter(({ item }) => item === undefined)).toEqual([]);
    expect(tried.filter((one) => REFUSED_ALWAYS.has(one.kind) && !isRefused(one)).map(({ field, kind }) => `${field} ${kind}`)).toEqual([]);
  });

  it('that were accepted arrive at the party as exactly one whole text, composed', async () => {
    const accepted = tried.filter((one) => !isRefused(one));
    expect(accepted.length).toBeGreaterThan(40);
    const missing = (): Tried[] => {
      const arrived = new Set(party.bodies.flatMap(textsIn));
      return accepted.filter(({ text }) => !arrived.has(text.normalize('NFC')));
    };
    await eventually('every accepted text at the party', () => missing().length === 0, { timeoutMs: 30_000 }).catch(() => undefined);
    expect(missing().map(({ field, kind }) => `${field} ${kind}`)).toEqual([]);
    const refused = tried.filter(isRefused).map(({ text }) => text.slice(0, 6));
    expect(party.bodies.flatMap(textsIn).filter((text) => refused.some((marker) => text.includes(marker)))).toEqual([]);
  }, 60_000);

  it('make no line of the log that is not ours', () => {
    expect(gateway.logLines.length).toBeGreaterThan(0);
    for (const line of gateway.logLines) {
      expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(Object.keys(JSON.parse(line) as object)).toContain('msg');
    }
    expect(gateway.logLines.join('')).not.toMatch(/m\d{4}x/);
  });

  it('in a document itself are refused without a quote of them', async () => {
    for (const raw of ['{ dossier(code: "\\uD800") { code } }', '{ dossier(code: "a\u0000b") { code } }', '{ caller { client } }\u001b[31m']) {
      const { status, text } = await rawCall(gateway.url, gateway.keys.portal, { query: raw });
      expect(status).toBe(200);
      expect(text).not.toMatch(/\\u001b|D800|at .*\.js/);
    }
  });
});
