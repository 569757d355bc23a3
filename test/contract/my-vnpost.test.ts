import { startMyVnpost } from './my-vnpost-harness.js';
import { postalCarrierContract } from './postal-carrier-suite.js';

postalCarrierContract({
  name: 'MyVNPost',
  operations: { create: 'create', cancel: 'cancel', announce: null, quote: 'quote', feed: null, ask: 'ask', list: 'list' },
  collectsMoney: true, recognisesRepeats: false, needsDistrict: true,
  refusal: { kind: 'refuse' },
  tells: {
    DELIVERED: { code: '100', means: 'DELIVERED', failure: null, collection: null, place: 'Bưu cục Bờ Hồ' },
    FAILED: { code: '91', means: 'FAILED', failure: 'OTHER' },
    RETURNED: { code: '170', means: 'RETURNED' },
    COLLECTED: { code: '110', means: 'DELIVERED', collection: 'COLLECTED' },
    PAID_OUT: { code: '120', means: 'DELIVERED', collection: 'PAID_OUT' },
    UNLISTED: { code: '999', means: null, failure: null, collection: null },
  },
  start: () => startMyVnpost(),
});
