import { resolve } from 'node:path';
import { accessSettingsOf, type AccessSettings } from './config/access-keys.js';
import { accountSettingsOf, type AccountCoreSettings } from './config/account-keys.js';
import { callbackSettingsOf, type CallbackSettings } from './config/callback-keys.js';
import { CORE_KEYS } from './config/core-keys.js';
import { EVIDENCE_KEYS, evidenceSettingsOf, type EvidenceCoreSettings } from './config/evidence-keys.js';
import { loginSettingsOf, type LoginSettings } from './config/login-keys.js';
import { docsOf, readEnv, readText, type Env, type EnvKeyDoc, type ReadResult, type ValuesOf } from './config/env-spec.js';
import type { RetentionPolicy } from './retention/retention-job.js';
import { paymentSettingsOf, type PaymentCoreSettings } from './config/payment-keys.js';
import { postalSettingsOf, type PostalCoreSettings } from './config/postal-keys.js';
import { postalDeskSettingsOf, type PostalDeskSettings } from './config/postal-desk-keys.js';
import { receiptSettingsOf, type ReceiptCoreSettings } from './config/receipt-keys.js';
import { procedureSettingsOf, type ProcedureCoreSettings } from './config/procedure-keys.js';
import type { RedisTarget } from './config/redis-target.js';
import { serviceSettingsOf, type ServiceCoreSettings } from './config/service-keys.js';
import type { ApiKey, NamedKey } from './config/secret-formats.js';

export type { Env, EnvKeyDoc } from './config/env-spec.js';
export type { RedisTarget } from './config/redis-target.js';
export type { ApiKey, NamedKey } from './config/secret-formats.js';

/** Where the portal's own files are read from. */
export type FileStoreSettings =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'http'; readonly baseUrl: string; readonly token: string | null };

export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly workerPort: number;
  readonly publicUrl: string | null;
  /** Null: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Null: /metrics and /queues are served beside the API. */
  readonly admin: { readonly host: string; readonly port: number } | null;
  readonly trustedProxies: readonly string[];
  readonly callbacks: CallbackSettings;
  /** Calls of /graphql a minute; 0 for no limit. */
  readonly rateLimits: { readonly perClient: number; readonly inAll: number };
  /** Clients that may send registered documents only. */
  readonly trustedDocumentsClients: readonly string[];
}

export interface CoreConfig {
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  /** Null: PostgreSQL carries the queues. */
  readonly redis: RedisTarget | null;
  readonly dataDir: string;
  readonly http: HttpSettings;
  readonly apiKeys: readonly ApiKey[];
  readonly access: AccessSettings;
  readonly login: LoginSettings;
  readonly fieldKeys: readonly NamedKey[];
  readonly fileLinkKeys: readonly NamedKey[];
  readonly fingerprintKey: Buffer;
  readonly evidence: EvidenceCoreSettings;
  /** `dossierKeepDays` null: personal fields do not expire by age. */
  readonly retention: RetentionPolicy;
  readonly fileStore: FileStoreSettings;
  readonly fileLinkHours: number;
  readonly tenantAgencyCodes: readonly string[];
  readonly procedures: ProcedureCoreSettings;
  readonly services: ServiceCoreSettings;
  readonly accounts: AccountCoreSettings;
  readonly payments: PaymentCoreSettings;
  readonly receipts: ReceiptCoreSettings;
  readonly post: PostalCoreSettings;
  readonly postalDesk: PostalDeskSettings;
  readonly eventsKeepDays: number;
  readonly idempotencyHours: number;
  readonly journalKeepDays: number;
  readonly logLevel: string;
  readonly metrics: boolean;
  readonly otlpEndpoint: string | null;
  /** Length of a lease on a delivery. */
  readonly leaseMs: number;
  readonly drainMs: number;
}

/** A party's own variables, declared by its adapter. */
export interface PartySection {
  readonly party: string;
  readonly settings: { readonly keys: readonly EnvKeyDoc[]; read(env: Env): ReadResult<unknown> };
}

