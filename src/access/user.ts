import type { Role } from './caller.js';

/** Roles that a person may hold; the others are for programs. */
export const PERSON_ROLES = ['operator', 'supervisor', 'leader', 'auditor'] as const satisfies readonly Role[];
export type PersonRole = (typeof PERSON_ROLES)[number];

export const isPersonRole = (text: string): text is PersonRole => (PERSON_ROLES as readonly string[]).includes(text);

/** A local account, without its secrets. */
export interface User {
  readonly name: string;
  readonly role: PersonRole;
  /** Code of the agency whose subtree it may see; null for the whole province. */
  readonly agencyScope: string | null;
  readonly state: 'active' | 'disabled';
  readonly mustChangePassword: boolean;
  readonly hasTotp: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly lastLoginAt: Date | null;
}

export interface NewUser {
  readonly name: string;
  readonly role: PersonRole;
  readonly agencyScope: string | null;
}

export type UserRefusal = 'NAME_TAKEN' | 'UNKNOWN_USER' | 'ROLE_NOT_YOURS' | 'NOT_YOURSELF' | 'NO_TOTP';

/** No colon, so that a name of the identity provider (`user:oidc:…`) is never that of an account. */
export const USER_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Under which name the person of an account acts: in audit rows, and where a second person must be another one. */
export const clientOfUser = (name: string): string => `user:${name}`;
