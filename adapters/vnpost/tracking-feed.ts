import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { TrackingFeed } from '../../src/postal/postal-carrier-port.js';
import type { PartyLogger } from '../support/party-logger.js';
import { unreadable } from '../support/signals.js';
import type { VnpostClient } from './client.js';
import type { VnpostSettings } from './config.js';
import { cursorAfter, eventsOf, FIRST_CURSOR, isCursor, isForeign, readPage } from './mapping-tracking.js';
import type { TrackingRules } from './mapping-tracking.js';
import { PARTY } from './operations.js';

export interface FeedParts {
  readonly settings: VnpostSettings;
  readonly client: VnpostClient;
  readonly logger: PartyLogger;
  readonly now: () => number;
}

/** order/tracking, page by page. It remembers nothing: whoever keeps the cursor goes on where he was. */
export const createTrackingFeed = ({ settings, client, logger, now }: FeedParts): TrackingFeed => {
  const rules: TrackingRules = { customers: new Set(settings.VNPOST_CUSTOMERS.map(({ customerCode }) => customerCode)), codes: settings.VNPOST_STATUS_CODES };
  const pageSize = settings.VNPOST_PAGE_SIZE;
  const ask = (cursor: string, call: PartyCall) => client.ask({
    operation: 'track-shipments', route: settings.VNPOST_TRACKING_ROUTE, method: 'GET', query: { pagesize: String(pageSize), lastId: cursor }, personal: [],
    read: (body) => {
      const page = readPage(body, cursor);
      if (page === null) throw unreadable('page-shape', body);
      return page;
    },
  }, call);
  return {
    start: FIRST_CURSOR,
    next: async (cursor, call) => {
      if (!isCursor(cursor)) throw new PartyError('bad-request', { party: PARTY, operation: 'track-shipments', code: 'cursor' });
      const settledBeforeMs = now() - settings.VNPOST_TRACKING_LAG_MS;
      const page = await ask(cursor, call);
      const foreign = page.documents.filter((document) => isForeign(document, rules.customers)).length;
      // No warning: with a key that several customers share, it is so on each page.
      if (foreign > 0) logger.info({ party: PARTY, foreign }, 'events of other customers left out');
      // A page that is repeated leads nowhere, however long it is: at once it would only come again.
      const isFull = page.documents.length >= pageSize && page.last !== cursor;
      return { events: eventsOf(page.documents, rules), cursor: cursorAfter(page, { cursor, isFull, settledBeforeMs }), full: isFull };
    },
  };
};
