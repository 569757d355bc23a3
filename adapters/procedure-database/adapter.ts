import type { PartyCall } from '../../src/deliveries/party-call.js';
import type { ProcedureDatabasePort } from '../../src/procedures/procedure-database-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import type { ProcedureDatabaseSettings } from './config.js';
import { G1Client } from './g1-client.js';
import { G2Client } from './g2-client.js';
import { G3Client } from './g3-client.js';
import { PARTY } from './operations.js';
import { PortalDatabase } from './portal-database.js';
import { ServiceDatabase } from './service-database.js';

export interface ProcedureDatabaseParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** How politely the party is to be asked; whoever reads many records obeys it. */
export interface Pace {
  readonly concurrency: number;
  /** Null: no limit. */
  readonly ratePerSecond: number | null;
}

/** What the composition root gets of this party. */
export interface ProcedureDatabase {
  /** Null where no procedure database is connected (PROCEDURE_DATABASE_WIRE=off). */
  readonly database: ProcedureDatabasePort | null;
  readonly pace: Pace;
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

interface Connection {
  readonly database: ProcedureDatabasePort;
  /** @throws PartyError */
  readonly check: (call: PartyCall) => Promise<string>;
  readonly close: () => Promise<void>;
}

const connect = (settings: ProcedureDatabaseSettings, circuits: CircuitBoard): Connection | null => {
  const wire = settings.PROCEDURE_DATABASE_WIRE;
  if (wire === 'off') return null;
  if (wire === 'g3') {
    const client = new G3Client(settings, circuits);
    const database = new PortalDatabase(client, settings.PROCEDURE_DATABASE_G3_PAGE_SIZE);
    // This wire has no log-in, so a small page proves that the firewall lets us through; its own cursor trail leaves a running sync alone.
    const probed = new PortalDatabase(client, 1);
    return {
      database,
      check: async (call) => `${(await probed.listProcedures(null, call)).total ?? 'some'} procedures listed over g3`,
      close: () => client.close(),
    };
  }
  const client = wire === 'g1' ? new G1Client(settings, circuits) : new G2Client(settings, circuits);
  return {
    database: new ServiceDatabase(client),
    check: async (call) => {
      await client.probe(call);
      return `logged in over ${wire}`;
    },
    close: () => client.close(),
  };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createProcedureDatabase = (settings: ProcedureDatabaseSettings, { circuits, logger }: ProcedureDatabaseParts): ProcedureDatabase => {
  const connection = connect(settings, circuits);
  logger.info({ party: PARTY, wire: settings.PROCEDURE_DATABASE_WIRE }, 'party ready');
  return {
    database: connection?.database ?? null,
    pace: { concurrency: settings.PROCEDURE_DATABASE_CONCURRENCY, ratePerSecond: settings.PROCEDURE_DATABASE_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (PROCEDURE_DATABASE_WIRE=off)' };
      return probed((call) => connection.check(call));
    },
    close: async () => { await connection?.close(); },
  };
};
