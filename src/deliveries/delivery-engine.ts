import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../store/database.js';
import { AttemptRunner } from './attempt-runner.js';
import type { AttemptRunnerDeps } from './attempt-runner.js';
import type { Bell } from './bell-port.js';
import type { Circuits } from './circuit-port.js';
import { CircuitStore } from './circuit-store.js';
import type { DeliveryOperation } from './delivery-operation.js';
import { DeliveryStore } from './delivery-store.js';
import type { ExpiryRules } from './delivery-store.js';
import { PartyPump } from './party-pump.js';
import { PartyStore, recordOperatorAction } from './party-store.js';
import type { PartyLimits } from './party-store.js';
import { DEFAULT_BACKOFF } from './retry-policy.js';
import type { Backoff } from './retry-policy.js';
import { SettlementBatcher, operationKey } from './settlement-batcher.js';
import { WorkerStore } from './worker-store.js';

export interface EngineSettings {
  /** Identifies this worker process among all. */
  readonly processId: string;
  readonly leaseMs: number;
  readonly sweepMs: number;
  /** Readiness fails when due work is older than this and this process has not looked for work for as long. */
  readonly stalledAfterMs: number;
  /** Journal rows of finished deliveries are kept for so many days. */
  readonly journalKeepDays: number;
  readonly backoff?: Backoff;
}

export interface EngineDeps {
  readonly database: Database;
  readonly operations: readonly DeliveryOperation[];
  readonly parties: readonly PartyLimits[];
  readonly circuits: Circuits;
  readonly bell: Bell;
  readonly logger: Logger;
  readonly settings: EngineSettings;
  readonly attempts: Pick<AttemptRunnerDeps, 'inSpan' | 'observe'>;
}

/** Overdue heads and old journal rows are looked for this often; nobody waits for either. */
const HOUSEKEEPING_MS = 60_000;
const PRUNE_BATCH = 5_000;

export interface Readiness {
  readonly ready: boolean;
  readonly detail: Record<string, unknown>;
}

