import { createHmac } from 'node:crypto';
import type { BoundCallback } from '../../src/callbacks/callback-binding.js';
import { bindCallback } from '../../src/callbacks/callback-binding.js';
import type { ApplyAnswer, ApplyContext } from '../../src/callbacks/callback-binding.js';
import type { BoundQuestion } from '../../src/callbacks/question-binding.js';
import type { CallbackModule } from '../../src/callbacks/callback-module.js';
import type { CallbackOutcome, CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import { verifyHmac } from '../../adapters/support/callback-keys.js';
import { createAuthenticator } from '../../src/access/bearer-keys.js';
import { createAgencyModule } from '../../src/agencies/agency-module.js';
import { createCallbacks } from '../../src/compose/callbacks.js';
import type { CallbackSettings } from '../../src/config/callback-keys.js';
import { TrustedDocumentStore } from '../../src/graphql/trusted-documents.js';
import { createLogger } from '../../src/observability/logger.js';
import { createMetrics, type Metrics } from '../../src/observability/metrics.js';
import { openDoor } from '../../src/server/door.js';
import { Health } from '../../src/server/health.js';
import { HttpServer } from '../../src/server/http-server.js';
import { Database } from '../../src/store/database.js';
import type { FieldKey } from '../../src/store/field-cipher.js';
import { buildSchema, readTypeDefinitions } from '../../src/graphql/schema.js';
import { guardedMutation } from '../../src/access/guarded.js';

export interface Notice { readonly code: string; readonly owner: string }

const SECRET = 'a-secret-of-the-neighbour';
const STATUSES: Partial<Record<CallbackOutcome, number>> = { unverified: 401, unavailable: 503, 'too-large': 413 };
const signatureOf = (bytes: Buffer | string): string => createHmac('sha256', SECRET).update(bytes).digest('hex');

const receiverOf = (method: 'GET' | 'POST', kind: string): CallbackReceiver<Notice> => ({
  party: 'neighbour', kind, method, timeWindowMs: null, addresses: null,
  verify: ({ bytes, headers }) => {
    const verifiedBy = verifyHmac([{ id: 'now', secret: SECRET }], { algorithm: 'sha256', encoding: 'hex', signed: bytes, signature: headers['x-signature'] ?? '' });
    if (verifiedBy === null) return { kind: 'refused', reason: 'signature' };
    return { kind: 'verified', verifiedBy, uniqueKey: bytes.toString().slice(0, 100), partyAt: null };
  },
  read: (bytes) => {
    const fields = new URLSearchParams(bytes.toString());
    const [code, owner] = [fields.get('code'), fields.get('owner')];
    return code === null || owner === null ? null : { code, owner };
  },
  reply: (outcome, code) => ({ status: STATUSES[outcome] ?? 200, contentType: 'text/plain', body: code ?? outcome }),
});

/** A party that notifies by POST (`notice`) and by a browser's GET (`return`). */
export const neighbour = (apply: (message: Notice, context: ApplyContext) => Promise<ApplyAnswer>): readonly BoundCallback[] =>
  [bindCallback(receiverOf('POST', 'notice'), apply), bindCallback(receiverOf('GET', 'return'), apply)];

export interface CallbackGateway {
  readonly url: string;
  /** Of the listener of its own; null where there is none. */
  readonly ownUrl: string | null;
  readonly callbacks: CallbackModule;
  readonly metrics: Metrics;
  readonly log: () => string;
  close(): Promise<void>;
}

const TOUCH = { Mutation: { touch: guardedMutation({ roles: ['portal'], audit: { kind: 'no-audit', because: 'it does nothing' }, resolve: () => true }) } };

/** The inbox as the gateway composes it, behind the gateway's door. */
export const startCallbackGateway = async (databaseUrl: string, bindings: readonly BoundCallback[], over: Partial<CallbackSettings> & { readonly fieldKeys?: readonly FieldKey[]; readonly questions?: readonly BoundQuestion[] } = {}): Promise<CallbackGateway> => {
  let log = '';
  const logger = createLogger('debug', { write: (line: string) => void (log += line) });
  const database = new Database({ url: databaseUrl, poolSize: 5, applicationName: 'test-callbacks' });
  const metrics = createMetrics();
  const { fieldKeys = [{ id: 'k1', key: Buffer.alloc(32, 1) }], questions = [], ...settings } = over;
  const http = {
    host: '127.0.0.1', port: 0, workerPort: 0, publicUrl: null, tls: null, admin: null, trustedProxies: [], rateLimits: { perClient: 0, inAll: 0 }, trustedDocumentsClients: [],
    callbacks: { listener: null, perAddress: 0, certificateHeader: null, ...settings },
  };
  const keys = { fingerprintKey: Buffer.alloc(32, 2), keepHours: 24 };
  const agencies = createAgencyModule({ database, settings: { tenantAgencyCodes: ['H42'], ...keys } });
  const callbacks = createCallbacks({ database, core: { fieldKeys, fingerprintKey: keys.fingerprintKey, idempotencyHours: keys.keepHours, http }, agencies, metrics, logger, bindings, questions });
  const door = await openDoor({
    http, logger, metrics, showsMetrics: false, health: new Health([{ name: 'callbacks', check: () => callbacks.readiness() }]), authenticator: createAuthenticator([]), files: null, queueBoard: null,
    schema: buildSchema([TOUCH], [...readTypeDefinitions(['common.graphql']), 'extend type Mutation { touch: Boolean }']), documents: new TrustedDocumentStore(database), calls: { kind: 'process' }, callbacks: callbacks.handler,
  });
  const servers = [door.routes, ...(door.callbackRoutes === null ? [] : [door.callbackRoutes])].map((routes) => ({ routes, server: new HttpServer(logger) }));
  const urls: string[] = [];
  for (const { routes, server } of servers) {
    urls.push(await server.listen('127.0.0.1', 0));
    server.serve(routes);
  }
  return {
    url: urls[0] ?? '', ownUrl: urls[1] ?? null, callbacks, metrics, log: () => log,
    close: async () => {
      await callbacks.sweeper.stop();
      await Promise.all(servers.map(({ server }) => server.close(1_000)));
      await door.stop();
      await database.close();
    },
  };
};

export const noticeOf = (code: string, owner = 'NGUYEN VAN CANARY'): string => new URLSearchParams({ code, owner }).toString();

/** One message of the party, signed unless told otherwise. */
export const notify = async (origin: string, body: string, signature = signatureOf(body)): Promise<{ status: number; body: string; retryAfter: string | null }> => {
  const response = await fetch(`${origin}/callbacks/neighbour/notice`, { method: 'POST', body, headers: { 'x-signature': signature } });
  return { status: response.status, body: await response.text(), retryAfter: response.headers.get('retry-after') };
};

export const returnOf = async (origin: string, query: string): Promise<{ status: number; body: string }> => {
  const response = await fetch(`${origin}/callbacks/neighbour/return?${query}`, { headers: { 'x-signature': signatureOf(query) } });
  return { status: response.status, body: await response.text() };
};
