import type { MyVnpostSandboxOptions } from '../../adapters/my-vnpost/sandbox.js';
import type { SandboxParcel } from '../../adapters/my-vnpost/sandbox-ledger.js';
import { MY_VNPOST } from '../../adapters/registry.js';
import { createTwins } from './hasty.js';
import type { CarrierContestant, Story } from './postal-carrier-stage.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

/** Statuses of each story, in order. */
const STORIES: Readonly<Record<Story, readonly number[]>> = {
  DELIVERED: [70, 100], FAILED: [70, 91], RETURNED: [70, 91, 161, 170], COLLECTED: [70, 100, 110], PAID_OUT: [70, 100, 110, 120], UNLISTED: [70, 999],
};

export interface MyVnpostContestant extends CarrierContestant {
  readonly url: string;
  readonly control: SandboxControl;
  readonly party: ReturnType<typeof MY_VNPOST.create>;
  parcels(orderNumber: string): Promise<readonly SandboxParcel[]>;
  move(orderNumber: string, statuses: readonly number[], more?: { readonly cause?: string; readonly reversed?: boolean }): Promise<void>;
}

export interface MyVnpostStart {
  readonly sandbox?: MyVnpostSandboxOptions;
  readonly env?: Readonly<Record<string, string>>;
}

/** Adapter and sandbox over loopback. */
export const startMyVnpost = async ({ sandbox: options = {}, env = {} }: MyVnpostStart = {}): Promise<MyVnpostContestant> => {
  const sandbox = await MY_VNPOST.startSandbox(options);
  const twins = createTwins(MY_VNPOST, { env: (deadlines) => ({ ...sandbox.environment, ...deadlines, ...env }), deadlines: ['MY_VNPOST_DEADLINE_MS'] });
  const { party, hasty } = twins;
  if (party.carrier === null || hasty.carrier === null) throw new Error('MyVNPost is off');
  const control = controlOf(sandbox.url);
  const parcels = async (orderNumber: string): Promise<readonly SandboxParcel[]> => (await control.get<readonly SandboxParcel[] | null>(`parcels/${encodeURIComponent(orderNumber)}`)) ?? [];
  const move: MyVnpostContestant['move'] = async (orderCode, statuses, more = {}) => { await control.post('move', { orderCode, statuses, ...more }); };
  return {
    carrier: party.carrier, hasty: hasty.carrier, party, url: sandbox.url, control, parcels, move,
    held: async (orderNumber) => {
      const [first, ...more] = await parcels(orderNumber);
      return first === undefined ? null : { parcels: 1 + more.length, collectVnd: first.collectVnd, isCancelled: first.steps.at(-1)?.status === 60 };
    },
    live: (orderNumber, story) => move(orderNumber, STORIES[story]),
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
