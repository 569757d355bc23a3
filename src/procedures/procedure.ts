/** Unit of a time limit. Source: DONVITINH of the national record (national-portal.md §5.1). */
export type TimeUnit = 'WORKING_DAY' | 'DAY' | 'HOUR' | 'MONTH';
export type SubmissionMethod = 'IN_PERSON' | 'ONLINE' | 'PUBLIC_POST';
/** CAPTHUCHIEN: where it is carried out. DISTRICT is of before 1/7/2025 and kept for old records. */
export type AdministrativeLevel = 'MINISTRY' | 'PROVINCE' | 'DISTRICT' | 'COMMUNE';

export interface ProcedureFee {
  /** `1` fee, `2` charge (MAPHILEPHI); other codes as the party gives them. */
  readonly code: string | null;
  /** Null: no amount could be read (a formula, a table); 0: free ("Không"). */
  readonly amountVnd: number | null;
  readonly description: string | null;
  /** The amount as written. */
  readonly original: string;
}

export interface ProcessingTime {
  /** Null when the text holds no number. */
  readonly amount: number | null;
  readonly unit: TimeUnit | null;
  readonly original: string;
  readonly description: string | null;
  readonly fees: readonly ProcedureFee[];
}

export interface ProcedureMethod {
  readonly method: SubmissionMethod;
  readonly times: readonly ProcessingTime[];
}

export interface CodedName {
  readonly code: string | null;
  readonly name: string;
}

export interface ProcedureComponent {
  /** MAGIAYTO: what a dossier's document names as its component. */
  readonly code: string | null;
  readonly name: string;
  readonly originals: number | null;
  readonly copies: number | null;
  readonly formName: string | null;
  readonly formUrl: string | null;
  /** Result of another procedure that may stand for it (MA_KQ_THAYTHE). */
  readonly replacedByResultCode: string | null;
}

export interface ComponentCase {
  readonly name: string | null;
  readonly components: readonly ProcedureComponent[];
}

export interface ProcedureStepCase {
  readonly name: string | null;
  readonly steps: readonly string[];
}

export interface ProcedureResult {
  /** MAKETQUA. */
  readonly code: string | null;
  readonly name: string;
}

export interface LegalBasis {
  readonly number: string | null;
  readonly name: string;
  readonly issuer: string | null;
  readonly issuedOn: string | null;
  readonly effectiveOn: string | null;
  readonly url: string | null;
}

/** A national procedure, parsed. Texts are NFC and still hold the party's HTML: they are sanitised on the way out, not on the way in. */
export interface NationalProcedure {
  /** National code: two segments such as `1.001193`. */
  readonly code: string;
  /** Id of the record at the party (UUID or number, as text). */
  readonly partyId: string;
  readonly name: string;
  readonly publishingAgency: CodedName | null;
  readonly kind: string | null;
  /** True while it is public (TRANGTHAI 1). */
  readonly isPublic: boolean;
  readonly decisionNumber: string | null;
  readonly decisionId: string | null;
  readonly fields: readonly CodedName[];
  readonly levels: readonly AdministrativeLevel[];
  readonly subjects: readonly CodedName[];
  readonly methods: readonly ProcedureMethod[];
  readonly steps: readonly ProcedureStepCase[];
  readonly components: readonly ComponentCase[];
  readonly results: readonly ProcedureResult[];
  readonly legalBases: readonly LegalBasis[];
  readonly executingAgencies: readonly CodedName[];
  readonly competentAgencies: readonly CodedName[];
  readonly delegatedAgencies: readonly CodedName[];
  readonly coordinatingAgencies: readonly CodedName[];
  readonly requirements: string | null;
  readonly receivingAddress: string | null;
  readonly keywords: readonly string[];
  readonly description: string | null;
  /** What could not be parsed as expected, such as `METHODS_NULL`, `AMOUNT_UNREADABLE`; codes, for the data-quality report. */
  readonly quirks: readonly string[];
}
