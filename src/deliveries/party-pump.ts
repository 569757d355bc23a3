import type { Logger } from 'pino';
import type { Circuits } from './circuit-port.js';
import type { LeasedDelivery } from './delivery.js';
import type { DeliveryOperation } from './delivery-operation.js';
import type { AttemptRunner, LoadedContent } from './attempt-runner.js';
import type { DeliveryStore } from './delivery-store.js';
import type { PartyStore } from './party-store.js';
import type { SettlementBatcher } from './settlement-batcher.js';

export interface PumpSettings {
  /** Deliveries that this process keeps in flight at once for the party (the party's own limit holds over all processes). */
  readonly window: number;
  /** Length of a lease; extended while a call runs, so it bounds only how long a dead worker's work stays leased. */
  readonly leaseMs: number;
}

export interface PumpDeps {
  readonly party: string;
  readonly operations: readonly DeliveryOperation[];
  readonly deliveries: DeliveryStore;
  readonly parties: PartyStore;
  readonly batcher: SettlementBatcher;
  readonly runner: AttemptRunner;
  readonly circuits: Circuits;
  readonly logger: Logger;
  readonly settings: PumpSettings;
  /** Called when a full window was leased: there may be work for other workers too. */
  readonly onBacklog: () => void;
  readonly onRefusedCredentials: (party: string, code: string) => Promise<void>;
}

interface InFlight {
  readonly delivery: LeasedDelivery;
  leaseEndsAt: number;
  /** True once the call is over: what remains is to write its outcome. */
  isSettling: boolean;
}

/** Share of a lease after which it is extended, and after which nothing new may be sent under it. */
const EXTEND_AFTER = 0.4;
const SEND_BEFORE = 0.8;
/** With less than half of the window free, this much later the free part is filled all the same. */
const REFILL_AFTER_MS = 20;
/** Outcomes that may wait to be written, in windows: beyond it the database is the bottleneck, and more calls would only pile up. */
const MAX_SETTLING_WINDOWS = 4;
/** Other workers are told of a backlog so often at most; each ring costs a job. */
const BACKLOG_RING_MS = 250;

/**
 * Drains one party in this process: leases heads of lanes in batches, sends them in parallel, settles them in batches, and goes
 * on until nothing is due. Waking a pump that runs already only makes it look once more before it stops.
 */
export class PartyPump {
  readonly #deps: PumpDeps;
  readonly #byName: ReadonlyMap<string, DeliveryOperation>;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #stop = new AbortController();
  readonly #ask: readonly string[];
  #calling = 0;
  #toldAt = -Infinity;
  #draining: Promise<void> | null = null;
  #again = false;
  #closing = false;
  #wake: (() => void) | null = null;
  /** Monotonic time of the last completed look for work; health is read from it. */
  lastLookAt = performance.now();

  constructor(deps: PumpDeps) {
    this.#deps = deps;
    this.#byName = new Map(deps.operations.map((operation) => [operation.name, operation]));
    this.#ask = deps.operations.filter((operation) => operation.whenUnknown.act === 'ask').map((operation) => operation.name);
  }

