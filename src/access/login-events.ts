import type { Queryable } from '../store/database.js';

export interface LoginEvent {
  readonly kind: 'login' | 'refused' | 'locked' | 'logout' | 'password-changed';
  readonly method: 'password' | 'oidc' | 'session';
  /** Null for an unknown name: people type passwords into the name's field. */
  readonly client: string | null;
  readonly address: string;
  readonly reason?: string;
}

/** What happens at the door, kept as long as retention says, and until then only added to. */
export const recordLogin = async (client: Queryable, event: LoginEvent): Promise<void> => {
  await client.query({
    text: 'INSERT INTO login_events (kind, method, client, address, reason) VALUES ($1, $2, $3, $4, $5)',
    values: [event.kind, event.method, event.client, event.address, event.reason ?? null],
  });
};
