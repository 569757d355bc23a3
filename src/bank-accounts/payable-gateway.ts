import type { PaymentGateway } from '../payments/payment-gateway-port.js';

/** What this domain needs to know of the ways to pay. */
export type PayableGateway = Pick<PaymentGateway, 'party' | 'accountRegistration' | 'serves'>;
