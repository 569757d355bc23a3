import { VNPT_PAY } from '../../adapters/registry.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { VnptPaySandboxOptions } from '../../adapters/vnpt-pay/sandbox.js';
import type { Variant } from '../../adapters/vnpt-pay/wire.js';
import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { HASTY_MS } from './hasty.js';
import type { GatewayContestant } from './payment-gateway-stage.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

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
  const circuits = new CircuitBoard({ consecutiveFailures: 1000, volumeThreshold: 1000 });
  const partyWith = (deadlines: Readonly<Record<string, string>>): ReturnType<typeof VNPT_PAY.create> => {
    const read = VNPT_PAY.settings.read({ ...sandbox.environment, VNPT_PAY_URL: `${sandbox.url}/rest/payment/v${version}`, VNPT_PAY_VARIANT: variant, ...deadlines, ...env });
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return VNPT_PAY.create(read.settings, { circuits, logger: SILENT_LOGGER });
  };
  const [party, hasty] = [partyWith({}), partyWith({ VNPT_PAY_DEADLINE_MS: HASTY_MS })];
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
      await party.close();
      await hasty.close();
      circuits.close();
      await sandbox.close().catch(() => undefined);
    },
  };
};
