import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** From a cache hit to a party's longest deadline. */
const ATTEMPT_BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

const createInstruments = (registry: Registry) => {
  const registers = [registry];
  return {
    deliveriesSettled: new Counter({ name: 'onestop_deliveries_settled_total', help: 'Attempts that ended, by outcome', labelNames: ['party', 'operation', 'outcome'] as const, registers }),
    attemptSeconds: new Histogram({ name: 'onestop_attempt_seconds', help: 'Time of one attempt at the party', labelNames: ['party', 'operation', 'outcome'] as const, buckets: ATTEMPT_BUCKETS_SECONDS, registers }),
    deliveriesOpen: new Gauge({ name: 'onestop_deliveries_open', help: 'Deliveries that are not finished, by state', labelNames: ['party', 'state'] as const, registers }),
    oldestDueSeconds: new Gauge({ name: 'onestop_oldest_due_seconds', help: 'Age of the oldest delivery that is due', labelNames: ['party'] as const, registers }),
    circuitPosition: new Gauge({ name: 'onestop_circuit_position', help: '0 closed, 1 half-open, 2 open', labelNames: ['party', 'operation'] as const, registers }),
    evidenceLagSeconds: new Gauge({ name: 'onestop_evidence_lag_seconds', help: 'Age of the oldest evidence that no block holds', registers }),
    evidenceHeadsWithoutStamp: new Gauge({ name: 'onestop_evidence_heads_without_stamp', help: 'Signed heads that no time-stamping authority has stamped yet; 0 where none is configured', registers }),
    proceduresMatched: new Gauge({ name: 'onestop_procedures_matched_ratio', help: 'Share of local procedure codes that match the national database, 0 to 1, of the latest run of this worker', registers }),
    proceduresLost: new Counter({ name: 'onestop_procedures_lost_total', help: 'Local procedures that matched in a run and no longer did in the next', registers }),
    procedureSyncs: new Gauge({ name: 'onestop_procedure_syncs', help: 'Syncs of national procedures so far, by kind and state', labelNames: ['kind', 'state'] as const, registers }),
    procedureSyncRecords: new Counter({ name: 'onestop_procedure_sync_records_total', help: 'Records of all syncs, by what became of them', labelNames: ['kind', 'outcome'] as const, registers }),
    procedureSyncAgeSeconds: new Gauge({ name: 'onestop_procedure_sync_age_seconds', help: 'Time since the last complete sync of the kind ended; absent while there was none', labelNames: ['kind'] as const, registers }),
    callbacks: new Counter({ name: 'onestop_callbacks_total', help: 'What parties sent us, by what became of it and which key vouched for it', labelNames: ['party', 'kind', 'outcome', 'verified_by'] as const, registers }),
    questions: new Counter({ name: 'onestop_questions_total', help: 'What parties asked us, by what became of it and which key vouched for it', labelNames: ['party', 'kind', 'outcome', 'verified_by'] as const, registers }),
    questionSeconds: new Histogram({ name: 'onestop_question_seconds', help: 'Time from a question of a party to our answer', labelNames: ['party', 'kind'] as const, buckets: REQUEST_BUCKETS_SECONDS, registers }),
    callbacksWaitingSeconds: new Gauge({ name: 'onestop_callbacks_waiting_seconds', help: 'Age of the oldest callback that was stored and is not applied', labelNames: ['party', 'kind'] as const, registers }),
    paymentWords: new Counter({ name: 'onestop_payment_words_total', help: 'What was said of payments: moves, and words that moved nothing', labelNames: ['gateway', 'from', 'to', 'source', 'reason'] as const, registers }),
    paymentsOpen: new Gauge({ name: 'onestop_payments_open', help: 'Payments that are open, or at which a person must look', labelNames: ['gateway', 'state'] as const, registers }),
    paymentOldestSeconds: new Gauge({ name: 'onestop_payment_oldest_seconds', help: 'Time since the oldest of them came into its state', labelNames: ['gateway', 'state'] as const, registers }),
    paymentsForPersons: new Gauge({ name: 'onestop_payments_for_persons', help: 'Payments at which a person must look', registers }),
    unmatchedCredits: new Gauge({ name: 'onestop_unmatched_credits', help: 'Money that fits no payment and waits for a person', labelNames: ['party', 'reason'] as const, registers }),
    unmatchedOldestSeconds: new Gauge({ name: 'onestop_unmatched_credit_oldest_seconds', help: 'Time since we heard of the oldest of it', labelNames: ['party', 'reason'] as const, registers }),
    receipts: new Counter({ name: 'onestop_receipts_total', help: 'E-receipts, by what the issuer made of them', labelNames: ['issuer', 'outcome'] as const, registers }),
    receiptsOpen: new Gauge({ name: 'onestop_receipts_open', help: 'E-receipts that are owed, or are being cancelled', labelNames: ['issuer', 'state'] as const, registers }),
    receiptOldestSeconds: new Gauge({ name: 'onestop_receipt_oldest_seconds', help: 'Time since the oldest of them came into its state', labelNames: ['issuer', 'state'] as const, registers }),
    receiptsForPersons: new Gauge({ name: 'onestop_receipts_for_persons', help: 'E-receipts at which a person must look', labelNames: ['issuer', 'reason'] as const, registers }),
    shipmentFacts: new Counter({ name: 'onestop_shipment_facts_total', help: 'What was heard of parcels, by where from and what became of it', labelNames: ['carrier', 'source', 'outcome'] as const, registers }),
    shipmentsOpen: new Gauge({ name: 'onestop_shipments_open', help: 'Parcels that have not come to their end', labelNames: ['carrier', 'state'] as const, registers }),
    shipmentOldestSeconds: new Gauge({ name: 'onestop_shipment_oldest_seconds', help: 'Time since the oldest of them came into its state', labelNames: ['carrier', 'state'] as const, registers }),
    shipmentsForPersons: new Gauge({ name: 'onestop_shipments_for_persons', help: 'Parcels at which a person must look', labelNames: ['carrier', 'reason'] as const, registers }),
    postalFeedAgeSeconds: new Gauge({ name: 'onestop_postal_feed_age_seconds', help: 'Time since the last good page of a carrier\'s feed; absent before the first', labelNames: ['carrier'] as const, registers }),
    postalAskLateSeconds: new Gauge({ name: 'onestop_postal_ask_late_seconds', help: 'By how much the question for a parcel that waits longest is late', registers }),
    reconciliationOpen: new Gauge({ name: 'onestop_reconciliation_differences_open', help: 'Differences between ours and the gateways\' that are not settled', registers }),
    // Without a label they would show 0 before the first check; an empty set of labels shows nothing until it is set.
    ledgerBalanced: new Gauge({ name: 'onestop_ledger_balanced', help: '1 when the last check of the ledger found nothing wrong, else 0; absent before the first', labelNames: [] as const, registers }),
    ledgerCheckAgeSeconds: new Gauge({ name: 'onestop_ledger_check_age_seconds', help: 'Time since the last check of the ledger ended; absent before the first', labelNames: [] as const, registers }),
    queueRings: new Counter({ name: 'onestop_queue_rings_total', help: 'Times that the carrier was told of work', labelNames: ['result'] as const, registers }),
    queueJobs: new Gauge({ name: 'onestop_queue_jobs', help: 'Jobs that the carrier holds', labelNames: ['queue', 'state'] as const, registers }),
    callsCountedAlone: new Counter({ name: 'onestop_calls_counted_alone_total', help: 'Calls that a process took from its own count, because the shared store of limits was away', registers }),
    graphqlSeconds: new Histogram({ name: 'onestop_graphql_seconds', help: 'Time of one GraphQL call', labelNames: ['kind', 'outcome'] as const, buckets: REQUEST_BUCKETS_SECONDS, registers }),
  };
};

export type Instruments = ReturnType<typeof createInstruments>;

/** Instruments of one process, in a registry of their own, and what to refresh before they are read. */
export interface Metrics extends Instruments {
  readonly contentType: string;
  /** Called before each reading, for gauges that are asked rather than counted; a failure of one leaves the others readable. */
  beforeRead(refresh: () => Promise<void>): void;
  read(): Promise<string>;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'onestop_' });
  const refreshes: (() => Promise<void>)[] = [];
  return {
    ...createInstruments(registry),
    contentType: registry.contentType,
    beforeRead: (refresh) => {
      refreshes.push(refresh);
    },
    read: async () => {
      await Promise.allSettled(refreshes.map((refresh) => refresh()));
      return registry.metrics();
    },
  };
};
