import { VNPAY } from '../../adapters/registry.js';
import type { VnpaySandboxOptions } from '../../adapters/vnpay/sandbox.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import { createTwins } from './hasty.js';
import type { GatewayContestant } from './payment-gateway-stage.js';
import type { Opened } from './sample-payment.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

export interface HeldOrder {
  readonly state: string;
  readonly transactionNo: string;
  readonly takenVnd: readonly number[];
  readonly givenBackVnd: readonly number[];
}

export interface VnpayContestant extends GatewayContestant {
  readonly url: string;
  readonly control: SandboxControl;
  readonly callback: CallbackReceiver<PaymentNotice>;
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  /** The citizen opens the pay page and presses a button. @returns where the browser is sent */
  press(reference: string, opened: Opened, action: 'pay' | 'cancel'): Promise<string>;
}

const press = async (url: string, reference: string, { payUrl, action }: { payUrl: string | null; action: string }): Promise<string> => {
  const page = await fetch(payUrl ?? '');
  const text = await page.text();
  if (!page.ok || text.includes('data-code')) throw new Error(`the pay page says ${page.status} ${text}`);
  const reply = await fetch(`${url}/paymentv2/confirm.html`, { method: 'POST', body: new URLSearchParams({ ref: reference, action }), redirect: 'manual' });
  return reply.headers.get('location') ?? '';
};

/** Adapter and sandbox over loopback. */
export const startVnpay = async (options: { readonly sandbox?: VnpaySandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<VnpayContestant> => {
  const sandbox = await VNPAY.startSandbox(options.sandbox);
  const twins = createTwins(VNPAY, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...options.env }), deadlines: ['VNPAY_DEADLINE_MS', 'VNPAY_REFUND_DEADLINE_MS'] });
  const { party, hasty } = twins;
  if (party.gateway === null || party.callback === null) throw new Error('VNPAY is off');
  const control = controlOf(sandbox.url);
  const heldOrder = (reference: string): Promise<HeldOrder | null> => control.get<HeldOrder | null>(`orders/${reference}`);
  const pressed: VnpayContestant['press'] = (reference, { payUrl }, action) => press(sandbox.url, reference, { payUrl, action });
  return {
    gateway: party.gateway, hasty: hasty.gateway, callback: party.callback, url: sandbox.url, control,
    probe: () => party.probe(),
    press: pressed,
    pay: async ({ reference }, opened) => { await pressed(reference, opened, 'pay'); },
    giveUp: async ({ reference }, opened) => { await pressed(reference, opened, 'cancel'); },
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
