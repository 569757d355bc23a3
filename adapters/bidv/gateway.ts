import type { GatewayWindows, OpenAnswer, PaymentGateway, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { BidvSettings } from './config.js';
import { PARTY } from './operations.js';
import type { BidvService } from './services.js';

/** Between two questions that nobody is asked; the port wants a number. */
const HOUR_MS = 3_600_000;
/** Thirteen digits; the wire's limit is not known. */
const LARGEST_AMOUNT_VND = 9_999_999_999_999;

/** A bill that the citizen pays at a counter, a machine or the app of BIDV under the payment's reference. Opening sends nothing. */
export class BidvGateway implements PaymentGateway {
  readonly party = PARTY;
  // BIDV books it on the agency's own account there.
  readonly moneyGoes = 'direct';
  // The account behind a service id is agreed with BIDV; no message carries one.
  readonly accountRegistration = 'by-hand';
  readonly opensUnsent = true;
  readonly ask = null;
  readonly refunds = null;
  readonly windows: GatewayWindows;
  readonly #services: readonly BidvService[];

  constructor(settings: BidvSettings) {
    this.#services = settings.BIDV_SERVICES;
    this.windows = {
      payWithinMs: settings.BIDV_PAY_WITHIN_MS, askAfterMs: Math.min(HOUR_MS, settings.BIDV_SETTLE_MS), askEveryMs: HOUR_MS,
      settleMs: settings.BIDV_SETTLE_MS, giveUpMs: settings.BIDV_GIVE_UP_MS,
    };
  }

  serves(agencyCodes: readonly string[]): boolean {
    return nearestEntry(this.#services, agencyCodes) !== null;
  }

  opensUnder(agencyCodes: readonly string[]): Readonly<Record<string, string>> {
    const service = nearestEntry(this.#services, agencyCodes);
    return service === null ? {} : { serviceId: service.serviceId };
  }

  merchantOf({ agencyCodes, gatewayData }: Pick<PaymentOrder, 'agencyCodes' | 'gatewayData'>): string | null {
    return gatewayData['serviceId'] ?? nearestEntry(this.#services, agencyCodes)?.serviceId ?? null;
  }

  open({ agencyCodes, amountVnd, reference }: PaymentOrder): Promise<OpenAnswer> {
    const service = nearestEntry(this.#services, agencyCodes);
    if (service === null) return Promise.resolve({ kind: 'rejected', code: 'no-service', text: 'No service id is configured for this agency.' });
    if (amountVnd > LARGEST_AMOUNT_VND) return Promise.resolve({ kind: 'rejected', code: 'amount', text: 'The amount is larger than the wire can carry.' });
    return Promise.resolve({ kind: 'opened', payUrl: null, qrContent: null, gatewayTransaction: null, gatewayData: { billId: reference, serviceId: service.serviceId } });
  }
}
