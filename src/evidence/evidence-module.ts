import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { EvidenceAudit } from './evidence-audit.js';
import type { AuditReport, EvidenceTrust } from './evidence-audit.js';
import { EvidenceExport } from './evidence-export.js';
import { EvidenceLog } from './evidence-log.js';
import { EvidenceReader } from './evidence-reader.js';
import { createEvidenceResolvers } from './evidence-resolvers.js';
import { EvidenceStore } from './evidence-store.js';
import { publicKeysOf } from './head-signer.js';
import type { EvidencePublicKey, SigningKey } from './head-signer.js';
import { Sealer } from './sealer.js';
import { SealerStore } from './sealer-store.js';
import { startSealing, startStamping } from './sealing-loop.js';
import { TimeStampClient, type TimeStampSettings } from './time-stamp-client.js';
import { TimeStampStore } from './time-stamp-store.js';
import { TimeStamper } from './time-stamper.js';

export interface EvidenceSettings {
  /** The first signs, all verify; without any no head is signed. */
  readonly signingKeys: readonly SigningKey[];
  /** Beyond this lag of sealing a process is not ready. */
  readonly sealLagMs: number;
  /** Left out: heads carry no time-stamp of a third party. */
  readonly timeStamps?: TimeStampSettings | null;
}

export interface EvidenceModuleDeps {
  readonly database: Database;
  readonly settings: EvidenceSettings;
  /** Told of stamps that an export tries to have. */
  readonly logger?: Logger;
}

/** `headsWithoutStamp` is there where heads are to be time-stamped. A lack of stamps makes no process unready. */
export interface EvidenceReadiness {
  readonly ready: boolean;
  readonly detail: { readonly unsealed: number; readonly oldestSeconds: number; readonly headsWithoutStamp?: number };
}

export interface EvidenceModule {
  readonly log: EvidenceLog;
  readonly sealer: Sealer;
  /** Null: heads are not time-stamped. */
  readonly stamper: TimeStamper | null;
  readonly exporter: EvidenceExport;
  readonly publicKeys: readonly EvidencePublicKey[];
  readonly resolvers: ReturnType<typeof createEvidenceResolvers>;
  /** Null: every chain. `trust` names whom the caller trusts; what it leaves out is taken from the configuration. */
  readonly audit: (chain: string | null, trust?: Partial<EvidenceTrust>) => Promise<AuditReport>;
  readonly readiness: () => Promise<EvidenceReadiness>;
  /** Seals, signs and has stamped; returns how to stop. */
  readonly startSealing: (logger: Logger) => () => Promise<void>;
  readonly close: () => Promise<void>;
}

const openStamps = (database: Database, settings: TimeStampSettings | null) => {
  const store = new TimeStampStore(database);
  if (settings === null) return { store, stamper: null, close: () => Promise.resolve() };
  const client = new TimeStampClient(settings);
  return { store, stamper: new TimeStamper({ store, client, timeoutMs: settings.timeoutMs }), close: () => client.close() };
};

const readinessOf = async (store: EvidenceStore, stamps: TimeStampStore | null, sealLagMs: number): Promise<EvidenceReadiness> => {
  const [{ unsealed, oldestSeconds }, headsWithoutStamp] = await Promise.all([store.lag(), stamps?.countUnstamped()]);
  const seconds = Math.round(oldestSeconds ?? 0);
  return { ready: seconds * 1_000 <= sealLagMs, detail: { unsealed, oldestSeconds: seconds, ...(headsWithoutStamp === undefined ? {} : { headsWithoutStamp }) } };
};

/** Joins the parts of evidence. */
export const createEvidenceModule = ({ database, settings, logger }: EvidenceModuleDeps): EvidenceModule => {
  const { signingKeys, timeStamps = null } = settings;
  const store = new EvidenceStore(database);
  const stamps = openStamps(database, timeStamps);
  const sealer = new Sealer({ database, store: new SealerStore(), signingKeys });
  const publicKeys = publicKeysOf(signingKeys);
  const configured: EvidenceTrust = { keys: publicKeys, stampRoots: timeStamps?.roots ?? null };
  return {
    log: new EvidenceLog(),
    sealer,
    stamper: stamps.stamper,
    exporter: new EvidenceExport({ store, sealer, signingKeys, stamps: stamps.store, stampNow: async () => (logger === undefined ? 0 : stamps.stamper?.run(logger)), now: () => new Date() }),
    publicKeys,
    resolvers: createEvidenceResolvers(new EvidenceReader(store, stamps.store)),
    audit: (chain, trust = {}) => new EvidenceAudit({ store, stamps: stamps.store, trust: { ...configured, ...trust } }).run(chain),
    readiness: () => readinessOf(store, stamps.stamper === null ? null : stamps.store, settings.sealLagMs),
    startSealing: (log) => {
      const stops = [startSealing(sealer, log), ...(stamps.stamper === null ? [] : [startStamping(stamps.stamper, log)])];
      return async () => { await Promise.all(stops.map((stop) => stop())); };
    },
    close: stamps.close,
  };
};
