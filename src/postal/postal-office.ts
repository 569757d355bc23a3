import type { Role } from '../access/caller.js';
import type { PostalContact } from './postal-address.js';

/** Where an agency's post is collected and delivered, and which agency said so: itself, or the nearest above it. */
export interface PostalOffice {
  readonly agencyCode: string;
  readonly contact: PostalContact;
}

/** One change of an agency's own office. */
export interface PostalOfficeChange {
  readonly at: Date;
  readonly actor: string;
  readonly role: Role;
  readonly reason: string;
  /** Null: it has none of its own any more. */
  readonly contact: PostalContact | null;
}
