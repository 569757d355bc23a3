import type { CarrierContract } from './postal-carrier-stage.js';
import { postalCarrierContract } from './postal-carrier-suite.js';
import { startViettelPost } from './viettel-post-harness.js';

const CONTRACT: Omit<CarrierContract, 'name' | 'recognisesRepeats' | 'needsDistrict' | 'start'> = {
  operations: { create: 'create', cancel: 'cancel', announce: null, quote: 'quote', feed: null, ask: 'ask', list: 'list' },
  collectsMoney: true,
  refusal: { kind: 'refuse' },
  tells: {
    DELIVERED: { code: '501', means: 'DELIVERED', failure: null, collection: null },
    FAILED: { code: '506', means: 'FAILED', failure: 'NOBODY_THERE' },
    RETURNED: { code: '504', means: 'RETURNED' },
    COLLECTED: null,
    PAID_OUT: null,
    UNLISTED: { code: '999', means: null, failure: null, collection: null },
  },
};

postalCarrierContract({ ...CONTRACT, name: 'Viettel Post, addresses of two levels', recognisesRepeats: true, needsDistrict: false, start: () => startViettelPost() });

/** As it is where nothing but the documents is known: a repeat of an order is not sent, and places have three levels. */
postalCarrierContract({
  ...CONTRACT, name: 'Viettel Post, addresses of three levels, repeats not recognised', recognisesRepeats: false, needsDistrict: true,
  start: () => startViettelPost({ env: { VIETTEL_POST_EPOCH: 'THREE_LEVEL', VIETTEL_POST_DUPLICATE_PHRASES: '' } }),
});
