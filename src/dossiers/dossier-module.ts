import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { DeliveryOperation } from '../deliveries/delivery-operation.js';
import type { FileLinkSigner } from '../files/file-target.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { pruneIdempotencyKeys } from '../store/idempotency.js';
import { ContentCodec } from './content-codec.js';
import { DossierAcceptance } from './dossier-acceptance.js';
import { DossierAcceptanceStore } from './dossier-acceptance-store.js';
import { DossierDeliveryStore } from './dossier-delivery-store.js';
import { DossierErasure } from './dossier-erasure.js';
import { DossierFileSource } from './dossier-file-source.js';
import type { DossierRegistryPort, SharedListPort, TechnicalIdPort } from './dossier-registry-port.js';
import { DossierReseal } from './dossier-reseal.js';
import { createDossierResolvers } from './dossier-resolvers.js';
import { DossierService } from './dossier-service.js';
import { ASK_AFTER_MS } from './dossier-settings.js';
import type { DossierSettings } from './dossier-settings.js';
import { DossierStore } from './dossier-store.js';
import type { FieldLimits } from './field-limits.js';
import type { ProcedureKnowledge } from './procedure-knowledge-port.js';
import { createReportOperation } from './report-operation.js';
import { SharedListService } from './shared-list-service.js';
import { createStepsOperation } from './steps-operation.js';
import { createUpsertOperation } from './upsert-operation.js';
import type { DossierDeliveryDeps } from './upsert-operation.js';

export interface DossierModuleDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly fieldLimits: FieldLimits;
  readonly registry: DossierRegistryPort;
  readonly technicalIds: TechnicalIdPort;
  readonly sharedLists: SharedListPort;
  readonly fileLinks: FileLinkSigner;
  readonly bell: Bell;
  readonly agencies: AgencyAccess;
  readonly procedures: ProcedureKnowledge;
  readonly settings: DossierSettings;
  /** The clock; of use to tests. */
  readonly now?: () => Date;
}

export interface DossierModule {
  readonly resolvers: ReturnType<typeof createDossierResolvers>;
  readonly operations: readonly DeliveryOperation[];
  readonly service: DossierService;
  /** Re-encrypts what lies under older field keys. */
  readonly reseal: DossierReseal;
  /** Replaces personal fields; retention asks it. */
  readonly erasure: DossierErasure;
  /** What file links stand for; the file route asks it. */
  readonly files: DossierFileSource;
  /** Deletes expired idempotency keys; returns how many. */
  readonly prune: () => Promise<number>;
}

/** Every operation by which the domain owes the registry something. */
export const createDossierDeliveries = (deps: DossierDeliveryDeps): readonly DeliveryOperation[] =>
  [createUpsertOperation(deps), createStepsOperation(deps), createReportOperation(deps)];

/** Joins the parts of the dossier domain. */
export const createDossierModule = (deps: DossierModuleDeps): DossierModule => {
  const { database, registry, settings, fieldLimits, bell, technicalIds, fileLinks, now = () => new Date() } = deps;
  const codec = new ContentCodec(deps.cipher);
  const acceptance = new DossierAcceptance({ store: new DossierAcceptanceStore(database), codec, registry, bell, settings });
  const rules = { tenantAgencyCodes: settings.tenantAgencyCodes, fieldLimits };
  const service = new DossierService({ store: new DossierStore(database), acceptance, rules, now, scope: deps.agencies.scope, attempts: deps.agencies.attempts, procedures: deps.procedures });
  const askAfterMs = settings.askAfterMs ?? ASK_AFTER_MS;
  return {
    resolvers: createDossierResolvers({ service, codec, sharedLists: new SharedListService(deps.sharedLists) }),
    operations: createDossierDeliveries({ store: new DossierDeliveryStore(database), codec, registry, technicalIds, fileLinks, procedures: deps.procedures, askAfterMs, now }),
    service,
    reseal: new DossierReseal(database, codec),
    erasure: new DossierErasure(codec),
    files: new DossierFileSource(database, codec),
    prune: () => pruneIdempotencyKeys(database),
  };
};
