import { VIETQR } from '../../adapters/registry.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { VietqrSandboxOptions } from '../../adapters/vietqr/sandbox.js';
import type { AccountNameContestant } from './account-name-suite.js';
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
  const read = VIETQR.settings.read({ ...sandbox.environment, VIETQR_DEADLINE_MS: '700', ...options.env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const circuits = new CircuitBoard({ consecutiveFailures: 1000, volumeThreshold: 1000 });
  const party = VIETQR.create(read.settings, { circuits, logger: SILENT_LOGGER });
  const [accountNames] = party.accountNames;
  if (accountNames === undefined) throw new Error('the look-up is off');
  const control = controlOf(sandbox.url);
  return {
    party, control, accountNames,
    name: async ({ bankBin, number }, holderName) => { await control.post('account', { bin: bankBin, accountNumber: number, accountName: holderName }); },
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    stopSandbox: () => sandbox.close(),
    close: async () => {
      await party.close();
      circuits.close();
      await sandbox.close().catch(() => undefined);
    },
  };
};
