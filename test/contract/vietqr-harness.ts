import { VIETQR } from '../../adapters/registry.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { VietqrSandboxOptions } from '../../adapters/vietqr/sandbox.js';
import type { AccountNameContestant } from './account-name-suite.js';
import { HASTY_MS } from './hasty.js';
import type { SandboxControl } from './sandbox-control.js';
import { controlOf } from './sandbox-control.js';

const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface VietqrContestant extends AccountNameContestant {
  readonly party: ReturnType<typeof VIETQR.create>;
  readonly control: SandboxControl;
}

/** Adapter and sandbox of the look-up over loopback. */
export const startVietqr = async (options: { readonly sandbox?: VietqrSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<VietqrContestant> => {
  const sandbox = await VIETQR.startSandbox(options.sandbox);
  const circuits = new CircuitBoard({ consecutiveFailures: 1000, volumeThreshold: 1000 });
  const partyWith = (deadlines: Readonly<Record<string, string>>): ReturnType<typeof VIETQR.create> => {
    const read = VIETQR.settings.read({ ...sandbox.environment, ...deadlines, ...options.env });
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return VIETQR.create(read.settings, { circuits, logger: SILENT_LOGGER });
  };
  const [party, hastyParty] = [partyWith({}), partyWith({ VIETQR_DEADLINE_MS: HASTY_MS })];
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
      await party.close();
      await hastyParty.close();
      circuits.close();
      await sandbox.close().catch(() => undefined);
    },
  };
};
