import type { ApiKey } from '../config.js';
import type { AccessSettings } from '../config/access-keys.js';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { createAccessResolvers } from './access-resolvers.js';
import { ApiClientService } from './api-client-service.js';
import { ApiClientStore } from './api-client-store.js';
import { firstProof, type Authenticator, type Proof } from './authenticator.js';
import { createBearerProof, createConfiguredKeys } from './bearer-keys.js';
import { createBearerTokens } from './bearer-tokens.js';
import { createCertificateProof } from './client-certificates.js';
import { IssuedKeys } from './issued-keys.js';

export interface AccessModuleDeps {
  readonly database: Database;
  readonly logger: Logger;
  /** People by their sessions. */
  readonly people: Proof;
  readonly settings: AccessSettings & { readonly apiKeys: readonly ApiKey[]; readonly fingerprintKey: Buffer; readonly keepHours: number };
}

export interface AccessModule {
  /** Programs, by key, token or certificate. */
  readonly authenticator: Authenticator;
  /** The same, and people by their sessions: a cookie opens GraphQL and nothing else. */
  readonly graphqlAuthenticator: Authenticator;
  readonly resolvers: ReturnType<typeof createAccessResolvers>;
}

/** Joins the ways of proving who calls, and the means of changing who may. */
export const createAccessModule = ({ database, logger, people, settings }: AccessModuleDeps): AccessModule => {
  const store = new ApiClientStore(database);
  const tokens = settings.tokens === null ? [] : [createBearerTokens(settings.tokens)];
  const bearers = createBearerProof([new IssuedKeys({ store, logger }), createConfiguredKeys(settings.apiKeys), ...tokens]);
  const certificates = settings.certificates === null ? [] : [createCertificateProof(settings.certificates)];
  return {
    authenticator: firstProof([bearers, ...certificates]),
    graphqlAuthenticator: firstProof([bearers, ...certificates, people]),
    resolvers: createAccessResolvers(new ApiClientService({ database, store, settings })),
  };
};
