import type { DossierContent, DossierStep } from '../../src/dossiers/dossier.js';
import type { DossierSubmission } from '../../src/dossiers/dossier-registry-port.js';
import type { Exchange } from '../../src/deliveries/delivery.js';
import type { PartyCall } from '../../src/deliveries/party-call.js';

/** Canaries: none of these may ever be legible in a journal, an error or an answer. All invented. */
export const CANARIES = ['NGUYỄN THỊ CANARY', '036199012345', '0912345678', 'canary@example.vn', 'Số 1 đường Canary', 'TECH-CANARY-1', 'Trần Văn Cán Bộ'] as const;

export const dossierCode = (number: number): string => `000.12.34.H42-260315-${String(number).padStart(4, '0')}`;

export const sampleDossier = (number: number, changes: Partial<DossierContent> = {}): DossierContent => ({
  code: dossierCode(number),
  agencyCode: '000.12.34.H42',
  procedureCode: '1.001193.000.00.00.H42',
  procedureName: 'Thủ tục đăng ký khai sinh',
  fieldCode: 'G15-HT01',
  fieldName: 'Hộ tịch',
  receiptNumber: 'BN-0007',
  channel: 'ONLINE',
  owner: {
    kind: 'CITIZEN', name: CANARIES[0], idNumber: CANARIES[1], technicalId: CANARIES[5], phone: CANARIES[2], email: CANARIES[3],
    fax: null, otherInfo: CANARIES[4],
  },
  subject: 'Đăng ký khai sinh',
  note: null,
  submittedAt: new Date('2026-03-15T01:30:00Z'),
  receivedAt: new Date('2026-03-15T01:30:00Z'),
  dueAt: new Date('2026-03-16T10:00:00Z'),
  status: 'RECEIVED',
  returnedAt: null,
  returnInfo: null,
  returnMethod: 'IN_PERSON',
  finishedAt: null,
  refusedAt: null,
  processingUnit: 'UBND phường Hoa Lư',
  submissionPlace: 'LOCAL',
  hasDigitisedComponents: true,
  ownerVerifiedByVneid: false,
  onlinePayment: 'NOT_REQUIRED',
  consultedDatabases: [],
  documents: [{
    id: '501', name: 'to-khai.pdf', componentCode: '000.00.00.G15-KQ0001', fileReference: 'store/501', deleted: false, digitised: true,
    reuse: 'NONE', fromNationalStore: false, replacesResultCode: null,
  }],
  fees: [{ name: 'Lệ phí hộ tịch', code: '2', amountVnd: 8000, collectionCode: null, kindCode: null }],
  otherAttachments: [],
  supplements: [],
  results: [],
  ...changes,
});

export const submissionOf = (content: DossierContent, knownToRegistry = false): DossierSubmission => ({
  content,
  knownToRegistry,
  fileLinks: new Map(content.documents.map((document) => [document.id, `https://gateway.example.vn/files/${document.id}?signature=s3cr3t`])),
});

export const sampleStep = (id: string, number: number, changes: Partial<DossierStep> = {}): DossierStep => ({
  id,
  dossierCode: dossierCode(number),
  officialName: CANARIES[6],
  officialTitle: 'Công chức tư pháp - hộ tịch',
  department: 'Bộ phận Một cửa',
  processedAt: new Date(Date.UTC(2026, 2, 15, 2, 0, Number(id))),
  content: 'Tiếp nhận hồ sơ',
  status: 'PROCESSING',
  startedAt: new Date('2026-03-15T02:00:00Z'),
  dueAt: null,
  ...changes,
});

export interface RecordedCall {
  readonly call: PartyCall;
  readonly exchanges: Exchange[];
  readonly abort: AbortController;
}

/** A party call that keeps its journal. */
export const recordedCall = (traceparent: string | null = null): RecordedCall => {
  const exchanges: Exchange[] = [];
  const abort = new AbortController();
  return { exchanges, abort, call: { correlationId: 'test', signal: abort.signal, journal: (exchange) => { exchanges.push(exchange); }, traceparent } };
};
