import { guardedQuery } from '../access/guarded.js';
import { encodeEventCursor } from './event-cursor.js';
import { EVENT_TYPES } from './event.js';
import type { EventName, EventType, FeedEvent } from './event.js';
import type { EventFeed } from './event-feed.js';

const isKnown = (name: string): name is EventName => Object.hasOwn(EVENT_TYPES, name);

const viewEvent = ({ position, ...event }: FeedEvent) => {
  const known = isKnown(event.name) ? EVENT_TYPES[event.name] : null;
  const type: EventType = known?.type ?? 'OTHER';
  return { ...event, cursor: encodeEventCursor(position), type, message: { vi: known?.vi ?? event.name, en: known?.en ?? event.name } };
};

/** Resolvers of `event.graphql`. */
export const createEventResolvers = (feed: EventFeed) => ({
  Query: {
    events: guardedQuery({
      roles: ['portal', 'agency', 'operator', 'auditor'],
      resolve: async ({ after, first }: { after?: string | null; first: number }, { caller }) => {
        const { events, hasNextPage } = await feed.read(caller, { after: after ?? null, first });
        const nodes = events.map(viewEvent);
        return { nodes, pageInfo: { endCursor: nodes.at(-1)?.cursor ?? null, hasNextPage } };
      },
    }),
  },
});
