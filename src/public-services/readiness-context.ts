import type { AgencyTree } from '../agencies/agency-tree.js';
import type { ReadinessContext } from './readiness-check.js';

export interface ReadinessSettings {
  /** Level-1 codes of this province, the current one first. */
  readonly tenantAgencyCodes: readonly string[];
}

/** What readiness is judged against, now. */
export const readinessContext = ({ tenantAgencyCodes }: ReadinessSettings, tree: AgencyTree, now: Date): ReadinessContext => ({
  now, tenantAgencyCodes, codesOfAgency: (code) => [code, ...(tree.find(code)?.codes.map((known) => known.code) ?? [])],
});
