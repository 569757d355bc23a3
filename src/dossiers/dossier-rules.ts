import type { FieldLimits } from './field-limits.js';

/** What the rules need to know of this installation. */
export interface DossierRules {
  /** Level-1 agency codes of the province, the current one first; older ones stay valid on what was issued under them. */
  readonly tenantAgencyCodes: readonly string[];
  readonly fieldLimits: FieldLimits;
}
