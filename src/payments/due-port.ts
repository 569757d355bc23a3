import type { BeneficiaryAccount } from './payment-gateway-port.js';
import type { FeeItem, Payer } from './payment.js';

/** What a dossier's citizen has yet to pay, as the national portal or a bank asks for it. */
export interface DueBill {
  readonly dossierCode: string;
  readonly procedureCode: string;
  readonly procedureName: string;
  readonly agencyCode: string;
  readonly agencyName: string;
  readonly items: readonly FeeItem[];
  readonly totalVnd: number;
  readonly account: BeneficiaryAccount;
  readonly payer: Payer | null;
  /** The open payment that a bank's bill stands for; null where the question was for a dossier. */
  readonly reference: string | null;
}

export type DueAnswer = { readonly kind: 'due'; readonly bill: DueBill } | { readonly kind: 'nothing-due' } | { readonly kind: 'unknown' };

/** Answers from our own rows; effect class read. */
export interface DueLookup {
  dueOfDossier(dossierCode: string): Promise<DueAnswer>;
  /** By the reference of an open payment; one that was opened under another code at the party than `merchant` is unknown. */
  dueOfReference(reference: string, merchant: string | null): Promise<DueAnswer>;
}
