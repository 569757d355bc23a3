export const ROLES = ['portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling: an authenticated client and the role that it holds. */
export interface Caller {
  /** Name of the client; idempotency keys are scoped to it, and operator actions are recorded under it. */
  readonly client: string;
  readonly role: Role;
}
