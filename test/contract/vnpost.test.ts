import { postalCarrierContract } from './postal-carrier-suite.js';
import { vnpostContract } from './vnpost-harness.js';

postalCarrierContract(vnpostContract('service'));
postalCarrierContract(vnpostContract('path'));
