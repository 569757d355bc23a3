import type { Caller } from '../access/caller.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { AgencyScope } from '../agencies/agency-scope.js';
import type { FeedEvent } from './event.js';
import { decodeEventCursor } from './event-cursor.js';
import type { EventStore } from './event-store.js';

export interface EventPage {
  readonly events: readonly FeedEvent[];
  readonly hasNextPage: boolean;
}

const MAX_PAGE = 500;

/** The feed: ordered by commit within a dossier, each event at least once, for as long as it is kept. */
export class EventFeed {
  readonly #store: EventStore;
  readonly #scope: AgencyScope;

  constructor(store: EventStore, scope: AgencyScope) {
    this.#store = store;
    this.#scope = scope;
  }

  /** `after` null begins with the oldest kept. Throws `UserInputError` for a foreign cursor or a page size outside 1 to 500. */
  async read(caller: Caller, page: { readonly after: string | null; readonly first: number }): Promise<EventPage> {
    if (page.first < 1 || page.first > MAX_PAGE) {
      throw new UserInputError([{ field: 'first', code: 'PAGE_SIZE', message: { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` } }]);
    }
    const after = page.after === null ? '0' : decodeEventCursor(page.after);
    await this.#store.place();
    const found = await this.#store.read({ limits: await this.#scope.viewOf(caller), after, limit: page.first + 1 });
    return { events: found.slice(0, page.first), hasNextPage: found.length > page.first };
  }
}
