import { PAYMENT_PLATFORM } from '../../adapters/registry.js';
import type { PaymentPlatform } from '../../adapters/payment-platform/adapter.js';
import type { PaymentPlatformSandboxOptions } from '../../adapters/payment-platform/sandbox.js';
import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { createTwins } from './hasty.js';
import type { GatewayContestant } from './payment-gateway-stage.js';
import type { Opened } from './sample-payment.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

export interface HeldOrder {
  readonly state: string;
  readonly transaction: string;
  readonly takenVnd: readonly number[];
}

export interface PlatformContestant extends GatewayContestant {
  readonly party: PaymentPlatform;
  /** With a deadline of `HASTY_MS`. */
  readonly hastyParty: PaymentPlatform;
  readonly url: string;
  readonly control: SandboxControl;
  readonly callback: CallbackReceiver<PaymentNotice>;
  /** The citizen opens the pay page and presses a button. */
  press(opened: Opened, action: 'pay' | 'cancel'): Promise<void>;
}

const press = async ({ payUrl }: Opened, action: 'pay' | 'cancel'): Promise<void> => {
  const page = await fetch(payUrl ?? '');
  if (!page.ok) throw new Error(`the pay page says ${page.status} ${await page.text()}`);
  const { origin, searchParams } = new URL(payUrl ?? '');
  await fetch(`${origin}/pay`, { method: 'POST', body: new URLSearchParams({ ref: searchParams.get('ref') ?? '', action }) });
};

/** Adapter and sandbox over loopback. */
export const startPlatform = async (options: { readonly sandbox?: PaymentPlatformSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<PlatformContestant> => {
  const sandbox = await PAYMENT_PLATFORM.startSandbox(options.sandbox);
  const twins = createTwins(PAYMENT_PLATFORM, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...options.env }), deadlines: ['PAYMENT_PLATFORM_DEADLINE_MS', 'PAYMENT_PLATFORM_OPEN_DEADLINE_MS'] });
  const { party, hasty: hastyParty } = twins;
  if (party.gateway === null || party.callback === null) throw new Error('the payment platform is off');
  const control = controlOf(sandbox.url);
  const heldOrder = (reference: string): Promise<HeldOrder | null> => control.get<HeldOrder | null>(`orders/${reference}`);
  return {
    gateway: party.gateway, hasty: hastyParty.gateway, callback: party.callback, party, hastyParty, url: sandbox.url, control, press,
    pay: async (_order, opened) => { await press(opened, 'pay'); },
    giveUp: async (_order, opened) => { await press(opened, 'cancel'); },
    charges: async (reference) => (await heldOrder(reference))?.takenVnd ?? [],
    givenBack: () => Promise.resolve([]),
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
