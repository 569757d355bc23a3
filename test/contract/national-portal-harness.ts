import { NATIONAL_PORTAL } from '../../adapters/registry.js';
import type { NationalPortalSandboxOptions } from '../../adapters/national-portal/sandbox.js';
import type { Contestant } from './dossier-registry-port.suite.js';
import { createTwins } from './hasty.js';
import { controlOf } from './sandbox-control.js';

export interface HarnessOptions {
  readonly consecutiveFailures?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox?: NationalPortalSandboxOptions;
}

/** Adapter and sandbox over loopback; closing the transport is left out of `stop`, so that a call after it meets a closed port. */
export const startNationalPortal = async (wire: 'g1' | 'g2', options: HarnessOptions = {}): Promise<Contestant & { readonly close: () => Promise<void> }> => {
  const sandbox = await NATIONAL_PORTAL.startSandbox(options.sandbox);
  const twins = createTwins(NATIONAL_PORTAL, { env: (deadlines) => ({ ...sandbox.environment, NATIONAL_PORTAL_WIRE: wire, ...deadlines, ...options.env }), deadlines: ['NATIONAL_PORTAL_DEADLINE_MS'], consecutiveFailures: options.consecutiveFailures });
  const { party: portal, hasty, circuits } = twins;
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
      await twins.close();
    },
  };
};
