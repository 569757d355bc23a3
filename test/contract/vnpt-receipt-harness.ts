import { createVnptReceipt } from '../../adapters/vnpt-receipt/adapter.js';
import type { VnptReceipt } from '../../adapters/vnpt-receipt/adapter.js';
import { vnptReceiptSettings } from '../../adapters/vnpt-receipt/config.js';
import { startVnptReceiptSandbox } from '../../adapters/vnpt-receipt/sandbox.js';
import type { VnptReceiptSandboxOptions } from '../../adapters/vnpt-receipt/sandbox.js';
import { createTwins } from './hasty.js';
import type { ReceiptContestant } from './receipt-issuer.suite.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

export interface VnptReceiptContestant extends ReceiptContestant {
  readonly control: SandboxControl;
  readonly party: VnptReceipt;
  readonly url: string;
}

/** Adapter and sandbox over loopback. */
export const startVnptReceipt = async (options: { readonly sandbox?: VnptReceiptSandboxOptions; readonly env?: Readonly<Record<string, string>> } = {}): Promise<VnptReceiptContestant> => {
  const sandbox = await startVnptReceiptSandbox(options.sandbox);
  const twins = createTwins({ settings: vnptReceiptSettings, create: createVnptReceipt }, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...options.env }), deadlines: ['VNPT_RECEIPT_DEADLINE_MS'] });
  const { party, hasty } = twins;
  if (party.issuer === null || hasty.issuer === null) throw new Error('no receipts');
  const control = controlOf(sandbox.url);
  return {
    party, control, issuer: party.issuer, hasty: hasty.issuer, url: sandbox.url,
    operations: { issue: 'issue', find: 'view', download: 'pdf', cancel: 'cancel', adjust: 'adjust' },
    held: (key) => control.get(`receipts/${key}`),
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    close: async () => {
      await twins.close();
      await sandbox.close();
    },
  };
};
