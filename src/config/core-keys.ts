import { z } from 'zod';
import { ACCESS_KEYS } from './access-keys.js';
import { ACCOUNT_KEYS } from './account-keys.js';
import { CALLBACK_KEYS } from './callback-keys.js';
import { EVIDENCE_KEYS } from './evidence-keys.js';
import { LOGIN_KEYS } from './login-keys.js';
import { wholeNumber, type EnvSpec } from './env-spec.js';
import { PAYMENT_KEYS } from './payment-keys.js';
import { POSTAL_KEYS } from './postal-keys.js';
import { POSTAL_DESK_KEYS } from './postal-desk-keys.js';
import { RECEIPT_KEYS } from './receipt-keys.js';
import { PROCEDURE_KEYS } from './procedure-keys.js';
import { parseRedisUrl, type RedisTarget } from './redis-target.js';
import { createProxyTrust } from '../server/proxy-trust.js';
import { SERVICE_KEYS } from './service-keys.js';
import { apiKeyList, namedKeyList, singleKey } from './secret-formats.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string | null | undefined, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });
const secret = <Value>(schema: z.ZodType<Value>, fallback: string | null | undefined, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose, secret: true });

const flag = z.enum(['true', 'false'], 'it is neither true nor false').transform((text) => text === 'true');
const httpUrl = z.url({ protocol: /^https?$/, message: 'it is not an http or https address' }).transform((text) => text.replace(/\/+$/, ''));
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, message: 'it is not a postgres:// address' });

const redisTarget = z.string().transform((text, context): RedisTarget => {
  const target = parseRedisUrl(text);
  if (target !== null) return target;
  context.addIssue({ code: 'custom', message: 'it is none of redis://host:port/db, redis+sentinel://h1,h2/master, redis+cluster://h1,h2 (rediss for TLS)' });
  return z.NEVER;
});

/** A province's code of level 1 in either epoch: `H42`, `T12`, or a ministry's `G09`. */
const agencyCodes = z.string().transform((text) => text.split(',').map((code) => code.trim().toUpperCase()))
  .refine((codes) => codes.every((code) => /^[A-Z]\d{2}$/.test(code)), 'each code is a letter and two digits, such as H42');

const proxies = z.string().transform((text, context): readonly string[] => {
  const list = text.split(',').map((entry) => entry.trim()).filter(Boolean);
  try {
    createProxyTrust(list);
    return list;
  } catch {
    context.addIssue({ code: 'custom', message: 'it is no list of addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal' });
    return z.NEVER;
  }
});

const clientNames = z.string().transform((text): readonly string[] => text.split(',').map((name) => name.trim()).filter(Boolean));

