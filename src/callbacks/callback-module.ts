import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { BoundCallback } from './callback-binding.js';
import { CallbackInbox } from './callback-inbox.js';
import type { CallbackEvidence, CallbackObservation } from './callback-inbox.js';
import { createPeerReader } from './callback-peer.js';
import type { PeerSettings } from './callback-peer.js';
import { createCallbackHandler } from './callback-route.js';
import type { CallbackHandler } from './callback-route.js';
import { CallbackStore } from './callback-store.js';
import { CallbackSweeper } from './callback-sweeper.js';
import { ClockSkew } from './clock-skew.js';

export interface CallbackModuleDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly digestKey: Buffer;
  /** One for each party and kind whose secrets are configured. */
  readonly bindings: readonly BoundCallback[];
  readonly evidence: CallbackEvidence | null;
  readonly peer: PeerSettings;
  readonly observe: (seen: CallbackObservation) => void;
  readonly logger: Logger;
}

export interface CallbackModule {
  readonly handler: CallbackHandler;
  readonly sweeper: CallbackSweeper;
  /** Deletes samples of clocks that are no longer looked at; returns how many. */
  readonly prune: () => Promise<number>;
}

/** The inbox; null where no party may call us, and then there is no route at all. */
export const createCallbackModule = (deps: CallbackModuleDeps): CallbackModule | null => {
  const { database, bindings, logger } = deps;
  if (bindings.length === 0) return null;
  const store = new CallbackStore(database);
  const skew = new ClockSkew(database);
  const inbox = new CallbackInbox({ ...deps, store, skew, now: () => new Date() });
  return {
    handler: createCallbackHandler({ bindings, inbox, peerOf: createPeerReader(deps.peer), logger }),
    sweeper: new CallbackSweeper({ bindings, inbox, store, logger }),
    prune: () => skew.prune(),
  };
};
