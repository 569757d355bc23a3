import type { Logger } from 'pino';
import { NATIONAL_PORTAL, PARTIES, PROCEDURE_DATABASE, VNPT_RECEIPT } from '../../adapters/registry.js';
import type { NationalPortalSettings } from '../../adapters/national-portal/config.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { findPostgresCarrierProblems } from '../../queues/runtime/postgres-carrier.js';
import { findRedisProblems } from '../../queues/runtime/redis-checks.js';
import type { ProbeResult, Sandbox, SandboxOptions, Servers } from '../commands/composition.js';
import type { Config } from '../config.js';
import { findDatabaseProblems } from '../store/start-checks.js';
import { BANK_ENTRIES } from './bank-parties.js';
import { PAYMENT_ENTRIES } from './payment-parties.js';
import { POSTAL_ENTRIES } from './postal.js';
import { openProcedureDatabase } from './procedure-work.js';
import { connectReceipts } from './receipts.js';

export const portalSettingsOf = (config: Config): NationalPortalSettings => config.parties.get(NATIONAL_PORTAL.party) as NationalPortalSettings;

export const findServerProblems = async ({ databaseUrl, redis }: Servers): Promise<readonly string[]> => {
  const checks: Promise<readonly string[]>[] = [];
  if (databaseUrl !== null) checks.push(findDatabaseProblems(databaseUrl));
  if (redis !== null) checks.push(findRedisProblems(redis));
  else if (databaseUrl !== null) checks.push(findPostgresCarrierProblems(databaseUrl));
  return (await Promise.all(checks)).flat();
};

const findParty = (name: string): (typeof PARTIES)[number] => {
  const party = PARTIES.find((entry) => entry.party === name);
  if (party === undefined) throw new Error(`There is no party ${name}; known are: ${PARTIES.map((entry) => entry.party).join(', ')}`);
  return party;
};

export const startSandbox = async (name: string, options: SandboxOptions): Promise<Sandbox> => {
  const entry = findParty(name);
  const sandbox = await entry.startSandbox(options);
  return { party: entry.party, url: sandbox.url, environment: sandbox.environment, close: () => sandbox.close() };
};

/** Asks each party whether it lets us in. */
export const probeParties = async (config: Config, logger: Logger): Promise<readonly ProbeResult[]> => {
  const circuits = new CircuitBoard();
  const parties = [
    { party: NATIONAL_PORTAL.party, connection: NATIONAL_PORTAL.create(portalSettingsOf(config), { circuits, logger }) },
    { party: PROCEDURE_DATABASE.party, connection: openProcedureDatabase(config, { circuits, logger }) },
    { party: VNPT_RECEIPT.party, connection: connectReceipts(config, { circuits, logger }) },
    ...[...PAYMENT_ENTRIES, ...BANK_ENTRIES, ...POSTAL_ENTRIES].map((entry) => ({ party: entry.party, connection: entry.open(config.parties.get(entry.party), { circuits, logger }) })),
  ];
  const results = await Promise.all(parties.map(async ({ party, connection }) => ({ party, ...(await connection.probe()) })));
  await Promise.all(parties.map(({ connection }) => connection.close()));
  circuits.close();
  return results;
};
