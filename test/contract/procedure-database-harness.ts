import { PROCEDURE_DATABASE } from '../../adapters/registry.js';
import type { ProcedureDatabaseSandboxOptions } from '../../adapters/procedure-database/sandbox.js';
import { createTwins } from './hasty.js';
import type { Contestant, ProcedureControl } from './procedure-database-port.suite.js';
import { controlOf } from './sandbox-control.js';

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
  const twins = createTwins(PROCEDURE_DATABASE, { env: (deadlines) => ({ ...sandbox.environment, PROCEDURE_DATABASE_WIRE: wire, ...deadlines, ...options.env }), deadlines: ['PROCEDURE_DATABASE_DEADLINE_MS'] });
  const { party, hasty } = twins;
  if (party.database === null || hasty.database === null) throw new Error('the wire is off');
  return {
    database: party.database, hasty: hasty.database,
    probe: () => party.probe(),
    control: procedureControl(sandbox.url),
    close: async () => {
      await twins.close();
      await sandbox.close();
    },
  };
};
