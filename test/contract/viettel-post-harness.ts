import { VIETTEL_POST } from '../../adapters/registry.js';
import type { ViettelPostSandboxOptions } from '../../adapters/viettel-post/sandbox.js';
import type { SandboxParcel } from '../../adapters/viettel-post/sandbox-ledger.js';
import { createTwins } from './hasty.js';
import type { CarrierContestant, Story } from './postal-carrier-stage.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

/** Statuses of each story, in order; of the money the party's statuses say nothing. */
const STORIES: Readonly<Record<Exclude<Story, 'COLLECTED' | 'PAID_OUT'>, readonly number[]>> = {
  DELIVERED: [104, 105, 200, 300, 400, 500, 501], FAILED: [104, 105, 200, 500, 506], RETURNED: [105, 200, 500, 505, 515, 502, 504], UNLISTED: [200, 999],
};

export interface ViettelPostContestant extends CarrierContestant {
  readonly url: string;
  readonly control: SandboxControl;
  readonly party: ReturnType<typeof VIETTEL_POST.create>;
  parcels(orderNumber: string): Promise<readonly SandboxParcel[]>;
  move(orderNumber: string, statuses: readonly number[], reason?: string): Promise<void>;
}

export interface ViettelPostStart {
  readonly sandbox?: ViettelPostSandboxOptions;
  readonly env?: Readonly<Record<string, string>>;
}

/** Adapter and sandbox over loopback. */
export const startViettelPost = async ({ sandbox: options = {}, env = {} }: ViettelPostStart = {}): Promise<ViettelPostContestant> => {
  const sandbox = await VIETTEL_POST.startSandbox(options);
  const twins = createTwins(VIETTEL_POST, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...env }), deadlines: ['VIETTEL_POST_DEADLINE_MS'] });
  const { party, hasty } = twins;
  if (party.carrier === null || hasty.carrier === null) throw new Error('Viettel Post is off');
  const control = controlOf(sandbox.url);
  const parcels = async (orderNumber: string): Promise<readonly SandboxParcel[]> => (await control.get<readonly SandboxParcel[] | null>(`parcels/${encodeURIComponent(orderNumber)}`)) ?? [];
  const move: ViettelPostContestant['move'] = async (reference, statuses, reason) => { await control.post('move', { reference, statuses, reason: reason ?? null }); };
  return {
    carrier: party.carrier, hasty: hasty.carrier, party, url: sandbox.url, control, parcels, move,
    held: async (orderNumber) => {
      const [first, ...more] = await parcels(orderNumber);
      return first === undefined ? null : { parcels: 1 + more.length, collectVnd: first.collectVnd, isCancelled: first.steps.at(-1)?.status === 107 };
    },
    live: async (orderNumber, story) => {
      if (story === 'COLLECTED' || story === 'PAID_OUT') throw new RangeError('no status tells this');
      await move(orderNumber, STORIES[story]);
    },
    expireSessions: async () => { await control.post('expire-sessions'); },
    misbehave: (order) => control.misbehave(order),
    reset: async () => { await control.post('reset'); },
    stopSandbox: () => sandbox.close(),
    close: async () => {
      await twins.close();
      await sandbox.close().catch(() => undefined);
    },
  };
};
