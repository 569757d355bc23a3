import { MB_BANK } from '../../adapters/registry.js';
import type { MbSandboxOptions } from '../../adapters/mb-bank/sandbox.js';
import type { AccountNameContestant } from './account-name-suite.js';
import { createTwins } from './hasty.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

export interface HeldTransfer {
  readonly ft: string;
  readonly amountVnd: number;
  readonly account: string;
}

export interface MbContestant extends AccountNameContestant {
  readonly party: ReturnType<typeof MB_BANK.create>;
  readonly control: SandboxControl;
  /** The citizen scans a code. @returns the status of the app's answer */
  scan(qr: string): Promise<number>;
  credits(purpose: string): Promise<readonly HeldTransfer[]>;
}

/** Adapter and sandbox over loopback. */
export const startMbBank = async (options: { readonly sandbox?: MbSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<MbContestant> => {
  const sandbox = await MB_BANK.startSandbox(options.sandbox);
  const twins = createTwins(MB_BANK, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...options.env }), deadlines: ['MB_BANK_DEADLINE_MS'] });
  const { party, hasty: hastyParty } = twins;
  const [[accountNames], [hasty]] = [party.accountNames, hastyParty.accountNames];
  if (accountNames === undefined || hasty === undefined) throw new Error('the enquiry is off');
  const control = controlOf(sandbox.url);
  return {
    party, control, accountNames, hasty,
    scan: async (qr) => (await fetch(`${sandbox.url}/app/scan`, { method: 'POST', body: JSON.stringify({ qr }) })).status,
    credits: (purpose) => control.get<readonly HeldTransfer[]>(`credits/${purpose}`),
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
