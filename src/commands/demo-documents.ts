import { randomInt } from 'node:crypto';

const VIETNAM_OFFSET_MS = 7 * 3_600_000;
const MINUTE_MS = 60_000;
const DUE_DAYS = 5;

/** A dossier of a made-up citizen as the provincial portal would send it. The name and number belong to nobody. */
export interface DemoDossier {
  readonly code: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Day of `at` in Vietnam as `yymmdd`, as dossier codes write it. */
const localDay = (at: Date): string => new Date(at.getTime() + VIETNAM_OFFSET_MS).toISOString().slice(2, 10).replaceAll('-', '');

const seconds = (at: Date): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The demo's dossiers go to the province's service centre. */
export const demoAgencyOf = (tenantCode: string): string => `000.00.12.${tenantCode}`;

export const newDossierCode = (tenantCode: string, now: Date): string => `${demoAgencyOf(tenantCode)}-${localDay(now)}-${randomInt(1_000_000, 9_999_999)}`;

const DOCUMENT = {
  id: 'TL-01', name: 'Tờ khai đăng ký khai sinh.pdf', fileReference: 'demo/to-khai.pdf', deleted: false, digitised: true, reuse: 'NONE', fromNationalStore: false,
};

const fieldsOf = (code: string, tenantCode: string, received: Date): Readonly<Record<string, unknown>> => ({
  code,
  agencyCode: demoAgencyOf(tenantCode),
  procedureCode: '1.001193',
  procedureName: 'Thủ tục đăng ký khai sinh',
  fieldCode: 'G15-HT01',
  fieldName: 'Hộ tịch',
  channel: 'IN_PERSON',
  owner: { kind: 'CITIZEN', name: 'Nguyễn Thị Minh Hoạ', idNumber: '037190001234' },
  subject: 'Đăng ký khai sinh (dữ liệu minh hoạ)',
  submittedAt: seconds(received),
  receivedAt: seconds(received),
  dueAt: seconds(new Date(received.getTime() + DUE_DAYS * 24 * 60 * MINUTE_MS)),
  returnMethod: 'IN_PERSON',
  processingUnit: 'Trung tâm Phục vụ hành chính công',
  submissionPlace: 'LOCAL',
  hasDigitisedComponents: true,
  ownerVerifiedByVneid: false,
  onlinePayment: 'NOT_REQUIRED',
  documents: [DOCUMENT],
});

const step = (at: Date, status: string, content: string): Readonly<Record<string, unknown>> =>
  ({ officialName: 'Trần Văn Minh Hoạ', officialTitle: 'Chuyên viên', department: 'Bộ phận Một cửa', processedAt: seconds(at), content, status });

/** The first message of a dossier: received at the counter, with its first step. */
export const receivedDossier = (code: string, tenantCode: string, now: Date): DemoDossier => {
  const received = new Date(now.getTime() - 3 * MINUTE_MS);
  return {
    code,
    variables: { key: `demo-${code.replaceAll('.', '_')}-1`, dossiers: [{ ...fieldsOf(code, tenantCode, received), status: 'RECEIVED', steps: [step(received, 'RECEIVED', 'Tiếp nhận hồ sơ')] }] },
  };
};

export const processingStep = (code: string, now: Date): DemoDossier => ({
  code,
  variables: { key: `demo-${code.replaceAll('.', '_')}-2`, code, steps: [step(new Date(now.getTime() - 2 * MINUTE_MS), 'PROCESSING', 'Thẩm định hồ sơ')] },
});

/** The last message: finished, with the result document and the step that says so. */
export const finishedDossier = (code: string, tenantCode: string, now: Date): DemoDossier => {
  const received = new Date(now.getTime() - 3 * MINUTE_MS);
  const finished = new Date(now.getTime() - MINUTE_MS);
  return {
    code,
    variables: {
      key: `demo-${code.replaceAll('.', '_')}-3`,
      dossiers: [{
        ...fieldsOf(code, tenantCode, received), status: 'COMPLETED', finishedAt: seconds(finished),
        results: [{ id: 'KQ-01', name: 'Giấy khai sinh.pdf', fileReference: 'demo/ket-qua.pdf' }],
        steps: [step(finished, 'COMPLETED', 'Hoàn thành, chờ trả kết quả')],
      }],
    },
  };
};

export const UPSERT = `mutation Upsert($key: IdempotencyKey!, $dossiers: [DossierInput!]!) {
  upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) {
    __typename
    ... on DossiersAnswered {
      items {
        __typename
        ... on DossierAccepted { dossierCode version deliveryIds }
        ... on InputRejected { problems { field code message { en vi } } }
        ... on StatusMoveRefused { from to allowed message { en vi } }
      }
    }
    ... on IdempotencyConflict { message { en vi } }
  }
}`;

export const APPEND = `mutation Append($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) {
  appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) {
    __typename
    ... on StepsAnswered {
      items {
        __typename
        ... on StepAccepted { stepId }
        ... on InputRejected { problems { field code message { en vi } } }
        ... on StatusMoveRefused { from to allowed message { en vi } }
      }
    }
    ... on DossierNotFound { message { en vi } }
    ... on IdempotencyConflict { message { en vi } }
  }
}`;

export const PROGRESS = `query Progress($code: ID!) {
  dossier(code: $code) {
    status version
    national { state acknowledgedVersion acknowledgedStatus reasonText }
    steps { status national { state reasonText } }
  }
}`;

const oneLine = (document: string): string => document.replace(/\s+/g, ' ');

/** A first call that can be pasted into a shell as it is. */
export const firstCall = (url: string, key: string, dossier: DemoDossier): string => {
  const body = JSON.stringify({ query: oneLine(UPSERT), variables: dossier.variables });
  return `curl -sS ${url}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${key}' --data '${body.replaceAll("'", "'\\''")}'`;
};
