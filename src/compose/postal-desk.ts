import type { AgencyModule } from '../agencies/agency-module.js';
import type { CoreConfig } from '../config.js';
import type { FileLinkSigner } from '../files/file-target.js';
import type { Logger } from '../observability/logger.js';
import { createHandoverSource } from '../postal/handover-source.js';
import { createPostalPlaces } from '../postal/place-module.js';
import type { PostalCarrier } from '../postal/postal-carrier-port.js';
import { createPostalOffices } from '../postal/postal-office-module.js';
import { createPostalQuotes } from '../postal/quote-module.js';
import { ShipmentStore } from '../postal/shipment-store.js';
import { createShipmentPapers } from '../postal/waybill-files.js';
import { createShipmentPaperResolvers } from '../postal/waybill-resolvers.js';
import type { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';

export interface PostalDeskDeps {
  readonly database: Database;
  readonly core: CoreConfig;
  readonly agencies: AgencyModule;
  /** All that are connected. */
  readonly carriers: readonly PostalCarrier[];
  readonly links: FileLinkSigner;
  readonly logger: Logger;
}

/** What is at hand beside the parcels themselves: where places and agencies' offices are, what it costs, and the papers. */
export const createPostalDesk = ({ database, core, agencies, carriers, links, logger }: PostalDeskDeps) => {
  const keys = { fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours };
  const { placesEveryMs: everyMs, maxLostShare, quoteKeepMs: keepMs, quoteTimeoutMs: timeoutMs } = core.postalDesk;
  const places = createPostalPlaces({ database, carriers, logger, settings: { ...keys, everyMs, maxLostShare } });
  const { offices, resolvers } = createPostalOffices({ database, agencies, settings: keys });
  const quotes = createPostalQuotes({ database, agencies, carriers, places: places.lookup, offices, settings: { keepMs, timeoutMs } });
  const cipher = new FieldCipher(core.fieldKeys);
  const papers = createShipmentPapers({ database, store: new ShipmentStore(), cipher, carriers, dossiers: createHandoverSource(database, cipher) });
  const paperResolvers = createShipmentPaperResolvers({ links, now: () => new Date() });
  return { places, offices, papers, resolvers: [places.resolvers, resolvers, quotes.resolvers, paperResolvers] as const, tasks: [...places.tasks, ...quotes.tasks] };
};
