import { randomUUID } from 'node:crypto';
import { graphql } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../../src/access/caller.js';
import { createAgencyModule } from '../../src/agencies/agency-module.js';
import type { AgencyModule } from '../../src/agencies/agency-module.js';
import { createDossierModule } from '../../src/dossiers/dossier-module.js';
import type { DossierModule } from '../../src/dossiers/dossier-module.js';
import type { DossierInput, StepInput } from '../../src/dossiers/dossier-input.js';
import { createEventModule } from '../../src/events/event-module.js';
import type { EventModule } from '../../src/events/event-module.js';
import { FileLinks } from '../../src/files/file-links.js';
import { buildSchema, readTypeDefinitions } from '../../src/graphql/schema.js';
import type { DomainResolvers } from '../../src/graphql/schema.js';
import { createMatchModule } from '../../src/procedures/match-module.js';
import type { MatchModule } from '../../src/procedures/match-module.js';
import type { ProcedurePolicy } from '../../src/procedures/procedure-knowledge.js';
import { createProcedureModule } from '../../src/procedures/procedure-module.js';
import { FieldCipher } from '../../src/store/field-cipher.js';
import type { FieldKey } from '../../src/store/field-cipher.js';
import type { Database } from '../../src/store/database.js';
import { NOW, RULES, dossierInput } from './dossier-inputs.js';
import { ScriptedRegistry } from './scripted-registry.js';

export const PORTAL: Caller = { client: 'portal-1', role: 'portal', agencyScope: null };
export const OTHER_PORTAL: Caller = { client: 'portal-2', role: 'portal', agencyScope: null };
export const OPERATOR: Caller = { client: 'ops', role: 'operator', agencyScope: null };
export const AUDITOR: Caller = { client: 'audit', role: 'auditor', agencyScope: null };
export const LEADER: Caller = { client: 'lead', role: 'leader', agencyScope: null };

/** Nothing here syncs by itself. */
const SYNC = { nightlyAtMinutes: null, fullWeekday: null, rereadRuns: 7, maxAbsentShare: 0.1, cacheSize: 100, fingerprintKey: Buffer.alloc(32, 3), keepHours: 24 };

/** Result data of any shape: tests look into it by path. */
export interface Answer {
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>> | null | undefined>>;
  readonly errors: readonly { readonly message: string }[];
}

const UPSERT = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) {
  __typename ... on IdempotencyConflict { key }
  ... on DossiersAnswered { keyExpiresAt items { __typename
    ... on DossierAccepted { index dossierCode version unchanged stepIds deliveryIds truncations { field limit length } qualityFlags { code message { vi } } }
    ... on InputRejected { index dossierCode problems { field code message { vi en } allowed } }
    ... on StatusMoveRefused { index from to allowed field } } } } }`;
const APPEND = `mutation ($key: IdempotencyKey!, $code: ID!, $steps: [StepInput!]!) { appendSteps(idempotencyKey: $key, dossierCode: $code, steps: $steps) {
  __typename ... on IdempotencyConflict { key } ... on DossierNotFound { dossierCode }
  ... on StepsAnswered { keyExpiresAt deliveryIds items { __typename ... on StepAccepted { index stepId } ... on InputRejected { index problems { field code } } ... on StatusMoveRefused { index from to } } } } }`;

/** A further domain behind the same schema. */
export interface Also {
  readonly sdl: readonly string[];
  readonly resolvers: (gateway: DossierGateway) => readonly DomainResolvers[];
}

/** The dossier and event modules behind their real schema, on a test database, with a scripted registry. */
export class DossierGateway {
  readonly registry = new ScriptedRegistry();
  readonly rings: string[] = [];
  readonly agencies: AgencyModule;
  readonly dossiers: DossierModule;
  readonly events: EventModule;
  readonly match: MatchModule;
  readonly links: FileLinks;
  now = NOW;
  readonly #schema: GraphQLSchema;

  constructor(database: Database, options: { keys?: readonly FieldKey[]; idempotencyKeepMs?: number; policy?: ProcedurePolicy; also?: Also } = {}) {
    const { keys = [{ id: 'k1', key: Buffer.alloc(32, 1) }], idempotencyKeepMs = 86_400_000 } = options;
    this.links = new FileLinks({ keys: [Buffer.alloc(32, 9)], publicUrl: 'http://gateway', ttlMs: 3_600_000 });
    this.agencies = createAgencyModule({ database, settings: { tenantAgencyCodes: RULES.tenantAgencyCodes, fingerprintKey: Buffer.alloc(32, 3), keepHours: 24 } });
    this.match = createMatchModule({ database, agencies: this.agencies, now: () => this.now, settings: { tenantAgencyCodes: RULES.tenantAgencyCodes, fingerprintKey: Buffer.alloc(32, 3), keepHours: 24, policy: options.policy ?? 'off' } });
    this.dossiers = createDossierModule({
      database, cipher: new FieldCipher(keys), fieldLimits: RULES.fieldLimits, registry: this.registry, technicalIds: this.registry,
      sharedLists: this.registry, fileLinks: this.links, bell: { ring: (party) => this.rings.push(party) }, agencies: this.agencies, procedures: this.match.knowledge,
      settings: { tenantAgencyCodes: RULES.tenantAgencyCodes, fingerprintKey: Buffer.alloc(32, 3), idempotencyKeepMs, askAfterMs: 20 },
      now: () => this.now,
    });
    this.events = createEventModule({ database, agencies: this.agencies, settings: { keepMs: 30 * 86_400_000 } });
    const catalogue = createProcedureModule({ database, port: null, ring: () => undefined, settings: SYNC });
    this.#schema = buildSchema([this.agencies.resolvers, this.dossiers.resolvers, this.events.resolvers, ...catalogue.resolvers, this.match.resolvers, ...(options.also?.resolvers(this) ?? [])],
      readTypeDefinitions(['agency.graphql', 'common.graphql', 'dossier.graphql', 'event.graphql', 'procedure.graphql', 'procedure-match.graphql', ...(options.also?.sdl ?? [])]));
  }

  async call(caller: Caller, source: string, variables: object = {}): Promise<Answer> {
    // As over HTTP: instants travel as text.
    const variableValues = JSON.parse(JSON.stringify(variables)) as Record<string, unknown>;
    const result = await graphql({ schema: this.#schema, source, variableValues, contextValue: { caller, correlationId: randomUUID(), traceparent: null } });
    return { data: result.data as Answer['data'], errors: result.errors ?? [] };
  }

  upsert(key: string, dossiers: readonly DossierInput[] = [dossierInput()], caller = PORTAL): Promise<Answer> {
    return this.call(caller, UPSERT, { key, dossiers });
  }

  append(key: string, steps: readonly StepInput[], { code = dossierInput().code, caller = PORTAL } = {}): Promise<Answer> {
    return this.call(caller, APPEND, { key, code, steps });
  }
}

export const DOSSIER_TABLES = 'dossiers, dossier_versions, dossier_steps, dossier_registrations, status_reports, idempotency_keys, deliveries, lanes, events, attempts, parties';
