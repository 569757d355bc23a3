import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { PROCEDURE_DATABASE } from '../../adapters/registry.js';
import type { ProcedureDatabaseSandboxOptions } from '../../adapters/procedure-database/sandbox.js';
import { HASTY_MS } from './hasty.js';
import type { Contestant, ProcedureControl } from './procedure-database-port.suite.js';
import { controlOf } from './sandbox-control.js';

const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface SandboxState {
  readonly counters: Readonly<Record<string, number>>;
  readonly totals: { readonly public: number; readonly unpublished: number; readonly withdrawn: number };
}

const procedureControl = (url: string): ProcedureControl => {
  const { misbehave, post, get } = controlOf(url);
  return {
    misbehave, post,
    counters: async () => (await get<SandboxState>('state')).counters,
    totals: async () => (await get<SandboxState>('state')).totals,
  };
};

/** Adapter and sandbox over loopback. */
export const startProcedureDatabase = async (
  wire: 'g1' | 'g2' | 'g3', options: { readonly sandbox?: ProcedureDatabaseSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Contestant> => {
  const sandbox = await PROCEDURE_DATABASE.startSandbox(options.sandbox);
  const circuits = new CircuitBoard({ consecutiveFailures: 1000, volumeThreshold: 1000 });
  const partyWith = (deadlines: Readonly<Record<string, string>>): ReturnType<typeof PROCEDURE_DATABASE.create> => {
    const read = PROCEDURE_DATABASE.settings.read({ ...sandbox.environment, PROCEDURE_DATABASE_WIRE: wire, ...deadlines, ...options.env });
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return PROCEDURE_DATABASE.create(read.settings, { circuits, logger: SILENT_LOGGER });
  };
  const [party, hasty] = [partyWith({}), partyWith({ PROCEDURE_DATABASE_DEADLINE_MS: HASTY_MS })];
  if (party.database === null || hasty.database === null) throw new Error('the wire is off');
  return {
    database: party.database, hasty: hasty.database,
    probe: () => party.probe(),
    control: procedureControl(sandbox.url),
    close: async () => {
      await party.close();
      await hasty.close();
      circuits.close();
      await sandbox.close();
    },
  };
};
