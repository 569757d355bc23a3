import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export const PORTAL_KEY = 'test-portal-key';
export const OPERATOR_KEY = 'test-operator-key';

const entry = (client: string, role: string, key: string): string => `${client}:${role}:${createHash('sha256').update(key).digest('hex')}`;

/** API_KEYS of a gateway under test. */
export const TEST_API_KEYS = [entry('portal', 'portal', PORTAL_KEY), entry('operator', 'operator', OPERATOR_KEY)].join(',');

const TODAY_MS = Date.now();
const localDay = new Date(TODAY_MS + 7 * 3_600_000).toISOString().slice(2, 10).replaceAll('-', '');

/** Code of the n-th dossier received today at the test agency. */
export const todaysDossierCode = (number: number): string => `000.12.34.H42-${localDay}-${String(number).padStart(5, '0')}`;

export const stepInput = (minutesAgo: number, status: string, over: object = {}) => ({
  officialName: 'Trần Thị Bình', officialTitle: 'Chuyên viên', department: 'Bộ phận Một cửa',
  processedAt: new Date(TODAY_MS - minutesAgo * 60_000).toISOString(), content: `Xử lý ${status}`, status, ...over,
});

export const dossierInput = (number: number, over: object = {}) => ({
  code: todaysDossierCode(number), agencyCode: '000.12.34.H42', procedureCode: '1.001193.000.00.00.H42', procedureName: 'Thủ tục đăng ký khai sinh',
  fieldCode: 'G15-HT01', fieldName: 'Hộ tịch', channel: 'IN_PERSON',
  owner: { kind: 'CITIZEN', name: 'Nguyễn Văn An', idNumber: '036199012345', phone: '0912345678' },
  subject: 'Đăng ký khai sinh', submittedAt: new Date(TODAY_MS - 3_600_000).toISOString(), receivedAt: new Date(TODAY_MS - 3_600_000).toISOString(),
  dueAt: new Date(TODAY_MS + 86_400_000).toISOString(), status: 'RECEIVED', returnMethod: 'IN_PERSON', processingUnit: 'UBND phường Hoa Lư', submissionPlace: 'LOCAL',
  hasDigitisedComponents: false, ownerVerifiedByVneid: false, onlinePayment: 'NOT_REQUIRED', ...over,
});

const UPSERT = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) {
  __typename ... on DossiersAnswered { items { __typename ... on InputRejected { problems { field code } } } } } }`;
const APPEND = `mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) {
  __typename ... on StepsAnswered { items { __typename ... on InputRejected { problems { field code } } } } } }`;

interface Answer {
  readonly data?: Record<string, { readonly __typename: string; readonly items?: readonly { readonly __typename: string; readonly problems?: unknown }[] }> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const UNAVAILABLE: Answer = { errors: [{ message: 'no answer', extensions: { code: 'UNAVAILABLE' } }] };

/** A portal as it should behave: it repeats a call under the same key until it has been answered. */
export class PortalClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key = PORTAL_KEY) {
    this.#url = url;
    this.#key = key;
  }

  async query(query: string, variables: object = {}, key = this.#key): Promise<Answer> {
    const reply = await fetch(this.#url, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(10_000),
    });
    // 503 while it starts: nothing was looked at.
    return reply.status === 503 ? UNAVAILABLE : ((await reply.json()) as Answer);
  }

  upsert(dossiers: readonly object[]): Promise<void> {
    return this.#untilAnswered(UPSERT, { key: randomUUID(), dossiers }, ['DossierAccepted']);
  }

  append(code: string, steps: readonly object[]): Promise<void> {
    return this.#untilAnswered(APPEND, { key: randomUUID(), code, steps }, ['StepAccepted']);
  }

  async #untilAnswered(query: string, variables: object, accepted: readonly string[]): Promise<void> {
    const deadline = Date.now() + 300_000;
    for (;;) {
      const answer = await this.query(query, variables).catch((): Answer => UNAVAILABLE);
      const items = Object.values(answer.data ?? {})[0]?.items;
      if (items !== undefined) {
        const refused = items.find((item) => !accepted.includes(item.__typename));
        if (refused !== undefined) throw new Error(`the gateway refused what it should accept: ${JSON.stringify(refused)}`);
        return;
      }
      const code = answer.errors?.[0]?.extensions?.code;
      if ((code !== 'UNAVAILABLE' && code !== 'INTERNAL') || Date.now() > deadline) throw new Error(`not accepted: ${JSON.stringify(answer)}`);
      await pause(200);
    }
  }
}