/** Every variable of the core; the README's table is checked against it. */
export const CORE_KEYS = {
  DATABASE_URL: secret(postgresUrl, undefined, 'PostgreSQL 15 or newer; without it an embedded one runs in DATA_DIR'),
  DATABASE_POOL_SIZE: spec(wholeNumber(2, 200), '10', 'Connections that one process keeps to PostgreSQL at most; three for each of its cores do most'),
  REDIS_URL: secret(redisTarget, undefined, 'Redis that carries the queues (single, Sentinel or Cluster); without it PostgreSQL carries them'),
  DATA_DIR: spec(z.string(), '.data', 'Folder of the embedded PostgreSQL and of the secrets generated for it'),
  HTTP_HOST: spec(z.string(), '127.0.0.1', 'Address that the API listens on'),
  HTTP_PORT: spec(wholeNumber(0, 65_535), '4000', 'Port that the API listens on; 0 takes a free one'),
  WORKER_PORT: spec(wholeNumber(0, 65_535), '4001', 'Port on which a separate worker process answers health probes and /metrics'),
  PUBLIC_URL: spec(httpUrl, undefined, 'Address under which parties reach this gateway for files; the listening address where unset'),
  TLS_CERT_FILE: spec(z.string(), undefined, 'Certificate chain (PEM) of the API; with TLS_KEY_FILE it speaks HTTPS, and both are read again when they change or at SIGHUP'),
  TLS_KEY_FILE: spec(z.string(), undefined, 'Private key (PEM) that belongs to TLS_CERT_FILE'),
  ALLOW_PLAIN_HTTP: spec(flag, 'false', 'Whether HTTP without TLS may be spoken on an address that is not loopback, as behind a proxy that ends TLS'),
  TRUSTED_PROXY: spec(proxies, undefined, 'Proxies whose X-Forwarded-For is believed: addresses, networks, or loopback, linklocal, uniquelocal; nobody\'s where unset'),
  ADMIN_HOST: spec(z.string(), '127.0.0.1', 'Address of the listener of its own for /metrics and /queues'),
  ADMIN_PORT: spec(wholeNumber(0, 65_535), undefined, 'Port of that listener; where unset they are served beside the API'),
  ...CALLBACK_KEYS,
  RATE_LIMIT_CLIENT: spec(wholeNumber(0, 10_000_000), '60000', 'Calls of /graphql that one client may make a minute, over all processes; 0 for no limit'),
  RATE_LIMIT_TOTAL: spec(wholeNumber(0, 10_000_000), '120000', 'Calls of /graphql that all clients together may make a minute; 0 for no limit'),
  TRUSTED_DOCUMENTS_CLIENTS: spec(clientNames, '', 'Clients, separated by commas, that may send registered documents only'),
  API_KEYS: secret(apiKeyList, null, 'Callers, as client:role:sha256hex, separated by commas or new lines'),
  ...ACCESS_KEYS,
  ...LOGIN_KEYS,
  FIELD_KEYS: secret(namedKeyList, null, 'Keys that personal fields are encrypted with, as id:base64 of 32 bytes; the first is used for new data'),
  FILE_LINK_KEYS: secret(namedKeyList, null, 'Keys that file links are signed with, as id:base64 of 32 bytes; the first signs, all verify'),
  FINGERPRINT_KEY: secret(singleKey, null, 'Base64 of 32 bytes; keys the digests by which equal content is recognised'),
  ...EVIDENCE_KEYS,
  EVIDENCE_BODY_KEEP_DAYS: spec(wholeNumber(1, 36_500), '3650', 'Days that bodies of evidence are kept; their digests stay'),
  CALLBACK_BODY_KEEP_DAYS: spec(wholeNumber(1, 36_500), '3650', 'Days that the bytes of what parties sent us are kept; that it came, its digest and our answer stay'),
  LOGIN_EVENT_KEEP_DAYS: spec(wholeNumber(90, 36_500), '730', 'Days that logins and refused logins are kept'),
  ACCESS_ATTEMPT_KEEP_DAYS: spec(wholeNumber(90, 36_500), '730', 'Days that attempts on what is not the caller\'s are kept; evidence of them stays'),
  DOSSIER_KEEP_DAYS: spec(wholeNumber(1, 36_500), undefined, 'Days after its end that a dossier\'s personal fields are kept; for ever where unset'),
  FILE_STORE_DIR: spec(z.string(), undefined, 'Folder of the portal\'s files; either this or FILE_STORE_URL'),
  FILE_STORE_URL: spec(httpUrl, undefined, 'Base address of the portal\'s file store; either this or FILE_STORE_DIR'),
  FILE_STORE_TOKEN: secret(z.string(), undefined, 'Bearer token for FILE_STORE_URL'),
  FILE_LINK_HOURS: spec(wholeNumber(1, 24 * 30), '72', 'Hours that a file link handed to a party stays valid'),
  TENANT_AGENCY_CODES: spec(agencyCodes, 'H42', 'Level-1 codes of this province, the current one first, then those of merged provinces'),
  ...PROCEDURE_KEYS,
  ...SERVICE_KEYS,
  ...ACCOUNT_KEYS,
  ...PAYMENT_KEYS,
  ...RECEIPT_KEYS,
  ...POSTAL_KEYS,
  ...POSTAL_DESK_KEYS,
  EVENTS_KEEP_DAYS: spec(wholeNumber(1, 3_650), '30', 'Days that events stay readable'),
  IDEMPOTENCY_HOURS: spec(wholeNumber(1, 24 * 90), '48', 'Hours that a client\'s key of a mutation is remembered'),
  JOURNAL_KEEP_DAYS: spec(wholeNumber(1, 3_650), '180', 'Days that the journal of attempts is kept'),
  LOG_LEVEL: spec(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info', 'Least severe level that is logged'),
  METRICS: spec(flag, 'true', 'Whether /metrics is served (with an operator\'s or auditor\'s key)'),
  OTEL_EXPORTER_OTLP_ENDPOINT: spec(httpUrl, undefined, 'OTLP/HTTP collector for traces; tracing is off where unset'),
  DELIVERY_LEASE_MS: spec(wholeNumber(1_000, 600_000), '10000', 'Milliseconds after which the work of a killed worker is taken over; running calls renew it'),
  DRAIN_SECONDS: spec(wholeNumber(1, 600), '20', 'Seconds that a stopping process may take to finish what it has in hand'),
} as const;
