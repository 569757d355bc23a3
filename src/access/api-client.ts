import { ROLES, type Role } from './caller.js';

/** What a program is that may call: the portal, an agency's system, a tool of the operators. */
export interface ApiClient {
  readonly name: string;
  readonly role: Role;
  readonly agencyScope: string | null;
  /** It may send registered documents only. */
  readonly registeredDocumentsOnly: boolean;
  readonly state: 'active' | 'revoked';
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Newest first. */
  readonly keys: readonly ApiKeyInfo[];
}

export interface ApiKeyInfo {
  readonly prefix: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** To ten minutes; null while it was never used. */
  readonly lastUsedAt: Date | null;
}

export interface NewApiClient {
  readonly name: string;
  readonly role: Role;
  readonly agencyScope: string | null;
  readonly registeredDocumentsOnly: boolean;
}

/** Who changes something about access: a caller, or whoever may run commands on the server. */
export interface AccessActor {
  readonly name: string;
  readonly role: Role | 'server';
}

export type ClientRefusal = 'NAME_TAKEN' | 'UNKNOWN_CLIENT' | 'UNKNOWN_KEY' | 'CLIENT_REVOKED' | 'ROLE_NOT_YOURS';

/**
 * Whose keys one may hold in hand. Supervisors are made on the server only: an operator who could make one would be his own
 * second person.
 */
export const MAY_ISSUE: Readonly<Partial<Record<Role | 'server', readonly Role[]>>> = {
  server: ROLES,
  operator: ['portal', 'agency'],
  supervisor: ['portal', 'agency', 'operator', 'leader', 'auditor'],
};

export const CLIENT_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Codes of either epoch: `000.00.15.H42`, `H42.15`. */
export const AGENCY_CODE = /^[A-Za-z0-9]{1,10}(\.[A-Za-z0-9]{1,10}){0,7}$/;
