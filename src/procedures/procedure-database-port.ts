import type { PartyCall } from '../deliveries/party-call.js';
import type { CodedName, NationalProcedure } from './procedure.js';

/** One line of the national list: enough to know what must be read in detail. */
export interface ListedProcedure {
  /** What `readProcedure` wants to be given. */
  readonly reference: string;
  /** National code without suffix. */
  readonly code: string;
  readonly name: string;
  /** Mark of the record's version where the party gives one; null: only reading it tells. */
  readonly version: string | null;
}

export interface ProcedurePage {
  readonly procedures: readonly ListedProcedure[];
  /** Where the next page begins; null: this was the last one. A cursor that does not move is the last one too. */
  readonly nextCursor: string | null;
  /** How many there are in all, where the party says so. */
  readonly total: number | null;
}

export interface PublicationDecision {
  readonly id: string;
  readonly number: string | null;
  readonly issuedOn: string | null;
  readonly title: string | null;
}

/** What the procedure domain needs of the national procedure database. Everything is a `read`: it may be repeated freely. */
export interface ProcedureDatabasePort {
  readonly party: string;
  /** Pages of the list, from the beginning (`null`) or from a cursor given earlier; a wire without pages gives one page. */
  listProcedures(cursor: string | null, call: PartyCall): Promise<ProcedurePage>;
  /** The whole record and the reply it was read from; null when the party does not know it (any more). */
  readProcedure(reference: string, call: PartyCall): Promise<{ readonly procedure: NationalProcedure; readonly original: unknown } | null>;
  listFields(call: PartyCall): Promise<readonly CodedName[]>;
  listAgencies(call: PartyCall): Promise<readonly CodedName[]>;
  /** The decision by which a procedure was published; null when unknown. */
  readDecision(id: string, call: PartyCall): Promise<PublicationDecision | null>;
}
