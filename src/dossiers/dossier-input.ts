import type {
  Channel, DossierStatus, OnlinePayment, OwnerKind, ReturnMethod, ReuseOfDigitised, SubmissionPlace,
} from './dossier.js';

/** An optional GraphQL field: absent and null mean the same. */
type Optional<Value> = Value | null | undefined;

/** Input as GraphQL hands it over: types and enum values are checked, texts and rules are not. */
export interface OwnerInput {
  readonly kind: OwnerKind;
  readonly name: string;
  readonly idNumber: string;
  readonly technicalId?: Optional<string>;
  readonly phone?: Optional<string>;
  readonly email?: Optional<string>;
  readonly fax?: Optional<string>;
  readonly otherInfo?: Optional<string>;
}

export interface DocumentInput {
  readonly id: string;
  readonly name: string;
  readonly componentCode?: Optional<string>;
  readonly fileReference: string;
  readonly deleted: boolean;
  readonly digitised: boolean;
  readonly reuse: ReuseOfDigitised;
  readonly fromNationalStore: boolean;
  readonly replacesResultCode?: Optional<string>;
}

export interface FeeInput {
  readonly name: string;
  readonly code: string;
  readonly amountVnd: number;
  readonly collectionCode?: Optional<string>;
  readonly kindCode?: Optional<string>;
}

export interface OtherAttachmentInput {
  readonly name: string;
  readonly quantity: number;
  readonly kindCode: string;
}

export interface SupplementInput {
  readonly id: string;
  readonly requestedBy: string;
  readonly content: string;
  readonly requestedAt: Date;
  readonly receivedBy?: Optional<string>;
  readonly receivedInfo?: Optional<string>;
  readonly receivedAt?: Optional<Date>;
  readonly completed: boolean;
  readonly documents?: Optional<readonly OtherAttachmentInput[]>;
  readonly fees?: Optional<readonly FeeInput[]>;
  readonly previousDueAt?: Optional<Date>;
  readonly newDueAt?: Optional<Date>;
}

export interface ResultInput {
  readonly id: string;
  readonly name: string;
  readonly componentCode?: Optional<string>;
  readonly fileReference?: Optional<string>;
  readonly resultCode?: Optional<string>;
}

export interface StepInput {
  readonly officialName: string;
  readonly officialTitle?: Optional<string>;
  readonly department?: Optional<string>;
  readonly processedAt: Date;
  readonly content: string;
  readonly status: DossierStatus;
  readonly startedAt?: Optional<Date>;
  readonly dueAt?: Optional<Date>;
}

export interface DossierInput {
  readonly code: string;
  readonly agencyCode: string;
  readonly procedureCode: string;
  readonly procedureName: string;
  readonly fieldCode: string;
  readonly fieldName: string;
  readonly receiptNumber?: Optional<string>;
  readonly channel: Channel;
  readonly owner: OwnerInput;
  readonly subject: string;
  readonly note?: Optional<string>;
  readonly submittedAt: Date;
  readonly receivedAt: Date;
  readonly dueAt?: Optional<Date>;
  readonly status: DossierStatus;
  readonly returnedAt?: Optional<Date>;
  readonly returnInfo?: Optional<string>;
  readonly returnMethod: ReturnMethod;
  readonly finishedAt?: Optional<Date>;
  readonly refusedAt?: Optional<Date>;
  readonly processingUnit: string;
  readonly submissionPlace: SubmissionPlace;
  readonly hasDigitisedComponents: boolean;
  readonly ownerVerifiedByVneid: boolean;
  readonly onlinePayment: OnlinePayment;
  readonly consultedDatabases?: Optional<readonly { readonly code: string; readonly consultedAt: Date }[]>;
  readonly documents?: Optional<readonly DocumentInput[]>;
  readonly fees?: Optional<readonly FeeInput[]>;
  readonly otherAttachments?: Optional<readonly OtherAttachmentInput[]>;
  readonly supplements?: Optional<readonly SupplementInput[]>;
  readonly results?: Optional<readonly ResultInput[]>;
  readonly steps?: Optional<readonly StepInput[]>;
}

export interface StatusReportInput {
  readonly nationalCode: string;
  readonly dossierCode: string;
  readonly ownerTechnicalId?: Optional<string>;
  readonly status: DossierStatus;
  readonly content: string;
  readonly processedAt: Date;
  readonly documents?: Optional<readonly {
    readonly id: string;
    readonly name: string;
    readonly componentCode?: Optional<string>;
    readonly deleted: boolean;
    readonly fileReference: string;
  }[]>;
}
