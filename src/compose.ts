import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { NATIONAL_PORTAL, PARTIES } from '../adapters/registry.js';
import { CircuitBoard } from '../adapters/support/circuit-board.js';
import { DeliverBell } from '../queues/deliver/bell.js';
import { createDeliverHandler } from '../queues/deliver/handler.js';
import { deliverJob } from '../queues/deliver/job.js';
import { JOBS } from '../queues/queues.js';
import { migratePostgresCarrier } from '../queues/runtime/postgres-carrier.js';
import { QueueRuntime } from '../queues/runtime/queue-runtime.js';
import { connectProducer } from '../queues/runtime/redis-connection.js';
import { accessRulesOf } from './access/access-rules.js';
import { createAccessModule } from './access/access-module.js';
import { RefusalLog, pruneRefusals } from './access/refusal-log.js';
import { createUserModule } from './access/user-module.js';
import { createAgencyModule } from './agencies/agency-module.js';
import type { Composition, Gateway, GatewayOptions } from './commands/composition.js';
import { createBankAccounts } from './compose/bank-accounts.js';
import { createCallbacks, startCallbackWork } from './compose/callbacks.js';
import { collectorsOf, createCollection } from './compose/collection.js';
import { createFilesRoute } from './compose/files.js';
import { findServerProblems, portalSettingsOf, probeParties, startSandbox } from './compose/parties-and-servers.js';
import { accountNamesOf, closePaymentParties, createPayments, gatewayReceiptsOf, gatewaysOf, openPaymentParties, paymentBindings, paymentLimits, paymentQuestions, startPaymentWork } from './compose/payments.js';
import { reconcileOnce } from './compose/reconciliation.js';
import { createServices } from './compose/public-services.js';
import { createReceipts, openReceiptParty, receiptLimits } from './compose/receipts.js';
import { createPostalDesk } from './compose/postal-desk.js';
import { carriersOf, claimBindings, closeCarriers, createPost, openCarriers, postalLimits } from './compose/postal.js';
import { createProcedures, openProcedureDatabase, startProcedureWork, syncOnce } from './compose/procedure-work.js';
import { hasSecureCookies } from './config.js';
import { CircuitStore } from './deliveries/circuit-store.js';
import { DeliveryEngine } from './deliveries/delivery-engine.js';
import type { DeliveryOperation } from './deliveries/delivery-operation.js';
import { DeliveryQueries } from './deliveries/delivery-queries.js';
import { createDeliveryResolvers } from './deliveries/delivery-resolvers.js';
import { DeliveryStore } from './deliveries/delivery-store.js';
import { createOperatorResolvers } from './deliveries/operator-resolvers.js';
import { OperatorService } from './deliveries/operator-service.js';
import { OperatorStore } from './deliveries/operator-store.js';
import { PartyStore } from './deliveries/party-store.js';
import { createDossierModule } from './dossiers/dossier-module.js';
import { createEvidenceModule } from './evidence/evidence-module.js';
import { createEventModule } from './events/event-module.js';
import { FileLinks } from './files/file-links.js';
import { buildSchema } from './graphql/schema.js';
import { TrustedDocumentStore } from './graphql/trusted-documents.js';
import { startHousekeeping } from './housekeeping.js';
import { registerDeliveryGauges } from './observability/delivery-gauges.js';
import { registerEvidenceGauges } from './observability/evidence-gauges.js';
import { createMetrics, type Metrics } from './observability/metrics.js';
import { inSpan, startTracing } from './observability/tracing.js';
import { createMatchModule } from './procedures/match-module.js';
import { createRetentionModule } from './retention/retention-module.js';
import type { CallStore } from './server/call-limits.js';
import { openDoor } from './server/door.js';
import { QUEUE_BOARD_PATH } from './server/express-app.js';
import { Health, type HealthCheck } from './server/health.js';
import { Database } from './store/database.js';
import { FieldCipher } from './store/field-cipher.js';
import { migrate } from './store/migrate.js';

