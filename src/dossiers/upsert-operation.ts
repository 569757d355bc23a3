import type { DeliveryOperation, Inquiry, SendResult, Unsendable } from '../deliveries/delivery-operation.js';
import type { LeasedDelivery } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import type { FileLinkSigner } from '../files/file-target.js';
import { SealedFieldError } from '../errors/sealed-field-error.js';
import { reviveDossier } from './content-codec.js';
import type { ContentCodec } from './content-codec.js';
import type { DossierContent } from './dossier.js';
import type { DossierDeliveryStore, LoadedVersion } from './dossier-delivery-store.js';
import type { DossierRegistryPort, TechnicalIdPort } from './dossier-registry-port.js';
import type { ProcedureBook, ProcedureKnowledge } from './procedure-knowledge-port.js';
import { DELIVERY_MAX_AGE_MS } from './dossier-settings.js';

export interface DossierDeliveryDeps {
  readonly store: DossierDeliveryStore;
  readonly codec: ContentCodec;
  readonly registry: DossierRegistryPort;
  readonly technicalIds: TechnicalIdPort;
  readonly fileLinks: FileLinkSigner;
  readonly procedures: ProcedureKnowledge;
  readonly askAfterMs: number;
  readonly now: () => Date;
}

export interface UpsertContent {
  readonly versionId: string;
  readonly content: DossierContent;
  readonly known: boolean;
}

/** A row whose key is gone must not stop the others: it is parked under its own reason. */
export const openOr = <Content>(open: () => Content): Content | Unsendable => {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealedFieldError) return { unsendable: 'content-unreadable' };
    throw error;
  }
};

const opened = (row: LoadedVersion, codec: ContentCodec): UpsertContent | Unsendable =>
  openOr(() => ({ versionId: row.version_id, known: row.known, content: codec.openDossier(reviveDossier(row.content)) }));

/** What the registry has already taken goes on under its code, withdrawn since or not: its citizen waits for the result. */
const judged = (upsert: UpsertContent | Unsendable, procedures: ProcedureBook | null): UpsertContent | Unsendable => {
  if ('unsendable' in upsert || upsert.known || procedures?.parksOld !== true) return upsert;
  return procedures.check(upsert.content.procedureCode, upsert.content.procedureName) === null ? upsert : { unsendable: 'procedure-not-usable' };
};

/** Links are made at each send, so a dossier that is sent again gets links that live. */
const linksOf = ({ versionId, content }: UpsertContent, { fileLinks, now }: DossierDeliveryDeps): ReadonlyMap<string, string> => {
  const links = new Map<string, string>();
  const at = now();
  content.documents.forEach((document, index) => links.set(document.id, fileLinks.sign({ source: 'dossier-document', rowId: versionId, index }, at)));
  content.results.forEach((result, index) => {
    if (result.fileReference !== null) links.set(result.id, fileLinks.sign({ source: 'dossier-result', rowId: versionId, index }, at));
  });
  return links;
};

/** The registry wants its own id of the owner with dossiers that came online; where it knows none, none is claimed. */
const withTechnicalId = async (content: DossierContent, call: PartyCall, technicalIds: TechnicalIdPort): Promise<DossierContent> => {
  if (content.channel !== 'ONLINE' || content.owner.technicalId !== null) return content;
  const technicalId = await technicalIds.findTechnicalId(content.owner.idNumber, call);
  return { ...content, owner: { ...content.owner, technicalId } };
};

const send = async (upsert: UpsertContent, call: PartyCall, deps: DossierDeliveryDeps): Promise<SendResult> => {
  const content = await withTechnicalId(upsert.content, call, deps.technicalIds);
  return deps.registry.upsertDossier({ content, knownToRegistry: upsert.known, fileLinks: linksOf(upsert, deps) }, call);
};

/** Held does not prove this content, and an update with the same content is right either way. */
const ask = async ({ content }: UpsertContent, call: PartyCall, registry: DossierRegistryPort): Promise<Inquiry> => {
  const { held } = await registry.findDossier(content.code, call);
  return { kind: held ? 'repeat' : 'not-done' };
};

export const createUpsertOperation = (deps: DossierDeliveryDeps): DeliveryOperation<UpsertContent> => ({
  party: deps.registry.party,
  name: 'upsert-dossier',
  effect: 'keyed',
  whenUnknown: { act: 'ask', afterMs: deps.askAfterMs },
  maxAgeMs: DELIVERY_MAX_AGE_MS,
  async load(deliveries: readonly LeasedDelivery[]) {
    const [rows, procedures] = await Promise.all([deps.store.versions(deliveries.map((delivery) => delivery.subjectId)), deps.procedures.current()]);
    const bySubject = new Map(rows.map((row) => [row.subject_id, row]));
    return new Map(deliveries.flatMap((delivery) => {
      const row = bySubject.get(delivery.subjectId);
      return row === undefined ? [] : [[delivery.id, judged(opened(row, deps.codec), procedures)] as const];
    }));
  },
  send: (content, call) => send(content, call, deps),
  ask: (content, call) => ask(content, call, deps.registry),
  settled: (client, settled) => deps.store.settleVersions(client, settled),
});
