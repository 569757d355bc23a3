import { VARIANTS } from '../../adapters/vnpt-pay/wire.js';
import { paymentGatewayContract } from './payment-gateway-suite.js';
import { startVnptPay } from './vnpt-pay-harness.js';

for (const variant of VARIANTS) {
  paymentGatewayContract({
    name: `VNPT Pay by ${variant}`, operations: { open: 'init', ask: 'query', refund: null }, partialRefunds: false, refusal: 'refuse',
    twists: { unknownStatus: 'unlisted-code', otherAmount: 'other-amount', badSignature: 'bad-signature', notFound: 'not-found' },
    start: () => startVnptPay({ variant }),
  });
}
