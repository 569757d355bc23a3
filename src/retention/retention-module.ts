import type { DossierErasure } from '../dossiers/dossier-erasure.js';
import type { HousekeepingTask } from '../housekeeping.js';
import type { Database } from '../store/database.js';
import { RetentionJob } from './retention-job.js';
import type { RetentionPolicy } from './retention-job.js';
import { createRetentionResolvers } from './retention-resolvers.js';
import { RetentionService } from './retention-service.js';
import { RetentionStore } from './retention-store.js';

export interface RetentionModuleDeps {
  readonly database: Database;
  readonly erasure: DossierErasure;
  readonly settings: RetentionPolicy & { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

export interface RetentionModule {
  readonly resolvers: ReturnType<typeof createRetentionResolvers>;
  readonly job: RetentionJob;
  /** For the worker's housekeeping. */
  readonly tasks: readonly HousekeepingTask[];
}

export const createRetentionModule = ({ database, erasure, settings }: RetentionModuleDeps): RetentionModule => {
  const store = new RetentionStore();
  const job = new RetentionJob({ database, store, erasure, policy: settings });
  return {
    resolvers: createRetentionResolvers(new RetentionService({ database, store, erasure, settings })),
    job,
    tasks: [
      { name: 'evidence-bodies', run: () => job.expireBodies() }, { name: 'personal-data', run: () => job.expireDossiers() },
      { name: 'callback-bodies', run: () => job.expireCallbackBodies() }, { name: 'login-events', run: () => job.expireLoginEvents() },
      { name: 'access-attempts', run: () => job.expireAccessAttempts() },
    ],
  };
};
