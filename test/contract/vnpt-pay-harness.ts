import { VNPT_PAY } from '../../adapters/registry.js';
import type { VnptPaySandboxOptions } from '../../adapters/vnpt-pay/sandbox.js';
import type { Variant } from '../../adapters/vnpt-pay/wire.js';
import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { createTwins } from './hasty.js';
import type { GatewayContestant } from './payment-gateway-stage.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

interface HeldOrder {
  readonly takenVnd: readonly number[];
  readonly givenBackVnd: readonly number[];
}

export interface VnptPayContestant extends GatewayContestant {
  readonly url: string;
  readonly control: SandboxControl;
  readonly callback: CallbackReceiver<PaymentNotice>;
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  /** The citizen presses a button of the pay page, or of the banking app that read the QR code. @returns the page that follows */
  press(reference: string, action: 'pay' | 'cancel'): Promise<string>;
}

export interface VnptPayStart {
  readonly variant?: Variant;
  readonly sandbox?: VnptPaySandboxOptions;
  readonly env?: Readonly<Record<string, string>>;
}

/** Adapter and sandbox over loopback. */
export const startVnptPay = async ({ variant = 'init', sandbox: options = {}, env = {} }: VnptPayStart = {}): Promise<VnptPayContestant> => {
  const sandbox = await VNPT_PAY.startSandbox(options);
  const version = variant === 'init' ? '1.0.5' : '1.0.6';
  const twins = createTwins(VNPT_PAY, { env: (deadlines) => ({ ...sandbox.environment, VNPT_PAY_URL: `${sandbox.url}/rest/payment/v${version}`, VNPT_PAY_VARIANT: variant, ...deadlines, ...env }), deadlines: ['VNPT_PAY_DEADLINE_MS'] });
  const { party, hasty } = twins;
  if (party.gateway === null || party.callback === null) throw new Error('VNPT Pay is off');
  const control = controlOf(sandbox.url);
  const heldOrder = (reference: string): Promise<HeldOrder | null> => control.get<HeldOrder | null>(`orders/${reference}`);
  const press: VnptPayContestant['press'] = async (reference, action) =>
    (await fetch(`${sandbox.url}/pay`, { method: 'POST', body: new URLSearchParams({ ref: reference, action }) })).text();
  return {
    gateway: party.gateway, hasty: hasty.gateway, callback: party.callback, url: sandbox.url, control,
    probe: () => party.probe(),
    press,
    pay: async ({ reference }, { payUrl }) => {
      if (payUrl !== null && !(await (await fetch(payUrl)).text()).includes('Thanh toán')) throw new Error('the pay page lets nobody pay');
      await press(reference, 'pay');
    },
    giveUp: async ({ reference }) => { await press(reference, 'cancel'); },
    charges: async (reference) => (await heldOrder(reference))?.takenVnd ?? [],
    givenBack: async (reference) => (await heldOrder(reference))?.givenBackVnd ?? [],
    held: async (reference) => ((await heldOrder(reference)) === null ? 0 : 1),
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    stopSandbox: () => sandbox.close(),
    close: async () => {
      await twins.close();
      await sandbox.close().catch(() => undefined);
    },
  };
};
