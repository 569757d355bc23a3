import type { PostalCarrier } from './postal-carrier-port.js';

/** What a parcel asks of its carrier. */
export interface CarrierWish {
  /** Nearest first. */
  readonly agencyCodes: readonly string[];
  /** Null for any. */
  readonly named: string | null;
  readonly service: string | null;
  readonly collects: boolean;
}

/** Carriers that can take it, the preferred first. `order`: names in the order in which they are tried; empty for all that are connected. */
export const chooseCarriers = (carriers: readonly PostalCarrier[], order: readonly string[], { agencyCodes, named, service, collects }: CarrierWish): readonly PostalCarrier[] => {
  const configured = order.length === 0 ? carriers : order.flatMap((name) => carriers.find(({ party }) => party === name) ?? []);
  return configured.filter((carrier) => (named === null || carrier.party === named) && (!collects || carrier.collectsMoney)
    && (service === null || carrier.services.some(({ code }) => code === service)) && carrier.serves(agencyCodes));
};

/** `{n}` stands for which parcel of its dossier it is. The first has the dossier's code: the post's clerks look for that. */
export const orderNumberOf = (dossierCode: string, sequence: number, suffix: string): string =>
  (sequence === 1 ? dossierCode : `${dossierCode}${suffix.replace('{n}', String(sequence))}`);
