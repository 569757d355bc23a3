import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { PlaceDirectory } from './place-directory.js';
import type { PlaceCarrier } from './place-directory.js';
import { PlaceRegister } from './place-register.js';
import { createPlaceResolvers } from './place-resolvers.js';
import { PlaceStore } from './place-store.js';
import { PlaceSync } from './place-sync.js';
import type { PlaceSyncDeps } from './place-sync.js';

export interface PostalPlacesDeps {
  readonly database: Database;
  /** All that are connected. */
  readonly carriers: readonly PlaceCarrier[];
  readonly logger: Logger;
  readonly settings: PlaceSyncDeps['settings'];
}

/** Joins the parts of places. `lookup` is what orders and quotes ask. */
export const createPostalPlaces = ({ database, carriers, logger, settings }: PostalPlacesDeps) => {
  const store = new PlaceStore();
  const directory = new PlaceDirectory({ database, store, carriers });
  const register = new PlaceRegister({ database, store, carriers, settings });
  const sync = new PlaceSync({ database, store, carriers, logger, settings });
  return {
    resolvers: createPlaceResolvers({ carriers, directory, register, sync, statuses: () => store.statuses(database) }),
    lookup: directory,
    register,
    sync,
    /** For a worker's clock. Nothing is removed. */
    tasks: [{ name: 'postal-places', run: () => sync.sweep().then(() => 0) }],
  };
};
export type PostalPlaces = ReturnType<typeof createPostalPlaces>;
