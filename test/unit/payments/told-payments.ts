import { decide } from '../../../src/payments/payment-decision.js';
import type { DecidedPayment, Decision, WordContext } from '../../../src/payments/payment-decision.js';
import type { GatewayWord } from '../../../src/payments/payment-gateway-port.js';
import type { PaymentState } from '../../../src/payments/payment.js';

export const CREATED_AT = new Date('2026-03-15T10:00:00Z');
export const EXPIRES_AT = new Date('2026-03-15T10:15:00Z');
export const SETTLE_MS = 30 * 60_000;
export const PROVABLE = new Date('2026-03-15T10:45:00Z');
export const TAKEN: readonly PaymentState[] = ['PAID', 'REFUNDING', 'REFUNDED', 'DISPUTED'];

export const payment = (change: Partial<DecidedPayment> = {}): DecidedPayment => ({
  state: 'AWAITING', amountVnd: 50_000, paidVnd: TAKEN.includes(change.state ?? 'AWAITING') ? 50_000 : 0, refundedVnd: 0, surplus: false, personReason: null, gateway: 'acme',
  gatewayTransaction: null, accountId: '7', createdAt: CREATED_AT, sentAt: CREATED_AT, expiresAt: EXPIRES_AT, moneyGoes: 'transit', ...change,
});
export const word = (change: Partial<GatewayWord> = {}): GatewayWord => ({ says: 'paid', code: '00', text: null, amountVnd: 50_000, gatewayTransaction: 'T1', bankCode: null, paidAt: null, ...change });
export const holdingsOf = ({ state, gateway, paidVnd, surplus }: DecidedPayment): ReadonlyMap<string, number> => {
  if (!TAKEN.includes(state)) return new Map();
  return new Map([[state === 'DISPUTED' ? `DISPUTED/${gateway}` : surplus ? 'REFUND_DUE' : `TRANSIT/${gateway}`, paidVnd]]);
};
export const context = (subject: DecidedPayment, change: Partial<WordContext> = {}): WordContext =>
  ({ source: 'callback', now: PROVABLE, settleMs: SETTLE_MS, itemsFree: true, holdings: holdingsOf(subject), ...change });
export const decided = (change: Partial<DecidedPayment>, said: Partial<GatewayWord>, given: Partial<WordContext> = {}): Decision => {
  const subject = payment(change);
  return decide(subject, word(said), context(subject, given));
};
