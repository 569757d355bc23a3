import { ROLES } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { PartyCall } from '../deliveries/party-call.js';
import { NotFoundError, UnavailableError, UserInputError } from '../errors/gateway-error.js';
import { PartyError } from '../errors/party-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { ProcedureDatabasePort } from './procedure-database-port.js';

/** A person waits for the answer; the adapter's own deadline is made for syncs. */
const READ_TIMEOUT_MS = 20_000;
/** Longer than any id seen; it goes into the party's message. */
const MAX_ID_LENGTH = 100;
const NOT_CONNECTED = { en: 'No national procedure database is connected', vi: 'Chưa kết nối cơ sở dữ liệu quốc gia về thủ tục hành chính' };

const isPlainId = (id: string): boolean => id.length > 0 && id.length <= MAX_ID_LENGTH && !/[\p{Cc}\p{Cf}]/u.test(id);

/** Lists and decisions of the national procedure database, read through: they change rarely and are asked for rarely, so nothing is kept. */
export const createLookupResolvers = (port: ProcedureDatabasePort | null) => {
  const read = async <Answer>({ correlationId, traceparent }: GatewayContext, ask: (from: ProcedureDatabasePort, call: PartyCall) => Promise<Answer>): Promise<Answer> => {
    if (port === null) throw new NotFoundError(NOT_CONNECTED);
    try {
      return await ask(port, { correlationId, traceparent, signal: AbortSignal.timeout(READ_TIMEOUT_MS), journal: () => undefined });
    } catch (error) {
      throw error instanceof PartyError ? new UnavailableError({ cause: error }) : error;
    }
  };
  return {
    Query: {
      catalogueFields: guardedQuery({ roles: ROLES, resolve: (_args: object, context) => read(context, (from, call) => from.listFields(call)) }),
      catalogueAgencies: guardedQuery({ roles: ROLES, resolve: (_args: object, context) => read(context, (from, call) => from.listAgencies(call)) }),
      publicationDecision: guardedQuery({
        roles: ROLES,
        resolve: ({ id }: { id: string }, context) => {
          if (!isPlainId(id)) throw new UserInputError([{ field: 'id', code: 'DECISION_ID_FORMAT', message: { en: 'This is no id of a decision', vi: 'Mã quyết định không hợp lệ' } }]);
          return read(context, (from, call) => from.readDecision(id, call));
        },
      }),
    },
  };
};
