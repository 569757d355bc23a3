import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../observability/logger.js';
import { addressList } from '../net/address-list.js';
import type { AddressList } from '../net/address-list.js';
import type { BoundCallback } from './callback-binding.js';
import type { CallbackInbox } from './callback-inbox.js';
import type { PeerReader } from './callback-peer.js';
import type { CallbackReply, CallbackRequest } from './callback-receiver-port.js';
import type { BoundQuestion } from './question-binding.js';
import type { QuestionDesk } from './question-desk.js';

export const MAX_CALLBACK_BYTES = 262_144;

export interface CallbackRouteDeps {
  readonly bindings: readonly BoundCallback[];
  readonly inbox: Pick<CallbackInbox, 'receive'>;
  /** Routes beside those of callbacks, for what is answered without effect. */
  readonly questions: { readonly bindings: readonly BoundQuestion[]; readonly desk: Pick<QuestionDesk, 'take'> };
  readonly peerOf: PeerReader;
  readonly logger: Logger;
}

/** Where a call is meant to go. `secret`: a last part of the path, which is held to what the receiver knows and never logged. */
export interface CallbackTarget {
  readonly party: string;
  readonly kind: string;
  readonly secret: string | null;
}

export type CallbackHandler = (request: IncomingMessage, response: ServerResponse, target: CallbackTarget) => Promise<void>;

interface Route {
  readonly receiver: Pick<BoundCallback['receiver'], 'party' | 'kind' | 'method' | 'takesPathSecret'>;
  readonly addresses: AddressList | null;
  readonly take: (request: CallbackRequest) => Promise<CallbackReply>;
  readonly fail: (why: 'too-large' | 'unavailable') => CallbackReply;
}

const send = (response: ServerResponse, reply: CallbackReply, headers: Readonly<Record<string, string>> = {}): void => {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'content-type': reply.contentType, 'content-length': body.length, ...headers });
  response.end(body);
};

const NOT_FOUND: CallbackReply = { status: 404, contentType: 'application/json; charset=utf-8', body: '{"error":"NOT_FOUND"}' };

/** Counts while it streams; null where more comes than is allowed, or the bytes are compressed. */
const readBytes = async (request: IncomingMessage): Promise<Buffer | null> => {
  if (request.method === 'GET') return Buffer.from((request.url ?? '').split('?').slice(1).join('?'));
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_CALLBACK_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const singleHeaders = (request: IncomingMessage): Record<string, string> => {
  const entries = Object.entries(request.headersDistinct).flatMap(([name, values]) => (values?.length === 1 && values[0] !== undefined ? [[name, values[0]] as const] : []));
  return Object.fromEntries(entries);
};

const listOf = (addresses: readonly string[] | null): AddressList | null => (addresses === null ? null : addressList(addresses));

const routesOf = ({ bindings, inbox, questions }: CallbackRouteDeps): Map<string, Route> => {
  const callbacks = bindings.map((bound): Route => ({
    receiver: bound.receiver, addresses: listOf(bound.receiver.addresses), take: (request) => inbox.receive(bound, request), fail: (why) => bound.receiver.reply(why, null),
  }));
  const asked = questions.bindings.map((bound): Route => ({
    receiver: bound.receiver, addresses: listOf(bound.receiver.addresses), take: (request) => questions.desk.take(bound, request), fail: (why) => bound.receiver.fail(why),
  }));
  const all = [...callbacks, ...asked];
  const routes = new Map(all.map((route) => [`${route.receiver.party}/${route.receiver.kind}`, route]));
  if (routes.size !== all.length) throw new RangeError('Two callbacks share a route');
  return routes;
};

const isMeant = ({ receiver, addresses }: Route, request: IncomingMessage, call: { readonly address: string; readonly secret: string | null }): boolean =>
  request.method === receiver.method && addresses?.includes(call.address) !== false && (call.secret === null || receiver.takesPathSecret === true);

/**
 * Handler of `/callbacks/<party>/<kind>`, and of `…/<secret>` where the party has no other way to prove itself. Unknown party, kind, method and address get one and the same 404: a route exists only for
 * whom it is meant. Never rejects.
 */
export const createCallbackHandler = (deps: CallbackRouteDeps): CallbackHandler => {
  const { peerOf, logger } = deps;
  const routes = routesOf(deps);
  return async (request, response, { party, kind, secret }) => {
    const route = routes.get(`${party}/${kind}`);
    const peer = peerOf(request);
    if (route === undefined || !isMeant(route, request, { address: peer.address, secret })) {
      if (route !== undefined) logger.warn({ party, kind, method: request.method, address: peer.address }, 'callback from a place or by a method that was not agreed');
      send(response, NOT_FOUND, { connection: 'close' });
      return;
    }
    try {
      const bytes = await readBytes(request);
      if (bytes === null) send(response, route.fail('too-large'), { connection: 'close' });
      else send(response, await route.take({ bytes, headers: singleHeaders(request), peer, ...(secret === null ? {} : { pathSecret: secret }) }));
    } catch (error) {
      if (response.destroyed) return;
      logger.error({ err: error, party, kind }, 'callback failed');
      send(response, route.fail('unavailable'), { connection: 'close' });
    }
  };
};
