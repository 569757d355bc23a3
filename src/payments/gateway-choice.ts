import type { PaymentGateway } from './payment-gateway-port.js';

/** What the choice asks of the breakers; the board of this process has this shape. */
export interface GatewayHealth {
  permits(party: string, operation: string): 'all' | 'one' | 'none';
}

/** Name of the breaker that stands before `PaymentGateway.open`. */
export const OPEN_OPERATION = 'open-payment';

export interface GatewayOrder {
  /** All gateways in the order of preference; empty for the order in which they are composed. */
  readonly gateways: readonly string[];
  /** By agency code: the only gateways, in order, for it and all below it. */
  readonly byAgency: ReadonlyMap<string, readonly string[]>;
}

export interface ChoiceOf {
  readonly gateways: readonly PaymentGateway[];
  readonly order: GatewayOrder;
  readonly health: GatewayHealth;
  /** Nearest first. */
  readonly agencyCodes: readonly string[];
  /** Where the caller names one there is no other. */
  readonly named: string | null;
}

/** Gateways to try, best first: configured for the agency, serving it, and not behind an open breaker. */
export const chooseGateways = ({ gateways, order, health, agencyCodes, named }: ChoiceOf): readonly PaymentGateway[] => {
  const nearest = agencyCodes.find((code) => order.byAgency.has(code));
  const configured = nearest === undefined ? order.gateways : order.byAgency.get(nearest) ?? [];
  const isOpenToAll = nearest === undefined && configured.length === 0;
  const names = isOpenToAll ? gateways.map(({ party }) => party) : configured;
  return names
    .filter((name) => named === null || name === named)
    .flatMap((name) => gateways.filter(({ party }) => party === name))
    .filter((gateway) => gateway.serves(agencyCodes) && health.permits(gateway.party, OPEN_OPERATION) !== 'none');
};
