import type { FieldLimits } from './field-limits.js';
import type { RuleBreach } from './rule-breach.js';

/** What the agency directory says of codes, as the caller may see it. */
export interface AgencyRules {
  /** Agency of a dossier: known, and in force on the day of reception. */
  checkAgency(code: string, receivedAt: Date): RuleBreach | null;
  /** Agency part of a dossier code: known in either epoch, at any time. */
  checkCodePart(code: string, now: Date): RuleBreach | null;
}

/** What the rules need to know of this installation. */
export interface DossierRules {
  /** Level-1 agency codes of the province, the current one first; older ones stay valid on what was issued under them. */
  readonly tenantAgencyCodes: readonly string[];
  readonly fieldLimits: FieldLimits;
  /** Absent or null while no agencies were imported: only the province's prefix is checked. */
  readonly agencies?: AgencyRules | null;
}
