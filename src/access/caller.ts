export const ROLES = ['portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling: an authenticated client and the role that it holds. */
export interface Caller {
  /** Name of the client; idempotency keys are scoped to it, and operator actions are recorded under it. */
  readonly client: string;
  readonly role: Role;
  /**
   * Code of the agency whose subtree the caller may see; null for the whole province. An agency's own system always has one:
   * without it, it sees nothing.
   */
  readonly agencyScope: string | null;
  /** Where true, it may send registered documents only. */
  readonly registeredDocumentsOnly?: boolean;
}
