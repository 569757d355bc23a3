import { paymentGatewayContract } from './payment-gateway-suite.js';
import { startPlatform } from './payment-platform-harness.js';

const operations = { open: 'init', ask: 'query', refund: null };
const twists = { unknownStatus: 'unknown-status', otherAmount: 'other-amount', notFound: 'not-found' };

paymentGatewayContract({
  name: 'payment platform, flat answers that must be signed', operations, partialRefunds: false, twists: { ...twists, badSignature: 'bad-signature' }, refusal: 'refuse-init',
  start: () => startPlatform({ env: { PAYMENT_PLATFORM_SIGNED_ANSWERS: 'true' } }),
});

paymentGatewayContract({
  name: 'payment platform, answers as JSON in a string', operations, partialRefunds: false, twists: { ...twists, badSignature: null }, refusal: 'refuse-init',
  start: () => startPlatform({ sandbox: { wrapped: true } }),
});
