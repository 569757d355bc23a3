import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { HousekeepingTask } from '../housekeeping.js';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { BoundCallback } from './callback-binding.js';
import { CallbackDesk } from './callback-desk.js';
import { CallbackDeskStore } from './callback-desk-store.js';
import { CallbackInbox } from './callback-inbox.js';
import type { CallbackEvidence, CallbackObservation } from './callback-inbox.js';
import { createPeerReader } from './callback-peer.js';
import type { PeerSettings } from './callback-peer.js';
import { resealCallbacks } from './callback-reseal.js';
import { createCallbackResolvers } from './callback-resolvers.js';
import { createCallbackHandler } from './callback-route.js';
import type { CallbackHandler } from './callback-route.js';
import { CallbackStore } from './callback-store.js';
import type { CallbackBacklog, CallbackRoute } from './callback-store.js';
import { CallbackSweeper } from './callback-sweeper.js';
import { ClockSkew } from './clock-skew.js';
import type { BoundQuestion } from './question-binding.js';
import { QuestionDesk } from './question-desk.js';
import type { QuestionDeskDeps } from './question-desk.js';

/** Beyond this nobody has looked at what is due, over many turns of the sweeper: it is stuck. */
const OVERDUE_SECONDS = 60;

export interface CallbackModuleDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly digestKey: Buffer;
  /** One for each party and kind whose secrets are configured. */
  readonly bindings: readonly BoundCallback[];
  /** What parties may ask us, with where its evidence and its figures go. */
  readonly questions: Pick<QuestionDeskDeps, 'evidence' | 'observe'> & { readonly bindings: readonly BoundQuestion[] };
  /** Null where the database keeps it by itself, as the gateway's does. */
  readonly evidence: CallbackEvidence | null;
  readonly peer: PeerSettings;
  readonly agencies: AgencyAccess;
  /** Of people's actions. */
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
  readonly observe: (seen: CallbackObservation) => void;
  readonly logger: Logger;
}

export interface CallbackModule {
  /** Null where no party may call or ask us: then there is no route at all. */
  readonly handler: CallbackHandler | null;
  readonly sweeper: CallbackSweeper;
  readonly resolvers: ReturnType<typeof createCallbackResolvers>;
  /** For the worker's housekeeping. */
  readonly tasks: readonly HousekeepingTask[];
  /** Bodies under the current field key; gives how many were changed. */
  readonly reseal: () => Promise<number>;
  readonly backlog: () => Promise<readonly (CallbackRoute & CallbackBacklog)[]>;
  /** Of a process that sweeps. A message that the domain cannot take yet is no reason: its next try is not due. */
  readonly readiness: () => Promise<{ ready: boolean; detail: { waiting: number; oldestSeconds: number } }>;
}

/** The inbox with its route and what works behind it. */
export const createCallbackModule = (deps: CallbackModuleDeps): CallbackModule => {
  const { database, bindings, questions, cipher, logger } = deps;
  const store = new CallbackStore(database);
  const skew = new ClockSkew(database);
  const inbox = new CallbackInbox({ ...deps, store, skew, now: () => new Date() });
  const isBound = ({ party, kind }: CallbackRoute): boolean => bindings.some(({ receiver }) => receiver.party === party && receiver.kind === kind);
  return {
    handler: bindings.length + questions.bindings.length === 0 ? null : createCallbackHandler({
      bindings, inbox, questions: { bindings: questions.bindings, desk: new QuestionDesk({ ...deps, ...questions }) }, peerOf: createPeerReader(deps.peer), logger,
    }),
    sweeper: new CallbackSweeper({ bindings, inbox, store, logger }),
    resolvers: createCallbackResolvers(new CallbackDesk({ ...deps, store: new CallbackDeskStore(database) })),
    tasks: [{ name: 'callback-clocks', run: () => skew.prune() }],
    reseal: () => resealCallbacks({ database, store, cipher }),
    backlog: () => store.backlog(),
    readiness: async () => {
      const bound = (await store.backlog()).filter(isBound);
      const oldestSeconds = Math.round(Math.max(0, ...bound.map((route) => route.oldestSeconds ?? 0)));
      return { ready: bound.every(({ overdueSeconds }) => (overdueSeconds ?? 0) <= OVERDUE_SECONDS), detail: { waiting: bound.reduce((sum, { waiting }) => sum + waiting, 0), oldestSeconds } };
    },
  };
};
