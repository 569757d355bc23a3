import { AccessAttemptStore } from './access-attempt-store.js';
import { AgencyDirectory } from './agency-directory.js';
import { AgencyQueries } from './agency-queries.js';
import { createAgencyResolvers } from './agency-resolvers.js';
import { AgencyScope } from './agency-scope.js';
import { AgencyService } from './agency-service.js';
import type { AgencyServiceDeps } from './agency-service.js';
import { AgencyStore } from './agency-store.js';

export interface AgencyModule {
  readonly resolvers: ReturnType<typeof createAgencyResolvers>;
  readonly service: AgencyService;
  /** What each caller may see; every domain that holds objects of agencies asks it. */
  readonly scope: AgencyScope;
  /** Where domains record that a limited caller named what is not its own. */
  readonly attempts: AccessAttemptStore;
  readonly directory: AgencyDirectory;
}

/** Joins the parts of the agency domain. */
export const createAgencyModule = ({ database, settings }: Pick<AgencyServiceDeps, 'database' | 'settings'>): AgencyModule => {
  const store = new AgencyStore(database);
  const directory = new AgencyDirectory(store);
  const scope = new AgencyScope(directory);
  const attempts = new AccessAttemptStore(database);
  const service = new AgencyService({ database, store, directory, settings });
  return { resolvers: createAgencyResolvers({ queries: new AgencyQueries(scope, attempts), service }), service, scope, attempts, directory };
};
