import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { BoundCallback } from '../callbacks/callback-binding.js';
import { createCallbackModule } from '../callbacks/callback-module.js';
import type { CallbackModule } from '../callbacks/callback-module.js';
import type { BoundQuestion } from '../callbacks/question-binding.js';
import type { CoreConfig } from '../config.js';
import { EvidenceLog } from '../evidence/evidence-log.js';
import type { Metrics } from '../observability/metrics.js';
import type { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';

/** How long a message that was stored and not applied can wait for a worker, beyond the time that its own call may take. */
const SWEEP_MS = 5_000;

export interface CallbackParts {
  readonly database: Database;
  readonly core: Pick<CoreConfig, 'fieldKeys' | 'fingerprintKey' | 'idempotencyHours' | 'http'>;
  readonly agencies: AgencyAccess;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** What each party may send us, with the use case that it feeds; only those whose secrets are configured. */
  readonly bindings: readonly BoundCallback[];
  /** What each party may ask us, with what answers it (bindQuestion); none by default. */
  readonly questions?: readonly BoundQuestion[];
}

/** The inbox with what it counts. Evidence of it is kept by the database, in the transaction of each change; of questions, which leave no row, by us. */
export const createCallbacks = ({ database, core, agencies, metrics, logger, bindings, questions = [] }: CallbackParts): CallbackModule => {
  const callbacks = createCallbackModule({
    database, bindings, agencies, logger, evidence: null, settings: { fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours }, cipher: new FieldCipher(core.fieldKeys), digestKey: core.fingerprintKey,
    peer: { trustedProxies: core.http.trustedProxies, certificateHeader: core.http.callbacks.certificateHeader },
    observe: ({ party, kind, outcome, verifiedBy }) => metrics.callbacks.inc({ party, kind, outcome, verified_by: verifiedBy }),
    questions: {
      bindings: questions, evidence: new EvidenceLog(),
      observe: ({ party, kind, outcome, verifiedBy, seconds }) => {
        metrics.questions.inc({ party, kind, outcome, verified_by: verifiedBy });
        metrics.questionSeconds.observe({ party, kind }, seconds);
      },
    },
  });
  metrics.beforeRead(async () => {
    metrics.callbacksWaitingSeconds.reset();
    for (const { party, kind, oldestSeconds } of await callbacks.backlog()) metrics.callbacksWaitingSeconds.set({ party, kind }, oldestSeconds ?? 0);
  });
  return callbacks;
};

/** In a worker. Returns how to stop. */
export const startCallbackWork = (callbacks: CallbackModule): (() => Promise<void>) => {
  callbacks.sweeper.start(SWEEP_MS);
  return () => callbacks.sweeper.stop();
};
