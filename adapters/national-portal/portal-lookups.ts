import type { z } from 'zod';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import type { SharedListEntry, SharedListPort, TechnicalIdPort } from '../../src/dossiers/dossier-registry-port.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { PortalService } from './errors.js';
import { PARTY } from './operations.js';
import type { PortalClient } from './portal-client.js';
import { agencyRow, fieldRow, technicalIdRow } from './wire.js';

interface Lookup<Row> {
  readonly service: PortalService;
  readonly operation: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly row: z.ZodType<Row>;
}

/** Rows of a look-up. A refused question is our defect, a list that breaks the contract is the portal's. */
const readRows = async <Row>(client: PortalClient, lookup: Lookup<Row>, call: PartyCall): Promise<readonly Row[]> => {
  const { service, operation, fields } = lookup;
  const { judgement, reply } = await client.ask({ service, fields, data: null, personal: Object.values(fields) }, call);
  if (judgement !== 'success') throw new PartyError('bad-request', { party: PARTY, operation, code: 'question-refused' });
  const parsed = (reply.rows ?? []).map((row) => lookup.row.safeParse(row));
  if (reply.rows === null || parsed.some((row) => !row.success)) throw new PartyError('bad-reply', { party: PARTY, operation, code: 'list-shape' });
  return parsed.flatMap((row) => (row.success ? [row.data] : []));
};

const inNfc = (entry: SharedListEntry): SharedListEntry => ({ ...entry, name: entry.name.normalize('NFC') });

/** The read-only services of the portal behind their two ports. */
export const portalLookups = (client: PortalClient): { readonly technicalIds: TechnicalIdPort; readonly sharedLists: SharedListPort } => ({
  technicalIds: {
    findTechnicalId: async (idNumber, call): Promise<string | null> => {
      const fields = { provider: 'wso2is', mstorcmnd: idNumber };
      const [first] = await readRows(client, { service: 'technical-id', operation: 'find-technical-id', fields, row: technicalIdRow }, call);
      return first?.technicalId ?? null;
    },
  },
  sharedLists: {
    listAgencies: async (call): Promise<readonly SharedListEntry[]> => {
      const rows = await readRows(client, { service: 'agencies', operation: 'list-agencies', fields: {}, row: agencyRow }, call);
      return rows.map(inNfc);
    },
    listFields: async (call): Promise<readonly SharedListEntry[]> => {
      const rows = await readRows(client, { service: 'fields', operation: 'list-fields', fields: {}, row: fieldRow }, call);
      return rows.map(inNfc);
    },
  },
});
