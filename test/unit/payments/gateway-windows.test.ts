import { describe, expect, it } from '@jest/globals';
import { paymentPlatformSettings } from '../../../adapters/payment-platform/config.js';
import { vnpaySettings } from '../../../adapters/vnpay/config.js';
import { vnptPaySettings } from '../../../adapters/vnpt-pay/config.js';

const MINUTE_MS = 60_000;
const fallbackOf = ({ keys }: typeof paymentPlatformSettings | typeof vnpaySettings | typeof vnptPaySettings, name: string): number =>
  Number(keys.find(({ key }) => key.endsWith(`_${name}_MS`))?.fallback ?? NaN);

describe('unless configured otherwise', () => {
  it.each([['vnpay', vnpaySettings], ['vnpt-pay', vnptPaySettings], ['payment-platform', paymentPlatformSettings]] as const)('%s is asked for what is open every quarter of an hour, or more often', (_party, settings) => {
    expect(fallbackOf(settings, 'ASK_EVERY')).toBeLessThanOrEqual(15 * MINUTE_MS);
  });

  it('the payment platform is asked from half an hour on, for three days', () => {
    expect([fallbackOf(paymentPlatformSettings, 'ASK_AFTER'), fallbackOf(paymentPlatformSettings, 'GIVE_UP')]).toEqual([30 * MINUTE_MS, 3 * 24 * 60 * MINUTE_MS]);
  });
});