export interface Config {
  readonly core: CoreConfig;
  /** Checked settings by party, each of the type that its adapter declared. */
  readonly parties: ReadonlyMap<string, unknown>;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Variables of the core, with default and purpose, for the README's table. */
export const CORE_KEY_DOCS: readonly EnvKeyDoc[] = docsOf(CORE_KEYS);

type Values = Partial<ValuesOf<typeof CORE_KEYS>>;

/** The only reader of the process environment. */
export const processEnv = (): Env => ({ ...process.env });

/** Data folder alone, which is needed before anything else is known. */
export const dataDirOf = (env: Env): string => resolve(env['DATA_DIR']?.trim() || CORE_KEYS.DATA_DIR.fallback || '.data');

/** Addresses of the servers as far as they are readable, so that start-up can check them beside a faulty configuration. */
export const serversOf = (env: Env): { readonly databaseUrl: string | null; readonly redis: RedisTarget | null } => {
  const read = readEnv({ DATABASE_URL: CORE_KEYS.DATABASE_URL }, env);
  const redis = readEnv({ REDIS_URL: CORE_KEYS.REDIS_URL }, env);
  return { databaseUrl: (read.ok ? read.settings.DATABASE_URL : undefined) ?? null, redis: (redis.ok ? redis.settings.REDIS_URL : undefined) ?? null };
};

/** Settings of the evidence alone, for commands that need nothing else. Throws ConfigError. */
export const evidenceSettingsFrom = (env: Env): EvidenceCoreSettings => {
  const read = readEnv(EVIDENCE_KEYS, env);
  const problems: string[] = [];
  const settings = read.ok ? evidenceSettingsOf(read.settings, problems) : null;
  if (!read.ok || settings === null || problems.length > 0) throw new ConfigError(read.ok ? problems : read.problems);
  return settings;
};

/** Keys of personal fields alone. Throws ConfigError. */
export const fieldKeysOf = (env: Env): readonly NamedKey[] => {
  const read = readEnv({ FIELD_KEYS: CORE_KEYS.FIELD_KEYS }, env);
  if (!read.ok) throw new ConfigError(read.problems);
  return read.settings.FIELD_KEYS ?? [];
};

/** Whether an external PostgreSQL is configured; an unreadable file is reported by readConfig. */
export const hasDatabaseUrl = (env: Env): boolean => {
  try {
    return readText(env, 'DATABASE_URL') !== undefined;
  } catch {
    return true;
  }
};

const fileStoreOf = (values: Values, problems: string[]): FileStoreSettings => {
  const { FILE_STORE_DIR: folder, FILE_STORE_URL: baseUrl, FILE_STORE_TOKEN: token } = values;
  if ((folder === undefined) === (baseUrl === undefined)) problems.push('Set exactly one of FILE_STORE_DIR and FILE_STORE_URL');
  return baseUrl === undefined ? { kind: 'folder', folder: resolve(folder ?? '.') } : { kind: 'http', baseUrl, token: token ?? null };
};

const duplicates = (what: string, names: readonly string[]): string[] =>
  names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${what} names ${name} twice`);

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Whether cookies must be Secure: always, but where browsers reach the gateway over plain HTTP on loopback. */
export const hasSecureCookies = ({ tls, host, publicUrl, trustedProxies }: HttpSettings): boolean =>
  tls !== null || !LOOPBACK.test(host) || trustedProxies.length > 0 || publicUrl?.startsWith('https:') === true;

const tlsOf = ({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }: Values, problems: string[]): HttpSettings['tls'] => {
  if ((certFile === undefined) !== (keyFile === undefined)) problems.push('Set both of TLS_CERT_FILE and TLS_KEY_FILE, or neither');
  return certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
};

const httpOf = (values: Values, problems: string[]): HttpSettings => {
  const present = values as Required<Values>;
  const tls = tlsOf(values, problems);
  const admin = values.ADMIN_PORT === undefined ? null : { host: present.ADMIN_HOST, port: values.ADMIN_PORT };
  const callbacks = callbackSettingsOf(values as Required<Pick<Values, 'CALLBACK_HOST' | 'CALLBACK_RATE_LIMIT'>> & Values);
  const hosts = [['HTTP_HOST', present.HTTP_HOST], ...(admin === null ? [] : [['ADMIN_HOST', admin.host]]), ...(callbacks.listener === null ? [] : [['CALLBACK_HOST', callbacks.listener.host]])] as const;
  for (const [key = '', host = ''] of hosts) {
    if (tls === null && !present.ALLOW_PLAIN_HTTP && !LOOPBACK.test(host)) problems.push(`${key} is not loopback, where bearer keys would travel in the clear: set TLS_CERT_FILE and TLS_KEY_FILE, or ALLOW_PLAIN_HTTP=true behind a proxy that ends TLS`);
  }
  return {
    host: present.HTTP_HOST, port: present.HTTP_PORT, workerPort: present.WORKER_PORT, publicUrl: values.PUBLIC_URL ?? null, tls, admin, callbacks,
    trustedProxies: values.TRUSTED_PROXY ?? [], rateLimits: { perClient: present.RATE_LIMIT_CLIENT, inAll: present.RATE_LIMIT_TOTAL },
    trustedDocumentsClients: present.TRUSTED_DOCUMENTS_CLIENTS,
  };
};

const assemble = (values: Values, problems: string[]): CoreConfig => {
  const fileStore = fileStoreOf(values, problems);
  // Keys with a default, or without which reading failed, are present here; those that may be missing are handled one by one.
  const present = values as Required<Values>;
  problems.push(...duplicates('FIELD_KEYS', present.FIELD_KEYS.map((key) => key.id)), ...duplicates('FILE_LINK_KEYS', present.FILE_LINK_KEYS.map((key) => key.id)),
    ...duplicates('EVIDENCE_SIGNING_KEYS', (values.EVIDENCE_SIGNING_KEYS ?? []).map((key) => key.id)));
  if (values.DATABASE_URL === undefined) problems.push('DATABASE_URL is not set: this command needs a PostgreSQL (npm start brings its own)');
  return {
    databaseUrl: values.DATABASE_URL ?? '',
    databasePoolSize: present.DATABASE_POOL_SIZE,
    redis: values.REDIS_URL ?? null,
    dataDir: resolve(present.DATA_DIR),
    http: httpOf(values, problems),
    apiKeys: present.API_KEYS,
    access: accessSettingsOf(values, problems),
    login: loginSettingsOf(values, problems),
    fieldKeys: present.FIELD_KEYS,
    fileLinkKeys: present.FILE_LINK_KEYS,
    fingerprintKey: present.FINGERPRINT_KEY,
    evidence: evidenceSettingsOf(values, problems),
    retention: {
      evidenceBodyKeepDays: present.EVIDENCE_BODY_KEEP_DAYS, callbackBodyKeepDays: present.CALLBACK_BODY_KEEP_DAYS, loginEventKeepDays: present.LOGIN_EVENT_KEEP_DAYS,
      accessAttemptKeepDays: present.ACCESS_ATTEMPT_KEEP_DAYS, dossierKeepDays: values.DOSSIER_KEEP_DAYS ?? null,
    },
    fileStore,
    fileLinkHours: present.FILE_LINK_HOURS,
    tenantAgencyCodes: present.TENANT_AGENCY_CODES,
    procedures: procedureSettingsOf(present),
    services: serviceSettingsOf(present),
    accounts: accountSettingsOf(present),
    payments: paymentSettingsOf(present),
    receipts: receiptSettingsOf(present),
    post: postalSettingsOf(present),
    postalDesk: postalDeskSettingsOf(present),
    eventsKeepDays: present.EVENTS_KEEP_DAYS,
    idempotencyHours: present.IDEMPOTENCY_HOURS,
    journalKeepDays: present.JOURNAL_KEEP_DAYS,
    logLevel: present.LOG_LEVEL,
    metrics: present.METRICS,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    leaseMs: present.DELIVERY_LEASE_MS,
    drainMs: present.DRAIN_SECONDS * 1_000,
  };
};

/** Environment → one checked, read-only object. Throws ConfigError with every problem of the core and of each party. */
export const readConfig = (env: Env, sections: readonly PartySection[]): Config => {
  const problems: string[] = [];
  const parties = new Map<string, unknown>();
  for (const section of sections) {
    const read = section.settings.read(env);
    if (read.ok) parties.set(section.party, read.settings);
    else problems.push(...read.problems);
  }
  const core = readEnv(CORE_KEYS, env);
  if (!core.ok) throw new ConfigError([...core.problems, ...problems]);
  const config = assemble(core.settings, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ core: Object.freeze(config), parties });
};
