import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { EnvRead } from '../../adapters/support/env-section.js';
import { PartyError } from '../../src/errors/party-error.js';
import { eventually } from '../support/eventually.js';

/** Deadline of an adapter that is there to be kept waiting; nothing else is asked through it. All others have the deadlines of production, which a busy machine keeps. */
export const HASTY_MS = '300';

type Log = Readonly<Record<'info' | 'warn' | 'error', (fields: Readonly<Record<string, unknown>>) => void>>;

export const SILENT_LOGGER: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

type Env = Readonly<Record<string, string>>;

/** What an adapter is made of. */
interface Connection<Settings, Party> {
  readonly settings: { read(env: Env): EnvRead<Settings> };
  create(settings: Settings, deps: { readonly circuits: CircuitBoard; readonly logger: Log }): Party;
}

interface TwinsOptions {
  /** Of an adapter with these deadlines; none of the patient one. */
  readonly env: (deadlines: Env) => Env;
  /** Variables that the hasty one has at `HASTY_MS`. */
  readonly deadlines: readonly string[];
  readonly consecutiveFailures?: number | undefined;
  /** Hears the patient one. */
  readonly logger?: Log;
}

interface Twins<Party> {
  readonly party: Party;
  readonly hasty: Party;
  readonly circuits: CircuitBoard;
  close(): Promise<void>;
}

/** The adapter of a party twice, patient and hasty; breakers that open late unless told. */
export const createTwins = <Settings, Party extends { close(): Promise<void> }>(connection: Connection<Settings, Party>, options: TwinsOptions): Twins<Party> => {
  const { env, deadlines, consecutiveFailures = 1_000, logger = SILENT_LOGGER } = options;
  const circuits = new CircuitBoard({ consecutiveFailures, volumeThreshold: 1_000 });
  const partyWith = (hurry: Env, log: Log): Party => {
    const read = connection.settings.read(env(hurry));
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return connection.create(read.settings, { circuits, logger: log });
  };
  const [party, hasty] = [partyWith({}, logger), partyWith(Object.fromEntries(deadlines.map((name) => [name, HASTY_MS])), SILENT_LOGGER)];
  return {
    party, hasty, circuits,
    close: async () => {
      await party.close();
      await hasty.close();
      circuits.close();
    },
  };
};

/**
 * Asks through a hasty adapter until it is answered in time, so that it has a session and an open connection: what is asked next is sent at
 * once, and all its time goes by while it waits for the answer.
 */
export const warmed = async <Port>(port: Port, ask: (port: Port) => Promise<unknown>): Promise<Port> => {
  await eventually('a hasty call that is answered', () => ask(port).then(() => true, (error: unknown) => {
    if (!(error instanceof PartyError)) throw error;
    return false;
  }));
  return port;
};
