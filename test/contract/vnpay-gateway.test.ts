import { paymentGatewayContract } from './payment-gateway-suite.js';
import { startVnpay } from './vnpay-harness.js';

const LARGEST_VND = 9_999_999_999;
const twists = { unknownStatus: 'unknown-status', otherAmount: 'other-amount', badSignature: 'bad-signature', notFound: 'not-found' };

paymentGatewayContract({
  name: 'VNPAY, pay page only', operations: { open: null, ask: 'querydr', refund: 'refund' }, partialRefunds: true, twists, refusal: null,
  refusedOrder: (order) => ({ ...order, amountVnd: LARGEST_VND + 1 }), start: () => startVnpay(),
});

paymentGatewayContract({
  name: 'VNPAY with the content of a QR code', operations: { open: 'genqr', ask: 'querydr', refund: 'refund' }, partialRefunds: true, twists, refusal: 'refuse-qr',
  start: () => startVnpay({ env: { VNPAY_QR_CONTENT: 'true' } }),
});
