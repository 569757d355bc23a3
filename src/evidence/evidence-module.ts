import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { EvidenceAudit } from './evidence-audit.js';
import type { AuditReport } from './evidence-audit.js';
import { EvidenceExport } from './evidence-export.js';
import { EvidenceLog } from './evidence-log.js';
import { EvidenceReader } from './evidence-reader.js';
import { createEvidenceResolvers } from './evidence-resolvers.js';
import { EvidenceStore } from './evidence-store.js';
import { publicKeysOf } from './head-signer.js';
import type { EvidencePublicKey, SigningKey } from './head-signer.js';
import { Sealer } from './sealer.js';
import { SealerStore } from './sealer-store.js';
import { startSealing } from './sealing-loop.js';

export interface EvidenceSettings {
  /** The first signs, all verify; without any no head is signed. */
  readonly signingKeys: readonly SigningKey[];
  /** Beyond this lag of sealing a process is not ready. */
  readonly sealLagMs: number;
}

export interface EvidenceModule {
  readonly log: EvidenceLog;
  readonly sealer: Sealer;
  readonly exporter: EvidenceExport;
  readonly publicKeys: readonly EvidencePublicKey[];
  readonly resolvers: ReturnType<typeof createEvidenceResolvers>;
  /** Null: every chain. `keys` are those that the caller trusts; without them, the configured ones. */
  readonly audit: (chain: string | null, keys?: readonly EvidencePublicKey[]) => Promise<AuditReport>;
  readonly readiness: () => Promise<{ ready: boolean; detail: { unsealed: number; oldestSeconds: number } }>;
  readonly startSealing: (logger: Logger) => () => Promise<void>;
}

/** Joins the parts of evidence. */
export const createEvidenceModule = ({ database, settings }: { readonly database: Database; readonly settings: EvidenceSettings }): EvidenceModule => {
  const store = new EvidenceStore(database);
  const sealer = new Sealer({ database, store: new SealerStore(), signingKeys: settings.signingKeys });
  const publicKeys = publicKeysOf(settings.signingKeys);
  return {
    log: new EvidenceLog(),
    sealer,
    exporter: new EvidenceExport({ store, sealer, signingKeys: settings.signingKeys, now: () => new Date() }),
    publicKeys,
    resolvers: createEvidenceResolvers(new EvidenceReader(store)),
    audit: (chain, keys = publicKeys) => new EvidenceAudit(store, keys).run(chain),
    readiness: async () => {
      const { unsealed, oldestSeconds } = await store.lag();
      const seconds = Math.round(oldestSeconds ?? 0);
      return { ready: seconds * 1_000 <= settings.sealLagMs, detail: { unsealed, oldestSeconds: seconds } };
    },
    startSealing: (logger) => startSealing(sealer, logger),
  };
};
