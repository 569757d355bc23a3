import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { CoreConfig } from '../config.js';
import { createPublicServiceModule } from '../public-services/public-service-module.js';
import type { PublicServiceModule } from '../public-services/public-service-module.js';
import type { Database } from '../store/database.js';

/** The register of public services. */
export const createServices = ({ database, agencies, core }: { readonly database: Database; readonly agencies: AgencyAccess; readonly core: CoreConfig }): PublicServiceModule =>
  createPublicServiceModule({
    database, agencies,
    // No register of bank accounts is composed: readiness shows that condition as not checked.
    accounts: null,
    settings: { ...core.services, tenantAgencyCodes: core.tenantAgencyCodes, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
  });
