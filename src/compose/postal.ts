import type { Logger } from 'pino';
import type { MyVnpostSettings } from '../../adapters/my-vnpost/config.js';
import { MY_VNPOST, VIETTEL_POST, VNPOST } from '../../adapters/registry.js';
import type { ViettelPostSettings } from '../../adapters/viettel-post/config.js';
import type { VnpostSettings } from '../../adapters/vnpost/config.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { bindCallback } from '../callbacks/callback-binding.js';
import type { BoundCallback } from '../callbacks/callback-binding.js';
import type { CallbackReceiver } from '../callbacks/callback-receiver-port.js';
import type { Config, CoreConfig } from '../config.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { Metrics } from '../observability/metrics.js';
import { registerPostalGauges } from '../observability/postal-gauges.js';
import type { CollectionPort, OnStanding } from '../postal/collection-port.js';
import type { CarrierClaim, PostalCarrier } from '../postal/postal-carrier-port.js';
import { createPostalModule } from '../postal/postal-module.js';
import type { PostalModule } from '../postal/postal-module.js';
import type { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';
import type { PartyParts } from './payment-parties.js';
import type { createPostalDesk } from './postal-desk.js';

/** A carrier as its adapter hands it over. */
export interface PostalParty {
  /** Null where it is not connected, and so is `claims`. */
  readonly carrier: PostalCarrier | null;
  /** Messages that it sends, and nobody vouches for. */
  readonly claims: CallbackReceiver<CarrierClaim> | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

/** A party of the registry that carries parcels. */
export interface PostalEntry {
  readonly party: string;
  /** Settings as the party's own section of the environment gave them. */
  open(settings: unknown, parts: PartyParts): PostalParty;
}

/** Carriers, in the order in which they are preferred where nothing is configured. */
export const POSTAL_ENTRIES: readonly PostalEntry[] = [
  { party: VNPOST.party, open: (settings, parts) => VNPOST.create(settings as VnpostSettings, parts) },
  { party: MY_VNPOST.party, open: (settings, parts) => MY_VNPOST.create(settings as MyVnpostSettings, parts) },
  { party: VIETTEL_POST.party, open: (settings, parts) => VIETTEL_POST.create(settings as ViettelPostSettings, parts) },
];

export const openCarriers = (config: Config, parts: PartyParts): readonly PostalParty[] => POSTAL_ENTRIES.map((entry) => entry.open(config.parties.get(entry.party), parts));

export const carriersOf = (parties: readonly PostalParty[]): readonly PostalCarrier[] => parties.flatMap(({ carrier }) => (carrier === null ? [] : [carrier]));

/** Limits of the deliveries that carriers get. */
export const postalLimits = (parties: readonly PostalParty[]) => parties.flatMap(({ carrier, pace }) => (carrier === null ? [] : [{ party: carrier.party, ...pace }]));

/** What carriers may send us. */
export const claimBindings = (parties: readonly PostalParty[], post: PostalModule): readonly BoundCallback[] =>
  parties.flatMap(({ claims }) => (claims === null ? [] : [bindCallback(claims, post.applyClaim(claims.party))]));

export const createPost = ({ core, parties, desk, metrics, ...parts }: {
  readonly database: Database; readonly core: CoreConfig; readonly agencies: AgencyAccess; readonly parties: readonly PostalParty[]; readonly desk: ReturnType<typeof createPostalDesk>;
  readonly collection: CollectionPort | null; readonly onStanding: readonly OnStanding[]; readonly bell: Bell; readonly metrics: Metrics; readonly logger: Logger;
}): PostalModule => {
  const post = createPostalModule({
    ...parts, cipher: new FieldCipher(core.fieldKeys), carriers: carriersOf(parties), places: desk.places.lookup, offices: desk.offices,
    settings: { ...core.post, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
    observe: (labels, count) => { if (count > 0) metrics.shipmentFacts.inc(labels, count); },
  });
  registerPostalGauges(metrics, post.figures);
  return post;
};

export const closeCarriers = async (parties: readonly PostalParty[]): Promise<void> => {
  await Promise.all(parties.map((party) => party.close()));
};
