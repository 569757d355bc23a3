import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { createVnptReceipt } from '../../adapters/vnpt-receipt/adapter.js';
import type { VnptReceipt } from '../../adapters/vnpt-receipt/adapter.js';
import { vnptReceiptSettings } from '../../adapters/vnpt-receipt/config.js';
import { startVnptReceiptSandbox } from '../../adapters/vnpt-receipt/sandbox.js';
import type { VnptReceiptSandboxOptions } from '../../adapters/vnpt-receipt/sandbox.js';
import { HASTY_MS } from './hasty.js';
import type { ReceiptContestant } from './receipt-issuer.suite.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface VnptReceiptContestant extends ReceiptContestant {
  readonly control: SandboxControl;
  readonly party: VnptReceipt;
  readonly url: string;
}

/** Adapter and sandbox over loopback. */
export const startVnptReceipt = async (options: { readonly sandbox?: VnptReceiptSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<VnptReceiptContestant> => {
  const sandbox = await startVnptReceiptSandbox(options.sandbox);
  const circuits = new CircuitBoard({ consecutiveFailures: 1_000, volumeThreshold: 1_000 });
  const partyWith = (deadlines: Readonly<Record<string, string>>): VnptReceipt => {
    const read = vnptReceiptSettings.read({ ...sandbox.environment, ...deadlines, ...options.env });
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return createVnptReceipt(read.settings, { circuits, logger: SILENT_LOGGER });
  };
  const [party, hasty] = [partyWith({}), partyWith({ VNPT_RECEIPT_DEADLINE_MS: HASTY_MS })];
  if (party.issuer === null || hasty.issuer === null) throw new Error('no receipts');
  const control = controlOf(sandbox.url);
  return {
    party, control, issuer: party.issuer, hasty: hasty.issuer, url: sandbox.url,
    operations: { issue: 'issue', find: 'view', download: 'pdf', cancel: 'cancel', adjust: 'adjust' },
    held: (key) => control.get(`receipts/${key}`),
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    close: async () => {
      await party.close();
      await hasty.close();
      circuits.close();
      await sandbox.close();
    },
  };
};
