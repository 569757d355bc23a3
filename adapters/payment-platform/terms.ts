import type { PaymentPlatformSettings } from './config.js';
import type { ReceiptTerms } from './mapping-receipt-info.js';

/** What configuration says of the information that a receipt is written from. */
export const receiptTerms = (settings: PaymentPlatformSettings): ReceiptTerms => {
  const [feeWord = '', chargeWord = ''] = settings.PAYMENT_PLATFORM_FEE_WORDS.split(',');
  return { serviceSuffix: settings.PAYMENT_PLATFORM_SERVICE_SUFFIX, feeWord, chargeWord };
};
