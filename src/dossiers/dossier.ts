/** Codes of TrangThaiHoSo, by their field-standard English names. Source: national-portal.md §4.3. */
export const DOSSIER_STATUSES = [
  'SUBMITTED', 'RECEIVED', 'REFUSED_AT_INTAKE', 'PROCESSING', 'SUPPLEMENT_REQUESTED',
  'PAYMENT_REQUIRED', 'WITHDRAWN', 'STOPPED', 'COMPLETED', 'RESULT_RETURNED',
] as const;
export type DossierStatus = (typeof DOSSIER_STATUSES)[number];

/** Legal moves of a dossier's status (derived, no official state machine is published: national-portal.md §4.3). */
export const DOSSIER_STATUS_MOVES: Readonly<Record<DossierStatus, readonly DossierStatus[]>> = {
  SUBMITTED: ['RECEIVED', 'REFUSED_AT_INTAKE', 'SUPPLEMENT_REQUESTED', 'WITHDRAWN'],
  RECEIVED: ['PROCESSING', 'SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED', 'WITHDRAWN', 'STOPPED', 'COMPLETED'],
  REFUSED_AT_INTAKE: [],
  PROCESSING: ['PROCESSING', 'SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED', 'WITHDRAWN', 'STOPPED', 'COMPLETED'],
  SUPPLEMENT_REQUESTED: ['PROCESSING', 'RECEIVED', 'STOPPED', 'WITHDRAWN', 'COMPLETED', 'REFUSED_AT_INTAKE'],
  PAYMENT_REQUIRED: ['PROCESSING', 'STOPPED', 'WITHDRAWN', 'COMPLETED'],
  WITHDRAWN: [],
  STOPPED: ['PROCESSING'],
  COMPLETED: ['RESULT_RETURNED'],
  RESULT_RETURNED: [],
};

export type Channel = 'IN_PERSON' | 'ONLINE' | 'PUBLIC_POST';
export type OwnerKind = 'CITIZEN' | 'BUSINESS' | 'STATE_AGENCY' | 'ORGANISATION';
export type ReturnMethod = 'IN_PERSON' | 'PUBLIC_POST';
export type OnlinePayment = 'NOT_REQUIRED' | 'PAID_ON_NATIONAL_PORTAL' | 'PAID_ON_LOCAL_PORTAL' | 'NOT_PAID_ONLINE';
export type ReuseOfDigitised = 'NONE' | 'REUSED_LEVEL_1' | 'REUSED_LEVEL_2';
export type SubmissionPlace = 'NATIONAL_PORTAL' | 'LOCAL';

export interface DossierOwner {
  readonly kind: OwnerKind;
  readonly name: string;
  /** 12-digit personal id, 9-digit former id, or tax code of a firm. Personal data. */
  readonly idNumber: string;
  /** Id of the owner at the national portal (MaDoiTuong), when the portal knows it. */
  readonly technicalId: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly fax: string | null;
  readonly otherInfo: string | null;
}

export interface DossierDocument {
  readonly id: string;
  readonly name: string;
  /** MAGIAYTO of the procedure. */
  readonly componentCode: string | null;
  /** Key of the file in the portal's own file store; never a URL. */
  readonly fileReference: string;
  readonly deleted: boolean;
  readonly digitised: boolean;
  readonly reuse: ReuseOfDigitised;
  readonly fromNationalStore: boolean;
  readonly replacesResultCode: string | null;
}

export interface DossierFee {
  readonly name: string;
  /** 1 fee, 2 charge (MAPHILEPHI). */
  readonly code: string;
  readonly amountVnd: number;
  /** Code lists not found for this interface: passed through as the portal gives them. */
  readonly collectionCode: string | null;
  readonly kindCode: string | null;
}

export interface OtherAttachment {
  readonly name: string;
  readonly quantity: number;
  readonly kindCode: string;
}

export interface Supplement {
  readonly id: string;
  readonly requestedBy: string;
  readonly content: string;
  readonly requestedAt: Date;
  readonly receivedBy: string | null;
  readonly receivedInfo: string | null;
  readonly receivedAt: Date | null;
  readonly completed: boolean;
  readonly documents: readonly OtherAttachment[];
  readonly fees: readonly DossierFee[];
  readonly previousDueAt: Date | null;
  readonly newDueAt: Date | null;
}

export interface DossierResult {
  readonly id: string;
  readonly name: string;
  readonly componentCode: string | null;
  readonly fileReference: string | null;
  /** MAKETQUA of the procedure. */
  readonly resultCode: string | null;
}

/** A national database that was really consulted, and when. Never filled in by default (national-portal.md §4.5, habit 4). */
export interface ConsultedDatabase {
  readonly code: string;
  readonly consultedAt: Date;
}

/** Full content of a dossier as the portal gave it, parsed; instants are UTC. */
export interface DossierContent {
  readonly code: string;
  readonly agencyCode: string;
  readonly procedureCode: string;
  readonly procedureName: string;
  readonly fieldCode: string;
  readonly fieldName: string;
  readonly receiptNumber: string | null;
  readonly channel: Channel;
  readonly owner: DossierOwner;
  readonly subject: string;
  readonly note: string | null;
  readonly submittedAt: Date;
  readonly receivedAt: Date;
  readonly dueAt: Date | null;
  readonly status: DossierStatus;
  readonly returnedAt: Date | null;
  readonly returnInfo: string | null;
  readonly returnMethod: ReturnMethod;
  readonly finishedAt: Date | null;
  readonly refusedAt: Date | null;
  readonly processingUnit: string;
  readonly submissionPlace: SubmissionPlace;
  readonly hasDigitisedComponents: boolean;
  readonly ownerVerifiedByVneid: boolean;
  readonly onlinePayment: OnlinePayment;
  readonly consultedDatabases: readonly ConsultedDatabase[];
  readonly documents: readonly DossierDocument[];
  readonly fees: readonly DossierFee[];
  readonly otherAttachments: readonly OtherAttachment[];
  readonly supplements: readonly Supplement[];
  readonly results: readonly DossierResult[];
}

export interface DossierStep {
  /** Our id of the step (decimal string), the key of our own ledger; the wire has none. */
  readonly id: string;
  readonly dossierCode: string;
  readonly officialName: string;
  readonly officialTitle: string | null;
  readonly department: string | null;
  readonly processedAt: Date;
  readonly content: string;
  readonly status: DossierStatus;
  readonly startedAt: Date | null;
  readonly dueAt: Date | null;
}

/** What is known of a row at the national portal. */
export type NationalState = 'PENDING' | 'ACKNOWLEDGED' | 'REJECTED';
