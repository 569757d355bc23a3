import { CatalogueVersion } from '../procedures/catalogue-version.js';
import type { Database } from '../store/database.js';
import type { AddressEpoch, PlaceAnswer, PlaceLookup, PostalAddress } from './postal-address.js';
import type { PostalCarrier } from './postal-carrier-port.js';
import type { PlaceStore } from './place-store.js';
import { PlaceTree, levelIn } from './place-tree.js';
import type { NamedAddress } from './place-tree.js';
import { LEVELS_OF } from './place.js';

/** What places need of a carrier. */
export type PlaceCarrier = Pick<PostalCarrier, 'party' | 'needsPlaces' | 'listPlaces'>;

/** An address as far as somebody has written it. */
export type WrittenAddress = Omit<NamedAddress, 'commune'> & { readonly commune: string | null };

type Trees = Readonly<Record<AddressEpoch, PlaceTree>>;

interface Held {
  readonly version: string;
  readonly trees: Promise<Trees>;
}

/**
 * Places in memory, a carrier at its first use. Each look first asks which state is committed, which moves with every change, so no
 * answer is older than its question.
 */
export class PlaceDirectory implements PlaceLookup {
  readonly #database: Database;
  readonly #store: PlaceStore;
  readonly #carriers: ReadonlyMap<string, PlaceCarrier>;
  readonly #version: CatalogueVersion;
  readonly #held = new Map<string, Held>();

  constructor({ database, store, carriers }: { readonly database: Database; readonly store: PlaceStore; readonly carriers: readonly PlaceCarrier[] }) {
    this.#database = database;
    this.#store = store;
    this.#carriers = new Map(carriers.map((carrier) => [carrier.party, carrier]));
    this.#version = new CatalogueVersion(() => store.version(database));
  }

  /** @throws RangeError where no such carrier is connected */
  async placeOf(carrier: string, address: PostalAddress): Promise<PlaceAnswer> {
    const needs = this.#carriers.get(carrier)?.needsPlaces;
    if (needs === undefined) throw new RangeError(`no carrier ${carrier}`);
    return (await this.#treesOf(carrier))[address.epoch].find(address, { named: needs, coded: needs });
  }

  /** As `placeOf`, down to each level that is written. Null where no such carrier is connected. */
  async look(carrier: string, { epoch, province, district, commune }: WrittenAddress): Promise<PlaceAnswer | null> {
    const needs = this.#carriers.get(carrier)?.needsPlaces;
    if (needs === undefined) return null;
    const written = { PROVINCE: province, DISTRICT: district, COMMUNE: commune };
    const named = LEVELS_OF[epoch].filter((level) => written[level] !== null);
    const coded = needs.filter((level) => named.includes(levelIn(epoch, level)));
    return (await this.#treesOf(carrier))[epoch].find({ epoch, province, district, commune: commune ?? '' }, { named, coded });
  }

  async #treesOf(carrier: string): Promise<Trees> {
    const version = await this.#version.current();
    const known = this.#held.get(carrier);
    if (known?.version === version) return known.trees;
    const held = { version, trees: this.#load(carrier) };
    this.#held.set(carrier, held);
    try {
      return await held.trees;
    } catch (error) {
      if (this.#held.get(carrier) === held) this.#held.delete(carrier);
      throw error;
    }
  }

  async #load(carrier: string): Promise<Trees> {
    const { places } = await this.#store.load(this.#database, carrier);
    const of = (epoch: AddressEpoch): PlaceTree => new PlaceTree(epoch, places.filter((place) => place.epoch === epoch));
    return { THREE_LEVEL: of('THREE_LEVEL'), TWO_LEVEL: of('TWO_LEVEL') };
  }
}
