import type { GatewayWindows, OpenAnswer, PaymentGateway, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import type { VietqrSettings } from './config.js';
import { planOf } from './mapping.js';
import { PARTY } from './operations.js';
import { buildTransferQr, readTransferQr } from './transfer-qr.js';
import type { TransferQr } from './transfer-qr.js';

const isSame = (one: TransferQr, other: TransferQr | null): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Between two questions that nobody is asked; the port wants a number. */
const HOUR_MS = 3_600_000;

/**
 * A transfer to the agency's own account, asked for by a QR code. Opening sends nothing, nobody can be asked, and money goes back by
 * hand: what was paid is told by the bank of the account.
 */
export class VietqrGateway implements PaymentGateway {
  readonly party = PARTY;
  readonly moneyGoes = 'direct';
  readonly accountRegistration = 'in-order';
  readonly opensUnsent = true;
  readonly ask = null;
  readonly refunds = null;
  readonly windows: GatewayWindows;
  readonly #takers: readonly string[];

  constructor(settings: VietqrSettings) {
    this.#takers = settings.VIETQR_BANK_BINS;
    this.windows = {
      payWithinMs: settings.VIETQR_PAY_WITHIN_MS, askAfterMs: Math.min(HOUR_MS, settings.VIETQR_SETTLE_MS), askEveryMs: HOUR_MS,
      settleMs: settings.VIETQR_SETTLE_MS, giveUpMs: settings.VIETQR_GIVE_UP_MS,
    };
  }

  /** Any agency: the account decides, and it comes with the order. */
  serves(): boolean {
    return true;
  }

  opensUnder(): Readonly<Record<string, string>> {
    return {};
  }

  merchantOf(): null {
    return null;
  }

  open(order: PaymentOrder): Promise<OpenAnswer> {
    const plan = planOf(order, this.#takers);
    if (plan.kind === 'rejected') return Promise.resolve(plan);
    const qrContent = buildTransferQr(plan.transfer);
    // Money sent by a wrong code is gone to a stranger, so what is shown is read again.
    if (!isSame(plan.transfer, readTransferQr(qrContent))) throw new RangeError('the QR code does not say what it was made of');
    return Promise.resolve({ kind: 'opened', payUrl: null, qrContent, gatewayTransaction: null, gatewayData: {} });
  }
}
