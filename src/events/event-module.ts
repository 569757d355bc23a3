import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Database } from '../store/database.js';
import { EventFeed } from './event-feed.js';
import { createEventResolvers } from './event-resolvers.js';
import { EventStore } from './event-store.js';

export interface EventSettings {
  readonly keepMs: number;
}

export interface EventModule {
  readonly resolvers: ReturnType<typeof createEventResolvers>;
  /** Deletes events older than the configured time; returns how many. */
  readonly prune: () => Promise<number>;
}

export const createEventModule = ({ database, agencies, settings }: { readonly database: Database; readonly agencies: Pick<AgencyAccess, 'scope'>; readonly settings: EventSettings }): EventModule => {
  const store = new EventStore(database);
  return { resolvers: createEventResolvers(new EventFeed(store, agencies.scope)), prune: () => store.prune(settings.keepMs) };
};