/** The worker's side of the outbox: one pump a party, and the sweeper that keeps all promises of the rows. */
export class DeliveryEngine {
  readonly #deps: EngineDeps;
  readonly #deliveries: DeliveryStore;
  readonly #parties: PartyStore;
  readonly #circuitStore: CircuitStore;
  readonly #workers: WorkerStore;
  readonly #batcher: SettlementBatcher;
  readonly #pumps: ReadonlyMap<string, PartyPump>;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #periodic = new Set<Promise<unknown>>();
  readonly #forced = new Set<string>();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#deliveries = new DeliveryStore(deps.database);
    this.#parties = new PartyStore(deps.database);
    this.#circuitStore = new CircuitStore(deps.database);
    this.#workers = new WorkerStore(deps.database);
    this.#batcher = new SettlementBatcher({
      database: deps.database, store: this.#deliveries, logger: deps.logger,
      operations: new Map(deps.operations.map((operation) => [operationKey(operation.party, operation.name), operation])),
    });
    const runner = new AttemptRunner({ logger: deps.logger, random: Math.random, backoff: deps.settings.backoff ?? DEFAULT_BACKOFF, ...deps.attempts });
    this.#pumps = new Map(deps.parties.map((limits) => [limits.party, this.#createPump(limits, runner)]));
  }

  async start(): Promise<void> {
    for (const limits of this.#deps.parties) await this.#parties.declare(limits);
    await this.#workers.beat(this.#deps.settings.processId);
    await this.#syncCircuits();
    this.#every(this.#deps.settings.sweepMs, 'sweep', () => this.sweep());
    this.#every(this.#deps.settings.sweepMs, 'circuits', () => this.#syncCircuits());
    this.#every(Math.max(100, this.#deps.settings.leaseMs / 5), 'leases', () => this.#extendLeases());
    this.#every(HOUSEKEEPING_MS, 'housekeeping', () => this.#housekeep());
    await this.sweep();
  }

  /** There may be work for the party. Unknown parties (of a newer release) are somebody else's. */
  wake(party: string): void {
    this.#pumps.get(party)?.wake().catch((error: unknown) => {
      // The database was away: the sweeper wakes the pump again.
      this.#deps.logger.error({ err: error, party }, 'drain ended early');
    });
  }

  /** Frees what dead workers held and wakes the pumps that have due work, whatever became of the carrier. */
  async sweep(): Promise<void> {
    await this.#workers.beat(this.#deps.settings.processId);
    for (const [party] of this.#pumps) {
      const expired = await this.#deliveries.expireLeases(party, this.#expiryRules(party));
      if (expired > 0) this.#deps.logger.warn({ party, expired }, 'leases expired');
    }
    for (const { party } of await this.#deliveries.partiesWithDueWork()) this.wake(party);
  }

  /** Ready while due work is being taken: an old due delivery, and a pump that has stopped looking, is a wedge. */
  async readiness(): Promise<Readiness> {
    const { stalledAfterMs, processId } = this.#deps.settings;
    const due = await this.#deliveries.partiesWithDueWork();
    const stalled = due.filter(({ party, oldestSeconds }) => {
      const pump = this.#pumps.get(party);
      return pump !== undefined && oldestSeconds * 1000 > stalledAfterMs && performance.now() - pump.lastLookAt > stalledAfterMs;
    });
    return {
      ready: stalled.length === 0,
      detail: { processId, inFlight: Object.fromEntries([...this.#pumps].map(([party, pump]) => [party, pump.inFlightCount()])), due, stalled: stalled.map((entry) => entry.party) },
    };
  }

  /** Stops leasing, lets calls in flight end within `graceMs`, settles what is known and leaves nothing leased. */
  async close(graceMs: number): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const keepLeases = setInterval(() => void this.#extendLeases().catch(() => undefined), this.#deps.settings.leaseMs / 5);
    const abandon = setTimeout(() => this.#batcher.abandon(), graceMs + 2_000);
    await Promise.all([...this.#pumps.values()].map((pump) => pump.close(graceMs)));
    await Promise.race([Promise.all(this.#periodic), pause(graceMs, undefined, { ref: false })]);
    clearInterval(keepLeases);
    clearTimeout(abandon);
    await this.#workers.leave(this.#deps.settings.processId).catch(() => undefined);
  }

  #createPump(limits: PartyLimits, runner: AttemptRunner): PartyPump {
    const { party } = limits;
    return new PartyPump({
      party, runner, operations: this.#deps.operations.filter((operation) => operation.party === party),
      deliveries: this.#deliveries, parties: this.#parties, batcher: this.#batcher, circuits: this.#deps.circuits, logger: this.#deps.logger,
      settings: { window: limits.concurrency, leaseMs: this.#deps.settings.leaseMs },
      onBacklog: () => this.#deps.bell.ring(party),
      onRefusedCredentials: (refused, code) => this.#pauseForCredentials(refused, code),
    });
  }

  #expiryRules(party: string): ExpiryRules {
    const rules: Record<string, ExpiryRules[string]> = {};
    for (const operation of this.#deps.operations) {
      if (operation.party !== party) continue;
      if (operation.effect === 'read') rules[operation.name] = { to: 'due', delayMs: 0 };
      else if (operation.whenUnknown.act === 'park') rules[operation.name] = { to: 'parked', delayMs: 0 };
      else rules[operation.name] = { to: 'unknown', delayMs: operation.whenUnknown.afterMs };
    }
    return rules;
  }

  async #pauseForCredentials(party: string, code: string): Promise<void> {
    await this.#deps.database.transaction(async (client) => {
      const paused = await this.#parties.pause(client, party, { actor: 'gateway', reason: `credentials refused: ${code}` });
      if (!paused) return;
      await recordOperatorAction(client, { actor: 'gateway', role: 'system', action: 'pause-party', target: party, reason: code });
      this.#deps.logger.error({ party, code }, 'party paused: credentials refused');
    });
  }

  async #syncCircuits(): Promise<void> {
    const overrides = await this.#circuitStore.overrides();
    const wanted = new Set(overrides.map((override) => operationKey(override.party, override.operation)));
    for (const override of overrides) {
      this.#deps.circuits.force(override.party, override.operation, override.position);
      this.#forced.add(operationKey(override.party, override.operation));
    }
    for (const key of [...this.#forced]) {
      if (wanted.has(key)) continue;
      const [party = '', operation = ''] = key.split('/');
      this.#deps.circuits.force(party, operation, null);
      this.#forced.delete(key);
    }
    await this.#circuitStore.report(this.#deps.settings.processId, this.#deps.circuits.states());
  }

  async #extendLeases(): Promise<void> {
    for (const pump of this.#pumps.values()) await pump.extendLeases();
  }

  async #housekeep(): Promise<void> {
    for (const [party] of this.#pumps) {
      const parked = await this.#deliveries.parkOverdue(party);
      if (parked > 0) this.#deps.logger.warn({ party, parked }, 'deliveries past their age limit were parked');
    }
    await this.#deliveries.pruneAttempts(this.#deps.settings.journalKeepDays, PRUNE_BATCH);
    await this.#circuitStore.forgetSilent();
  }

  /** Runs a task again and again, never twice at once; a failure is logged and the next turn tries again. */
  #every(intervalMs: number, task: string, run: () => Promise<unknown>): void {
    let running = false;
    const timer = setInterval(() => {
      if (running) return;
      running = true;
      const turn = run()
        .catch((error: unknown) => this.#deps.logger.error({ err: error, task }, 'periodic task failed'))
        .finally(() => {
          running = false;
          this.#periodic.delete(turn);
        });
      this.#periodic.add(turn);
    }, intervalMs);
    this.#timers.push(timer);
  }
}
