import type { Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parsePageSize, parseReason } from '../deliveries/delivery-input.js';
import { isDeliveryId } from '../deliveries/delivery-queries.js';
import { NotFoundError, UserInputError } from '../errors/gateway-error.js';
import type { CallbackDesk } from './callback-desk.js';
import type { CallbackRecord } from './callback-record.js';

const READERS: readonly Role[] = ['operator', 'supervisor', 'auditor'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];
const CURSOR_PREFIX = 'callback:';

interface FilterInput { readonly party?: string | null; readonly state?: 'RECEIVED' | 'APPLIED' | 'REFUSED' | 'CONFLICT' | null; readonly dossierCode?: string | null }
interface ListArgs { readonly filter?: FilterInput | null; readonly first?: number | null; readonly after?: string | null }
interface RetryArgs { readonly idempotencyKey: string; readonly id: string; readonly reason: string }

const view = ({ dueAt, ...record }: CallbackRecord) => ({ ...record, state: record.state.toUpperCase(), nextTryAt: record.state === 'received' ? dueAt : null });

const filterOf = ({ party = null, state = null, dossierCode = null }: FilterInput) =>
  ({ party, state: state === null ? null : (state.toLowerCase() as CallbackRecord['state']), dossierCode: dossierCode === null ? null : dossierCode.normalize('NFC').toUpperCase() });

const cursorOf = (id: string): string => Buffer.from(`${CURSOR_PREFIX}${id}`).toString('base64url');

const idOfCursor = (cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString();
  const id = text.slice(CURSOR_PREFIX.length);
  if (text.startsWith(CURSOR_PREFIX) && isDeliveryId(id)) return id;
  throw new UserInputError([{ field: 'after', code: 'CURSOR', message: { en: 'This is not a cursor of this list', vi: 'Con trỏ không hợp lệ' } }]);
};

const CONFLICT = { en: 'This key was used for other content', vi: 'Khoá này đã được dùng cho nội dung khác' };
const NOT_WAITING = { en: 'The message does not wait to be applied', vi: 'Thông điệp không ở trạng thái chờ xử lý' };

/** Resolvers of `callback.graphql`. */
export const createCallbackResolvers = (desk: CallbackDesk) => ({
  Query: {
    callback: guardedQuery({
      roles: READERS,
      resolve: async ({ id }: { id: string }, context) => {
        const found = isDeliveryId(id) ? await desk.find(context, id) : null;
        return found === null ? null : view(found);
      },
    }),
    callbacks: guardedQuery({
      roles: READERS,
      resolve: async ({ filter, first, after }: ListArgs, context) => {
        const size = parsePageSize(first);
        const found = await desk.list(context, filterOf(filter ?? {}), { limit: size + 1, before: after == null ? null : idOfCursor(after) });
        const nodes = found.slice(0, size);
        const last = nodes.at(-1);
        return { nodes: nodes.map(view), pageInfo: { endCursor: last === undefined ? null : cursorOf(last.id), hasNextPage: found.length > size } };
      },
    }),
  },
  Mutation: {
    retryCallback: guardedMutation({
      roles: OPERATORS, audit: { kind: 'operator-action' },
      resolve: async ({ idempotencyKey, id, reason }: RetryArgs, context) => {
        const { caller, correlationId } = context;
        const call = { caller, correlationId, idempotencyKey, reason: parseReason(reason) };
        if (!isDeliveryId(id)) throw new NotFoundError();
        const done = await desk.retry(call, id);
        if (done.kind === 'conflict') return { __typename: 'IdempotencyConflict', key: idempotencyKey, message: CONFLICT };
        const found = await desk.find(context, id);
        if (found === null) throw new NotFoundError();
        return done.result.waited ? { __typename: 'CallbackRetried', callback: view(found) } : { __typename: 'CallbackNotWaiting', message: NOT_WAITING, callback: view(found) };
      },
    }),
  },
});