/** How long a lost ring can delay a delivery. */
const SWEEP_MS = 1_000;
/** Several sweeps without anybody looking at work that is due: the worker is stuck. */
const STALLED_AFTER_MS = 15_000;
/** The handler only wakes a pump. */
const DELIVER_CONCURRENCY = 4;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const createBell = (runtime: QueueRuntime, metrics: Metrics, logger: Logger): DeliverBell =>
  new DeliverBell({
    runtime,
    onResult: (result, error) => {
      metrics.queueRings.inc({ result });
      if (result === 'failed') logger.debug({ err: error }, 'ring failed; the sweeper will find the work');
    },
  });

const createParts = ({ config, publicUrl, logger }: GatewayOptions) => {
  const { core } = config;
  const portalSettings = portalSettingsOf(config);
  const metrics = createMetrics();
  const database = new Database({ url: core.databaseUrl, poolSize: core.databasePoolSize, applicationName: 'onestop-gateway' });
  const runtime = new QueueRuntime({ redis: core.redis, databaseUrl: core.databaseUrl }, { logger, jobs: JOBS });
  const bell = createBell(runtime, metrics, logger);
  const circuits = new CircuitBoard();
  const portal = NATIONAL_PORTAL.create(portalSettings, { circuits, logger });
  const fileLinks = new FileLinks({ keys: core.fileLinkKeys.map(({ key }) => key), publicUrl, ttlMs: core.fileLinkHours * HOUR_MS });
  const agencies = createAgencyModule({
    database, settings: { tenantAgencyCodes: core.tenantAgencyCodes, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
  });
  const match = createMatchModule({
    database, agencies, settings: { tenantAgencyCodes: core.tenantAgencyCodes, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours, policy: core.procedures.policy },
    onRun: ({ total, matched, lost }) => {
      metrics.proceduresMatched.set(total === 0 ? 1 : matched / total);
      metrics.proceduresLost.inc(lost);
    },
  });
  const dossiers = createDossierModule({
    database, cipher: new FieldCipher(core.fieldKeys), fieldLimits: portal.fieldLimits, registry: portal.registry,
    technicalIds: portal.technicalIds, sharedLists: portal.sharedLists, fileLinks, bell, agencies, procedures: match.knowledge,
    settings: {
      tenantAgencyCodes: core.tenantAgencyCodes, fingerprintKey: core.fingerprintKey, idempotencyKeepMs: core.idempotencyHours * HOUR_MS,
      askAfterMs: portalSettings.NATIONAL_PORTAL_IN_FLIGHT_MS,
    },
  });
  const people = createUserModule({
    database, logger, cipher: new FieldCipher(core.fieldKeys),
    settings: { ...core.login, cookies: { isSecure: hasSecureCookies(core.http), publicOrigin: core.http.publicUrl === null ? null : new URL(core.http.publicUrl).origin }, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
  });
  const access = createAccessModule({ database, logger, people: people.proof, settings: { ...core.access, apiKeys: core.apiKeys, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours } });
  const events = createEventModule({ database, agencies, settings: { keepMs: core.eventsKeepDays * DAY_MS } });
  const retention = createRetentionModule({ database, erasure: dossiers.erasure, settings: { ...core.retention, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours } });
  const procedureDatabase = openProcedureDatabase(config, { circuits, logger });
  const procedures = createProcedures({ database, runtime, core, logger, metrics, port: procedureDatabase.database });
  const paymentParties = openPaymentParties(config, { circuits, logger });
  const postalParties = openCarriers(config, { circuits, logger });
  const carriers = carriersOf(postalParties);
  const collectors = collectorsOf(carriers);
  const accounts = createBankAccounts({ database, core, agencies, logger, namePorts: accountNamesOf(paymentParties), gateways: [...gatewaysOf(paymentParties), ...collectors] });
  const receiptParty = openReceiptParty(config, { circuits, logger });
  // What follows from a payment in its own transaction, such as a receipt that is owed, joins in `onPaid`.
  const payments = createPayments({ database, core, agencies, accounts: accounts.directory, parties: paymentParties, collectors, health: circuits, bell, metrics, logger, onPaid: [receiptParty.owing.onPaid] });
  const receipts = createReceipts({ database, core, agencies, party: receiptParty, payments, bills: gatewayReceiptsOf(paymentParties), links: fileLinks, bell, metrics, logger });
  const postalDesk = createPostalDesk({ database, core, agencies, carriers, links: fileLinks, logger });
  const collection = createCollection({ core, payments, accounts: accounts.directory, collectors });
  const post = createPost({ database, core, agencies, parties: postalParties, desk: postalDesk, collection, onStanding: collection === null ? [] : [collection.onStanding], bell, metrics, logger });
  const services = createServices({ database, agencies, core, accounts: accounts.directory });
  // Parties that call us join here, each receiver bound to the use case that it feeds (bindCallback).
  const callbacks = createCallbacks({ database, core, agencies, metrics, logger, bindings: [...paymentBindings(paymentParties, payments), ...claimBindings(postalParties, post)], questions: paymentQuestions(paymentParties, payments) });
  const evidence = createEvidenceModule({ database, settings: core.evidence });
  const stores = { deliveries: new DeliveryStore(database), parties: new PartyStore(database), circuits: new CircuitStore(database) };
  return { core, metrics, database, runtime, bell, circuits, portal, fileLinks, agencies, dossiers, events, evidence, retention, access, people, procedures, procedureDatabase, match, paymentParties, receiptParty, accounts, payments, receipts, postalParties, postalDesk, post, services, callbacks, stores };
};

type Parts = ReturnType<typeof createParts>;

/** Everything that deliveries carry. */
const operationsOf = ({ dossiers, payments, receipts, post }: Parts): readonly DeliveryOperation[] => [...dossiers.operations, ...payments.operations, ...receipts.operations, ...post.operations];

const createEngine = (parts: Parts, { config, logger }: GatewayOptions): DeliveryEngine => {
  const settings = portalSettingsOf(config);
  return new DeliveryEngine({
    database: parts.database, operations: operationsOf(parts), circuits: parts.circuits, bell: parts.bell, logger,
    parties: [{ party: NATIONAL_PORTAL.party, concurrency: settings.NATIONAL_PORTAL_CONCURRENCY, ratePerSecond: settings.NATIONAL_PORTAL_RATE_PER_SECOND }, ...paymentLimits(parts.paymentParties), ...receiptLimits(parts.receiptParty), ...postalLimits(parts.postalParties)],
    settings: { processId: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`, leaseMs: parts.core.leaseMs, sweepMs: SWEEP_MS, stalledAfterMs: STALLED_AFTER_MS, journalKeepDays: parts.core.journalKeepDays },
    attempts: {
      inSpan: (delivery, run) => inSpan({ name: `deliver ${delivery.operation}`, parent: delivery.traceparent, attributes: { 'onestop.party': delivery.party, 'onestop.delivery': delivery.id } }, run),
      observe: ({ party, operation, outcome, seconds }) => {
        parts.metrics.deliveriesSettled.inc({ party, operation, outcome });
        parts.metrics.attemptSeconds.observe({ party, operation, outcome }, seconds);
      },
    },
  });
};

const createResolvers = (parts: Parts) => {
  const { database, bell, agencies, dossiers, events, evidence, retention, access, people, procedures, match, accounts, payments, receipts, postalDesk, post, services, callbacks, stores, core } = parts;
  const operations = operationsOf(parts);
  const queries = new DeliveryQueries({ ...stores, operations, agencies });
  const operators = new OperatorService({
    database, store: new OperatorStore(), parties: stores.parties, circuits: stores.circuits, operations, bell, agencies,
    settings: { fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
  });
  return [agencies.resolvers, dossiers.resolvers, events.resolvers, evidence.resolvers, retention.resolvers, ...procedures.resolvers, match.resolvers, services.createResolvers(procedures.queries), createDeliveryResolvers(queries), createOperatorResolvers({ queries, operators }), access.resolvers, people.resolvers, callbacks.resolvers, accounts.resolvers, ...payments.resolvers, payments.reconciliation.resolvers, ...receipts.resolvers, ...postalDesk.resolvers, ...post.resolvers];
};

const createHealth = (parts: Parts, engine: DeliveryEngine | null): Health => {
  const checks: HealthCheck[] = [
    { name: 'database', check: async () => ({ ready: (await parts.database.query('SELECT 1')).rowCount === 1 }) },
    { name: 'evidence', check: () => parts.evidence.readiness() },
    { name: 'queue', check: async () => parts.runtime.ping().then(() => ({ ready: true })) },
  ];
  if (engine !== null) checks.push({ name: 'deliveries', check: () => engine.readiness() }, { name: 'callbacks', check: () => parts.callbacks.readiness() }, { name: 'payments', check: () => parts.payments.readiness() }, { name: 'receipts', check: () => parts.receipts.readiness() }, { name: 'post', check: () => parts.post.readiness() });
  return new Health(checks);
};

/** Calls are counted where the queue is carried. */
const openCallStore = ({ core, database }: Parts, logger: Logger): { readonly calls: CallStore; readonly close: () => void } => {
  if (core.redis === null) return { calls: { kind: 'postgres', database }, close: () => undefined };
  const redis = connectProducer(core.redis);
  redis.on('error', (error: Error) => logger.debug({ err: error }, 'counting of calls: Redis'));
  return { calls: { kind: 'redis', redis }, close: () => redis.disconnect() };
};

const createRoutes = async (parts: Parts, { roles, logger }: GatewayOptions, health: Health): Promise<Pick<Gateway, 'routes' | 'adminRoutes' | 'callbackRoutes' | 'accessRules'> & { readonly stop: () => Promise<void> }> => {
  const { core, metrics, access, database, runtime } = parts;
  const schema = roles.api ? buildSchema(createResolvers(parts)) : null;
  const { calls, close } = openCallStore(parts, logger);
  const refusals = new RefusalLog({ database, logger });
  const { stop, ...doors } = await openDoor({
    refusals, http: core.http, logger, metrics, showsMetrics: core.metrics, health, authenticator: access.authenticator, schema, calls,
    people: { authenticator: access.graphqlAuthenticator, logins: parts.people.logins },
    documents: new TrustedDocumentStore(database), files: roles.api ? createFilesRoute(parts, logger) : null, callbacks: roles.api ? parts.callbacks.handler : null,
    queueBoard: roles.api ? async () => (await import('../queues/runtime/queue-board.js')).createQueueBoard(runtime, QUEUE_BOARD_PATH) : null,
  });
  return { ...doors, accessRules: schema === null ? [] : accessRulesOf(schema), stop: () => stop().finally(() => refusals.stop()).finally(close) };
};

const startWorker = async (parts: Parts, options: GatewayOptions): Promise<{ engine: DeliveryEngine; stopHousekeeping: () => void; stopCallbacks: () => Promise<void>; stopPayments: () => Promise<void>; stopReceipts: () => Promise<void>; stopPost: () => Promise<void>; stopAccounts: () => Promise<void>; stopMatching: () => Promise<void>; stopSealing: () => Promise<void>; stopProcedures: () => Promise<void> }> => {
  const engine = createEngine(parts, options);
  await engine.start();
  parts.runtime.work(deliverJob, createDeliverHandler(engine), { concurrency: DELIVER_CONCURRENCY });
  const stopHousekeeping = startHousekeeping([
    { name: 'idempotency-keys', run: parts.dossiers.prune },
    { name: 'events', run: parts.events.prune },
    { name: 'sessions', run: parts.people.prune },
    { name: 'access-refusals', run: () => pruneRefusals(parts.database, parts.core.retention.accessAttemptKeepDays) },
    ...parts.retention.tasks,
    ...parts.callbacks.tasks,
    ...parts.procedures.tasks,
    ...parts.services.tasks,
    ...parts.postalDesk.tasks,
  ], options.logger);
  return { engine, stopHousekeeping, stopCallbacks: startCallbackWork(parts.callbacks), stopPayments: startPaymentWork(parts.payments), stopReceipts: parts.receipts.start(), stopPost: parts.post.start(), stopAccounts: parts.accounts.start(), stopMatching: parts.match.start(options.logger), stopSealing: parts.evidence.startSealing(options.logger), stopProcedures: startProcedureWork({ ...parts, logger: options.logger }) };
};

const closeParts = async (parts: Parts, graceMs: number): Promise<void> => {
  await parts.runtime.close(graceMs);
  await parts.portal.close();
  await parts.procedureDatabase.close();
  await closePaymentParties(parts.paymentParties);
  await parts.receiptParty.connection.close();
  await closeCarriers(parts.postalParties);
  await parts.services.close();
  await parts.evidence.close();
  parts.circuits.close();
  await parts.database.close();
};

const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const tracing = options.config.core.otlpEndpoint === null ? null : await startTracing('onestop-gateway');
  const parts = createParts(options);
  const { stores, runtime } = parts;
  registerEvidenceGauges(parts.metrics, parts.evidence.readiness);
  registerDeliveryGauges(parts.metrics, { ...stores, queueCounts: () => runtime.counts() });
  const worker = options.roles.worker ? await startWorker(parts, options) : null;
  const health = createHealth(parts, worker?.engine ?? null);
  const { stop, ...doors } = await createRoutes(parts, options, health);
  return {
    ...doors,
    health,
    close: async (graceMs) => {
      worker?.stopHousekeeping();
      await worker?.stopCallbacks();
      await worker?.stopPayments();
      await worker?.stopReceipts();
      await worker?.stopPost();
      await worker?.stopAccounts();
      await worker?.stopMatching();
      await worker?.stopSealing();
      await worker?.stopProcedures();
      await worker?.engine.close(graceMs);
      await stop();
      await closeParts(parts, graceMs);
      await tracing?.stop();
    },
  };
};

/** For commands that need the parts and no gateway. */
const withParts = async <Result>(options: Pick<GatewayOptions, 'config' | 'logger'>, work: (parts: Parts) => Promise<Result>): Promise<Result> => {
  const parts = createParts({ ...options, publicUrl: 'http://localhost', roles: { api: false, worker: false } });
  try {
    return await work(parts);
  } finally {
    await closeParts(parts, 1_000);
  }
};

/** The root of the object graph: the only place where domain, parties and queues meet. */
export const composition: Composition = {
  sections: PARTIES.map(({ party, settings }) => ({ party, settings })),
  startGateway,
  startSandbox,
  migrate: async (databaseUrl) => {
    const applied = await migrate(databaseUrl);
    await migratePostgresCarrier(databaseUrl);
    return applied;
  },
  findServerProblems,
  probeParties,
  reseal: (config, logger, onProgress) => withParts({ config, logger }, async ({ dossiers, people, callbacks, accounts, payments, post }) => (await dossiers.reseal.run(onProgress)) + (await people.reseal()) + (await callbacks.reseal()) + (await accounts.reseal()) + (await payments.reseal()) + (await post.reseal())),
  withAccounts: (config, logger, work) => withParts({ config, logger }, ({ accounts }) => work(accounts)),
  withPostalDesk: (config, logger, work) => withParts({ config, logger }, ({ postalDesk }) => work(postalDesk)),
  syncProcedures: (config, logger, request) => withParts({ config, logger }, (parts) => syncOnce({ ...parts, logger }, request)),
  reconcile: (config, logger, order) => withParts({ config, logger }, ({ payments }) => reconcileOnce(payments.reconciliation, order)),
};
