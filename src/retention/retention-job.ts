import { recordOperatorAction } from '../deliveries/party-store.js';
import { DOSSIER_STATUS_MOVES, DOSSIER_STATUSES } from '../dossiers/dossier.js';
import type { DossierErasure } from '../dossiers/dossier-erasure.js';
import type { Database } from '../store/database.js';
import type { ExpiringKind, RetentionStore } from './retention-store.js';

export interface RetentionPolicy {
  readonly evidenceBodyKeepDays: number;
  /** Null: personal fields of dossiers are kept until somebody asks for their erasure. */
  readonly dossierKeepDays: number | null;
  readonly callbackBodyKeepDays: number;
  readonly loginEventKeepDays: number;
  readonly accessAttemptKeepDays: number;
}

export interface RetentionJobDeps {
  readonly database: Database;
  readonly store: RetentionStore;
  readonly erasure: DossierErasure;
  readonly policy: RetentionPolicy;
}

/** One transaction each; short enough that nobody waits for it. */
const BODY_BATCH = 1_000;
const DOSSIER_BATCH = 50;
const FINAL_STATUSES = DOSSIER_STATUSES.filter((status) => DOSSIER_STATUS_MOVES[status].length === 0);

/** Deletes what the policy no longer keeps; a legal hold stops it. Each gives how many it removed. */
export class RetentionJob {
  readonly #deps: RetentionJobDeps;

  constructor(deps: RetentionJobDeps) {
    this.#deps = deps;
  }

  expireBodies(): Promise<number> {
    return this.#expire('evidence-bodies', this.#deps.policy.evidenceBodyKeepDays);
  }

  /** Of messages that parties sent and that were applied, refused or kept as conflicts; digest and answer stay, so that a repeat is still known. */
  expireCallbackBodies(): Promise<number> {
    return this.#expire('callback-bodies', this.#deps.policy.callbackBodyKeepDays);
  }

  expireLoginEvents(): Promise<number> {
    return this.#expire('login-events', this.#deps.policy.loginEventKeepDays);
  }

  expireAccessAttempts(): Promise<number> {
    return this.#expire('access-attempts', this.#deps.policy.accessAttemptKeepDays);
  }

  async expireDossiers(): Promise<number> {
    const { database, store, policy } = this.#deps;
    if (policy.dossierKeepDays === null) return 0;
    for (let total = 0; ;) {
      const codes = await store.expiredDossiers(database, { keepDays: policy.dossierKeepDays, finalStatuses: FINAL_STATUSES, limit: DOSSIER_BATCH });
      const erased = codes.length === 0 ? 0 : await this.#erase(codes);
      total += erased;
      if (erased < DOSSIER_BATCH) return total;
    }
  }

  async #expire(kind: ExpiringKind, keepDays: number): Promise<number> {
    const { database, store } = this.#deps;
    for (let total = 0; ;) {
      const count = await store.expire(database, kind, { keepDays, limit: BODY_BATCH });
      total += count;
      if (count < BODY_BATCH) return total;
    }
  }

  #erase(codes: readonly string[]): Promise<number> {
    const { database, erasure } = this.#deps;
    return database.transaction(async (client) => {
      const refused = new Set((await erasure.lock(client, codes)).map(({ code }) => code));
      const free = codes.filter((code) => !refused.has(code));
      await erasure.erase(client, free, 'retention');
      for (const code of free) {
        await recordOperatorAction(client, { actor: 'gateway', role: 'gateway', action: 'expire-personal-data', target: `dossier/${code}`, reason: null, detail: { dossier: code } });
      }
      return free.length;
    });
  }
}
