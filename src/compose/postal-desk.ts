import type { AgencyModule } from '../agencies/agency-module.js';
import type { CoreConfig } from '../config.js';
import type { Logger } from '../observability/logger.js';
import { createPostalPlaces } from '../postal/place-module.js';
import type { PostalCarrier } from '../postal/postal-carrier-port.js';
import { createPostalOffices } from '../postal/postal-office-module.js';
import { createPostalQuotes } from '../postal/quote-module.js';
import type { Database } from '../store/database.js';

export interface PostalDeskDeps {
  readonly database: Database;
  readonly core: CoreConfig;
  readonly agencies: AgencyModule;
  /** All that are connected. */
  readonly carriers: readonly PostalCarrier[];
  readonly logger: Logger;
}

/** What is at hand before a parcel is ordered: where places and agencies' offices are, and what it costs. */
export const createPostalDesk = ({ database, core, agencies, carriers, logger }: PostalDeskDeps) => {
  const keys = { fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours };
  const { placesEveryMs: everyMs, maxLostShare, quoteKeepMs: keepMs, quoteTimeoutMs: timeoutMs } = core.postalDesk;
  const places = createPostalPlaces({ database, carriers, logger, settings: { ...keys, everyMs, maxLostShare } });
  const { offices, resolvers } = createPostalOffices({ database, agencies, settings: keys });
  const quotes = createPostalQuotes({ database, agencies, carriers, places: places.lookup, offices, settings: { keepMs, timeoutMs } });
  return { places, offices, resolvers: [places.resolvers, resolvers, quotes.resolvers] as const, tasks: [...places.tasks, ...quotes.tasks] };
};
