import type { AgencyTree } from '../agencies/agency-tree.js';
import type { AgencyAccountsPort } from './agency-accounts-port.js';
import type { ReadinessContext } from './readiness-check.js';

export interface ReadinessSettings {
  /** Level-1 codes of this province, the current one first. */
  readonly tenantAgencyCodes: readonly string[];
  /** Origins of the province's portals; without any, no link is ever looked at. */
  readonly portalOrigins: readonly string[];
}

/** What readiness is judged with. */
export interface ReadinessSources {
  readonly settings: ReadinessSettings;
  /** Null while no accounts are kept. */
  readonly accounts: AgencyAccountsPort | null;
  readonly now: () => Date;
}

/** What services of these agencies are judged against, now. */
export const readinessContext = async ({ settings, accounts, now }: ReadinessSources, tree: AgencyTree, agencyCodes: readonly string[]): Promise<ReadinessContext> => ({
  now: now(), tenantAgencyCodes: settings.tenantAgencyCodes, looksAtLinks: settings.portalOrigins.length > 0,
  codesOfAgency: (code) => [code, ...(tree.find(code)?.codes.map((known) => known.code) ?? [])],
  agenciesWithAccount: accounts === null ? null : await accounts.activeAccountAgencies([...new Set(agencyCodes)]),
});
