import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Caller } from '../access/caller.js';
import { InternalError } from '../errors/gateway-error.js';
import type { ProcedureSync, SyncKind } from './sync.js';
import type { SyncService } from './sync-service.js';

const COMMAND_LINE: Caller = { client: 'command-line', role: 'operator', agencyScope: null };
/** Often enough for a bar that moves. */
const LOOK_EVERY_MS = 250;

/** Starts a sync, or joins the one that runs, and tells how it goes until it has ended. */
export const followSync = async (service: SyncService, order: {
  readonly kind: SyncKind; readonly onProgress: (sync: ProcedureSync) => void; readonly wake: () => void;
}): Promise<ProcedureSync> => {
  const started = await service.start({ caller: COMMAND_LINE, idempotencyKey: randomUUID(), reason: 'sync-procedures' }, order.kind);
  if (started.kind === 'conflict') throw new InternalError();
  order.wake();
  for (;;) {
    const sync = await service.find(started.result.id);
    if (sync === null) throw new InternalError();
    order.onProgress(sync);
    if (sync.state !== 'running') return sync;
    await delay(LOOK_EVERY_MS);
  }
};
