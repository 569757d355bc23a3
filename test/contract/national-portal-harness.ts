import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { NATIONAL_PORTAL } from '../../adapters/registry.js';
import type { NationalPortalSandboxOptions } from '../../adapters/national-portal/sandbox.js';
import type { Contestant } from './dossier-registry-port.suite.js';
import { HASTY_MS } from './hasty.js';
import { controlOf } from './sandbox-control.js';

export const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface HarnessOptions {
  readonly consecutiveFailures?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox?: NationalPortalSandboxOptions;
}

/** Adapter and sandbox over loopback; closing the transport is left out of `stop`, so that a call after it meets a closed port. */
export const startNationalPortal = async (wire: 'g1' | 'g2', options: HarnessOptions = {}): Promise<Contestant & { readonly close: () => Promise<void> }> => {
  const sandbox = await NATIONAL_PORTAL.startSandbox(options.sandbox);
  const circuits = new CircuitBoard({ consecutiveFailures: options.consecutiveFailures ?? 1000, volumeThreshold: 1000 });
  const portalWith = (deadlines: Readonly<Record<string, string>>): ReturnType<typeof NATIONAL_PORTAL.create> => {
    const read = NATIONAL_PORTAL.settings.read({ ...sandbox.environment, NATIONAL_PORTAL_WIRE: wire, ...deadlines, ...options.env });
    if (!read.ok) throw new Error(read.problems.join('\n'));
    return NATIONAL_PORTAL.create(read.settings, { circuits, logger: SILENT_LOGGER });
  };
  const [portal, hasty] = [portalWith({}), portalWith({ NATIONAL_PORTAL_DEADLINE_MS: HASTY_MS })];
  return {
    registry: portal.registry,
    hasty: hasty.registry,
    technicalIds: portal.technicalIds,
    sharedLists: portal.sharedLists,
    probe: () => portal.probe(),
    circuits,
    control: controlOf(sandbox.url),
    stop: () => sandbox.close().catch((error: unknown) => { if ((error as { code?: string }).code !== 'ERR_SERVER_NOT_RUNNING') throw error; }),
    close: async () => {
      await portal.close();
      await hasty.close();
      circuits.close();
    },
  };
};
