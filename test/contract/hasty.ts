import { PartyError } from '../../src/errors/party-error.js';
import { eventually } from '../support/eventually.js';

/** Deadline of an adapter that is there to be kept waiting; nothing else is asked through it. All others have the deadlines of production, which a busy machine keeps. */
export const HASTY_MS = '300';

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
