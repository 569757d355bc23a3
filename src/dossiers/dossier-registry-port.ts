import type { ItemisedAnswer, PartyAnswer, PartyCall } from '../deliveries/party-call.js';
import type { DossierContent, DossierStatus, DossierStep } from './dossier.js';

/** A dossier ready to be sent: content plus what is made afresh for each send. */
export interface DossierSubmission {
  readonly content: DossierContent;
  /** True when the registry is known to hold the dossier: go straight to update. */
  readonly knownToRegistry: boolean;
  /** Signed, time-limited link for a file of this dossier (document id or result id → URL). */
  readonly fileLinks: ReadonlyMap<string, string>;
}

export interface StatusReport {
  /** Code under which the national portal knows the dossier. */
  readonly nationalCode: string;
  /** Our own code of it. */
  readonly dossierCode: string;
  readonly ownerTechnicalId: string | null;
  readonly status: DossierStatus;
  readonly content: string;
  readonly processedAt: Date;
  readonly documents: readonly { readonly id: string; readonly name: string; readonly componentCode: string | null; readonly deleted: boolean; readonly url: string }[];
}

/**
 * What the dossier domain needs of a registry of dossiers (the national portal). Each method rejects with `PartyError` when no
 * trustworthy answer came; a refusal by the registry is a value.
 */
export interface DossierRegistryPort {
  readonly party: string;
  /**
   * Insert or update by dossier code. Effect class `keyed`: the registry recognises a repeat by the dossier code ("exists" on an
   * insert turns into an update inside the adapter). A timeout means unknown: ask with `findDossier`.
   */
  upsertDossier(submission: DossierSubmission, call: PartyCall): Promise<PartyAnswer>;
  /**
   * Append processing steps, at most `maxStepsPerBatch`, ascending in time. Effect class `unsafe`: the wire has no step id, so a
   * repeat is stored twice, and no question exists. After a timeout it is repeated: a duplicate step harms less than a lost one.
   * Answers per step, keyed by step id; a step missing from the answer got none and must be sent again.
   */
  appendSteps(steps: readonly DossierStep[], call: PartyCall): Promise<ItemisedAnswer>;
  readonly maxStepsPerBatch: number;
  /** Does the registry hold the dossier? Effect class `read`. */
  findDossier(dossierCode: string, call: PartyCall): Promise<{ readonly held: boolean }>;
  /** Status of a dossier that came from the registry. Effect class `keyed`: it sets a state. A timeout means unknown: repeat. */
  reportStatus(report: StatusReport, call: PartyCall): Promise<PartyAnswer>;
}

/** Id of a person or firm at the national portal. Effect class `read`. */
export interface TechnicalIdPort {
  /** Null when the portal does not know the person or firm. */
  findTechnicalId(idNumber: string, call: PartyCall): Promise<string | null>;
}

export interface SharedListEntry {
  readonly code: string;
  readonly name: string;
  /** Agencies: level of the agency; fields: code of the ministry that owns the field. As the party gives it. */
  readonly group: string | null;
}

/** Code lists that the national portal shares. Effect class `read`. */
export interface SharedListPort {
  listAgencies(call: PartyCall): Promise<readonly SharedListEntry[]>;
  listFields(call: PartyCall): Promise<readonly SharedListEntry[]>;
}
