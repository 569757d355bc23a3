import { VNPOST } from '../../adapters/registry.js';
import type { VnpostSandboxOptions } from '../../adapters/vnpost/sandbox.js';
import { createTwins } from './hasty.js';
import type { CarrierContestant, CarrierContract, Story } from './postal-carrier-stage.js';
import { controlOf } from './sandbox-control.js';
import type { SandboxControl } from './sandbox-control.js';

interface HeldOrder {
  readonly collectVnd: number;
  readonly isCancelled: boolean;
  readonly feeVnd: number;
  readonly notices: number;
  readonly itemCode: string;
  readonly codes: readonly number[];
}

export interface VnpostContestant extends CarrierContestant {
  readonly url: string;
  readonly control: SandboxControl;
  /** What the adapter logged, oldest first. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  heldOrder(orderNumber: string): Promise<HeldOrder | null>;
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
}

export interface VnpostStart {
  readonly sandbox?: VnpostSandboxOptions;
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

/** The way that the sandbox's parcel goes in a story. */
const PATHS: Readonly<Record<Story, string>> = {
  DELIVERED: 'delivered', FAILED: 'nobody-there', RETURNED: 'returned', COLLECTED: 'cod-collected', PAID_OUT: 'cod-paid-out', UNLISTED: 'unlisted',
};

/** As the NGSP speaks: paths, and no prices. */
const ngspEnv = (url: string): Readonly<Record<string, string>> => ({
  VNPOST_URL: `${url}/apiVNPostNGSP/p1.0`, VNPOST_SHAPE: 'path', VNPOST_CREATE_ROUTE: 'order/post', VNPOST_CANCEL_ROUTE: 'order/cancel', VNPOST_TRACKING_ROUTE: 'order/tracking',
  VNPOST_DOCUMENT_ROUTE: 'document/post', VNPOST_PRICE_ROUTE: '',
});

/** Adapter and sandbox over loopback. Parcels move by command only, and the cursor waits for nothing, unless told. */
export const startVnpost = async ({ sandbox: options = {}, env = {}, now }: VnpostStart = {}, shape: 'path' | 'service' = 'service'): Promise<VnpostContestant> => {
  const sandbox = await VNPOST.startSandbox({ stepMs: null, ...options });
  const logged: Readonly<Record<string, unknown>>[] = [];
  const keep = (fields: Readonly<Record<string, unknown>>): void => { logged.push(fields); };
  const twins = createTwins({ settings: VNPOST.settings, create: (settings, deps) => VNPOST.create(settings, { ...deps, ...(now === undefined ? {} : { now }) }) }, {
    logger: { info: keep, warn: keep, error: keep }, deadlines: ['VNPOST_DEADLINE_MS'],
    env: (deadlines) => ({ ...sandbox.environment, ...(shape === 'path' ? ngspEnv(sandbox.url) : {}), ...deadlines, VNPOST_TRACKING_LAG_MS: '0', VNPOST_PAGE_SIZE: '3', ...env }),
  });
  const { party, hasty } = twins;
  if (party.carrier === null || hasty.carrier === null) throw new Error('VNPost is off');
  const control = controlOf(sandbox.url);
  const heldOrder = (orderNumber: string): Promise<HeldOrder | null> => control.get<HeldOrder | null>(`parcels/${orderNumber}`);
  return {
    carrier: party.carrier, hasty: hasty.carrier, url: sandbox.url, control, logged, heldOrder,
    probe: () => party.probe(),
    held: async (orderNumber) => {
      const held = await heldOrder(orderNumber);
      return held === null ? null : { parcels: 1, collectVnd: held.collectVnd, isCancelled: held.isCancelled };
    },
    live: async (orderNumber, story) => { await control.post('progress', { orderNumber, path: PATHS[story] }); },
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

/** Both shapes of addresses; only the LGSP has prices. */
export const vnpostContract = (shape: 'path' | 'service'): CarrierContract => ({
  name: `VNPost, ${shape}`,
  operations: { create: 'create', cancel: 'cancel', announce: 'announce', quote: shape === 'service' ? 'quote' : null, feed: 'tracking', ask: null, list: null },
  collectsMoney: true, recognisesRepeats: true, needsDistrict: false,
  refusal: { kind: 'code', value: 104 },
  tells: {
    DELIVERED: { means: 'DELIVERED', code: '4', failure: null }, FAILED: { means: 'FAILED', failure: 'NOBODY_THERE', code: '7' }, RETURNED: { means: 'RETURNED', code: '10' },
    COLLECTED: { collection: 'COLLECTED', means: null }, PAID_OUT: { collection: 'PAID_OUT', means: null }, UNLISTED: { means: null, code: '98', text: 'Kiểm tra nội bộ' },
  },
  start: () => startVnpost({}, shape),
});
