import type { CircuitStore } from '../deliveries/circuit-store.js';
import type { DeliveryStore } from '../deliveries/delivery-store.js';
import type { PartyStore } from '../deliveries/party-store.js';
import type { Metrics } from './metrics.js';

export interface DeliveryGaugeSources {
  readonly parties: Pick<PartyStore, 'counts'>;
  readonly deliveries: Pick<DeliveryStore, 'partiesWithDueWork'>;
  readonly circuits: Pick<CircuitStore, 'reported'>;
  readonly queueCounts: () => Promise<readonly { readonly queue: string; readonly state: string; readonly count: number }[]>;
}

const POSITION_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Gauges that are asked of database and carrier whenever metrics are read. */
export const registerDeliveryGauges = (metrics: Metrics, sources: DeliveryGaugeSources): void => {
  metrics.beforeRead(async () => {
    for (const { party, due, leased, unknown, parked } of await sources.parties.counts()) {
      for (const [state, count] of Object.entries({ due, leased, unknown, parked })) metrics.deliveriesOpen.set({ party, state }, count);
    }
  });
  metrics.beforeRead(async () => {
    metrics.oldestDueSeconds.reset();
    for (const { party, oldestSeconds } of await sources.deliveries.partiesWithDueWork()) metrics.oldestDueSeconds.set({ party }, oldestSeconds);
  });
  metrics.beforeRead(async () => {
    metrics.circuitPosition.reset();
    // Breakers are per process: the worst position of any worker is shown.
    const worst = new Map<string, { party: string; operation: string; value: number }>();
    for (const { party, operation, position } of await sources.circuits.reported()) {
      const key = `${party} ${operation}`;
      worst.set(key, { party, operation, value: Math.max(worst.get(key)?.value ?? 0, POSITION_VALUES[position]) });
    }
    for (const { party, operation, value } of worst.values()) metrics.circuitPosition.set({ party, operation }, value);
  });
  metrics.beforeRead(async () => {
    for (const { queue, state, count } of await sources.queueCounts()) metrics.queueJobs.set({ queue, state }, count);
  });
};