  /** Starts a drain, or lets the running one look again. Returns the drain. */
  wake(): Promise<void> {
    this.#again = true;
    this.#signalProgress();
    if (this.#closing) return Promise.resolve();
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  inFlightCount(): number {
    return this.#inFlight.size;
  }

  /** Takes no more work, waits for what is in flight, and after `graceMs` cuts it off (its outcome is then unknown). */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#signalProgress();
    const cut = setTimeout(() => this.#stop.abort(new Error('worker is stopping')), graceMs);
    await this.#draining?.catch(() => undefined);
    clearTimeout(cut);
  }

  /** Extends the leases of calls that take long; called by a timer of the worker. */
  async extendLeases(): Promise<void> {
    const now = performance.now();
    const { leaseMs } = this.#deps.settings;
    const slow = [...this.#inFlight.values()].filter((entry) => entry.leaseEndsAt - now < leaseMs * (1 - EXTEND_AFTER));
    if (slow.length === 0) return;
    await this.#deps.deliveries.extendLeases(slow.map((entry) => entry.delivery.id), slow.map((entry) => entry.delivery.leaseToken), leaseMs);
    for (const entry of slow) entry.leaseEndsAt = now + leaseMs;
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#closing) {
        const waitMs = this.#refillWaitMs();
        if (waitMs > 0) {
          await this.#progress(waitMs);
          continue;
        }
        this.#again = false;
        const taken = await this.#take(this.#deps.settings.window - this.#calling);
        if (taken > 0) continue;
        if (this.#inFlight.size === 0 && !this.#again) break;
        if (!this.#again) await this.#progress(Infinity);
      }
    } finally {
      while (this.#inFlight.size > 0) await this.#progress(Infinity);
    }
  }

  /** How long to wait before leasing again: leases stay few and large, yet hung calls must not keep the other slots idle. */
  #refillWaitMs(): number {
    const { window } = this.#deps.settings;
    const free = window - this.#calling;
    if (free === 0 || this.#inFlight.size - this.#calling > window * MAX_SETTLING_WINDOWS) return Infinity;
    if (free === window || free >= window / 2) return 0;
    return Math.max(0, this.lastLookAt + REFILL_AFTER_MS - performance.now());
  }

  async #take(free: number): Promise<number> {
    const { party, circuits, deliveries, settings } = this.#deps;
    const permits = this.#deps.operations.map((operation) => ({ name: operation.name, permit: circuits.permits(party, operation.name) }));
    const blocked = permits.filter((entry) => entry.permit === 'none').map((entry) => entry.name);
    const probing = permits.some((entry) => entry.permit === 'one');
    const startedAt = performance.now();
    const settling = [...this.#inFlight.values()].filter((entry) => entry.isSettling).map((entry) => entry.delivery.id);
    const leased = await deliveries.lease({ party, limit: probing ? 1 : free, leaseMs: settings.leaseMs, ask: this.#ask, blocked, settling });
    this.lastLookAt = performance.now();
    if (leased.length === 0) return 0;
    for (const delivery of leased) this.#inFlight.set(delivery.id, { delivery, leaseEndsAt: startedAt + settings.leaseMs, isSettling: false });
    this.#calling += leased.length;
    if (leased.length === free && startedAt - this.#toldAt > BACKLOG_RING_MS) {
      this.#toldAt = startedAt;
      this.#deps.onBacklog();
    }
    await this.#start(leased);
    return leased.length;
  }

  async #start(leased: readonly LeasedDelivery[]): Promise<void> {
    const byOperation = new Map<string, LeasedDelivery[]>();
    for (const delivery of leased) {
      const list = byOperation.get(delivery.operation);
      if (list === undefined) byOperation.set(delivery.operation, [delivery]);
      else list.push(delivery);
    }
    await Promise.all([...byOperation].map(async ([name, deliveries]) => {
      const operation = this.#byName.get(name);
      const contents = operation === undefined ? new Map<string, unknown>() : await this.#load(operation, deliveries);
      for (const delivery of deliveries) void this.#run(delivery, operation, contents);
    }));
  }

  async #load(operation: DeliveryOperation, deliveries: readonly LeasedDelivery[]): Promise<ReadonlyMap<string, unknown> | null> {
    try {
      return await operation.load(deliveries);
    } catch (error) {
      this.#deps.logger.error({ err: error, party: operation.party, operation: operation.name }, 'content of deliveries could not be read');
      return null;
    }
  }

  async #run(delivery: LeasedDelivery, operation: DeliveryOperation | undefined, contents: ReadonlyMap<string, unknown> | null): Promise<void> {
    try {
      const entry = this.#inFlight.get(delivery.id);
      // Without content (the database failed) or with a lease that is nearly over, nothing may be sent: expiry gives it back.
      if (operation === undefined || contents === null || entry === undefined || !this.#mayStillSend(entry)) {
        this.#deps.logger.warn({ deliveryId: delivery.id, operation: delivery.operation }, 'delivery was leased but not sent');
        return;
      }
      const { decision, outcome } = await this.#deps.runner.run(delivery, operation, { loaded: asLoaded(contents.get(delivery.id)), signal: this.#stop.signal });
      this.#endCall(entry);
      if (decision.holdMs > 0) await this.#deps.parties.hold(delivery.party, decision.holdMs, decision.reason ?? 'rate-limited');
      if (decision.pause) await this.#deps.onRefusedCredentials(delivery.party, decision.reason ?? 'refused-credentials');
      await this.#deps.batcher.add(outcome);
    } catch (error) {
      this.#deps.logger.error({ err: error, deliveryId: delivery.id }, 'delivery was left to lease expiry');
    } finally {
      this.#endCall(this.#inFlight.get(delivery.id));
      this.#inFlight.delete(delivery.id);
      this.#signalProgress();
    }
  }

  /** The call is over: its place is free for another while its outcome is written. */
  #endCall(entry: InFlight | undefined): void {
    if (entry === undefined || entry.isSettling) return;
    entry.isSettling = true;
    this.#calling -= 1;
    this.#signalProgress();
  }

  #mayStillSend(entry: InFlight): boolean {
    return entry.leaseEndsAt - performance.now() > this.#deps.settings.leaseMs * (1 - SEND_BEFORE);
  }

  /** Resolves when a delivery has left the window, somebody woke the pump, or the time is over. */
  #progress(atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(atMostMs) ? setTimeout(() => this.#signalProgress(), atMostMs) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #signalProgress(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

function asLoaded(content: unknown): LoadedContent {
  if (content === undefined) return { unsendable: 'content-missing' };
  if (typeof content === 'object' && content !== null && 'unsendable' in content) return content as LoadedContent;
  return { content };
}
