import { PartyError } from '../errors/party-error.js';
import type { PaymentGateway } from '../payments/payment-gateway-port.js';
import type { PostalCarrier } from './postal-carrier-port.js';

const DAY_MS = 86_400_000;
/** A parcel that is under way for so long is lost; the clock of payments never ends it before. */
const LONGEST_JOURNEY_MS = 365 * DAY_MS;

/**
 * A carrier as payments see it: money that it collects at the door lies in transit until its statement says that it was paid out. It is
 * chosen by ordering a parcel, never by opening a payment, and it cannot be asked; money goes back by hand.
 */
export const createCollectionGateway = (carrier: Pick<PostalCarrier, 'party'>): PaymentGateway => ({
  party: carrier.party,
  moneyGoes: 'transit',
  // The post pays out to an account that its contract names.
  accountRegistration: 'by-hand',
  windows: { payWithinMs: LONGEST_JOURNEY_MS, askAfterMs: DAY_MS, askEveryMs: DAY_MS, settleMs: DAY_MS, giveUpMs: LONGEST_JOURNEY_MS },
  opensUnsent: true,
  isBound: true,
  serves: () => false,
  opensUnder: () => ({}),
  merchantOf: () => null,
  open: () => Promise.reject(new PartyError('bad-request', { party: carrier.party, operation: 'open-payment', code: 'opened-by-parcels-only' })),
  ask: null,
  refunds: null,
});
