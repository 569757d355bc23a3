import type { z } from 'zod';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { CodedName } from '../../src/procedures/procedure.js';
import type { ListedProcedure, ProcedureDatabasePort, ProcedurePage, PublicationDecision } from '../../src/procedures/procedure-database-port.js';
import type { WireRow } from '../support/axis-reply.js';
import { codedNames, toProcedure } from './mapping.js';
import { parseDate, Quirks, stemOf } from './mapping-values.js';
import { PARTY } from './operations.js';
import type { ProcedureOperation } from './operations.js';
import type { ServiceClient } from './service-client.js';
import { agencyRow, decisionRow, fieldRow, listedRow, procedureRecord } from './wire.js';

const badReply = (operation: ProcedureOperation, code: string): PartyError => new PartyError('bad-reply', { party: PARTY, operation, code });

const parseRows = <Row>(rows: readonly WireRow[], row: z.ZodType<Row>, operation: ProcedureOperation): readonly Row[] =>
  rows.map((given) => {
    const parsed = row.safeParse(given);
    if (!parsed.success) throw badReply(operation, 'list-shape');
    return parsed.data;
  });

/** A row without a code could be kept under no name; a reference that comes twice is read once. */
const toListed = (rows: readonly z.infer<typeof listedRow>[]): readonly ListedProcedure[] => {
  const byReference = new Map<string, ListedProcedure>();
  for (const { reference, name } of rows) {
    if (reference !== null) byReference.set(reference, { reference, code: stemOf(reference), name, version: null });
  }
  return [...byReference.values()];
};

/** The procedure database over the services of G1 or G2: one page that holds the whole list, and one record a call. */
export class ServiceDatabase implements ProcedureDatabasePort {
  readonly party = PARTY;
  readonly #client: ServiceClient;

  constructor(client: ServiceClient) {
    this.#client = client;
  }

  async listProcedures(_cursor: string | null, call: PartyCall): Promise<ProcedurePage> {
    const rows = await this.#client.ask({ operation: 'list-procedures', fields: {} }, call);
    const procedures = toListed(parseRows(rows ?? [], listedRow, 'list-procedures'));
    // A catalogue is never empty: taken at its word, an empty answer would withdraw every procedure.
    if (procedures.length === 0) throw badReply('list-procedures', 'empty-catalogue');
    return { procedures, nextCursor: null, total: procedures.length };
  }

  async readProcedure(reference: string, call: PartyCall): Promise<Awaited<ReturnType<ProcedureDatabasePort['readProcedure']>>> {
    const rows = await this.#client.ask({ operation: 'read-procedure', fields: { maTTHC: reference } }, call);
    const original = rows?.[0];
    if (original === undefined) return null;
    const parsed = procedureRecord.safeParse(original);
    if (!parsed.success) throw badReply('read-procedure', 'record-shape');
    const procedure = toProcedure(parsed.data);
    if (procedure.code !== stemOf(reference)) throw badReply('read-procedure', 'other-record');
    return { procedure, original };
  }

  async listFields(call: PartyCall): Promise<readonly CodedName[]> {
    const rows = await this.#client.ask({ operation: 'list-fields', fields: {} }, call);
    return codedNames(parseRows(rows ?? [], fieldRow, 'list-fields'), new Quirks());
  }

  async listAgencies(call: PartyCall): Promise<readonly CodedName[]> {
    const rows = await this.#client.ask({ operation: 'list-agencies', fields: {} }, call);
    return codedNames(parseRows(rows ?? [], agencyRow, 'list-agencies'), new Quirks());
  }

  async readDecision(id: string, call: PartyCall): Promise<PublicationDecision | null> {
    const rows = await this.#client.ask({ operation: 'read-decision', fields: { idQDCB: id } }, call);
    const [row] = parseRows(rows ?? [], decisionRow, 'read-decision');
    return row === undefined ? null : { id, number: row.number, issuedOn: parseDate(row.issuedOn, new Quirks()), title: row.title };
  }
}
