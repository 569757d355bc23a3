import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { CoreConfig } from '../config.js';
import { createPublicServiceModule } from '../public-services/public-service-module.js';
import type { PublicServiceModule } from '../public-services/public-service-module.js';
import type { Database } from '../store/database.js';

/** The register of public services. */
export const createServices = ({ database, agencies, core, accounts }: {
  readonly database: Database; readonly agencies: AgencyAccess; readonly core: CoreConfig; readonly accounts: AccountDirectory;
}): PublicServiceModule =>
  createPublicServiceModule({
    database, agencies, accounts,
    settings: { ...core.services, tenantAgencyCodes: core.tenantAgencyCodes, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
  });
