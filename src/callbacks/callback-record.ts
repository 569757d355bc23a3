/** A message as people see it: without its content. */
export interface CallbackRecord {
  /** Decimal bigint. */
  readonly id: string;
  readonly party: string;
  readonly kind: string;
  readonly uniqueKey: string;
  readonly state: 'received' | 'applied' | 'refused' | 'conflict';
  readonly dossierCode: string | null;
  readonly verifiedBy: string;
  readonly receivedAt: Date;
  readonly partyAt: Date | null;
  readonly settledAt: Date | null;
  readonly failures: number;
  readonly dueAt: Date;
}

export interface CallbackFilter {
  readonly party: string | null;
  readonly state: CallbackRecord['state'] | null;
  readonly dossierCode: string | null;
}
