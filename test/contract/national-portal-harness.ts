import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { NATIONAL_PORTAL } from '../../adapters/registry.js';
import type { NationalPortalSandboxOptions } from '../../adapters/national-portal/sandbox.js';
import type { Contestant } from './dossier-registry-port.suite.js';
import { controlOf } from './sandbox-control.js';

export const SILENT_LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface HarnessOptions {
  readonly consecutiveFailures?: number;
  readonly deadlineMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox?: NationalPortalSandboxOptions;
}

/** Adapter and sandbox over loopback; closing the transport is left out of `stop`, so that a call after it meets a closed port. */
export const startNationalPortal = async (wire: 'g1' | 'g2', options: HarnessOptions = {}): Promise<Contestant & { readonly close: () => Promise<void> }> => {
  const sandbox = await NATIONAL_PORTAL.startSandbox(options.sandbox);
  const env = {
    ...sandbox.environment,
    NATIONAL_PORTAL_WIRE: wire,
    NATIONAL_PORTAL_DEADLINE_MS: String(options.deadlineMs ?? 700),
    NATIONAL_PORTAL_LOGIN_DEADLINE_MS: '700',
    ...options.env,
  };
  const read = NATIONAL_PORTAL.settings.read(env);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const circuits = new CircuitBoard({ consecutiveFailures: options.consecutiveFailures ?? 1000, volumeThreshold: 1000 });
  const portal = NATIONAL_PORTAL.create(read.settings, { circuits, logger: SILENT_LOGGER });
  return {
    registry: portal.registry,
    technicalIds: portal.technicalIds,
    sharedLists: portal.sharedLists,
    probe: () => portal.probe(),
    circuits,
    control: controlOf(sandbox.url),
    stop: () => sandbox.close().catch((error: unknown) => { if ((error as { code?: string }).code !== 'ERR_SERVER_NOT_RUNNING') throw error; }),
    close: async () => {
      await portal.close();
      circuits.close();
    },
  };
};
