import { UnavailableError } from '../errors/gateway-error.js';
import { PartyError } from '../errors/party-error.js';
import type { PartyCall } from '../deliveries/party-call.js';
import type { SharedListEntry, SharedListPort } from './dossier-registry-port.js';

/** A person waits for the list; the adapter's own deadline is made for deliveries. */
const READ_TIMEOUT_MS = 20_000;

interface CallIdentity {
  readonly correlationId: string;
  readonly traceparent: string | null;
}

/** Reads the national code lists through. They change rarely and are asked for rarely: nothing is kept. */
export class SharedListService {
  readonly #lists: SharedListPort;

  constructor(lists: SharedListPort) {
    this.#lists = lists;
  }

  agencies(identity: CallIdentity): Promise<readonly SharedListEntry[]> {
    return this.#read(identity, (call) => this.#lists.listAgencies(call));
  }

  fields(identity: CallIdentity): Promise<readonly SharedListEntry[]> {
    return this.#read(identity, (call) => this.#lists.listFields(call));
  }

  async #read(identity: CallIdentity, read: (call: PartyCall) => Promise<readonly SharedListEntry[]>): Promise<readonly SharedListEntry[]> {
    const { correlationId, traceparent } = identity;
    try {
      return await read({ correlationId, traceparent, signal: AbortSignal.timeout(READ_TIMEOUT_MS), journal: () => undefined });
    } catch (error) {
      throw error instanceof PartyError ? new UnavailableError({ cause: error }) : error;
    }
  }
}
