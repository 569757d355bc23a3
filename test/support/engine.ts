import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { DeliveryEngine } from '../../src/deliveries/delivery-engine.js';
import type { EngineDeps } from '../../src/deliveries/delivery-engine.js';
import type { Database } from '../../src/store/database.js';
import { CLOSED_CIRCUITS, PARTY } from './scripted-party.js';

const SILENT = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });

/** A real delivery engine with short times, on a test database; its leases outlive any stall of a busy machine. */
export function createTestEngine(database: Database, over: Partial<Omit<EngineDeps, 'settings'>> & Pick<EngineDeps, 'operations'> & {
  settings?: Partial<EngineDeps['settings']>; concurrency?: number; ratePerSecond?: number | null;
}): DeliveryEngine {
  const { settings, concurrency, ratePerSecond, ...deps } = over;
  return new DeliveryEngine({
    database, circuits: CLOSED_CIRCUITS, bell: { ring: () => undefined }, logger: SILENT,
    parties: [{ party: PARTY, concurrency: concurrency ?? 8, ratePerSecond: ratePerSecond ?? null }],
    attempts: { inSpan: (_delivery, run) => run(null), observe: () => undefined },
    settings: { processId: randomUUID(), leaseMs: 30_000, sweepMs: 25, stalledAfterMs: 60_000, journalKeepDays: 90, backoff: { baseMs: 20, capMs: 100 }, ...settings },
    ...deps,
  });
}
