import { VIETQR } from '../../adapters/registry.js';
import type { VietqrSandboxOptions } from '../../adapters/vietqr/sandbox.js';
import type { AccountNameContestant } from './account-name-suite.js';
import { createTwins } from './hasty.js';
import type { SandboxControl } from './sandbox-control.js';
import { controlOf } from './sandbox-control.js';

export interface VietqrContestant extends AccountNameContestant {
  readonly party: ReturnType<typeof VIETQR.create>;
  readonly control: SandboxControl;
}

/** Adapter and sandbox of the look-up over loopback. */
export const startVietqr = async (options: { readonly sandbox?: VietqrSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<VietqrContestant> => {
  const sandbox = await VIETQR.startSandbox(options.sandbox);
  const twins = createTwins(VIETQR, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...options.env }), deadlines: ['VIETQR_DEADLINE_MS'] });
  const { party, hasty: hastyParty } = twins;
  const [[accountNames], [hasty]] = [party.accountNames, hastyParty.accountNames];
  if (accountNames === undefined || hasty === undefined) throw new Error('the look-up is off');
  const control = controlOf(sandbox.url);
  return {
    party, control, accountNames, hasty,
    name: async ({ bankBin, number }, holderName) => { await control.post('account', { bin: bankBin, accountNumber: number, accountName: holderName }); },
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    stopSandbox: () => sandbox.close(),
    close: async () => {
      await twins.close();
      await sandbox.close().catch(() => undefined);
    },
  };
};
