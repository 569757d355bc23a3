import { pino } from 'pino';
import { AttemptRunner } from '../../src/deliveries/attempt-runner.js';
import type { Circuits } from '../../src/deliveries/circuit-port.js';
import type { DeliveryOperation } from '../../src/deliveries/delivery-operation.js';
import { DeliveryStore } from '../../src/deliveries/delivery-store.js';
import { PartyPump } from '../../src/deliveries/party-pump.js';
import { PartyStore } from '../../src/deliveries/party-store.js';
import { SettlementBatcher, operationKey } from '../../src/deliveries/settlement-batcher.js';
import type { Database } from '../../src/store/database.js';
import { CLOSED_CIRCUITS, PARTY, ScriptedParty, owe } from './scripted-party.js';

export const LEASE_MS = 100_000;
/** A call that never ends by itself. */
export const HANGS = { takes: true, hear: 'accepted', delayMs: 3_600_000 } as const;

interface Given {
  readonly window?: number;
  readonly concurrency?: number;
  readonly circuits?: Circuits;
  readonly onRefusedCredentials?: (party: string, code: string) => Promise<void>;
}

/** Pumps of one scripted party on a test database, with what they log and tell others. */
export class PumpStage {
  readonly party = new ScriptedParty();
  readonly store: DeliveryStore;
  readonly logged: Record<string, unknown>[] = [];
  readonly refusals: string[] = [];
  backlogs = 0;
  readonly #database: Database;
  readonly #parties: PartyStore;
  readonly #pumps: PartyPump[] = [];

  constructor(database: Database) {
    this.#database = database;
    this.store = new DeliveryStore(database);
    this.#parties = new PartyStore(database);
  }

  async pump(operations: readonly DeliveryOperation[], given: Given = {}): Promise<PartyPump> {
    const { window = 8, concurrency = window } = given;
    await this.#parties.declare({ party: PARTY, concurrency, ratePerSecond: null });
    const logger = pino({ level: 'info' }, { write: (line: string) => void this.logged.push(JSON.parse(line) as Record<string, unknown>) });
    const pump = new PartyPump({
      party: PARTY, operations, deliveries: this.store, parties: this.#parties, logger, circuits: given.circuits ?? CLOSED_CIRCUITS,
      batcher: new SettlementBatcher({ database: this.#database, store: this.store, logger, operations: new Map(operations.map((operation) => [operationKey(PARTY, operation.name), operation])) }),
      runner: new AttemptRunner({ logger: pino({ level: 'silent' }), random: () => 0.5, backoff: { baseMs: 600_000, capMs: 600_000 }, inSpan: (_delivery, run) => run(null), observe: () => undefined }),
      settings: { window, leaseMs: LEASE_MS },
      onBacklog: () => { this.backlogs += 1; },
      onRefusedCredentials: given.onRefusedCredentials ?? ((name, code) => Promise.resolve(void this.refusals.push(`${name} ${code}`))),
    });
    this.#pumps.push(pump);
    return pump;
  }

  /** As many deliveries, each in a lane of its own. */
  async owe(count: number, lanes = 'deed', operation = lanes): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push(await owe(this.#database, `${lanes}-${String(n)}`, `${lanes}-${String(n)}`, { operation }));
    return ids;
  }

  async states(ids: readonly (string | undefined)[]): Promise<string[]> {
    return Promise.all(ids.map(async (id) => (await this.store.find(id ?? '0'))?.state ?? 'gone'));
  }

  async close(): Promise<void> {
    await Promise.all(this.#pumps.map((pump) => pump.close(0)));
  }
}
