import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Database } from '../store/database.js';
import type { AgencyAccountsPort } from './agency-accounts-port.js';
import { LinkChecker } from './link-checker.js';
import { LinkProbe } from './link-probe.js';
import { createPublicServiceResolvers } from './public-service-resolvers.js';
import type { NationalRecords } from './public-service-resolvers.js';
import { ServiceQueries } from './service-queries.js';
import { ServiceRegister } from './service-register.js';
import { ServiceStore } from './service-store.js';

export interface PublicServiceSettings {
  readonly tenantAgencyCodes: readonly string[];
  readonly fingerprintKey: Buffer;
  readonly keepHours: number;
  /** Share of online services that is to be connected, in percent. */
  readonly targetPercent: number;
  /** Origins of the province's portals, whose deep links are looked at. */
  readonly portalOrigins: readonly string[];
}

export interface PublicServiceModuleDeps {
  readonly database: Database;
  readonly agencies: AgencyAccess;
  readonly settings: PublicServiceSettings;
  /** Null while no bank accounts are kept: that condition is then not checked. */
  readonly accounts: AgencyAccountsPort | null;
  readonly now?: () => Date;
}

/** A page that takes longer is none to a citizen either. */
const LINK_TIMEOUT_MS = 5_000;

/** Joins the parts of the register of public services. */
export const createPublicServiceModule = ({ database, agencies, settings, accounts, now = () => new Date() }: PublicServiceModuleDeps) => {
  const store = new ServiceStore(database);
  const probe = new LinkProbe({ origins: settings.portalOrigins, timeoutMs: LINK_TIMEOUT_MS });
  const links = new LinkChecker({ database, store, probe, settings });
  const queries = new ServiceQueries({ database, store, agencies, settings, accounts, now });
  const register = new ServiceRegister({ database, store, agencies, settings, accounts, now });
  return {
    /** The national records of services come from the catalogue. */
    createResolvers: (catalogue: NationalRecords) => createPublicServiceResolvers({ queries, register, links, catalogue, targetPercent: settings.targetPercent, now }),
    queries, register, links,
    tasks: [{ name: 'service-links', run: () => links.sweep() }],
    close: () => probe.close(),
  };
};
export type PublicServiceModule = ReturnType<typeof createPublicServiceModule>;
