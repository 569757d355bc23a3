import { NotFoundError, type BilingualText } from '../errors/gateway-error.js';
import { accessCall, isPlain, parseNewClient, parsePage, parseTerms, type ApiClientInput } from './access-input.js';
import type { ApiClient, ClientRefusal } from './api-client.js';
import type { ApiClientService, Changed, ClientOutcome, IssuedKey } from './api-client-service.js';
import type { Role } from './caller.js';
import { guardedMutation, guardedQuery, type AuditPolicy } from './guarded.js';

const READERS: readonly Role[] = ['operator', 'supervisor', 'auditor'];
const WRITERS: readonly Role[] = ['operator', 'supervisor'];
const AUDIT: AuditPolicy = { kind: 'operator-action' };

interface ActionArgs { readonly idempotencyKey: string; readonly reason: string }

const REFUSALS: Readonly<Record<ClientRefusal, BilingualText>> = {
  NAME_TAKEN: { en: 'A client has or had this name; names are not given out twice', vi: 'Tên này đã được dùng; tên không được cấp lại' },
  UNKNOWN_CLIENT: { en: 'There is no such client', vi: 'Không có hệ thống gọi này' },
  UNKNOWN_KEY: { en: 'There is no such key', vi: 'Không có khoá này' },
  CLIENT_REVOKED: { en: 'The client was revoked; create another', vi: 'Hệ thống gọi đã bị thu hồi; hãy tạo hệ thống khác' },
  ROLE_NOT_YOURS: { en: 'Your role may not hand out keys of this role, nor say what they open', vi: 'Vai trò của bạn không được cấp khoá cho vai trò này, cũng không được quyết định phạm vi của khoá' },
};
const ALREADY = { en: 'The key was shown when this call was first answered; where it was lost, rotate', vi: 'Khoá đã được hiển thị ở lần trả lời đầu; nếu đã mất, hãy đổi khoá' };

const conflict = (key: string) => ({ __typename: 'IdempotencyConflict', key, message: { en: 'This key was used for other content', vi: 'Khoá này đã được dùng cho nội dung khác' } });
const refused = (code: ClientRefusal) => ({ __typename: 'ApiClientActionRefused', code, message: REFUSALS[code] });
const viewClient = (client: ApiClient) => ({ ...client, role: client.role.toUpperCase(), state: client.state.toUpperCase() });

const createViews = (service: ApiClientService) => {
  const clientNamed = async (name: string) => {
    const client = await service.find(name);
    if (client === null) throw new NotFoundError();
    return viewClient(client);
  };
  return {
    issued: async (outcome: ClientOutcome<IssuedKey>, key: string) => {
      if (outcome.kind === 'conflict') return conflict(key);
      if (outcome.kind === 'refused') return refused(outcome.code);
      const common = { prefix: outcome.prefix, client: await clientNamed(outcome.client) };
      return outcome.secret === null
        ? { __typename: 'ApiKeyAlreadyIssued', ...common, message: ALREADY }
        : { __typename: 'ApiKeyIssued', ...common, secret: outcome.secret, expiresAt: outcome.expiresAt };
    },
    changed: async (outcome: ClientOutcome<Changed>, key: string) => {
      if (outcome.kind === 'conflict') return conflict(key);
      return outcome.kind === 'refused' ? refused(outcome.code) : { __typename: 'ApiClientChanged', client: await clientNamed(outcome.client) };
    },
  };
};

/** Resolvers of `access.graphql`. */
export const createAccessResolvers = (service: ApiClientService) => {
  const views = createViews(service);
  return {
    Query: {
      apiClients: guardedQuery({
        roles: READERS,
        resolve: async (args: { first: number; after?: string | null }) => {
          const page = parsePage(args);
          const found = await service.list({ ...page, first: page.first + 1 });
          const nodes = found.slice(0, page.first).map(viewClient);
          return { nodes, pageInfo: { endCursor: nodes.at(-1)?.name ?? null, hasNextPage: found.length > page.first } };
        },
      }),
    },
    Mutation: {
      createApiClient: guardedMutation({
        roles: WRITERS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { client: ApiClientInput }, context) => {
          const { client, days } = parseNewClient(args.client);
          return views.issued(await service.create(accessCall(args, context), client, days), args.idempotencyKey);
        },
      }),
      rotateApiKey: guardedMutation({
        roles: WRITERS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { name: string; overlapHours: number; keyDays: number }, context) =>
          isPlain(args.name) ? views.issued(await service.rotate(accessCall(args, context), args.name, parseTerms(args)), args.idempotencyKey) : refused('UNKNOWN_CLIENT'),
      }),
      setApiClientDocuments: guardedMutation({
        roles: WRITERS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { name: string; registeredOnly: boolean }, context) =>
          isPlain(args.name) ? views.changed(await service.setDocuments(accessCall(args, context), args.name, args.registeredOnly), args.idempotencyKey) : refused('UNKNOWN_CLIENT'),
      }),
      revokeApiKey: guardedMutation({
        roles: WRITERS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { prefix: string }, context) =>
          isPlain(args.prefix) ? views.changed(await service.revokeKey(accessCall(args, context), args.prefix), args.idempotencyKey) : refused('UNKNOWN_KEY'),
      }),
      revokeApiClient: guardedMutation({
        roles: WRITERS, wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { name: string }, context) =>
          isPlain(args.name) ? views.changed(await service.revokeClient(accessCall(args, context), args.name), args.idempotencyKey) : refused('UNKNOWN_CLIENT'),
      }),
    },
  };
};
